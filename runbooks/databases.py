"""What the runbooks about RDS instances share: whether the clients of a database are connected to it, before and after.

That an instance is "available" is what RDS says. That somebody uses it is what its users see.
"""

from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.aws.cloudwatch import lately, latest


def connected_clients(run: Run, instance: str) -> float:
    """How many connections it had lately; 0 where CloudWatch has no figure: then they prove nothing afterwards."""
    figure = run.read("count its connections", _connections(run, instance, timedelta(0)), pick=latest)
    return float(figure or 0)


def prove_clients_return(run: Run, instance: str, before: float, within: timedelta) -> None:
    """Prove that clients connect anew, if there were any. CloudWatch tells it some minutes late."""
    if before > 0:
        run.prove("clients connect again", _connections(run, instance, within), _some, within=within, pick=latest)


def _connections(run: Run, instance: str, within: timedelta) -> Any:
    """The read of the last ten minutes; or of the time from now on, for ``within``."""
    over = {"over": within} if within else {}
    dimensions = {"DBInstanceIdentifier": instance}
    return lately("DatabaseConnections", dimensions, run.now + within, namespace="AWS/RDS", **over)


def _some(figure: Any) -> bool:
    return bool(figure)
