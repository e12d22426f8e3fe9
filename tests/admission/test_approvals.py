"""Approvals: who may decide, when, and about what."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.approvals import ApprovalDesk, Decided, decide, find, waiting
from nightcrew.admission.cancelling import cancel
from nightcrew.admission.closing import close
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import BadInput, Conflict, Refused, Unknown
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import PAGE, Store
from nightcrew.ledger.transaction import Piece
from tests.admission.conftest import Make

PLAN = "0123456789abcdef" * 4
Asking = Callable[..., Request]
Deciding = Callable[..., Decided]


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    """The news."""
    return []


def callback_of(request: Request, round_: int = 1) -> str:
    """Where its answer goes: each round has its own."""
    return f"callback {round_} of {request.run}"


@pytest.fixture
def asking(ask: Make, store: Store, clock: StoppedClock, told: list[tuple[str, dict[str, Any]]]) -> Asking:
    """A run of ada's that waits for an approval, half an hour."""

    def make(*, wanted: int = 1, request: Request | None = None, round_: int = 1, **more: Any) -> Request:
        if request is None:
            request = ask()
            admit(request, store, clock)

        def tell(kind: str, what: Mapping[str, Any]) -> None:
            told.append((kind, dict(what)))

        deadline = stamp(clock.now() + timedelta(minutes=30))
        question = {"title": "approve the plan", "hash": PLAN, "lines": [], "wanted": wanted, "deadline": deadline}
        ApprovalDesk(request, store, clock, tell).ask(callback_of(request, round_), {**question, **more})
        return request

    return make


@pytest.fixture
def by(store: Store, clock: StoppedClock) -> Deciding:
    """Decide, now."""

    def one(run: Request, who: str, *, approve: bool = True, **more: Any) -> Decided:
        return decide(store, run.run, by=who, approve=approve, now=clock.now(), **more)

    return one


def test_another_person_approves_and_the_run_is_answered(asking: Asking, by: Deciding, clock: StoppedClock) -> None:
    """With who, when, and which plan."""
    run = asking()
    decided = by(run, "bob", reason="looks right")
    assert decided.callback == callback_of(run)
    assert decided.value == {
        "decision": "approved",
        "by": ["bob"],
        "hash": PLAN,
        "reason": "looks right",
        "at": stamp(clock.now()),
    }


def test_the_requester_cannot_approve_but_may_decline(asking: Asking, by: Deciding) -> None:
    """Two people agree, or none."""
    run = asking()
    with pytest.raises(Refused, match="ada asked for it: another person must approve"):
        by(run, "ada")
    assert by(run, "ada", approve=False).value["decision"] == "declined"


def test_where_data_can_be_lost_two_different_people_approve(asking: Asking, by: Deciding, store: Store) -> None:
    """The first answers nothing yet, and cannot be the second as well."""
    run = asking(wanted=2)
    assert by(run, "bob").callback is None
    with pytest.raises(Refused, match="bob approved it already"):
        by(run, "bob")
    with pytest.raises(Refused, match="ada asked for it"):
        by(run, "ada")
    asked = find(store, run.run)
    assert asked is not None
    assert (asked.approvers, asked.decided) == (("bob",), None)
    decided = by(run, "cyd")
    assert decided.callback is not None
    assert decided.value["by"] == ["bob", "cyd"]


ADA_AS_LEAD = "arn:aws:sts::123456789012:assumed-role/leads/ada@example.com"
BOB, BOB_SIGNED_IN = "arn:aws:iam::123456789012:user/bob", "oidc:https://login.example.com:Bob@example.com"


def test_the_requester_cannot_approve_by_another_name_of_theirs(asking: Asking, by: Deciding) -> None:
    """In another role, they are still who asked; to decline they may."""
    run = asking()
    with pytest.raises(Refused, match=f"ada, who counts as the same person as {ADA_AS_LEAD}, asked for it"):
        by(run, ADA_AS_LEAD)
    assert by(run, ADA_AS_LEAD, approve=False).value["decision"] == "declined"


