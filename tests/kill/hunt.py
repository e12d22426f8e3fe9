"""Kills a scenario at one point after the other, and judges each."""

import faulthandler
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from tests.kill.found import UNKNOWN, Found
from tests.kill.judge import beside
from tests.kill.lane import Lane, Site
from tests.kill.life import Told
from tests.kill.lives import Astray, Kill
from tests.kill.points import in_order
from tests.kill.scenario import Scenario


@dataclass(frozen=True)
class Judged:
    """One kill: its row of the report, and what was wrong."""

    row: Mapping[str, Any]
    wrongs: Sequence[str]

    def __str__(self) -> str:
        return f"killed {self.row['point']}: {'; '.join(self.wrongs)}"


@dataclass(frozen=True)
class Hunt:
    """A scenario, arranged in a cloud; ``points`` are those of its undisturbed run."""

    lane: Lane
    room: Path
    points: tuple[str, ...]
    undisturbed: Found

    @property
    def scenario(self) -> Scenario:
        """What is hunted."""
        return self.lane.scenario

    def kill(self, kills: Sequence[Kill]) -> list[Judged]:
        """Judge each kill."""
        # pytest would show where this waits, after two minutes; that a life hangs, each of them sees to itself.
        faulthandler.cancel_dump_traceback_later()
        return [self._judged(kill, self.room / f"kill-{number}") for number, kill in enumerate(kills)]

    def _judged(self, kill: Kill, room: Path) -> Judged:
        row = {"runbook": self.scenario.runbook, "scenario": self.scenario.words, "point": kill.words}
        try:
            told, found = self.lane.play(kill, room)
        except Astray as astray:
            return Judged(row, [str(astray)])
        wrongs = [*found.wrongs(), *beside(self.undisturbed, kill, found, self.scenario.lost_news)]
        stopped = any(change.how == UNKNOWN for change in found.changes)
        if len(told) <= len(kill.points) and not stopped and not kill.zombie:
            wrongs.append(f"it never came to the point of life {len(told)}")
        return Judged({**row, **found.row(), "lives": len(told)}, wrongs)


Ready = Callable[[Scenario], AbstractContextManager[Hunt]]
"""Makes a hunt for one scenario: the fixture ``ready``."""


@contextmanager
def hunting(scenario: Scenario, site: Site, catalog: Catalog, policy: Policy, room: Path) -> Iterator[Hunt]:
    """Arrange a scenario, let a run pass undisturbed, and another one, and be ready to kill."""
    lane = Lane(scenario, site, catalog, policy)
    try:
        lane.arrange()
        told, found = _undisturbed(lane, room)
        lane.warm(told)
        again, _ = _undisturbed(lane, room)
        points = in_order(told.points)
        assert points == in_order(again.points), f"they are not the same: {points}, {again.points}"
        yield Hunt(lane, room, points, found)
    finally:
        site.cloud.empty()


def _undisturbed(lane: Lane, room: Path) -> tuple[Told, Found]:
    (told,), found = lane.play(Kill(), room / "undisturbed")
    assert found.outcome == lane.scenario.outcome, f"without any kill it ends as {found.outcome}: {found.words}"
    assert not found.wrongs(), f"without any kill: {'; '.join(found.wrongs())}"
    return told, found
