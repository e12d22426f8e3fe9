"""What a run meets at night, each a scenario: people who decide, cancels, the alarm's OK, refusals, sweeps.

Every life plays the whole story, from where the one before it died. Where a story is killed only from some point on,
what comes before is killed in another one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nightcrew.clock import SystemClock, stamp
from nightcrew.ledger.store import Tables
from tests.kill.cloud import Refuse
from tests.kill.drills import BELL, OFF, RESTART, in_a_group, lamps, lamps_that_have_limits, lights
from tests.kill.night import BOB, CYD, Night, Story
from tests.kill.night_drills import CATALOG, OURS, POLICY
from tests.kill.points import AFTER, BEFORE
from tests.kill.scenario import Arranging, Scenario, Start

GROUP = "web"

# --- what is there


def an_alarmed_lamp(cloud: Arranging) -> Start:
    """The policy binds the alarm to the lamp."""
    lamps(cloud)
    return Start(cloud.alarm("ec2-status-check", {"InstanceId": "i-1"}))


def a_runbook_that_failed(cloud: Arranging) -> Start:
    """Three times in a row, just now: its breaker is open."""
    item = {"key": {"S": "runbook#drill-of-haste"}, "fails": {"N": "3"}}
    failed = {**item, "last_fail": {"S": stamp(SystemClock().now())}}
    cloud.client("dynamodb").put_item(TableName=Tables().state, Item=failed)
    return an_alarmed_lamp(cloud)


def a_bell_that_cannot_be_silenced(cloud: Arranging) -> Start:
    """The change that fails brings undos, and one of them fails as well."""
    silenced = f'{BELL}", "Attributes": {{"VisibilityTimeout": "{OFF}"'
    never = Refuse("sqs:SetQueueAttributes", "InvalidAttributeValue", containing=silenced)
    start = lamps_that_have_limits(cloud)
    return Start(parameters=start.parameters, refuse=(*start.refuse, never))


# --- what happens


def approved_by(*people: str) -> Story:
    """It asks, and they agree. A life that comes after a death finds that they decided meanwhile."""

    def story(night: Night) -> None:
        if night.again:
            for who in people:
                night.decides(who)
        night.starts(waits=True)
        for who in people:
            night.decides(who)
        night.goes_on()

    return story


def declined(night: Night) -> None:
    """It asks about a change in the middle, and Bob says no."""
    night.starts(waits=True)
    night.decides(BOB, approve=False)
    night.goes_on()


def cancelled(night: Night) -> None:
    """While it waits."""
    night.starts(waits=True)
    night.cancels()
    night.goes_on()


def turns_ok(night: Night) -> None:
    """The alarm's OK is pushed while it waits for that; and again to who comes after a death."""
    night.starts(waits=True)
    night.turns_ok()
    night.goes_on()


def turns_ok_meanwhile(night: Night) -> None:
    """The OK comes while nobody lives."""
    if night.again:
        night.turns_ok()
    turns_ok(night)


def tried_again(night: Night) -> None:
    """Ada worked on it just now: the alarm is refused, and tried once more when the cool-down is over."""
    night.asks("drill-of-rivalry", name="before", lamp="lamp")
    night.goes_on()
    night.fires()
    night.passes_until_due()
    night.sweeps()
    night.goes_on()


def hold_refused(night: Night) -> None:
    """A run on the group has it, whose process is dead: refused at hold. When its lease is over the sweeper closes the
    dead run, and tries the signal again.
    """
    night.asks("scale-out-auto-scaling-group", name="before", carried_out=False, group=GROUP)
    night.starts()
    night.passes_until_due()
    night.passes_until_lease_ends("before")
    night.sweeps()
    night.goes_on()


def followed_up(night: Night) -> None:
    """A day later the sweeper starts what the run kept for then."""
    night.starts()
    night.passes_until_due()
    night.sweeps()
    night.goes_on()


def stopped(night: Night) -> None:
    """The execution is stopped, or its time is out: nobody carries it on, and the sweeper closes the run long before
    its lease ends. Then its process wakes up after all.
    """
    if night.run() is None:
        night.starts(waits=True)
    night.sweeps(stopped=True)
    night.goes_on()


