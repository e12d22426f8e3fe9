"""What people learned stays: in versions, by author and time, about a run or a symptom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import StoppedClock
from nightcrew.errors import BadInput, Conflict, Unknown
from nightcrew.knowledge.lessons import about, changed_since, correct, learn, lessons, versions
from nightcrew.knowledge.wording import MOST_WORDS, secret_in
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import items
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.verify import verify

ADA, BOB = "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/bob"
RUN, SYMPTOM = "20261121-030000-aaaaaaaa", "AWS/EC2:StatusCheckFailed_Instance:high"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def store(clock: StoppedClock) -> MemoryStore:
    """A ledger in which one run ended, and another was refused."""
    made = MemoryStore()
    book = Book(made, clock, RUN)
    book.write("opening", {"runbook": "restart-ec2-instance"})
    book.write("closing", {"outcome": "cured", "runbook": "restart-ec2-instance", "resource": "r", "symptom": SYMPTOM})
    Book(made, clock, "refused-1").write("refusal", {"gate": "freeze", "outcome": "refused"})
    return made


class Counted(MemoryStore):
    """Counts the requests for reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def query(self, *words: Any, **more: Any) -> Any:
        self.reads += 1
        return super().query(*words, **more)

    def get_all(self, *words: Any, **more: Any) -> Any:
        self.reads += 1
        return [self._item(words[0], key) for key in words[1]]


def test_a_lesson_is_found_by_what_it_is_about(store: Store, clock: StoppedClock) -> None:
    of_run = learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    clock.sleep(60)
    of_symptom = learn(store, clock, "lesson-b", "the hypervisor, mostly", author=BOB, symptom=SYMPTOM)
    of_refusal = learn(store, clock, "lesson-c", "the freeze was forgotten", author=BOB, run="refused-1")
    assert lessons(store, run=RUN) == (of_run,)
    assert lessons(store, symptom=SYMPTOM) == (of_symptom,)
    assert lessons(store, run="20261121-030000-bbbbbbbb") == ()
    assert lessons(store, run=RUN, symptom=SYMPTOM) == (of_symptom, of_run)
    assert set(lessons(store)) == {of_run, of_symptom, of_refusal}
    assert (of_run.author, of_run.run, of_run.symptom, of_run.version) == (ADA, RUN, None, 0)
    assert of_symptom.at - of_run.at == timedelta(minutes=1)


def test_a_correction_is_a_new_version_and_the_old_one_stays(store: Store, clock: StoppedClock) -> None:
    first = learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    clock.sleep(60)
    second = correct(store, clock, "lesson-a", "look at the disk of the log host", author=BOB)
    assert (second.version, second.author, second.run) == (1, BOB, RUN)
    assert lessons(store, run=RUN) == (second,)
    assert versions(store, "lesson-a") == (first, second)
    assert verify(items(store, "lesson-a")) == []


def test_a_correction_that_says_the_same_writes_nothing(store: Store, clock: StoppedClock) -> None:
    """So it may be repeated, after a reply that was lost."""
    first = learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    assert correct(store, clock, "lesson-a", " look at the disk\n", author=BOB) == first
    assert len(versions(store, "lesson-a")) == 1


def test_of_two_who_correct_at_once_one_is_told(store: Store, clock: StoppedClock) -> None:
    """Who wrote, and what to do; neither's words are lost without a word."""
    learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    correct(store, clock, "lesson-a", "look at the disk first", author=ADA, version=0)
    with pytest.raises(Conflict, match="user/ada wrote another version of lesson-a meanwhile: read it"):
        correct(store, clock, "lesson-a", "look at the memory", author=BOB, version=0)
    assert [each.words for each in versions(store, "lesson-a")] == ["look at the disk", "look at the disk first"]


def test_a_correction_between_reading_and_writing_is_no_lost_one(clock: StoppedClock) -> None:
    """Both read version 0, and both would write version 1."""

    class Between(MemoryStore):
        meanwhile: Callable[[], object] | None = None

        def transact(self, pieces: Any) -> None:
            first, self.meanwhile = self.meanwhile, None
            if first is not None:
                first()
            super().transact(pieces)

    store = Between()
    learn(store, clock, "lesson-a", "look at the disk", author=ADA, symptom=SYMPTOM)
    store.meanwhile = lambda: correct(store, clock, "lesson-a", "look at the disk first", author=ADA)
    with pytest.raises(Conflict, match="user/ada wrote another version"):
        correct(store, clock, "lesson-a", "look at the memory", author=BOB)
    assert [each.author for each in versions(store, "lesson-a")] == [ADA, ADA]


