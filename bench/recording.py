"""One restart of an instance over moto, recorded: what measure 2 plays back, to compare ways to carry it out."""

from dataclasses import dataclass
from functools import cache

from bench.deployed import everything_by_itself
from bench.log import Request, logged
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION, clients_of, crew, embedded_cloud, make_tables

NAME = "restart-ec2-instance"


@dataclass(frozen=True)
class Recording:
    """The run's id, its instance, and what the executor sent and got, in order.

    The clock stood still, so a run that is played back writes the same entries, hash for hash.
    """

    run: str
    instance: str
    requests: tuple[Request, ...]

    @property
    def ec2(self) -> tuple[Request, ...]:
        """The calls that are not the ledger's."""
        return tuple(request for request in self.requests if request.service == "ec2")


def record(catalog: Catalog) -> Recording:
    """A person starts it, and each wait is met at its first look: one invocation, in which nothing suspends."""
    with embedded_cloud():
        aside = Clients(REGION)
        make_tables(aside)
        made = aside("ec2", READING).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
        instance = made["Instances"][0]["InstanceId"]
        with logged() as log:
            recorded = crew(everything_by_itself(), clients=cache(clients_of()), clock=StoppedClock(), catalog=catalog)
            person = {"actor": "bench", "account": ACCOUNT, "region": REGION}
            run = recorded.dispatcher.person(NAME, {"instance_id": instance}, **person).run
            if run is None:
                raise RuntimeError("nothing was started")
            admitted = len(log.requests)
            ended = recorded.engine.drive(run)
    if ended.result["outcome"] != "succeeded":
        raise RuntimeError(f"a restart that did not succeed is no measure: {ended}")
    return Recording(run, instance, tuple(log.requests[admitted:]))
