"""Break-glass: a person runs it here, while the ledger is out of reach."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from nightcrew import Run
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock, stamp
from nightcrew.dispatch.break_glass import make_directory, refuse_what_needs_others
from nightcrew.dispatch.out_of_reach import in_the_way, trouble
from nightcrew.errors import Refused, Unreachable
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store, Tables, client_config
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.verify import verify
from tests.dispatch.glass import ADA, WHY, Laptop, declared, hidden, longer, nowhere, queue_of
from tests.queues import Queue, hide_for, settings

ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=1)


class Died(BaseException):
    """The process ends in the middle of a step."""


@pytest.fixture
def laptop(tmp_path: Path, clients: ClientMaker, auto_policy: Policy) -> Laptop:
    return Laptop(tmp_path, clients, auto_policy, declared(longer))


def test_a_run_is_made_here_and_its_opening_tells_why_by_whom_and_what_was_not_asked(
    laptop: Laptop, clients: ClientMaker
) -> None:
    """And the mark is covered by the chain; its symptom carries it into the indexes."""
    queue = queue_of(clients, "glass-marked")
    run, ended = laptop.ran(queue)
    assert ended.result["outcome"] == "succeeded"
    assert hidden(clients, queue) == 90
    first, *_, last = laptop.entries(run)
    assert first.body["break_glass"] == {
        "reason": "the Region is down",
        "by": ADA,
        "verified": True,
        "trouble": "no connection",
        "not_asked": ["halts", "locks of other runs", "cool-down", "chain", "breaker", "budgets"],
        "plan": "ab12",
    }
    assert (first.body["by"], first.body["actor"], first.body["symptom"]) == ("person", ADA, "break-glass:longer")
    assert last.body["symptom"] == "break-glass:longer"
    touched = {**first.to_item(), "body": first.text.replace("the Region is down", "I felt like it")}
    assert verify([touched, *laptop.entries(run)[1:]])
    assert not verify(laptop.entries(run))


def test_people_are_told_as_of_any_run(laptop: Laptop, clients: ClientMaker) -> None:
    """Each piece says that it is break-glass, and why; the first, that the resource is to be left alone."""
    laptop.ran(queue_of(clients, "glass-told"))
    assert [kind for kind, _ in laptop.told] == ["opened", "closed"]
    assert {what["break_glass"] for _, what in laptop.told} == {"the Region is down"}
    assert "leave the resource alone" in laptop.told[0][1]["words"]
    assert laptop.told[1][1]["words"] == "set"


def test_what_a_killed_process_left_is_carried_on_from_the_disk(laptop: Laptop, clients: ClientMaker) -> None:
    """It died between a change's entry and its call: nothing is made twice without the ledger saying so."""
    queue = queue_of(clients, "glass-killed")

    def dies(kind: str, what: Mapping[str, Any]) -> None:
        if kind == "change" and what["title"] == "set it again":
            raise Died

    dying = replace(laptop, watch=dies)
    crew = dying.crew()
    run = str(dying.start(queue, crew=crew).run)
    with pytest.raises(Died):
        crew.engine.drive(run)
    assert hidden(clients, queue) == 60
    other = laptop.crew()
    assert other.journal.unfinished() == [run]
    assert other.engine.drive(run).result["outcome"] == "succeeded"
    chain = laptop.entries(run)
    assert [entry.kind for entry in chain] == ["opening", "change", "change", "closing"]
    how = [fact["how"] for entry in chain for fact in entry.body.get("facts", ()) if "changed" in fact]
    assert how == ["once", "repeated"]
    assert not verify(chain)


def test_a_second_run_on_the_resource_is_refused_by_the_lock_of_this_machine(
    laptop: Laptop, clients: ClientMaker
) -> None:
    """By another process, while the first has not ended."""
    queue = queue_of(clients, "glass-locked")
    first = laptop.start(queue)
    second = laptop.start(queue)
    assert (second.kind, second.gate, second.figures["run"]) == ("refused", "lock", first.run)


def test_the_cool_down_holds_for_what_was_done_here(laptop: Laptop, clients: ClientMaker) -> None:
    queue = queue_of(clients, "glass-cool")
    laptop.ran(queue)
    assert laptop.start(queue).gate == "cool-down"


def test_a_freeze_of_policy_holds_and_a_calendar_that_cannot_be_asked_does_not(
    laptop: Laptop, clients: ClientMaker
) -> None:
    """The opening entry names the calendars, too."""
    queue = queue_of(clients, "glass-frozen")
    window = "freezes:\n  - {name: year end, from: 2020-01-01T00:00, to: 2099-01-01T00:00, zone: UTC}\n"
    assert replace(laptop, policy=load(window)).start(queue).gate == "freeze"
    calendar = "freezes:\n  - {name: company, calendar: company-freezes}\n"
    answer = replace(laptop, policy=load(calendar)).start(queue)
    assert answer.kind == "admitted"
    assert "change calendars" in laptop.entries(str(answer.run))[0].body["break_glass"]["not_asked"]


def test_where_policy_wants_an_approval_the_callers_own_confirmation_stands_in_and_that_is_kept(
    laptop: Laptop, clients: ClientMaker
) -> None:
    careful = replace(laptop, policy=load("rules:\n  - {when: {family: restart}, autonomy: approve}\n"))
    run, ended = careful.ran(queue_of(clients, "glass-approve"))
    assert ended.result["outcome"] == "succeeded"
    assert "policy wants it (rules[0]" in laptop.entries(run)[0].body["break_glass"]["approval"]


