"""The deployed front door: what intake and the sweeper ask, wired from their environment."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from nightcrew.admission.application_signals import ApplicationSignals
from nightcrew.admission.change_calendar import ChangeCalendar
from nightcrew.aws.cloud import ClientMaker
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.invoking import invoker
from nightcrew.engine.deployed import house, required
from nightcrew.engine.installation import Watch
from nightcrew.engine.metrics import Meter, unmetered
from nightcrew.engine.ways import account_of


def front_door(
    environment: Mapping[str, str], watch: Watch, clients: ClientMaker, meter: Meter = unmetered
) -> Callable[[], Dispatcher]:
    """The door, with the policy of the moment: ask for it once for each signal, or sweep. ``NIGHTCREW_EXECUTOR`` is
    the ARN of the executor's alias. Raises Unknown where it is missing.
    """
    executor = required(environment, "NIGHTCREW_EXECUTOR")
    start = invoker(clients, executor)
    current = house(environment, watch, clients, meter)
    base = Dispatcher(
        current(),
        start,
        calendar=ChangeCalendar(clients),
        budgets=ApplicationSignals(clients),
        home=account_of(executor),
    )

    def door() -> Dispatcher:
        installation = current()
        return base if installation is base.installation else replace(base, installation=installation)

    return door
