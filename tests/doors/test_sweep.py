"""The sweeper as Lambda calls it each minute: bounded, one line of log, and no trouble that stops the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import sweep
from nightcrew import Run
from nightcrew.admission.follow_ups import Due, find, keep
from nightcrew.errors import Unreachable
from nightcrew.ledger.history import Row
from nightcrew.ledger.transaction import Piece
from tests.doors.conftest import Context, Lines
from tests.engine.shift import ADA, Shift
from tests.house import House
from tests.queues import Queue, lock_of

OVER = timedelta(minutes=1)


def remedy(run: Run, queue: Queue) -> str:
    """It waits long."""
    run.wait("a while", timedelta(minutes=30))
    return ""


@pytest.fixture
def shift(house: House) -> Shift:
    """Nothing is open or due."""
    return Shift.build(house, remedy)


def follow_ups(shift: Shift, number: int) -> list[Due]:
    """Due now; all of one resource, so that at most one of them starts."""
    resource = lock_of(shift.queue)["key"].removeprefix("res#")
    what = {"title": "again", "parameters": {"queue": shift.queue}, "resource": resource, "run": "r-1", "by": "person"}
    made = [
        Due(f"r-1#{shift.queue}#{each}", "later", shift.now() - OVER, "remedy", ADA, what) for each in range(number)
    ]
    for due in made:
        keep(shift.crew.store, due)
    return made


def swept(
    shift: Shift, context: Context | None = None, *, over: Mapping[str, str] | None = None, **changed: Any
) -> dict[str, Any]:
    """One sweep of the shift. What other tests left open is none of its business."""

    def ended(rows: Sequence[Row]) -> Mapping[str, str]:
        return {row.run: over[row.run] for row in rows if row.run in over} if over else {}

    dispatcher = replace(shift.crew.dispatcher, **changed)
    broom = sweep.Broom(lambda: dispatcher, lambda arn, name: "ALARM", ended)
    return sweep.sweeping(lambda: broom)({}, context or Context([55_000]))


def test_a_run_whose_execution_was_stopped_is_closed_within_a_minute(shift: Shift, sweep_log: Lines) -> None:
    """Long before its lease ends: its resource is free, people are told, and its entry says what ended it."""
    run = shift.by_hand()
    shift.on(run)
    assert run not in swept(shift)["closed"]
    assert run in swept(shift, over={run: "its execution was stopped"})["closed"]
    closing = shift.house.closing(run)
    assert (closing["outcome"], closing["words"]) == (
        "failed",
        "abandoned: its execution was stopped, and nobody closed it",
    )
    assert "owner" not in (shift.crew.store.get("state", lock_of(shift.queue)) or {})
    assert [kind for kind, what in shift.news if what.get("run") == run] == ["opened", "failed"]
    assert run in sweep_log()[-1]["closed"]


def test_where_lambda_cannot_be_asked_all_else_is_swept(shift: Shift) -> None:
    """A stopped run is closed when its lease ends, then."""
    follow_ups(shift, 1)
    run = shift.by_hand()

    def away(rows: Sequence[Row]) -> Mapping[str, str]:
        raise Unreachable("Lambda: AccessDenied")

    broom = sweep.Broom(lambda: shift.crew.dispatcher, lambda arn, name: "ALARM", away)
    done = sweep.sweeping(lambda: broom)({}, Context([55_000]))
    assert (run in done["closed"], len(done["refused"])) == (False, 1)
    assert ("not swept", "executions: Lambda: AccessDenied") in [
        (kind, what.get("words")) for kind, what in shift.house.told
    ]


def test_a_sweep_does_so_many_things_and_leaves_the_rest_for_the_next(
    shift: Shift, sweep_log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of follow-ups is no flood of runs."""
    monkeypatch.setattr(sweep, "MOST", 2)
    follow_ups(shift, 5)
    shift.by_hand()  # it holds the resource, so that each is refused
    assert [swept(shift)["left"] for _ in range(3)] == [3, 1, 0]
    assert [line.get("left") for line in sweep_log() if line["message"] == "swept"] == [3, 1, None]


def test_a_sweep_ends_in_time(shift: Shift) -> None:
    """What it has not begun when its time runs out stays on the list."""
    dues = follow_ups(shift, 3)
    shift.by_hand()
    done = swept(shift, Context([55_000, sweep.RESERVE, sweep.RESERVE - 1]))
    assert (len(done["refused"]), done["left"]) == (2, 1)
    assert [find(shift.crew.store, due.name) is None for due in dues] == [True, True, False]


def test_one_thing_that_nobody_foresaw_stops_nothing_else(shift: Shift) -> None:
    """Else it would stand before all the others, each minute."""
    first, _ = follow_ups(shift, 2)
    broken = Piece(
        table="state", key={"key": f"due#{first.name}"}, gate="test", sets={"what": {"resource": "no arn", "title": ""}}
    )
    shift.crew.store.transact([broken])
    done = swept(shift)
    assert len(done["started"]) == 1
    (words,) = [what["words"] for kind, what in shift.house.told if kind == "not swept"]
    assert words.startswith(f"{first.name}: ")


def test_a_second_try_waits_where_cloudwatch_does_not_answer(shift: Shift) -> None:
    """It is neither dropped nor told to people: the next sweep asks again."""
    due = Due("claim#x", "retry", shift.now() - OVER, "remedy", "alarm: x", {})
    seen = {"arn": "arn:x", "name": "x", "at": "2026-11-21T03:00:00.000Z", "claim": "x", "reason": ""}
    keep(shift.crew.store, replace(due, what={"alarm": seen, "resource": "arn:aws:sqs:r:a:q"}))

    def away(arn: str, name: str) -> str | None:
        raise Unreachable("alarm x: Throttling")

    broom = sweep.Broom(lambda: shift.crew.dispatcher, away, lambda rows: {})
    assert sweep.sweeping(lambda: broom)({}, Context([55_000]))["dropped"] == []
    assert find(shift.crew.store, due.name) is not None
    assert shift.news == []


def test_a_table_out_of_reach_is_no_error_of_the_function(shift: Shift, sweep_log: Lines) -> None:
    """The next minute sweeps again."""

    def away() -> Any:
        raise Unreachable("table nightcrew-state: Throttled")

    broom = sweep.Broom(away, lambda arn, name: None, lambda rows: {})
    assert sweep.sweeping(lambda: broom)({}, Context([55_000])) == {"swept": False}
    assert [(line["level"], line["message"]) for line in sweep_log()] == [("WARNING", "to be swept a minute later")]


def test_as_it_is_deployed_it_sweeps(environment: pytest.MonkeyPatch, on_tables: House, sweep_log: Lines) -> None:
    """Wired from what the template sets. Lambda has no executions here, and says so."""
    del environment
    shift = Shift.build(on_tables, remedy)
    due = follow_ups(shift, 1)[0]
    assert sweep.handler({}, Context([55_000]))["swept"]
    assert [line["message"] for line in sweep_log()][-1] == "swept"
    assert find(shift.crew.store, due.name) is None