def test_a_lesson_whose_reply_was_lost_is_there_once(clock: StoppedClock) -> None:
    """AWS's client sends it again, and is told that it stands there."""

    class Twice(MemoryStore):
        def transact(self, pieces: Any) -> None:
            super().transact(pieces)
            super().transact(pieces)

    store = Twice()
    made = learn(store, clock, "lesson-a", "look at the disk", author=ADA, symptom=SYMPTOM)
    assert versions(store, "lesson-a") == (made,)


def test_a_correction_whose_reply_was_lost_is_there_once(store: Store, clock: StoppedClock) -> None:
    """The same words of somebody else's are another correction."""
    learn(store, clock, "lesson-a", "look at the disk", author=ADA, symptom=SYMPTOM)
    made = correct(store, clock, "lesson-a", "look at the log", author=BOB, version=0)
    assert correct(store, clock, "lesson-a", "look at the log", author=BOB, version=0) == made
    with pytest.raises(Conflict):
        correct(store, clock, "lesson-a", "look at the log", author=ADA, version=0)


def test_on_dynamodb_current_versions_are_found_by_run_and_symptom(clients: ClientMaker, clock: StoppedClock) -> None:
    store = Store(clients("dynamodb", client_config()), clock=clock)
    Book(store, clock, "20261121-030000-dddddddd").write("opening", {})
    learn(store, clock, "lesson-d", "look at the disk", author=ADA, run="20261121-030000-dddddddd")
    second = correct(store, clock, "lesson-d", "look at the log host", author=BOB)
    of_symptom = learn(store, clock, "lesson-e", "the hypervisor", author=ADA, symptom="d:e:high")
    assert lessons(store, run="20261121-030000-dddddddd") == (second,)
    assert lessons(store, symptom="d:e:high") == (of_symptom,)
    assert [each.version for each in changed_since(store, None) if each.id == "lesson-d"] == [0, 1]


def test_a_clock_that_is_behind_makes_no_correction_older(store: Store, clock: StoppedClock) -> None:
    """Indexes and people have them by their time."""
    first = learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    behind = StoppedClock(clock.now() - timedelta(minutes=5))
    second = correct(store, behind, "lesson-a", "look at the memory", author=BOB)
    assert second.at > first.at
    assert [each.version for each in changed_since(store, None)] == [0, 1]


def test_reading_lessons_costs_the_same_however_many_there_are() -> None:
    def reads(many: int) -> int:
        store, clock = Counted(), StoppedClock()
        for number in range(many):
            learn(store, clock, f"lesson-{number}", f"lesson {number}", author=ADA, symptom=SYMPTOM)
        store.reads = 0
        assert len(lessons(store, symptom=SYMPTOM, limit=5)) == min(many, 5)
        return store.reads

    assert reads(1) == reads(250) == 2


def test_lessons_of_several_runs_are_asked_for_together(store: Store, clock: StoppedClock) -> None:
    one = learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    other = learn(store, clock, "lesson-b", "the freeze was forgotten", author=ADA, run="refused-1")
    assert set(about(store, runs=[RUN, "refused-1", "20261121-030000-cccccccc"])) == {one, other}
    assert about(store, runs=[], symptoms=[]) == ()
    assert lessons(store, symptom="") == ()


def test_a_lesson_is_found_under_the_name_that_an_alarm_really_has(store: Store, clock: StoppedClock) -> None:
    """However many blanks in a row it has: a lesson keeps a symptom in one line."""
    alarm = "disk  of   billing full"
    learn(store, clock, "lesson-a", "empty its trash", author=ADA, symptom=alarm)
    assert [each.id for each in about(store, runs=[], symptoms=[alarm, "disk of billing full"])] == ["lesson-a"]


def test_what_changed_since_a_time_is_told_oldest_first(store: Store, clock: StoppedClock) -> None:
    """Every version of every lesson: evidence wants the old ones, too. More than a page of them."""
    for number in range(120):
        learn(store, clock, f"lesson-{number:03}", f"lesson {number}", author=ADA, symptom=SYMPTOM)
        clock.sleep(1)
    since = clock.now()
    correct(store, clock, "lesson-005", "lesson five", author=BOB)
    assert [each.id for each in changed_since(store, None)] == [*(f"lesson-{n:03}" for n in range(120)), "lesson-005"]
    assert [(each.id, each.version) for each in changed_since(store, since)] == [("lesson-005", 1)]