def test_two_names_of_one_person_are_not_the_two_who_must_approve(asking: Asking, by: Deciding) -> None:
    """Where data can be lost, a third one is asked."""
    run = asking(wanted=2)
    assert by(run, BOB).callback is None
    with pytest.raises(Refused, match=r"same person as oidc:.*, approved it already"):
        by(run, BOB_SIGNED_IN)
    assert by(run, "cyd").callback is not None


def test_who_cannot_be_told_from_the_first_is_told_what_to_do(asking: Asking, by: Deciding) -> None:
    """Sessions that nobody named could be one person's."""
    run, unnamed = asking(wanted=2), "arn:aws:sts::123456789012:assumed-role/leads/botocore-session-176378040"
    by(run, f"{unnamed}1")
    with pytest.raises(Refused, match="set role_session_name"):
        by(run, f"{unnamed}2")


@pytest.mark.parametrize("people", [[BOB, BOB_SIGNED_IN], [ADA_AS_LEAD, BOB]])
def test_a_run_counts_people_and_not_their_names(
    asking: Asking, store: Store, clock: StoppedClock, people: list[str]
) -> None:
    """It goes by its own count, whoever wrote the decision."""
    run = asking(wanted=2)
    decided = {"decision": "approved", "by": people, "hash": PLAN}
    key = {"key": f"approval#{run.run}"}
    store.transact([Piece(table="state", key=key, gate="test", sets={"decided": decided})])
    desk = ApprovalDesk(run, store, clock, lambda kind, what: None)
    assert desk.decision(PLAN) is None


def test_one_person_is_enough_to_decline(asking: Asking, by: Deciding) -> None:
    """Also after another one approved."""
    run = asking(wanted=2)
    by(run, "bob")
    decided = by(run, "cyd", approve=False, reason="not tonight")
    assert (decided.callback is not None, decided.value["by"]) == (True, ["cyd"])
    with pytest.raises(Refused, match="was declined already, by cyd"):
        by(run, "dan")


def test_the_same_decision_again_gives_the_same_answer(asking: Asking, by: Deciding, clock: StoppedClock) -> None:
    """The first answer may not have arrived. Another decision, or another person's, is an error."""
    run = asking()
    first = by(run, "bob")
    clock.sleep(60)
    assert by(run, "bob") == first
    for who, approve in (("bob", False), ("cyd", True), ("cyd", False)):
        with pytest.raises(Refused, match="was approved already, by bob"):
            by(run, who, approve=approve)


def test_nobody_decides_when_the_time_is_over(asking: Asking, by: Deciding, clock: StoppedClock) -> None:
    """At its deadline still, after it no more."""
    run, other = asking(), asking()
    clock.sleep(30 * 60)
    by(other, "bob")
    clock.sleep(1)
    with pytest.raises(Refused, match=r"its time was over at 2026-11-21T03:30:00.000Z: the run counts as declined"):
        by(run, "bob")


def test_a_decision_is_about_the_plan_that_was_seen(asking: Asking, by: Deciding) -> None:
    """The beginning of its hash is enough."""
    run = asking()
    with pytest.raises(BadInput, match="0123456789ab"):
        by(run, "bob", plan="fedcba98")
    assert by(run, "bob", plan=PLAN[:8]).callback


def test_a_second_round_takes_the_place_of_the_first_with_its_approvals(
    asking: Asking, by: Deciding, store: Store
) -> None:
    """What was approved was another plan."""
    run = asking(wanted=2)
    by(run, "bob")
    asking(request=run, round_=2, wanted=2, hash="f" * 64, seen=["desired: 3 became 4"])
    asked = find(store, run.run)
    assert asked is not None
    assert (asked.approvers, asked.question["seen"]) == ((), ["desired: 3 became 4"])
    with pytest.raises(BadInput):
        by(run, "cyd", plan=PLAN)


def test_the_same_question_put_again_keeps_its_approvals(asking: Asking, by: Deciding, store: Store) -> None:
    """The run died after it had asked, and asks again when it goes on: somebody may have approved meanwhile."""
    run = asking(wanted=2)
    by(run, "bob")
    asking(request=run, wanted=2)
    asked = find(store, run.run)
    assert asked is not None
    assert asked.approvers == ("bob",)


