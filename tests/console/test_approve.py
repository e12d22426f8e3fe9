"""A question to people on a page: the plan, who may decide, and what is written when they do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nightcrew import Run
from nightcrew.admission.approvals import find
from nightcrew.api.deciding import approve
from nightcrew.api.desk import Desk
from nightcrew.api.people import Person, Right
from nightcrew.console.asked import Asked
from nightcrew.console.session import Session, SignIn
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.ledger.history import tail
from tests.api.desk import HOME, RUNBOOK
from tests.console.conftest import signed_in
from tests.console.reader import Newsroom, Opened, Reader
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call, settings, url

ADA, BOB, CARLA = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob", "carla"))
WHY = 'it "hangs" <script>alert(1)</script>'


@pytest.fixture
def run(careful: Newsroom, instance: str) -> str:
    """A run of Ada's that waits for an approval."""
    return asks(careful, instance)


@pytest.fixture
def bob(careful: Newsroom) -> Reader:
    """Somebody else, who may approve."""
    return signed_in(careful, BOB)


class Looking:
    """The same people, who may only look."""

    secure = False
    players = ()

    def __init__(self, own: SignIn) -> None:
        self._own = own
        self.answer, self.unknown = own.answer, own.unknown

    def session(self, asked: Asked) -> Session | None:
        found = self._own.session(asked)
        return replace(found, person=Person(found.person.actor)) if found is not None else None


def asks(room: Newsroom, instance: str) -> str:
    told = room.door.person(
        RUNBOOK, {"instance_id": instance}, actor=ADA, account=HOME.account, region=HOME.region, reason=WHY
    )
    assert told.run is not None
    room.until_it_asks(told.run)
    return told.run


def question(reader: Reader, run: str) -> Opened:
    return reader.open(f"/console/approvals/{run}")


def yes(run: str) -> str:
    return f"/console/approvals/{run}/approve"


def no(run: str) -> str:
    return f"/console/approvals/{run}/decline"


def decided(room: Newsroom, run: str) -> dict[str, object] | None:
    asked = find(room.house.crew.store, run)
    return dict(asked.decided) if asked is not None and asked.decided is not None else None


def outcome(room: Newsroom, run: str) -> str:
    last = tail(room.house.crew.store, run)
    return str(last.body["outcome"]) if last is not None else ""


def test_the_page_has_the_plan_and_who_asks_why(bob: Reader, run: str, instance: str) -> None:
    """Each change with its call, its parameters and its undo."""
    page = question(bob, run)
    assert page.status == 200
    for words in ("ec2:StopInstances", f"InstanceIds= [{instance}]", "start it again", "ada", "disruptive", "29 min"):
        assert words in page.words, words


def test_a_reason_with_markup_stays_text(bob: Reader, run: str) -> None:
    """Whoever starts a run writes onto the approver's page."""
    page = question(bob, run)
    assert "<script>alert" not in page.text
    assert WHY in page.words


def test_a_yes_to_the_plan_lets_the_run_go_on(bob: Reader, careful: Newsroom, run: str) -> None:
    """And says so on the run's page."""
    page = question(bob, run)
    sent = bob.send("POST", yes(run), {**page.form(yes(run)).fields, "reason": "go"})
    assert sent.status == 303
    assert sent.headers["location"].startswith(f"/console/runs/{run}?said=approved.")
    careful.carry(run)
    assert outcome(careful, run) == "succeeded"
    assert decided(careful, run) is not None


def test_a_yes_sent_twice_is_one(bob: Reader, careful: Newsroom, run: str) -> None:
    """A double click answers the same."""
    fields = question(bob, run).form(yes(run)).fields
    first = bob.send("POST", yes(run), fields)
    before = decided(careful, run)
    second = bob.send("POST", yes(run), fields)
    assert (second.status, second.headers["location"]) == (303, first.headers["location"])
    assert decided(careful, run) == before


def test_a_no_wants_a_reason(bob: Reader, careful: Newsroom, run: str) -> None:
    """Nothing is decided without one."""
    page = bob.send("POST", no(run), {**question(bob, run).form(yes(run)).fields, "reason": " "})
    assert page.status == 422
    assert "say why not" in page.words
    assert 'aria-invalid="true"' in page.text
    assert decided(careful, run) is None


