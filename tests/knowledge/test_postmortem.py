"""What a post-mortem's draft says: from entries alone, of one run and of several, and what it leaves open."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import BadInput, BrokenChain, Unknown
from nightcrew.knowledge.lessons import correct, learn
from nightcrew.knowledge.postmortem.page import page
from nightcrew.knowledge.postmortem.postmortem import Draft, draft
from nightcrew.ledger.cases import mark
from nightcrew.ledger.memory import MemoryStore
from tests.knowledge.incidents import ADA, CPU, GROUP, STATUS, THREE, WEB, Ledger, cured, undone

DRAFTS = Path(__file__).parent / "drafts"
LATER = THREE + timedelta(days=400)
CURED, UNDONE = "20261121-030004-cured1", "20261121-040004-undone"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def of(ledger: Ledger, *runs: str) -> Draft:
    """The draft of these runs, made long afterwards."""
    return draft(ledger.store, runs, LATER)


def plain(said: Any) -> list[str]:
    return [each.plain for each in said]


def an_incident(ledger: Ledger) -> list[str]:
    """One that came before, was cured, came again too soon, and was declined at last; with what people wrote."""
    for number in range(3):
        before = THREE - timedelta(days=number + 1)
        ledger.case(f"20261119-03000{number}-before", before, ["cured", "ineffective", "cured"][number])
    ledger.case("20261119-040000-others", THREE - timedelta(days=2), resource=WEB.replace("0abc", "0fff"))
    clock = StoppedClock(THREE - timedelta(days=1))
    learn(ledger.store, clock, "lesson-known", "the disk fills first", author=ADA, symptom=STATUS)
    cured(ledger)
    ledger.refused("refused-soon", THREE + timedelta(minutes=12), "cool-down", f"{ADA} changed it 11 min ago")
    cured(ledger, "20261121-032004-cured2", THREE + timedelta(minutes=20))
    learn(ledger.store, StoppedClock(THREE + timedelta(hours=5)), "lesson-a", "look at dmesg", author=ADA, run=CURED)
    return [CURED, "refused-soon", "20261121-032004-cured2"]


@pytest.mark.parametrize("name", ["failed", "incident"])
def test_a_draft_is_this_document(name: str, ledger: Ledger) -> None:
    """The whole of it: what failed and was not taken back; several runs of one incident, with a refusal between."""
    if name == "failed":
        undone(ledger)
    runs = [UNDONE] if name == "failed" else an_incident(ledger)
    assert page(of(ledger, *runs)) == (DRAFTS / f"{name}.md").read_text(encoding="utf-8")


def test_the_order_in_which_runs_are_named_does_not_matter(ledger: Ledger) -> None:
    """Nor does it that one is named twice."""
    runs = an_incident(ledger)
    assert page(of(ledger, *runs)) == page(of(ledger, *reversed(runs), runs[1]))


def test_what_comes_later_changes_no_draft(ledger: Ledger) -> None:
    """Runs on the resource, lessons of its symptom, and when it is asked for: it is as of the last closing."""
    runs = an_incident(ledger)
    then = page(draft(ledger.store, runs, THREE + timedelta(hours=6)))
    for number in range(5):
        ledger.case(f"20270101-03000{number}-later1", THREE + timedelta(days=40 + number), "failed")
    clock = StoppedClock(THREE + timedelta(days=60))
    learn(ledger.store, clock, "lesson-later", "it was the network", author=ADA, symptom=STATUS)
    correct(ledger.store, clock, "lesson-known", "the disk never fills", author=ADA)
    assert page(of(ledger, *runs)) == then


def test_what_people_write_of_a_run_belongs_to_it_whenever_they_do(ledger: Ledger) -> None:
    """And stands in the timeline, by the name of who wrote it."""
    cured(ledger)
    assert not [each for each in of(ledger, CURED).incident.timeline if each.kind == "lesson"]
    learn(ledger.store, StoppedClock(THREE + timedelta(days=3)), "lesson-a", "look at dmesg", author=ADA, run=CURED)
    last = of(ledger, CURED).incident.timeline[-1]
    assert (last.kind, last.who, last.what.plain) == ("lesson", "ada", "wrote: look at dmesg")


def test_impact_lasts_from_the_alarm_to_its_ok(ledger: Ledger) -> None:
    """Not to the end of the run, which waits for the OK to hold."""
    cured(ledger)
    impact = of(ledger, CURED).to_json()["impact"]
    assert impact["began"] == THREE - timedelta(seconds=4)
    assert impact["first_change"] == THREE + timedelta(seconds=2)
    assert impact["over"] == THREE + timedelta(seconds=180)
    assert impact["seconds"] == 184


def test_an_alarm_that_came_again_and_was_refused_may_still_be_on(ledger: Ledger) -> None:
    """That an earlier run was cured says nothing about it."""
    cured(ledger)
    ledger.refused("refused-soon", THREE + timedelta(minutes=12), "cool-down", "it was changed 11 min ago")
    told = of(ledger, CURED, "refused-soon")
    assert told.incident.over is None
    assert any("Is the alarm web-1-status still on?" in each for each in plain(told.questions))


def test_an_event_s_run_is_over_with_its_last_proof(ledger: Ledger) -> None:
    """Nobody says of an event that it is over."""
    chain = ledger.opened(CURED, THREE, event="ec2-retirement")
    chain.change(5, "stop it", "ec2:StopInstances", [])
    proved = {"proved": "it runs elsewhere", "met": True, "tries": 3, "since": chain.at(9), "at": chain.at(90)}
    chain.close(91, "succeeded", "it was moved", [proved], changes=1)
    told = of(ledger, CURED)
    assert plain(told.summary)[0].startswith("At 02:59:56 the event ec2-retirement came, and restart-ec2-instance was")
    assert [(each.what, each.note.plain) for each in told.window] == [
        ("it began", "the event came"),
        ("the first change was sent", "by restart-ec2-instance"),
        ("it was over", "i-0abc1234def567890: the last proof"),
    ]
    assert told.incident.over == THREE + timedelta(seconds=90)


def test_an_open_run_is_told_as_going_on(ledger: Ledger) -> None:
    """As it stands now, which is the only thing that time changes."""
    ledger.opened(CURED, THREE)
    told = draft(ledger.store, [CURED], THREE + timedelta(minutes=3))
    assert plain(told.summary)[-1] == "It is still going on: this is how it stood at 2026-11-21 03:03:00."
    assert told.to_json()["open"] == [CURED]
    assert any("goes on, or nobody carries it on" in each for each in plain(told.questions))


def test_a_refusal_alone_has_a_draft(ledger: Ledger) -> None:
    ledger.refused("refused-soon", THREE, "cool-down", "it was changed 3 min ago")
    told = of(ledger, "refused-soon")
    assert "refused by the gate cool-down" in told.incident.timeline[0].what.plain
    assert told.incident.first_change is None
    assert any("the gate cool-down refused it" in each for each in plain(told.did_not))


def test_what_does_not_exist_is_said(ledger: Ledger) -> None:
    """A run that nobody knows, a lesson, none at all, and a run whose opening was removed."""
    cured(ledger)
    learn(ledger.store, StoppedClock(THREE), "lesson-a", "look at dmesg", author=ADA, run=CURED)
    with pytest.raises(Unknown, match="there is no run 20261121-999999-nobody"):
        of(ledger, CURED, "20261121-999999-nobody")
    with pytest.raises(Unknown, match="there is no run lesson-a"):
        of(ledger, "lesson-a")
    with pytest.raises(BadInput, match="1 to 50 runs"):
        of(ledger)
    tables: Any = ledger.store._items["ledger"]
    tables.pop(next(name for name, item in tables.items() if item["run"] == CURED and item["number"] == 0))
    with pytest.raises(BrokenChain, match="nobody knows what the run was about"):
        of(ledger, CURED)


def test_a_chain_that_was_touched_is_asked_about(ledger: Ledger) -> None:
    """The draft tells what stands there, and that it may not be true."""
    cured(ledger)
    tables: Any = ledger.store._items["ledger"]
    closing = next(item for item in tables.values() if item["run"] == CURED and item["kind"] == "closing")
    closing["body"] = closing["body"].replace("came back", "was well all the time")
    told = of(ledger, CURED)
    assert any("was touched" in each and "is it true what it says here?" in each for each in plain(told.questions))
    assert told.to_json()["runs"][0]["consistent"] is False


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"alarm":{', '"alarm":3,"other":{'),
        ('"met":true', '"met":true,"at":"soon"'),
        ('"facts":[', '"facts":7,"more":['),
    ],
)
def test_an_entry_that_says_nonsense_stops_no_draft(said: str, instead: str, ledger: Ledger) -> None:
    """Whoever edits one can hide what it said; the rest is told, and that it was touched."""
    cured(ledger)
    tables: Any = ledger.store._items["ledger"]
    for item in tables.values():
        item["body"] = item["body"].replace(said, instead)
    told = of(ledger, CURED)
    assert "## Timeline" in page(told)
    assert any("was touched" in each for each in plain(told.questions))


def test_who_nobody_carried_on_and_what_no_gate_was_asked(ledger: Ledger) -> None:
    """Abandoned, under break-glass: the draft asks what state it left, and what the gates would have said."""
    glass = {"by": ADA, "trouble": "it timed out", "not_asked": ["halts", "budgets"], "verified": True}
    chain = ledger.opened(CURED, THREE, symptom="break-glass:restart-ec2-instance", alarm=None, break_glass=glass)
    chain.change(5, "stop it", "ec2:StopInstances", [])
    left = [{"title": "stop it", "words": "abandoned"}]
    chain.close(900, "failed", "abandoned: its lease ended", [], abandoned=True, not_undone=left)
    told = of(ledger, CURED)
    assert any("in which state did it leave it?" in each for each in plain(told.questions))
    assert any("what would the gates have said" in each for each in plain(told.questions))
    assert any("not asked: halts, budgets" in each for each in plain(told.conditions))
    assert any("take “stop it” back by hand" in each for each in plain(told.actions))


def test_a_run_without_a_proof_wants_one(ledger: Ledger) -> None:
    chain = ledger.opened(CURED, THREE)
    chain.change(5, "stop it", "ec2:StopInstances", [])
    missed = {"proved": "it answers", "tries": 4, "since": chain.at(9), "at": chain.at(609), "seen": "pending"}
    chain.close(610, "ineffective", "no proof that it answers within 10 min", [missed], changes=1)
    told = of(ledger, CURED)
    assert any("Nothing proves that restart-ec2-instance helped" in each for each in plain(told.questions))
    assert any(each.startswith("Add a proof to restart-ec2-instance") for each in plain(told.actions))


def test_a_symptom_that_keeps_coming_wants_its_cause_found(ledger: Ledger) -> None:
    """Runs of the incident count with those of the week before it; those of the weeks before do not."""
    cured(ledger)
    for days in (2, 30, 40):
        ledger.case(f"20261001-0300{days}-before", THREE - timedelta(days=days))
    assert not any("root cause" in each for each in plain(of(ledger, CURED).actions))
    ledger.case("20261115-030000-before", THREE - timedelta(days=6))
    [action] = [each for each in plain(of(ledger, CURED).actions) if "root cause" in each]
    assert "it was remedied 3 times within 7 days" in action


def test_a_remedy_that_seldom_helped_is_looked_at(ledger: Ledger) -> None:
    """And one that helped more often is named."""
    cured(ledger)
    for number in range(5):
        about = {"resource": WEB.replace("0abc", f"{number}aaa")}
        ledger.case(f"20261101-03000{number}-worse1", THREE - timedelta(days=20), "ineffective", **about)
        ledger.case(f"20261101-04000{number}-better", THREE - timedelta(days=19), runbook="move-ec2-instance", **about)
    [action] = [each for each in plain(of(ledger, CURED).actions) if "better remedy" in each]
    assert action == (
        "Look whether another runbook is the better remedy: move-ec2-instance helped with this symptom 5 of 5 times "
        "(median 6 min); restart-ec2-instance only 0 of 5 times."
    )


def test_what_was_done_to_it_shortly_before_is_a_condition(ledger: Ledger) -> None:
    """Whatever its symptom was."""
    cured(ledger)
    ledger.case("20261121-000000-before", THREE - timedelta(hours=2), symptom=CPU, runbook="reboot-ec2-instance")
    ledger.case("20261119-000000-before", THREE - timedelta(days=2), symptom=CPU, runbook="move-ec2-instance")
    told = [each for each in plain(of(ledger, CURED).conditions) if "before it began" in each]
    assert len(told) == 1
    assert told[0].startswith("reboot-ec2-instance had ended as cured on i-0abc1234def567890 1 h 59 min before")


def test_what_happened_to_others_of_its_group_is_like_it(ledger: Ledger) -> None:
    """Also where neither resource nor symptom is the same."""
    undone(ledger)
    about = {"resource": GROUP, "symptom": CPU, "runbook": "scale-out-auto-scaling-group"}
    chain = ledger.opened("20261101-030000-group1", THREE - timedelta(days=20), **about)
    chain.close(60, "cured", "it is larger", [], group=mark("arn:aws:ec2:eu-west-1:123456789012:group/web"))
    [alike] = of(ledger, UNDONE).earlier.alike
    assert (alike.case.run, alike.why) == ("20261101-030000-group1", ("same group",))


def test_what_cancelled_a_wait_is_no_ok(ledger: Ledger) -> None:
    """The wait for the OK ended, and the alarm did not."""
    chain = ledger.opened(CURED, THREE)
    chain.change(5, "stop it", "ec2:StopInstances", [])
    chain.wait(60, "the alarm's OK, within 15 min", [], within="900s", callback="c-1")
    chain.close(90, "cancelled", f"cancelled by {ADA} at 2026-11-21T03:01:30.000Z: wrong one", [], undone=["stop it"])
    told = of(ledger, CURED)
    assert told.incident.over is None
    assert not told.incident.runs[0].of("ok")
    assert told.incident.runs[0].words == "cancelled by ada at 2026-11-21T03:01:30.000Z: wrong one"


def test_an_alarm_that_had_to_be_asked_tells_its_ok_itself(ledger: Ledger) -> None:
    """No event came in time; CloudWatch said OK, or did not."""
    for run, state in ((CURED, "OK"), (UNDONE, "ALARM")):
        chain = ledger.opened(run, THREE, alarm=f"alarm-{state}")
        chain.wait(60, "the alarm's OK, within 15 min", [], within="900s", callback="c-1")
        asked = {"read": "is the alarm OK in time?", "call": "cloudwatch:DescribeAlarms", "value": state}
        chain.close(
            *(1200, "cured" if state == "OK" else "ineffective", f"the alarm is {state}"),
            [{**asked, "at": chain.at(960)}],
        )
    assert of(ledger, CURED).incident.over == THREE + timedelta(seconds=960)
    assert of(ledger, UNDONE).incident.over is None


def test_a_draft_costs_a_fixed_number_of_reads(ledger: Ledger) -> None:
    """Whatever the ledger holds beside it."""
    cured(ledger)
    few = Counting.of(ledger.store)
    draft(few, [CURED], LATER)
    for number in range(120):
        ledger.case(f"20261001-{number:06}-before", THREE - timedelta(days=9, minutes=number))
    many = Counting.of(ledger.store)
    draft(many, [CURED], LATER)
    assert many.reads == few.reads <= 6


class Counting(MemoryStore):
    """The same tables, and how often somebody asked."""

    reads = 0

    @classmethod
    def of(cls, store: MemoryStore) -> "Counting":
        made = cls()
        made._items = store._items
        return made

    def query(self, *asked: Any, **more: Any) -> Any:
        self.reads += 1
        return super().query(*asked, **more)

    def get_all(self, *asked: Any, **more: Any) -> Any:
        self.reads += 1
        return super().get_all(*asked, **more)


def test_programs_get_the_parts_in_plain_words(ledger: Ledger) -> None:
    """No markup in them."""
    runs = an_incident(ledger)
    told = of(ledger, *runs).to_json()
    text = json.dumps(told, default=str)
    assert "`" not in text
    assert "**" not in text
    assert [each["run"] for each in told["runs"]] == runs
    assert [each["kind"] for each in told["timeline"]][:3] == ["alarm", "admitted", "read"]
    assert told["earlier"][0]["why"] == ["same resource", "same symptom"]


def test_two_troubles_are_both_over_before_the_incident_is(ledger: Ledger) -> None:
    """Each by its own last run; the title names the first, and how many more."""
    cured(ledger)
    began = THREE + timedelta(minutes=1)
    cured(ledger, "20261121-030104-other1", began, alarm="web-cpu", symptom=CPU, resource=GROUP)
    told = of(ledger, CURED, "20261121-030104-other1")
    assert told.incident.over == began + timedelta(seconds=180)
    assert told.title.plain == "web-1-status and 1 more, 2026-11-21 02:59 UTC"
    assert any("Have these runs one cause?" in each for each in plain(told.questions))
