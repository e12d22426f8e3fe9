"""Kills a scenario at every point that its undisturbed run comes to, two at a time, and judges each kill."""

import faulthandler
import json
import os
import shutil
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.demo.embedded import clients_of, make_tables
from tests.kill.cloud import Cloud
from tests.kill.doors import Doors
from tests.kill.judged import CALLED, LOOKED, REPEATED, UNKNOWN, Found, find, outcome
from tests.kill.life import Told
from tests.kill.lives import RIVAL, SOON, Astray, Kill, Staff, live
from tests.kill.scenario import Arranging, Scenario, Start

BEFORE_CALL = ("after the entry, before the call",)
AFTER_CALL = ("after the call, before the checkpoint", "before the checkpoint STEP SUCCEED")


@dataclass(frozen=True)
class Judged:
    """One kill: its row of the report, what was wrong, and the points of the life that resumed it."""

    row: Mapping[str, Any]
    wrongs: Sequence[str]
    lives: int
    again: Sequence[str]

    def __str__(self) -> str:
        return f"killed {self.row['point']}: {'; '.join(self.wrongs)}"


class Lane:
    """A cloud of its own, arranged for one scenario, and what lives need to work in it."""

    def __init__(self, scenario: Scenario, cloud: Cloud, catalog: Catalog, policy: Policy) -> None:
        self._scenario = scenario
        self._cloud = cloud
        self._around = Arranging(clients_of(cloud.endpoint))
        self._staff = Staff(scenario.catalog or catalog, policy, Doors(clients_of(cloud.endpoint)))
        self._start = Start()

    def arrange(self) -> None:
        self._cloud.begin()
        make_tables(clients_of(self._cloud.endpoint))
        self._start = self._scenario.arrange(self._around)
        self._cloud.save(self._start.refuse)

    def warm(self, told: Told) -> None:
        """Make the clients that a life used, for those that come after it."""
        for service, use in told.clients:
            self._staff.doors.warm(service, use)

    def play(self, kill: Kill, room: Path) -> tuple[list[Told], Found]:
        """Carry out one run, killed here and there, and put the cloud back."""
        room.mkdir()
        try:
            told = live(self._staff, self._scenario.runbook, self._start, room, kill)
            sent = self._cloud.log()
            return told, find(self._around.client("dynamodb"), sent, room, self._scenario.afterwards(self._around))
        finally:
            self._cloud.restore()
            shutil.rmtree(room)