def test_a_no_ends_the_run_before_any_change(bob: Reader, careful: Newsroom, run: str) -> None:
    """What was typed is in the ledger's words."""
    sent = bob.send("POST", no(run), {**question(bob, run).form(yes(run)).fields, "reason": "not now"})
    assert "?said=declined." in sent.headers["location"]
    careful.carry(run)
    assert outcome(careful, run) == "declined"
    assert careful.house.scripted.changes() == []


def test_whoever_asked_sees_why_they_cannot_approve(careful_reader: Reader, run: str) -> None:
    """There is no such button; turning one's own down is no approval."""
    page = question(careful_reader, run)
    assert "You cannot approve it" in page.words
    assert [each.action for each in page.forms if run in each.action] == [no(run)]


def test_a_forged_yes_of_whoever_asked_is_refused(careful_reader: Reader, careful: Newsroom, run: str) -> None:
    """The button is a courtesy, the refusal is not."""
    fields = question(careful_reader, run).form(no(run)).fields
    page = careful_reader.send("POST", yes(run), fields)
    assert page.status == 409
    assert "another person must approve" in page.words
    assert decided(careful, run) is None


def test_only_approvers_decide(careful: Newsroom, run: str) -> None:
    """Somebody else looks at the question, and is told who may."""
    reader = signed_in(careful, BOB)
    fields = question(reader, run).form(yes(run)).fields
    reader.console.sign_in = Looking(reader.console.sign_in)
    page = question(reader, run)
    assert "What it would do" in page.words
    assert "ApiApprovers" in page.words
    assert not [each for each in page.forms if run in each.action]
    assert reader.send("POST", yes(run), fields).status == 403
    assert decided(careful, run) is None


@pytest.mark.parametrize("plan", ["0" * 64, "", "0", None])
def test_a_yes_to_another_plan_decides_nothing(bob: Reader, careful: Newsroom, run: str, plan: str | None) -> None:
    """The page that comes has the question as it stands now; what was typed stays."""
    fields = {**question(bob, run).form(yes(run)).fields, "plan": plan, "reason": "go"}
    page = bob.send("POST", yes(run), {name: text for name, text in fields.items() if text is not None})
    assert page.status == 409
    assert "The plan is another one now" in page.words
    assert dict(page.form(yes(run)).fields) == {**question(bob, run).form(yes(run)).fields, "reason": "go"}
    assert decided(careful, run) is None


def test_the_beginning_of_a_hash_is_not_enough(bob: Reader, careful: Newsroom, run: str) -> None:
    """The page has the whole one; a short one may be of several plans."""
    fields = question(bob, run).form(yes(run)).fields
    assert bob.send("POST", yes(run), {**fields, "plan": fields["plan"][:1]}).status == 409
    assert decided(careful, run) is None


def test_who_comes_too_late_sees_what_was_decided(bob: Reader, careful: Newsroom, run: str) -> None:
    """By whom, and why; and no button any more."""
    fields = question(bob, run).form(yes(run)).fields
    carla = signed_in(careful, CARLA)
    carla.send("POST", no(run), {**question(carla, run).form(yes(run)).fields, "reason": "<b>no</b>"})
    page = bob.send("POST", yes(run), fields)
    assert page.status == 409
    assert "It was declined by carla" in page.words
    assert "<b>no</b>" in page.words
    assert not [each for each in page.forms if run in each.action]


def test_after_its_time_there_is_nothing_to_decide(bob: Reader, careful: Newsroom, run: str) -> None:
    """It counts as declined, and the page says so."""
    fields = question(bob, run).form(yes(run)).fields
    careful.house.crew.installation.clock.sleep(timedelta(hours=1).total_seconds())
    page = bob.send("POST", yes(run), fields)
    assert page.status == 409
    assert "counts as declined" in question(bob, run).words
    assert decided(careful, run) is None


