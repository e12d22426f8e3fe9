"""The one body: what a runbook may get wrong, and how every run still ends truly told."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.admission.abandon import abandon
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store
from tests.house import House
from tests.queues import lock_of

sqs = calls("sqs")
Queue = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders")]
_names = (f"queue-{number}" for number in itertools.count(1))

READ, CHANGE, TAG = "sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:TagQueue"


def attributes(url: str) -> Any:
    """A read of the queue."""
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])


def timeout(url: str, seconds: int) -> Any:
    """A change that sets an absolute value."""
    return sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})


def has(seconds: int) -> Callable[[Any], bool]:
    """Whether the queue has this time-out."""
    return lambda answer: answer["Attributes"]["VisibilityTimeout"] == str(seconds)


def url_of(name: str) -> str:
    """The queue's address in the embedded cloud."""
    return f"https://sqs.eu-west-1.amazonaws.com/123456789012/{name}"


@pytest.fixture
def queue(house: House) -> str:
    """A queue of this test's own."""
    name = next(_names)
    house.crew.client("sqs").create_queue(QueueName=name)
    return name


Carry = Callable[..., tuple[House, str, dict[str, Any]]]


@pytest.fixture
def carry(clients: ClientMaker, scripted: Scripted, auto_policy: Policy) -> Carry:
    """Declare a function as a runbook, run it by hand, and see how it ended."""

    def carry_out(
        function: Callable[..., Any], queue: str, store: Store | None = None, **declared: Any
    ) -> tuple[House, str, dict[str, Any]]:
        function.__doc__ = function.__doc__ or "A runbook of a test."
        given = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1), "permissions": [READ, CHANGE]}
        made: Runbook = runbook(**{**given, **declared})(function)
        house = House.build(clients, scripted, Catalog([made]), auto_policy, SkippingClock(), store)
        run, ended = house.start(made.name, queue=queue)
        return house, run, ended

    return carry_out


def seen(house: House, queue: str) -> str:
    """The time-out that the queue has in the cloud."""
    answer = house.crew.client("sqs").get_queue_attributes(QueueUrl=url_of(queue), AttributeNames=["VisibilityTimeout"])
    return str(answer["Attributes"]["VisibilityTimeout"])


def test_an_ending_that_a_runbook_swallows_still_ends_it(queue: str, carry: Carry) -> None:
    """Endings are sticky: the next verb raises it again, and nothing is changed."""

    def swallows(run: Run, queue: Queue) -> str:
        with suppress(BaseException):
            run.require("the moon is full", False)
        run.change("go on all the same", timeout(url_of(queue), 99))
        return "well"

    house, _, ended = carry(swallows, queue)
    assert ended["outcome"] == "not_applicable"
    assert house.scripted.changes() == []


def test_a_run_that_required_something_can_be_abandoned(queue: str, carry: Carry) -> None:
    """Whoever finds it dead reads its facts, which hold more than the groups that it took."""

    def waits(run: Run, queue: Queue) -> str:
        run.require("it is night", True)
        run.change("set it", timeout(url_of(queue), 61))
        raise KeyboardInterrupt

    store = MemoryStore()
    with pytest.raises(KeyboardInterrupt):
        carry(waits, queue, store)
    lock = store.get("state", lock_of(queue))
    assert lock is not None
    assert abandon(str(lock["owner"]), store, SkippingClock(), "the test").body["not_undone"] == [
        {"title": "set it", "words": "abandoned"}
    ]


def test_an_ending_that_is_swallowed_at_the_end_still_ends_it(queue: str, carry: Carry) -> None:
    """Where no verb follows, the body raises it."""

    def swallows(run: Run, queue: Queue) -> str:
        with suppress(BaseException):
            run.require("the moon is full", False)
        return "well"

    _, _, ended = carry(swallows, queue)
    assert ended["outcome"] == "not_applicable"
    assert "the moon is full" in ended["words"]


def test_without_a_proof_after_the_last_change_nothing_is_cured(queue: str, carry: Carry) -> None:
    """A proof before the change proves nothing about it."""

    def unproved(run: Run, queue: Queue) -> str:
        run.prove("it is there", attributes(url_of(queue)), has(30))
        run.change("set it", timeout(url_of(queue), 60))
        return "surely well"

    assert carry(unproved, queue)[2]["outcome"] == "ineffective"