def lock_of_a_dead_run(night: Night) -> None:
    """Its lease is over, and the next run that wants the lamp closes it."""
    night.asks("drill-of-rivalry", name="before", carried_out=False, lamp="lamp")
    night.passes_until_lease_ends("before")
    night.starts()


@dataclass(frozen=True)
class Nightly:
    """A scenario, and the points of it that are killed: all from the first one that says ``since`` on; of the
    checkpoints, from ``step`` on. ``alike``: it ends as if nobody had been killed; else only its outcome is the same.
    """

    scenario: Scenario
    since: str = ""
    step: str = ""
    alike: bool = True

    def deadly(self, points: Sequence[str]) -> list[str]:
        """The points from ``since`` on; and the checkpoints from ``step`` on."""
        own = [point for point in points if BEFORE not in point and AFTER not in point]
        asked = [point for point in points if point not in own]
        return [*_from(self.since, own), *_from(self.step, asked)]


def _from(begin: str, points: Sequence[str]) -> Sequence[str]:
    if not begin:
        return points
    assert any(begin in point for point in points), f"no point says {begin!r}: {points}"
    return points[next(number for number, point in enumerate(points) if begin in point) :]


def _nightly(
    runbook: str,
    words: str,
    story: Story,
    outcome: str,
    arrange: Callable[[Arranging], Start] = lamps,
    *,
    since: str = "",
    step: str = "",
    alike: bool = True,
    afterwards: Callable[[Arranging], Any] = lights,
) -> Nightly:
    return Nightly(Scenario(runbook, arrange, afterwards, outcome, words, CATALOG, POLICY, story), since, step, alike)


STORIES = {
    each.scenario.name: each
    for each in (
        _nightly("drill-of-care", "approved", approved_by(BOB), "succeeded"),
        _nightly(
            "drill-of-loss", "approved by two", approved_by(BOB, CYD), "succeeded", since="the question", step="approve"
        ),
        _nightly("drill-of-doubt", "declined", declined, "declined", since="the question", step="approve"),
        _nightly(
            "drill-of-leisure", "cancelled in a pause", cancelled, "cancelled", since="let it burn", step="let it burn"
        ),
        _nightly(
            "drill-of-hope", "cancelled at a poll", cancelled, "cancelled", since="the lock", step="somebody dims"
        ),
        _nightly(
            "drill-of-haste",
            "its alarm turns OK",
            turns_ok,
            "cured",
            an_alarmed_lamp,
            since="the alarm's OK",
            step="the alarm's OK",
        ),
        _nightly(
            "drill-of-haste",
            "its alarm turned OK meanwhile",
            turns_ok_meanwhile,
            "cured",
            an_alarmed_lamp,
            since="the alarm's OK",
            step="the alarm's OK",
        ),
        _nightly(
            "drill-of-haste",
            "refused, and tried again",
            tried_again,
            "succeeded, refused, cured",
            an_alarmed_lamp,
            since="refusal",
            step="hold",
        ),
        _nightly(
            "drill-of-haste",
            "refused, and people are told",
            lambda night: night.fires(),
            "refused",
            a_runbook_that_failed,
        ),
        _nightly(
            "drill-of-foresight",
            "followed up",
            followed_up,
            "succeeded, succeeded",
            since="what is due",
            step="switch it off tomorrow",
        ),
        _nightly("drill-of-leisure", "stopped, and swept", stopped, "failed", alike=False),
        _nightly("drill-of-haste", "after a dead run", lock_of_a_dead_run, "failed, succeeded"),
        _nightly(
            "drill-of-regret",
            "an undo fails",
            lambda night: night.starts(),
            "failed",
            a_bell_that_cannot_be_silenced,
            since="undo: ring",
            step="undo: ring",
        ),
        Nightly(
            Scenario(
                RESTART.runbook,
                in_a_group,
                RESTART.afterwards,
                "failed, refused, not_applicable",
                "refused at hold, and tried again",
                None,
                OURS,
                hold_refused,
                frozenset({"failed"}),
            ),
            "closing",
            "open",
        ),
    )
}
