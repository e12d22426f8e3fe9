"""The sweep, each minute: dead runs, follow-ups that are due, and second tries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.follow_ups import TELL, Due, find, keep, listed
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.halting import lift_halt, set_halt
from nightcrew.clock import SkippingClock, stamp
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.sweep import Swept, sweep
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece
from tests.engine.shift import ADA, Shift, policy
from tests.house import House
from tests.queues import Queue, hide_for, lock_of, settings

MINUTE = timedelta(minutes=1)
Event = Callable[[str], dict[str, Any]]


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait("a while", timedelta(minutes=10))
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


@pytest.fixture
def shift(house: House) -> Shift:
    """Nothing is due."""
    return Shift.build(house, remedy)


def swept(shift: Shift, state: str | None = "ALARM", dispatcher: Dispatcher | None = None) -> Swept:
    """Sweep, while each alarm says this."""
    return sweep(dispatcher or shift.crew.dispatcher, lambda arn, name: state)


def follow_up(shift: Shift, *, by: str = "person", actor: str = ADA, after: timedelta = MINUTE) -> Due:
    """One on the shift's queue."""
    resource = lock_of(shift.queue)["key"].removeprefix("res#")
    what = {"title": "put it back", "parameters": {"queue": shift.queue}, "resource": resource, "run": "r-1", "by": by}
    due = Due(f"r-1#{shift.queue}", "later", shift.now() + after, "remedy", actor, what)
    keep(shift.crew.store, due)
    return due


# --- dead runs


def test_a_run_that_nobody_carries_on_is_closed_once_its_lease_has_ended(shift: Shift) -> None:
    """A minute after that, not before; people are told."""
    run = shift.by_hand()
    shift.on(run)
    lease = shift.crew.store.get("state", lock_of(shift.queue)) or {}
    assert run not in swept(shift).closed
    assert lease["owner"] == run
    shift.pass_time(76 * 60 + 30)
    assert run in swept(shift).closed
    closing = shift.house.closing(run)
    assert closing["outcome"] == "failed"
    assert closing["words"] == "abandoned: its lease ended, and nobody closed it"
    assert closing["not_undone"] == [{"title": "set it", "words": "abandoned"}]
    told = [what for kind, what in shift.news if kind in {"closed", "failed"} and what["run"] == run]
    assert [what["outcome"] for what in told] == ["failed"]
    assert run not in swept(shift).closed


def test_people_learn_of_a_dead_run_that_somebody_else_found_and_closed(shift: Shift) -> None:
    """Who asked for its resource was on the way to something else; the sweep tells, and once."""
    dead = shift.by_hand()
    shift.on(dead)
    shift.pass_time(80 * 60)
    shift.by_hand()
    assert shift.house.closing(dead)["words"] == "abandoned: its lease ended, and another run asked for the resource"
    assert [what for _, what in shift.news if what.get("run") == dead and "outcome" in what] == []
    swept(shift)
    swept(shift)
    told = [(kind, what["outcome"]) for kind, what in shift.news if what.get("run") == dead and "outcome" in what]
    assert told == [("failed", "failed")]


def test_news_of_a_dead_run_that_could_not_be_sent_are_sent_by_the_next_sweep(shift: Shift) -> None:
    """For a day; then it is taken off the list."""
    dead = shift.by_hand()
    shift.on(dead)
    shift.pass_time(80 * 60)

    def silent(kind: str, what: Mapping[str, Any]) -> None:
        raise OSError(f"no topic for {kind}, {len(what)}")

    away = replace(shift.crew.dispatcher, installation=replace(shift.crew.installation, news=silent))
    swept(shift, dispatcher=away)
    swept(shift, dispatcher=away)
    swept(shift)
    assert [kind for kind, what in shift.news if what.get("run") == dead and "outcome" in what] == ["failed"]
    assert listed(shift.crew.store, TELL) == []


