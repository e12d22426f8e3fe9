"""A deployed installation, wired from a function's environment when it is first asked for, not at import.

=========================  ==================================================================
``NIGHTCREW_LEDGER``       name of the ledger table
``NIGHTCREW_STATE``        name of the state table
``NIGHTCREW_REMEDIATORS``  ARN of the remediator roles with ``{family}`` in it; the executor assumes one
=========================  ==================================================================
"""

from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from botocore.config import Config

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_compiled import from_compiled
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.actions import with_dependencies
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.aws.iam import policy_document
from nightcrew.clock import SystemClock
from nightcrew.engine.installation import CloudFor, Installation, Watch, nobody
from nightcrew.errors import Unknown
from nightcrew.ledger.store import Store, Tables, client_config


def installation(environment: Mapping[str, str], watch: Watch = nobody) -> Installation:
    """Tables, catalog, packaged policy, and a way to AWS through the remediator roles."""
    clients, clock, catalog = Clients(), SystemClock(), Catalog.load()
    tables = Tables(environment["NIGHTCREW_LEDGER"], environment["NIGHTCREW_STATE"])
    store = Store(clients("dynamodb", client_config()), tables, clock)
    roles = environment.get("NIGHTCREW_REMEDIATORS")
    return Installation(store, catalog, packaged_policy(), clouds(clients, catalog, roles), clock, watch)


def packaged_policy() -> Policy:
    """The policy in the package: compiled when the functions were built, so that a cold start needs no validator.

    Where only the YAML is there (a checkout), it is checked now.
    """
    package = files("runbooks")
    built = package / "policy.json"
    if built.is_file():
        return from_compiled(built.read_text())
    from nightcrew.admission.policy_file import load

    return load((package / "policy.yaml").read_text(), "policy.yaml")


def clouds(clients: ClientMaker, catalog: Catalog, roles: str | None) -> CloudFor:
    """The way to AWS for a runbook: its family's role, narrowed by a session policy made from its declaration.

    Nightcrew's own questions (is the alarm OK?) go with the function's own role.
    """

    def cloud(who: str, permissions: Collection[str], resource: str) -> Cloud:
        if who not in catalog or roles is None:
            return Cloud(clients, permissions, who)
        return Cloud(
            _assumed(clients, roles.format(family=catalog[who].family), who, permissions, resource), permissions, who
        )

    return cloud


def _assumed(clients: ClientMaker, role: str, who: str, permissions: Collection[str], resource: str) -> ClientMaker:
    made: list[Clients] = []

    def client(service: str, config: Config) -> Any:
        # When it is needed: a replay that sends no call assumes no role.
        if not made:
            policy = policy_document(with_dependencies(tuple(permissions)))
            answer = clients("sts", READING).assume_role(
                RoleArn=role, RoleSessionName=f"nightcrew-{who}"[:64], Policy=policy
            )
            made.append(Clients(resource.split(":")[3] or None, None, answer["Credentials"]))
        return made[0](service, config)

    return client


def required(environment: Mapping[str, str], name: str) -> str:
    """A variable that the template sets. Raises Unknown where it did not."""
    value = environment.get(name)
    if not value:
        raise Unknown(f"the environment has no {name}: the template sets it")
    return value
