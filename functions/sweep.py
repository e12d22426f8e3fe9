"""Lambda: each minute, closes runs that nobody carries on, and starts what is due. One at a time, and bounded."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from nightcrew.aws.clients import Clients
from nightcrew.clock import SystemClock
from nightcrew.dispatch.alarm_state import PERMISSIONS, alarm_state
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.drills import Here
from nightcrew.dispatch.executions import executions
from nightcrew.dispatch.front_door import front_door
from nightcrew.dispatch.sweep import AlarmState, Over, sweep
from nightcrew.engine.deployed import metered, required, roles_of
from nightcrew.engine.metrics import OPEN_RUNS, OVERDUE_RUNS
from nightcrew.engine.ways import asking
from nightcrew.errors import Conflict, Unreachable

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

MOST = 50
"""Things done in one sweep: what is left is done a minute later, and a flood of them starts nothing all at once."""

RESERVE = 20_000
"""Milliseconds: what one thing takes at worst, its table out of reach."""

TOLD = {"policy refused", "news failed", "not swept", "not counted"}
"""Of what happens inside, what no line of the sweep says."""

logger = Logger(service="nightcrew-sweep")


@dataclass(frozen=True)
class Broom:
    """What a sweep works with: the front door, an alarm's state, which executions are over, and where Nightcrew is."""

    door: Callable[[], Dispatcher]
    state_of: AlarmState
    over: Over
    here: Here | None = None


def sweeping(broom: Callable[[], Broom]) -> Handler:
    """A handler that sweeps once with this broom, and tells in one line what it did."""

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        del event
        made, done = broom(), iter(range(MOST))

        def more() -> bool:
            return context.get_remaining_time_in_millis() >= RESERVE and next(done, None) is not None

        try:
            door = made.door()
            swept = sweep(door, made.state_of, over=made.over, more=more, here=made.here)
        except (Conflict, Unreachable) as passing:
            logger.warning("to be swept a minute later", extra={"problem": str(passing)})
            return {"swept": False}
        told: dict[str, Any] = {
            "closed": list(swept.closed),
            "started": [answer.run for answer in swept.started if answer.kind == "admitted"],
            "refused": [f"{answer.gate}: {answer.words}" for answer in swept.started if answer.kind == "refused"],
            "dropped": list(swept.dropped),
            "left": swept.left,
        }
        for run in swept.closed:
            logger.info("closed", extra={"run": run})
        for answer in swept.started:
            about = {"run": answer.run, "runbook": answer.runbook, "resource": answer.resource, "gate": answer.gate}
            logger.info(answer.kind, extra={name: value for name, value in about.items() if value})
        door.installation.measure(OPEN_RUNS, swept.open)
        door.installation.measure(OVERDUE_RUNS, swept.overdue)
        logger.info("swept", extra={name: value for name, value in told.items() if value})
        return {"swept": True, **told}

    return handle


@lru_cache(maxsize=1)
def deployed() -> Broom:
    """The stack's own, made at the first sweep of this environment."""
    clients = Clients()
    executor = required(os.environ, "NIGHTCREW_EXECUTOR")
    door = front_door(os.environ, _overheard, clients, metered(os.environ))
    asked = asking(clients, roles_of(os.environ), PERMISSIONS)
    _, _, _, region, account, *_ = executor.split(":")
    return Broom(door, alarm_state(asked), executions(clients, executor, SystemClock()), Here(account, region))


handler = sweeping(deployed)


def _overheard(kind: str, what: Mapping[str, Any]) -> None:
    if kind in TOLD:
        logger.warning(kind, extra=dict(what))