def test_a_run_that_was_asked_to_stop_asks_no_more(bob: Reader, careful: Newsroom, run: str) -> None:
    """The question stands until its deadline; the page says that it decides nothing."""
    from nightcrew.admission.cancelling import cancel

    fields = question(bob, run).form(yes(run)).fields
    installation = careful.house.crew.installation
    cancel(installation.store, run, by=ADA, reason="x", now=installation.clock.now())
    page = bob.send("POST", yes(run), fields)
    assert page.status == 409
    assert "asked to stop" in page.words
    assert decided(careful, run) is None


@pytest.fixture
def moving(house: House, tmp_path: Path) -> Newsroom:
    """A room whose only runbook may lose data, and does what it found."""

    def hides(run: Run, queue: Queue) -> str:
        found = run.read("how long they are hidden", settings(queue))
        longer = int(found["Attributes"]["VisibilityTimeout"]) + 1
        run.change("hide them longer", hide_for(queue, longer))
        run.prove("it is so", settings(queue), lambda answer: answer["Attributes"]["VisibilityTimeout"] == str(longer))
        return "hidden"

    return Newsroom.of(on_call(house, hides, risk="data-loss"), tmp_path)


def hiding(room: Newsroom, name: str) -> str:
    queue = a_queue(room.house, name)
    told = room.door.person("hides", {"queue": queue}, actor=ADA, account=HOME.account, region=HOME.region)
    assert told.run is not None
    room.until_it_asks(told.run)
    return told.run


def test_where_data_may_be_lost_two_people_agree(moving: Newsroom) -> None:
    """The first one, twice, is one of them, and sees that another one must."""
    run = hiding(moving, "console-two")
    first, second = signed_in(moving, BOB), signed_in(moving, CARLA)
    fields = question(first, run).form(yes(run)).fields
    for _ in range(2):
        sent = first.send("POST", yes(run), fields)
        assert "?said=approved-half." in sent.headers["location"]
    assert "You approved it already" in question(first, run).words
    page = question(second, run)
    assert "2 people must approve; bob did" in page.words
    assert "Data may be lost" in page.words
    assert second.submit(page, yes(run)).status == 200
    moving.carry(run)
    assert outcome(moving, run) == "succeeded"


def test_a_plan_that_moved_is_asked_about_again(moving: Newsroom) -> None:
    """What was agreed to is not what would be done now: the page says what changed, and the old one is no yes."""
    run = hiding(moving, "console-moved")
    first, second = signed_in(moving, BOB), signed_in(moving, CARLA)
    old, others = (question(reader, run).form(yes(run)).fields for reader in (first, second))
    moving.house.crew.client("sqs").set_queue_attributes(
        QueueUrl=url("console-moved"), Attributes={"VisibilityTimeout": "77"}
    )
    first.send("POST", yes(run), old)
    second.send("POST", yes(run), others)
    moving.until_it_asks(run)
    page = first.send("POST", yes(run), old)
    assert page.status == 409
    assert "What changed since people looked at it" in page.words
    assert "78" in page.words
    assert page.form(yes(run)).fields["plan"] != old["plan"]
    assert decided(moving, run) is None


def test_a_run_that_asks_nothing_is_no_page(bob: Reader) -> None:
    """Nor is one that there is not."""
    assert question(bob, "20261121-030004-k3f9qa2m").status == 404


def test_the_list_leads_to_each_question(bob: Reader, careful: Newsroom, run: str) -> None:
    """And is empty when nothing waits."""
    page = bob.open("/console/approvals")
    assert page.links[RUNBOOK] == f"/console/approvals/{run}"
    desk = Desk(careful.door, Person(CARLA, frozenset(Right)), HOME, careful.files)
    asked = find(careful.house.crew.store, run)
    assert asked is not None
    approve(desk, run, plan=asked.hash)
    assert "Nothing waits" in bob.open("/console/approvals").words


def test_a_page_that_was_sent_leads_back_to_the_question(bob: Reader, run: str) -> None:
    """Whoever opens its address anew."""
    assert bob.open(yes(run)).path == bob.open(no(run)).path == f"/console/approvals/{run}"