def test_what_asks_for_an_approval_on_its_way_is_declined_at_once(laptop: Laptop, clients: ClientMaker) -> None:
    """Nobody else can be asked; what was done before is taken back."""

    def asks(run: Run, queue: Queue) -> str:
        """Asks in the middle."""
        run.change("set it", hide_for(queue, 60), undo=hide_for(queue, 31))
        run.approve("is that so?")
        return "never"

    queue = queue_of(clients, "glass-asks")
    asking = replace(laptop, book=declared(asks))
    before = asking.clock.now()
    run, ended = asking.ran(queue)
    assert ended.result["outcome"] == "declined"
    assert "under break-glass nobody else can be asked" in ended.result["words"]
    assert asking.clock.now() - before < timedelta(minutes=1)
    assert "approval wanted" not in [kind for kind, _ in asking.told]
    assert laptop.entries(run)[-1].kind == "closing"


def test_a_declared_secret_is_in_neither_file(laptop: Laptop, clients: ClientMaker) -> None:
    """Redacted as in the ledger, in the journal as well."""

    def hides(run: Run, queue: Queue) -> str:
        """Sets a value that nobody may read."""
        run.change("set it", hide_for(queue, 4321))
        run.read("look", settings(queue))
        return "done"

    secretive = replace(laptop, book=declared(hides, secret=["VisibilityTimeout"]))
    secretive.ran(queue_of(clients, "glass-secret"))
    kept = b"".join(each.read_bytes() for each in laptop.directory.iterdir())
    assert b"redacted" in kept
    assert b"4321" not in kept


def test_the_files_are_nobody_elses_to_read(tmp_path: Path, laptop: Laptop, clients: ClientMaker) -> None:
    mine = tmp_path / "state" / "break-glass"
    make_directory(mine)
    replace(laptop, directory=mine).ran(queue_of(clients, "glass-modes"))
    assert mine.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in mine.iterdir()} == {0o600}


def test_no_connection_is_trouble() -> None:
    """Told in the words that go into the opening entry."""
    store = Store(nowhere()("dynamodb", ONCE))
    assert "nightcrew-state: no connection" in trouble(store)


def test_where_the_ledger_answers_there_is_no_glass_to_break(clients: ClientMaker) -> None:
    with pytest.raises(Refused, match="the ledger answers") as refused:
        trouble(Store(clients("dynamodb", client_config())))
    assert refused.value.gate == "break-glass"


def test_a_wrong_table_name_is_no_outage(clients: ClientMaker) -> None:
    """DynamoDB answers: a slip, or missing rights, must not open a way round the gates."""
    with pytest.raises(Refused, match="no such table"):
        trouble(Store(clients("dynamodb", client_config()), Tables("no-such-ledger", "no-such-state")))


def test_no_credentials_are_no_outage(clients: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    from nightcrew.aws.clients import Clients

    with pytest.raises(Unreachable, match="no usable credentials"):
        trouble(Store(Clients("eu-west-1")("dynamodb", ONCE)))


def test_what_two_others_must_agree_to_is_refused(laptop: Laptop) -> None:
    """Risk data-loss: before anything is asked of AWS."""
    refuse_what_needs_others(laptop.book)
    with pytest.raises(Refused, match="data-loss"):
        refuse_what_needs_others(declared(longer, risk="data-loss"))


@pytest.mark.parametrize(("how", "words"), [("irreversible", "cannot be taken back"), ("asks", "approval")])
def test_a_plan_that_needs_another_person_is_refused(
    laptop: Laptop, clients: ClientMaker, how: str, words: str
) -> None:
    from nightcrew.authoring.plan import plan
    from nightcrew.aws.cloud import Cloud

    def needs(run: Run, queue: Queue) -> str:
        """Needs somebody."""
        if how == "asks":
            run.approve("is that so?")
        run.change("set it", hide_for(queue, 60), irreversible=how == "irreversible")
        return "done"

    book = declared(needs)
    made = plan(book, {"queue": "any"}, "arn", Cloud(cache(clients), book.permissions, "needs"), laptop.clock)
    with pytest.raises(Refused, match=words):
        refuse_what_needs_others(book, made)


def test_a_run_that_took_the_resource_by_the_ledger_is_in_the_way() -> None:
    """When it answers again before a run here has ended; its own, and a dead one, are not."""
    store, now = MemoryStore(), SkippingClock().now()

    def taken(owner: str, hours: int) -> None:
        sets = {"owner": owner, "lease": stamp(now + timedelta(hours=hours))}
        store.transact([Piece(table="state", key={"key": "res#arn"}, gate="test", sets=sets)])

    assert in_the_way(store, "arn", "mine", now) is None
    taken("other", 1)
    refusal = in_the_way(store, "arn", "mine", now)
    assert refusal is not None
    assert refusal.run == "other"
    assert in_the_way(store, "arn", "other", now) is None
    taken("other", -1)
    assert in_the_way(store, "arn", "mine", now) is None


def test_a_clock_that_is_off_stands_in_the_opening(laptop: Laptop, clients: ClientMaker) -> None:
    run = str(laptop.start(queue_of(clients, "glass-clock"), replace(WHY, clock_off=-45)).run)
    assert laptop.entries(run)[0].body["break_glass"]["clock_off"] == -45