def test_a_run_that_wakes_after_the_sweep_changes_nothing_more(shift: Shift) -> None:
    """It finds its closing entry, and ends as that says."""
    run = shift.by_hand()
    shift.on(run)
    shift.pass_time(80 * 60)
    swept(shift)
    before = shift.house.scripted.changes()
    assert shift.through(run)["outcome"] == "failed"
    assert shift.house.scripted.changes() == before


# --- follow-ups


def test_a_follow_up_starts_when_it_is_due_through_the_gates(shift: Shift) -> None:
    """As a run of its own, which says whose follow-up it is."""
    due = follow_up(shift)
    assert swept(shift).started == ()
    shift.pass_time(60)
    (answer,) = swept(shift).started
    assert answer.run is not None
    assert (answer.kind, answer.words) == ("admitted", "follow-up of run r-1: put it back")
    assert find(shift.crew.store, due.name) is None
    assert swept(shift).started == ()
    assert shift.through(answer.run)["outcome"] == "succeeded"


def test_a_follow_up_that_a_gate_refuses_is_tried_once_more_and_then_told(shift: Shift) -> None:
    """When the gate ends by itself; the second refusal is for people."""
    follow_up(shift)
    run = shift.by_hand()
    shift.on(run)
    shift.pass_time(60)
    (answer,) = swept(shift).started
    assert (answer.kind, answer.gate) == ("refused", "lock")
    (kept,) = listed(shift.crew.store)
    assert kept.due == answer.until
    assert "refused" not in shift.kinds()
    until = stamp(shift.now() + timedelta(hours=9))
    lock = Piece(table="state", key=lock_of(shift.queue), gate="test", sets={"owner": "run-x", "lease": until})
    shift.crew.store.transact([lock])
    shift.pass_time(80 * 60)
    (answer,) = swept(shift).started
    assert answer.kind == "refused"
    assert listed(shift.crew.store) == []
    told = [what for kind, what in shift.news if kind == "refused"]
    assert [(what["gate"], what["runbook"]) for what in told] == [("lock", "remedy")]


def test_a_follow_up_that_only_a_person_can_free_is_told_at_once(shift: Shift) -> None:
    """A halt has no end of its own."""
    follow_up(shift)
    shift.pass_time(60)
    set_halt(shift.crew.store, "all", by="ada", reason="stop", now=shift.now())
    try:
        (answer,) = swept(shift).started
    finally:
        lift_halt(shift.crew.store, "all")
    assert answer.gate == "halt"
    assert [what["gate"] for kind, what in shift.news if kind == "refused"] == ["halt"]


@pytest.mark.parametrize(("by", "kind"), [("person", "admitted"), ("alarm", "refused")])
def test_whose_follow_up_it_is_decides_whether_policy_must_let_it_run_by_itself(
    house: House, shift: Shift, by: str, kind: str
) -> None:
    """What an alarm's run keeps for later runs by itself."""
    watching = Shift.build(house, remedy, level="observe")
    follow_up(watching, by=by)
    watching.pass_time(60)
    (answer,) = swept(watching).started
    assert answer.kind == kind


def test_a_follow_up_of_a_runbook_that_is_gone_is_dropped_and_told(shift: Shift) -> None:
    """A version without it was deployed meanwhile."""
    due = follow_up(shift)
    shift.crew.store.transact(
        [Piece(table="state", key={"key": f"due#{due.name}"}, gate="test", sets={"runbook": "gone"})]
    )
    shift.pass_time(60)
    assert swept(shift).dropped == (due.name,)
    assert [what["gate"] for kind, what in shift.news if kind == "refused"] == ["follow-up"]
    assert listed(shift.crew.store) == []