def test_who_decides_at_the_same_moment_as_another_is_told_to_look_again(
    asking: Asking, by: Deciding, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an approval and a decline at once, one counts."""
    run = asking()
    write = MemoryStore.transact

    def meanwhile(self: MemoryStore, pieces: Any) -> None:
        monkeypatch.setattr(MemoryStore, "transact", write)
        decide(store, run.run, by="cyd", approve=False, now=clock.now())
        write(self, pieces)

    monkeypatch.setattr(MemoryStore, "transact", meanwhile)
    with pytest.raises(Conflict, match="look again"):
        by(run, "bob")
    asked = find(store, run.run)
    assert asked is not None
    assert asked.decided is not None
    assert asked.decided["by"] == ["cyd"]


def test_two_first_approvals_at_once_do_not_make_one_person_two(
    asking: Asking, by: Deciding, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that came second is asked again, and then counts."""
    run = asking(wanted=2)
    write = MemoryStore.transact

    def meanwhile(self: MemoryStore, pieces: Any) -> None:
        monkeypatch.setattr(MemoryStore, "transact", write)
        decide(store, run.run, by="cyd", approve=True, now=clock.now())
        write(self, pieces)

    monkeypatch.setattr(MemoryStore, "transact", meanwhile)
    with pytest.raises(Conflict):
        by(run, "bob")
    assert by(run, "bob").value["by"] == ["bob", "cyd"]


@pytest.mark.parametrize("how", ["closed", "cancelled", "locked by another"])
def test_nobody_decides_for_a_run_that_asks_no_more(
    asking: Asking, by: Deciding, store: Store, clock: StoppedClock, how: str
) -> None:
    """Nor is it among what waits."""
    run = asking()
    assert run.run in {each.run for each in waiting(store, clock.now())}
    if how == "cancelled":
        cancel(store, run.run, by="ada", reason="never mind", now=clock.now())
    elif how == "closed":
        entry = opening(store, run.run)
        assert entry is not None
        close(run, (), "cancelled", "so it ended", {}, Book(store, clock, run.run, 0, entry.hash))
    else:
        store.transact([Piece(table="state", key={"key": run.lock}, gate="test", sets={"owner": "run-x"})])
    assert run.run not in {each.run for each in waiting(store, clock.now())}
    with pytest.raises(Refused, match="asks no more"):
        by(run, "bob")


def test_a_run_that_asks_nothing_cannot_be_approved(store: Store, clock: StoppedClock) -> None:
    """An id that nobody gave."""
    with pytest.raises(Unknown):
        decide(store, "20261121-030000-guessed", by="bob", approve=True, now=clock.now())


def test_what_waits_is_listed_the_nearest_deadline_first_and_past_ones_hide_nothing(
    asking: Asking, by: Deciding, store: Store, clock: StoppedClock
) -> None:
    """Questions that nobody answered in time stay in the table for weeks."""
    clock.sleep(86_400)
    later, decided, sooner = asking(), asking(), asking(deadline=stamp(clock.now() + timedelta(minutes=5)))
    by(decided, "bob")
    past = "2026-01-01T00:00:00.000Z"
    for number in range(PAGE + 1):
        item = {"open": "approval", "lease": past, "owner": f"old-{number}", "key": f"approval#old-{number}"}
        store.transact([Piece(table="state", key={"key": item["key"]}, gate="test", put=item)])
    mine = [each.run for each in waiting(store, clock.now()) if each.run in {later.run, decided.run, sooner.run}]
    assert mine == [sooner.run, later.run]


def test_people_are_told_what_waits_for_them(asking: Asking, told: list[tuple[str, dict[str, Any]]]) -> None:
    """What, by when, and how many must agree."""
    run = asking(wanted=2)
    ((kind, what),) = told
    assert kind == "approval wanted"
    assert (what["run"], what["runbook"], what["resource"]) == (run.run, run.runbook, run.resource)
    assert (what["deadline"], what["wanted"], what["hash"]) == ("2026-11-21T03:30:00.000Z", 2, PLAN)