@dataclass(frozen=True)
class Hunt:
    """A scenario, arranged in as many clouds as there are lanes; ``points`` are those of its undisturbed run."""

    scenario: Scenario
    lanes: Sequence[Lane]
    room: Path
    points: tuple[str, ...]
    undisturbed: Found

    def kill(self, kills: Sequence[Kill]) -> list[Judged]:
        """Judge each kill; each lane is a process of its own and takes every second one."""
        # pytest would show where this waits, after two minutes; that a life hangs, each of them sees to itself.
        faulthandler.cancel_dump_traceback_later()
        children: dict[int, Path] = {}
        for number, lane in enumerate(self.lanes):
            log = self.room / f"lane-{number}.jsonl"
            log.unlink(missing_ok=True)
            if (child := os.fork()) == 0:
                self._work(lane, kills[number :: len(self.lanes)], log)
            children[child] = log
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        lines = [line for log in children.values() if log.exists() for line in log.read_text().splitlines()]
        judged = {each["row"]["point"]: Judged(**each) for each in map(json.loads, lines)}
        assert not any(codes), f"a lane ended with {codes}"
        return [judged[kill.words] for kill in kills]

    def _work(self, lane: Lane, kills: Sequence[Kill], log: Path) -> None:
        try:
            for number, kill in enumerate(kills):
                judged = self._judged(lane, kill, self.room / f"{log.stem}-{number}")
                with log.open("a") as file:
                    file.write(json.dumps(vars(judged)) + "\n")
            os._exit(0)
        except BaseException:  # noqa: BLE001  a forked test must never come back to pytest
            traceback.print_exc()
        finally:
            os._exit(1)

    def _judged(self, lane: Lane, kill: Kill, room: Path) -> Judged:
        try:
            told, found = lane.play(kill, room)
        except Astray as astray:
            return Judged({"runbook": self.scenario.runbook, "point": kill.words}, [str(astray)], 0, ())
        again = told[1].points if len(told) > 1 else ()
        return Judged(self.row(kill, found), self.judge(kill, found), len(told), again)

    def row(self, kill: Kill, found: Found) -> dict[str, Any]:
        """A row of the report."""
        return {
            "runbook": self.scenario.runbook,
            "scenario": self.scenario.words,
            "point": kill.words,
            "changes": {**{change.title: 0 for change in found.changes}, **found.accepted},
            "recorded": {change.title: str(change) for change in found.changes},
            "outcome": found.outcome,
            "chain": "; ".join(found.breaks) or "consistent",
        }

    def judge(self, kill: Kill, found: Found) -> list[str]:
        """What was wrong: with the run by itself, or beside the undisturbed one."""
        wrongs = found.wrongs()
        if any(change.how == UNKNOWN for change in found.changes):
            # Nobody knows, so a person looks: the one ending that a kill may bring about.
            return wrongs if found.outcome == "failed" else [*wrongs, f"it ended as {found.outcome}, not for a person"]
        if kill.rival:
            return [*wrongs, *_after(found)]
        if kill.outcome and found.outcome != kill.outcome:
            wrongs.append(f"it ended as {found.outcome}, not as {kill.outcome}")
        if kill.outcome or kill.late != SOON:
            return wrongs
        if found.outcome != self.undisturbed.outcome:
            wrongs.append(f"it ended as {found.outcome}: {found.entries[-1].body.get('words')}")
        if found.afterwards != self.undisturbed.afterwards:
            wrongs.append(f"left the resource as {found.afterwards}, not as {self.undisturbed.afterwards}")
        if [each.title for each in found.changes] != [each.title for each in self.undisturbed.changes]:
            wrongs.append(f"changed {[each.title for each in found.changes]}")
        if len(kill.points) == 1:
            wrongs += [wrong for change in found.changes for wrong in self._told_as(kill.points[0], found, change.title)]
        return wrongs

    def _told_as(self, point: str, found: Found, title: str) -> Iterator[str]:
        """Whether a change that was killed is told as SPIKE's table says, and every other one as made once."""
        how = next(change.how for change in found.changes if change.title == title)
        refused = any(change.refused for change in self.undisturbed.changes if change.title == title)
        made = found.accepted[title] + (1 if refused else 0)
        if point in {f"{title}: {where}" for where in BEFORE_CALL}:
            expected = {CALLED: 1, REPEATED: 1}
        elif point in {f"{title}: {where}" for where in AFTER_CALL}:
            expected = {CALLED: 1, REPEATED: 1} if refused else {LOOKED: 1, REPEATED: 2}
        else:
            expected = {"once": 1}
        if expected.get(how) != made:
            yield f"{title!r}: made {made} times, told as {how!r}, where {expected} was expected"


def _after(found: Found) -> Iterator[str]:
    """What a run did after a rival had taken its resource, and what became of the rival."""
    if outcome(found.rival) != "succeeded":
        yield f"the rival ended as {outcome(found.rival)}"
    taken = next(place for place, each in enumerate(found.sent) if each.life == RIVAL)
    for place, title, _ in found.requests():
        if place > taken:
            yield f"{title!r} was sent after a rival had the resource"


@contextmanager
def hunting(
    scenario: Scenario, clouds: Sequence[Cloud], catalog: Catalog, policy: Policy, room: Path
) -> Iterator[Hunt]:
    """Arrange a scenario in each cloud, let one run pass undisturbed, and be ready to kill."""
    lanes = [Lane(scenario, cloud, catalog, policy) for cloud in clouds]
    try:
        for lane in lanes:
            lane.arrange()
        told, found = lanes[0].play(Kill(), room / "undisturbed")
        for lane in lanes:
            lane.warm(told[0])
        yield Hunt(scenario, lanes, room, in_order(told[0].points), found)
    finally:
        for cloud in clouds:
            cloud.end()


def in_order(points: Sequence[str]) -> tuple[str, ...]:
    """The points in an order that is the same from run to run.

    The SDK writes some checkpoints from a thread of its own, while the run goes on, and may put several into one: which
    comes first then is chance. So a checkpoint's ``after`` is put behind its ``before``, and both behind the run's own
    points up to there.
    """
    checkpoints = [point.replace(": before the checkpoint ", ": {} the checkpoint ") for point in points if ": before the checkpoint " in point]
    own = [point for point in points if " the checkpoint " not in point]
    return (*own, *(each.format(when) for each in checkpoints for when in ("before", "after")))


def sample(judged: Sequence[Judged], most: int) -> list[Kill]:
    """Pairs of points, the second one in the life that resumes after the first: spread over both, the same each time."""
    step = max(len(judged) // most, 1)
    chosen = [each for each in judged[::step] if each.again]
    return [
        Kill((each.row["point"], each.again[(number * 7 + 3) % len(each.again)])) for number, each in enumerate(chosen)
    ]