def test_a_follow_up_whose_sweep_dies_after_the_start_is_started_once(shift: Shift) -> None:
    """The next sweep finds the run that was admitted."""
    follow_up(shift)
    shift.pass_time(60)

    def dies(run: str) -> None:
        raise KeyboardInterrupt(run)

    with pytest.raises(KeyboardInterrupt) as died:
        swept(shift, dispatcher=replace(shift.crew.dispatcher, start=dies))
    run = str(died.value)
    (answer,) = swept(shift).started
    assert answer.run == run
    assert listed(shift.crew.store) == []
    assert shift.through(run)["outcome"] == "succeeded"


@pytest.mark.parametrize("error", [Conflict("others"), Unreachable("no answer")])
def test_what_cannot_be_done_now_is_done_by_the_next_sweep(shift: Shift, error: Exception) -> None:
    """And does not stop what else is due."""
    due = follow_up(shift)
    other = replace(due, name=f"{due.name}-2", due=due.due + timedelta(seconds=1), runbook="gone")
    keep(shift.crew.store, other)
    shift.pass_time(62)

    def away(run: str) -> None:
        raise error

    assert swept(shift, dispatcher=replace(shift.crew.dispatcher, start=away)).dropped == (other.name,)
    (answer,) = swept(shift).started
    assert answer.kind == "admitted"


# --- second tries


@pytest.fixture
def refused(shift: Shift, event: Event) -> tuple[Shift, dict[str, Any]]:
    """An alarm that the lock refused: a run by hand has the queue."""
    blocker = shift.by_hand()
    shift.on(blocker)
    sent = shift.event(event("ec2-status-check"))
    assert shift.fires(sent).gate == "lock"
    shift.through(blocker)
    return shift, sent


def until_due(shift: Shift) -> None:
    """Let time pass until what is kept is due."""
    (due,) = listed(shift.crew.store, "retry")
    shift.pass_time((due.due - shift.now()).total_seconds())


def test_a_refused_alarm_is_tried_once_more_when_its_gate_ends(refused: tuple[Shift, dict[str, Any]]) -> None:
    """If it is in ALARM still. As an alarm's run, for the same symptom."""
    shift, sent = refused
    assert swept(shift).started == ()
    until_due(shift)
    (answer,) = swept(shift).started
    assert answer.run is not None, answer
    opening = shift.house.entries(answer.run)[0].body
    assert (opening["by"], opening["alarm"]["name"]) == ("alarm", sent["detail"]["alarmName"])
    assert opening["why"].startswith("second try: lock refused it at ")
    assert opening["alarm"]["claim"].endswith("#2")
    assert swept(shift).started == ()
    assert shift.fires(sent).gate == "claim", "the event itself, delivered again, starts nothing"
    assert shift.through(answer.run)["outcome"] == "cured"


def test_a_second_try_whose_sweep_died_before_the_start_is_started_though_the_alarm_is_ok_by_then(
    refused: tuple[Shift, dict[str, Any]],
) -> None:
    """It was admitted, and has the resource: left alone it would keep that until its lease ends."""
    shift, _ = refused
    until_due(shift)

    def dies(run: str) -> None:
        raise KeyboardInterrupt(run)

    with pytest.raises(KeyboardInterrupt) as died:
        swept(shift, dispatcher=replace(shift.crew.dispatcher, start=dies))
    (answer,) = swept(shift, "OK").started
    assert answer.run == str(died.value)
    assert shift.through(answer.run)["outcome"] == "cured"


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA", None])
def test_an_alarm_that_is_in_alarm_no_more_is_dropped(refused: tuple[Shift, dict[str, Any]], state: str | None) -> None:
    """Nothing is to be done."""
    shift, _ = refused
    until_due(shift)
    result = swept(shift, state)
    assert (len(result.dropped), result.started) == (1, ())
    assert listed(shift.crew.store, "retry") == []


def test_who_is_refused_again_is_told_to_people(refused: tuple[Shift, dict[str, Any]]) -> None:
    """There is no third try."""
    shift, sent = refused
    until_due(shift)
    shift.on(shift.by_hand())
    (answer,) = swept(shift).started
    assert (answer.kind, answer.gate) == ("refused", "lock")
    assert listed(shift.crew.store, "retry") == []
    (told,) = [what for kind, what in shift.news if kind == "refused"]
    assert (told["gate"], told["alarm"]) == ("lock", sent["detail"]["alarmName"])