def test_undos_run_in_reverse_and_the_first_error_is_told(queue: str, carry: Carry) -> None:
    """The last change is taken back first."""

    def fails(run: Run, queue: Queue) -> str:
        run.change("first", timeout(url_of(queue), 61), undo=timeout(url_of(queue), 30))
        run.change("second", timeout(url_of(queue), 62), undo=timeout(url_of(queue), 61))
        run.require("it is well", False)
        return ""

    house, run, ended = carry(fails, queue)
    assert ended["outcome"] == "failed"
    assert "it is well" in ended["words"]
    assert house.closing(run)["undone"] == ["second", "first"]
    assert seen(house, queue) == "30"


def test_an_undo_that_fails_hides_neither_the_error_nor_the_other_undos(queue: str, carry: Carry) -> None:
    """The closing entry says what was taken back and what was not."""

    def fails(run: Run, queue: Queue) -> str:
        def slips() -> None:
            raise KeyError("an author's slip")

        run.change("first", timeout(url_of(queue), 61), undo=timeout(url_of(queue), 30))
        run.change("second", timeout(url_of(queue), 62), undo=slips)
        run.require("it is well", False)
        return ""

    house, run, ended = carry(fails, queue)
    closing = house.closing(run)
    assert "it is well" in ended["words"]
    assert closing["undone"] == ["first"]
    assert closing["not_undone"] == [{"title": "second", "words": 'KeyError: "an author\'s slip"'}]


def test_an_authors_slip_after_a_change_is_a_failed_run_and_undone(queue: str, carry: Carry) -> None:
    """Any exception of the function counts."""

    def slips(run: Run, queue: Queue) -> str:
        run.change("set it", timeout(url_of(queue), 61), undo=timeout(url_of(queue), 30))
        return str({}["nothing"])  # type: ignore[index]

    house, _, ended = carry(slips, queue)
    assert ended["outcome"] == "failed"
    assert "KeyError" in ended["words"]
    assert seen(house, queue) == "30"


def test_an_undeclared_call_never_leaves_the_process(queue: str, carry: Carry) -> None:
    """The first wall."""

    def undeclared(run: Run, queue: Queue) -> str:
        run.change("tag it", sqs.tag_queue(QueueUrl=url_of(queue), Tags={"a": "b"}))
        return ""

    house, _, ended = carry(undeclared, queue)
    assert ended["outcome"] == "failed"
    assert TAG in ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize("verb", ["read", "prove", "wait_until"])
def test_a_change_in_a_verb_that_reads_never_leaves_the_process(queue: str, carry: Carry, verb: str) -> None:
    """Only ``change`` sends one, since only it writes its intent first."""

    def sneaks(run: Run, queue: Queue) -> str:
        more = () if verb == "read" else (bool,)
        getattr(run, verb)("just look", timeout(url_of(queue), 61), *more)
        return ""

    house, _, ended = carry(sneaks, queue)
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == []


