"""A runner is killed twice in the middle of a change, and the run is carried on: what was done is not done again.

The parent serves the cloud and counts what reaches it; each life of the runner is a process of its own.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto.ec2.models.instances import InstanceBackend

from nightcrew.clock import SystemClock, moment
from nightcrew.demo.events import Event
from nightcrew.demo.runner import Task
from nightcrew.demo.serve import cloud_on_loopback
from nightcrew.demo.stage import Played, Stage
from nightcrew.errors import NightcrewError
from nightcrew.ledger.history import items
from nightcrew.ledger.verify import verify
from nightcrew.signals import signal_from

DEATHS = (
    ({"before": "stop it"}, "its entry was written, and the call was not made"),
    ({"after": "ec2:StartInstances"}, "the call was made, and its answer was not written down"),
)
"""Where the runner dies in each of its lives: what the task says, and what people are told."""


@dataclass(frozen=True)
class Survived:
    """How it ended: the run, which calls reached the cloud how often, and whether the ledger's chain is consistent."""

    played: Played
    received: dict[str, int]
    entries: int
    consistent: bool

    @property
    def well(self) -> bool:
        """Whether it was cured, each change made once, and told truly."""
        once = self.received == {"ec2:StopInstances": 1, "ec2:StartInstances": 1}
        return self.played.end == "cured" and once and self.consistent


def survive(stage: Stage, event: Event, journal: Path) -> Survived:
    """Play an event whose runner is killed. The stage's crew keeps its journal in that file."""
    arranged = stage.arrange(event)
    answer = stage.crew.dispatcher.event(arranged)  # it is recorded, and nobody drives it yet
    run, tables = str(answer.run), stage.crew.store.tables
    with cloud_on_loopback() as endpoint, _witness(stage) as received:
        for death, words in DEATHS:
            ahead = (stage.clock.now() - SystemClock().now()).total_seconds()
            task = Task(endpoint, str(journal), (tables.ledger, tables.state), run, ahead, **death)
            _live(task, stage)
            stage.tell("killed", run=run, words=words)
            stage.tell("resumed", run=run)
        ended = stage.crew.engine.resume(run)
    end = str(ended.result["outcome"]) if ended.status == "SUCCEEDED" else "failed"
    stored = items(stage.crew.store, run)
    consistent = not verify(stored)
    stage.tell("verified", run=run, entries=len(stored), consistent=consistent, received=received)
    took = stage.clock.now() - signal_from(arranged).at
    return Survived(Played(end, answer, took), received, len(stored), consistent)


def _live(task: Task, stage: Stage) -> None:
    """One life: tells what the runner tells, until it is dead. Raises NightcrewError where it ended otherwise."""
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-m", "nightcrew.demo.runner", task.to_text()]
    with subprocess.Popen(  # noqa: S603  Python, with a task of ours
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        for line in process.stdout or ():
            told = json.loads(line)
            # Its clock goes on from ours, and ours from its.
            stage.clock.sleep((moment(told["what"]["at"]) - stage.clock.now()).total_seconds())
            stage.crew.installation.watch(told["kind"], told["what"])
        said = process.stderr.read() if process.stderr else ""
    if process.returncode != -signal.SIGKILL:
        raise NightcrewError(f"the runner was to be killed, and ended with {process.returncode}: {said[-500:]}")


@contextmanager
def _witness(stage: Stage) -> Iterator[dict[str, int]]:
    """Counts what reaches the cloud, where it arrives."""
    received: dict[str, int] = {}
    kept = {"ec2:StopInstances": InstanceBackend.stop_instances, "ec2:StartInstances": InstanceBackend.start_instances}

    def counting(call: str) -> Any:
        def arrived(self: InstanceBackend, *given: Any, **named: Any) -> Any:
            received[call] = received.get(call, 0) + 1
            stage.tell("received", call=call)
            return kept[call](self, *given, **named)

        return arrived

    with (
        patch.object(InstanceBackend, "stop_instances", counting("ec2:StopInstances")),
        patch.object(InstanceBackend, "start_instances", counting("ec2:StartInstances")),
    ):
        yield received
