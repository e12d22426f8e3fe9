"""One life of a runner that is to be killed: ``python -m nightcrew.demo.runner TASK``, TASK being JSON.

It drives a run over the served cloud and a journal's file, tells on stdout what happens, a line of JSON each, and kills
itself (SIGKILL: nothing is cleaned up) at the point that its task names.
"""

import json
import os
import signal
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from nightcrew.admission.policy_file import load
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import clients_of, crew
from nightcrew.demo.scripted import Scripted
from nightcrew.ledger.store import Tables


@dataclass(frozen=True)
class Task:
    """What to carry on, and where to die.

    ``before`` is the title of a change: it dies when its entry is written and its call is not made. ``after`` is a call
    like ``ec2:StartInstances``: it dies when AWS has answered and nobody has written that down.
    """

    endpoint: str
    journal: str
    tables: tuple[str, str]
    run: str
    ahead: float
    before: str = ""
    after: str = ""

    def to_text(self) -> str:
        """As the argument of the process."""
        return json.dumps(asdict(self))


def main(text: str) -> None:
    """Carry out a task, as far as it goes."""
    task = Task(**json.loads(text))
    clients = clients_of(task.endpoint)
    scripted = Scripted(clients)
    if task.after:
        service, _, operation = task.after.partition(":")
        scripted.after(service, operation, lambda asked, answer: _die())

    def watch(kind: str, what: Mapping[str, Any]) -> None:
        print(json.dumps({"kind": kind, "what": what}, default=str), flush=True)  # noqa: T201  how it speaks
        if kind == "change" and what["title"] == task.before:
            _die()

    def clouds(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
        del resource, family
        return Cloud(scripted, permissions, who)

    policy = load((files("nightcrew.demo") / "policy.yaml").read_text(encoding="utf-8"), "policy.yaml")
    clock = SkippingClock(timedelta(seconds=task.ahead))
    tables = Tables(*task.tables)
    made = crew(policy, clients=clients, clock=clock, journal=task.journal, watch=watch, tables=tables, clouds=clouds)
    made.engine.resume(task.run)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
