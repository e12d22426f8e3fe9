"""Under break-glass: the command, and runs that it left."""

from pathlib import Path

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import SystemClock
from nightcrew.dispatch.break_glass import alone, make_directory, start
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import Seen, typed
from tests.cli.night import NAME
from tests.dispatch.glass import WHY

ACCOUNT = "123456789012"


def broken(instance: str, *more: str, given: str = "", columns: int | None = None, **environment: str) -> Seen:
    words = ["run", NAME, "--instance-id", instance, "--break-glass", "--reason", "the Region is down", *more]
    return typed(*words, given=given, columns=columns, **environment)


def admitted(glass: Path, demo: Demo, instance: str, policy: Policy, catalog: Catalog) -> str:
    """A run whose process died before it did anything."""
    make_directory(glass)
    crew = alone(glass, policy, catalog, lambda region: demo.clients, SystemClock())
    made = start(crew.dispatcher, catalog[NAME], {"instance_id": instance}, WHY, account=ACCOUNT, region=REGION)
    return str(made.run)


def ended(glass: Path, demo: Demo, policy: Policy, catalog: Catalog) -> str:
    """A run that ended well."""
    run = admitted(glass, demo, demo.instance(), policy, catalog)
    alone(glass, policy, catalog, lambda region: demo.clients, SystemClock()).engine.drive(run)
    return run
