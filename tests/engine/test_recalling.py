"""Who is asked to approve sees what past runs tell; and that never decides, costs or breaks anything."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.admission.approvals import find
from nightcrew.errors import Unreachable
from tests.engine.shift import Shift
from tests.house import House
from tests.knowledge.casebook import Casebook
from tests.queues import Queue, hide_for, settings

SYMPTOM = "by hand:remedy"


def doubles(run: Run, queue: Queue) -> str:
    """Doubles what is there: so what it will do depends on the world."""
    seen = run.read("look", settings(queue), pick=lambda answer: int(answer["Attributes"]["VisibilityTimeout"]))
    run.change("double it", hide_for(queue, seen * 2), undo=hide_for(queue, seen))
    run.prove("it is doubled", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "doubled"


def known(shift: Shift, run: str) -> Mapping[str, Any]:
    """What stands beside the question."""
    asked = find(shift.crew.store, run)
    assert asked is not None
    return dict(asked.question["known"])


class Recalls:
    """Knows as many cases as it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, store: Any, now: Any, **about: Any) -> dict[str, Any]:
        self.asked.append(about)
        return {"words": f"asked {len(self.asked)} times"}


def test_an_approver_sees_what_past_runs_tell(house: House) -> None:
    """And who is told that an approval is wanted reads it in a sentence."""
    shift = Shift.build(house, doubles, level="approve")
    book = Casebook(shift.crew.store)
    about: dict[str, Any] = {"runbook": "remedy", "symptom": SYMPTOM, "resource": "arn:aws:sqs:::other"}
    runs = [
        book.case(outcome, ended=shift.now() - timedelta(hours=1), **about)
        for outcome in ("cured", "succeeded", "ineffective")
    ]
    asking = shift.by_hand()
    shift.on(asking)
    told = known(shift, asking)
    words = "remedy helped when it was started by hand 2 of 3 times, median 6 min"
    assert told["words"] == words
    assert (told["records"][0]["tried"], told["records"][0]["cured"]) == (3, 2)
    assert {case["run"] for case in told["cases"]} == {*runs}
    wanted = next(what for kind, what in shift.news if kind == "approval wanted")
    assert wanted["words"] == f"approve the plan; {words}"


def test_it_is_asked_once_and_a_replay_shows_the_same(house: House) -> None:
    """Also where the world has moved, and people are asked again: about another plan, with the same past."""
    shift = Shift.build(house, doubles, level="approve")
    recalls = Recalls()
    object.__setattr__(shift.crew.installation, "recalls", recalls)
    run = shift.by_hand()
    shift.on(run)
    first = find(shift.crew.store, run)
    moved = {"QueueUrl": hide_for(shift.queue, 0).parameters["QueueUrl"], "Attributes": {"VisibilityTimeout": "40"}}
    shift.crew.client("sqs").set_queue_attributes(**moved)
    shift.decide(run)
    shift.on(run)
    second = find(shift.crew.store, run)
    assert first is not None
    assert second is not None
    assert first.hash != second.hash
    assert first.question["known"] == second.question["known"] == {"words": "asked 1 times"}
    shift.decide(run)
    assert shift.through(run)["outcome"] == "succeeded"
    assert len(recalls.asked) == 1
    assert recalls.asked[0]["symptom"] == SYMPTOM
    assert recalls.asked[0]["resource"] == find_resource(shift, run)


def find_resource(shift: Shift, run: str) -> str:
    """What the run is about."""
    return str(shift.house.entries(run)[0].body["resource"])


def test_what_is_known_is_no_part_of_what_is_approved(house: House) -> None:
    """The plan's hash is the same, whatever was remembered meanwhile."""
    shift = Shift.build(house, doubles, level="approve")
    object.__setattr__(shift.crew.installation, "recalls", Recalls())
    run = shift.by_hand()
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    assert asked.hash == shift.house.plan("remedy", queue=shift.queue).hash


def test_a_run_goes_on_where_the_past_cannot_be_read_and_says_so(house: House) -> None:
    """Whatever is wrong with it."""

    def out_of_reach(store: Any, now: Any, **about: Any) -> dict[str, Any]:
        raise Unreachable("DynamoDB does not answer")

    def broken(store: Any, now: Any, **about: Any) -> dict[str, Any]:
        raise KeyError("ended")

    for recalls in (out_of_reach, broken):
        shift = Shift.build(house, doubles, level="approve")
        object.__setattr__(shift.crew.installation, "recalls", recalls)
        run = shift.by_hand()
        assert shift.on(run).status == "WAITING"
        assert known(shift, run)["unknown"].startswith("what past runs tell could not be read: ")
        shift.decide(run)
        assert shift.through(run)["outcome"] == "succeeded"


def test_a_run_that_nobody_must_approve_asks_nothing_of_the_past(house: House) -> None:
    """It costs a run by itself not one read."""
    shift = Shift.build(house, doubles)
    recalls = Recalls()
    object.__setattr__(shift.crew.installation, "recalls", recalls)
    shift.through(shift.by_hand())
    assert recalls.asked == []