def test_an_unknown_outcome_that_may_not_be_repeated_stops_for_a_person(
    queue: str, carry: Carry, scripted: Scripted
) -> None:
    """Its reply was lost: nothing is repeated, and nothing is undone, since undoing is a change too."""

    def once(run: Run, queue: Queue) -> str:
        run.change("set it", timeout(url_of(queue), 61), undo=timeout(url_of(queue), 30), once=True)
        return ""

    scripted.lose_reply("sqs", "SetQueueAttributes")
    house, run, ended = carry(once, queue)
    assert ended["outcome"] == "failed"
    assert "may not be repeated" in ended["words"]
    assert house.scripted.changes() == ["sqs:SetQueueAttributes"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["unknown"]


def test_an_unknown_outcome_is_repeated_where_that_is_harmless_and_the_ledger_says_so(
    queue: str, carry: Carry, scripted: Scripted
) -> None:
    """It sets an absolute value."""

    def absolute(run: Run, queue: Queue) -> str:
        run.change("set it", timeout(url_of(queue), 61))
        run.prove("it is set", attributes(url_of(queue)), has(61), within=timedelta(minutes=1))
        return "set"

    scripted.lose_reply("sqs", "SetQueueAttributes")
    house, run, ended = carry(absolute, queue)
    assert ended["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["repeated"]
    assert house.scripted.changes() == ["sqs:SetQueueAttributes"] * 2


def test_a_read_that_is_too_large_is_refused_by_its_name(queue: str, carry: Carry) -> None:
    """A ledger is no place for 300 KB."""

    def greedy(run: Run, queue: Queue) -> str:
        run.read("everything", attributes(url_of(queue)), pick=lambda _: "x" * 20_000)
        return ""

    _, _, ended = carry(greedy, queue)
    assert ended["outcome"] == "failed"
    assert "everything" in ended["words"]
    assert "16384" in ended["words"]


def test_a_wait_beyond_the_deadline_is_an_authors_error(queue: str, carry: Carry) -> None:
    """The lock would end before it does."""

    def patient(run: Run, queue: Queue) -> str:
        run.wait_until("it is so", attributes(url_of(queue)), has(1), within=timedelta(hours=3))
        return ""

    _, _, ended = carry(patient, queue)
    assert "beyond the runbook's deadline" in ended["words"]


def test_a_run_stops_at_its_deadline_and_undoes(queue: str, carry: Carry) -> None:
    """Two waits, each within the deadline, together beyond it."""

    def slow(run: Run, queue: Queue) -> str:
        run.change("set it", timeout(url_of(queue), 61), undo=timeout(url_of(queue), 30))
        run.wait("a while", timedelta(minutes=50))
        run.wait("another while", timedelta(minutes=50))
        run.change("set it again", timeout(url_of(queue), 62), undo=timeout(url_of(queue), 61))
        return ""

    house, _, ended = carry(slow, queue, deadline=timedelta(hours=1))
    assert "deadline has passed" in ended["words"]
    assert seen(house, queue) == "30"


def test_what_is_watched_is_told_once_though_the_body_is_replayed(queue: str, carry: Carry) -> None:
    """A wait ends the invocation; what came before it is not news after it."""

    def waits(run: Run, queue: Queue) -> str:
        run.read("look", attributes(url_of(queue)))
        run.wait("a while", timedelta(minutes=1))
        run.prove("it is there", attributes(url_of(queue)), has(30))
        return "well"

    house, _, _ = carry(waits, queue)
    assert [what["read"] for kind, what in house.told if kind == "fact" and "read" in what] == ["look"]


def test_titles_make_tokens_that_do_not_change_at_replay(queue: str, carry: Carry) -> None:
    """A client token is the same each time the body comes by, and another for another title."""
    tokens: list[tuple[str, str]] = []

    def tokened(run: Run, queue: Queue) -> str:
        tokens.append((run.token("a"), run.token("b")))
        run.wait("a while", timedelta(minutes=1))
        return ""

    carry(tokened, queue)
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    assert tokens[0][0] != tokens[0][1]


def test_a_pause_and_a_long_poll_have_an_entry_before_them(queue: str, carry: Carry) -> None:
    """A poll of five minutes or more, as declared; a pause always, since its entry says where a cancel finds it."""

    def waits(run: Run, queue: Queue) -> str:
        for minutes in (4, 5):
            length = timedelta(minutes=minutes)
            run.wait_until(f"{minutes} at most", attributes(url_of(queue)), lambda _: True, within=length)
        run.wait("a little", timedelta(minutes=1))
        return ""

    house, run, _ = carry(waits, queue)
    told = [(entry.body["title"], "callback" in entry.body) for entry in house.entries(run) if entry.kind == "wait"]
    assert told == [("5 at most", False), ("a little", True)]


def test_what_aws_refused_is_told_with_code_and_request_id(queue: str, carry: Carry, scripted: Scripted) -> None:
    """They do not survive as exceptions, so they are values."""

    def refused(run: Run, queue: Queue) -> str:
        run.change("set it", timeout(url_of(queue), 61))
        return ""

    scripted.answer("sqs", "SetQueueAttributes", Refusal("AccessDenied", "no"))
    house, run, ended = carry(refused, queue)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"] == {
        "code": "AccessDenied",
        "message": "no",
        "request": "scripted-request",
        "kind": "refused",
    }