def test_a_lesson_that_was_touched_is_named_by_verify_and_hides_no_other(store: Store, clock: StoppedClock) -> None:
    learn(store, clock, "lesson-a", "look at the disk", author=ADA, run=RUN)
    other = learn(store, clock, "lesson-b", "look at the memory", author=ADA, run=RUN)
    [item] = items(store, "lesson-a")
    key = {"run": "lesson-a", "number": 0}
    store.transact([Piece("ledger", key, gate="somebody with the rights to do so", put=item | {"body": "{"})])
    assert lessons(store, run=RUN) == (other,)
    assert [each.number for each in verify(items(store, "lesson-a"))] == [0]


def test_a_run_that_is_not_there_is_named(store: Store, clock: StoppedClock) -> None:
    with pytest.raises(Unknown, match="there is no run 20261121-030000-k3f9qaaa"):
        learn(store, clock, "lesson-a", "look", author=ADA, run="20261121-030000-k3f9qaaa")
    with pytest.raises(Unknown, match="there is no lesson lesson-x"):
        correct(store, clock, "lesson-x", "look", author=ADA)
    with pytest.raises(Unknown, match=f"there is no lesson {RUN}"):
        correct(store, clock, RUN, "look", author=ADA)
    with pytest.raises(Unknown, match=f"there is no lesson {RUN}"):
        versions(store, RUN)
    learn(store, clock, "lesson-a", "look", author=ADA, run=RUN)
    with pytest.raises(BadInput, match="this is a lesson"):
        learn(store, clock, "lesson-b", "look", author=ADA, run="lesson-a")


@pytest.mark.parametrize("about", [{}, {"run": RUN, "symptom": SYMPTOM}, {"symptom": " \n"}, {"symptom": "s" * 501}])
def test_a_lesson_is_about_one_thing(about: dict[str, str], store: Store, clock: StoppedClock) -> None:
    with pytest.raises(BadInput):
        learn(store, clock, "lesson-a", "look", author=ADA, **about)


@pytest.mark.parametrize("id", ["", "lesson-", RUN])
def test_a_lesson_s_id_is_told_from_a_run_s(id: str, store: Store, clock: StoppedClock) -> None:  # noqa: A002
    with pytest.raises(BadInput):
        learn(store, clock, id, "look", author=ADA, run=RUN)


def test_words_are_kept_as_plain_text(store: Store, clock: StoppedClock) -> None:
    """No sequence steers the terminal of who reads it, or turns its writing direction; paragraphs stay."""
    words = "look\x1b[2J at \u202ethe\r\n\tdisk \x07\n\n\n\nthen the\udc80 memory  \n"
    made = learn(store, clock, "lesson-a", words, author=ADA, run=RUN)
    assert made.words == "look [2J at  the\n    disk\n\nthen the  memory"


@pytest.mark.parametrize("words", ["", " \n ", "\x00", "x" * (MOST_WORDS + 1)])
def test_words_are_neither_nothing_nor_a_book(words: str, store: Store, clock: StoppedClock) -> None:
    with pytest.raises(BadInput) as refused:
        learn(store, clock, "lesson-a", words, author=ADA, run=RUN)
    assert refused.value.field == "words"


KEY_ID, SECRET = "AKIA" + "IOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"
"""AWS's own examples (IAM user guide, "Manage access keys")."""


@pytest.mark.parametrize("secret", [KEY_ID, SECRET, f"-----BEGIN {'RSA'} PRIVATE KEY-----"])
def test_what_looks_like_a_credential_is_refused_and_not_repeated(
    secret: str, store: Store, clock: StoppedClock
) -> None:
    with pytest.raises(BadInput) as refused:
        learn(store, clock, "lesson-a", f"use key={secret}, it works", author=ADA, run=RUN)
    assert secret not in f"{refused.value} {refused.value.value}"
    assert "no secret goes into the ledger" in str(refused.value)
    assert items(store, "lesson-a") == []


@pytest.mark.parametrize(
    "words",
    [
        "see commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/checkout/73e2d6bc24d8a067",
        "the request id was 9f1c7f0e-7b1b-4f0e-8d0c-6f5c1d2e3a4b",
        "AKIA is how they begin",
        "x" * 40,
    ],
)
def test_what_only_looks_a_little_like_one_is_kept(words: str) -> None:
    assert secret_in(words) is None