def test_a_refusal_whose_intake_died_before_its_second_try_was_kept_is_followed_up(house: House, event: Event) -> None:
    """The refusal stands by then. The event comes again, and its second try is kept."""

    class Mortal(MemoryStore):
        dies = False

        def transact(self, pieces: Sequence[Piece]) -> None:
            if self.dies and any(piece.gate == "follow-up" for piece in pieces):
                raise KeyboardInterrupt
            super().transact(pieces)

    store, made = Mortal(), house.crew.installation
    kept = House.build(house.crew.clients, house.scripted, made.catalog, made.policy, SkippingClock(), store)
    shift = Shift.build(kept, remedy)
    shift.on(shift.by_hand())
    sent = shift.event(event("ec2-status-check"))
    store.dies = True
    with pytest.raises(KeyboardInterrupt):
        shift.crew.dispatcher.event(sent)
    store.dies = False
    assert listed(store, "retry") == []
    assert shift.fires(sent).gate == "lock"
    assert len(listed(store, "retry")) == 1


def test_a_second_try_may_do_no_more_than_the_first(house: House, shift: Shift, event: Event) -> None:
    """The alarm's own tag said suggest: a freeze in between does not make it more."""
    sent = shift.event(event("ec2-status-check"))
    installation = shift.crew.installation
    day = stamp(shift.now() + timedelta(hours=1))[:16]
    freeze = Freeze(0, "the sale", "2020-01-01T00:00", day)
    frozen = replace(installation, policy=replace(installation.policy, freezes=(freeze,)))
    limited = replace(shift.crew.dispatcher, installation=frozen)
    signal_tags = {"nightcrew:autonomy": "suggest"}
    sent["detail"] |= {"alarmTags": signal_tags, "alarmTagsStatus": "SUCCESS"}
    matched = limited.event(sent)
    assert matched.gate == "freeze", matched
    until_due(shift)
    (answer,) = swept(shift).started
    assert (answer.kind, answer.gate) == ("refused", "autonomy")
    assert "suggest" in str(answer.figures["autonomy"])


def test_a_second_try_may_do_no_more_though_policy_allows_more_by_now(shift: Shift, event: Event) -> None:
    """It let the first one only suggest; what is due carries that along."""
    sent = shift.event(event("ec2-status-check"))
    freeze = Freeze(0, "the sale", "2020-01-01T00:00", stamp(shift.now() + timedelta(hours=1))[:16])
    stricter = replace(policy("suggest", queue=shift.queue), freezes=(freeze,))
    before = replace(shift.crew.dispatcher, installation=replace(shift.crew.installation, policy=stricter))
    assert before.event(sent).gate == "freeze"
    until_due(shift)
    (answer,) = swept(shift).started
    assert (answer.kind, answer.gate) == ("refused", "autonomy")


def test_the_second_try_of_an_alarm_that_flapped_is_no_change_of_its_state(
    house: House, event: Event, shift: Shift
) -> None:
    """It would else be refused by itself, for ever one too many."""
    calm = Shift.build(house, remedy, more="flap_changes: 4")
    sent = calm.event(event("ec2-status-check"))
    for _ in range(2):
        calm.crew.dispatcher.event(sent)
        calm.turns_ok(sent)
        calm.pass_time(1)
        sent["detail"]["state"]["timestamp"] = sent["time"] = stamp(calm.now())
        lock = Piece(table="state", key=lock_of(calm.queue), gate="test", removes=("owner", "open", "lease"))
        calm.crew.store.transact([lock])
    assert calm.fires(sent).gate == "flap"
    until_due(calm)
    (answer,) = swept(calm).started
    assert answer.kind == "admitted", answer
