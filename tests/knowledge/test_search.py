"""What people learned, and how runs ended, is found by words; the index follows the ledger by what is new."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import BadInput, Unreachable
from nightcrew.knowledge.lessons import correct, learn
from nightcrew.knowledge.search.index import Index, with_index
from nightcrew.knowledge.search.late import arrived, late_since
from nightcrew.knowledge.search.refresh import OVERLAP, QUIET_WEEKS, refresh
from nightcrew.knowledge.search.search import Findings, Marked, search
from nightcrew.ledger.book import Book
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.memory import MemoryStore

ADA, BOB = "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/bob"
SYMPTOM = "AWS/EC2:StatusCheckFailed_Instance:high"
INSTANCE = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0fed9876cba543210"
WEEK = timedelta(weeks=1).total_seconds()


class Counted(MemoryStore):
    """Counts the requests for reads, and can stop answering."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.answers = 10_000

    def query(self, *words: Any, **more: Any) -> Any:
        self._read("query")
        return super().query(*words, **more)

    def get(self, *words: Any, **more: Any) -> Any:
        self._read("get")
        return super().get(*words, **more)

    def get_all(self, table: str, keys: Any) -> Any:
        self._read(f"{len(keys)} items")
        return [self._item(table, key) for key in keys]

    def _read(self, what: str) -> None:
        self.reads.append(what)
        self.answers -= 1
        if self.answers < 0:
            raise Unreachable("there is no way to the ledger")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def store() -> Counted:
    return Counted()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "search" / "here.sqlite"


@pytest.fixture
def index(file: Path) -> Iterator[Index]:
    with Index(file, "here") as made:
        yield made


Ended = Callable[..., str]


@pytest.fixture
def ended(store: Counted, clock: StoppedClock) -> Ended:
    """A run that ended now, or a refusal."""
    count = iter(range(10_000))

    def end(words: str, outcome: str = "cured", **more: Any) -> str:
        run = f"20261121-030000-run{next(count):05}"
        about = {"runbook": "restart-ec2-instance", "resource": INSTANCE, "symptom": SYMPTOM}
        book = Book(store, clock, run)
        if outcome != "refused":
            book.write("opening", about)
        book.write(
            "refusal" if outcome == "refused" else "closing", about | {"outcome": outcome, "words": words} | more
        )
        return run

    return end


def ids(findings: Findings) -> list[str]:
    return [each.id for each in findings.found]


def found(store: MemoryStore, index: Index, clock: StoppedClock, typed: str, **how: Any) -> list[str]:
    refresh(store, index, clock.now())
    return ids(search(index, typed, **how))


# --- what is found -------------------------------------------------------------------------------------------------


def test_a_lesson_and_a_run_are_found_by_a_word_in_another_form(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """Who searches "restarting disks" wants "restarted" and "disk"."""
    run = ended("the disk was full, it was restarted")
    learn(store, clock, "lesson-a", "restart it once the disks are clean", author=ADA, run=run)
    ended("capacity came back")
    assert found(store, index, clock, "restarting disk") == ["lesson-a", run]
    assert found(store, index, clock, "restarting disk", kind="run") == [run]
    assert found(store, index, clock, "restarting disk", kind="lesson") == ["lesson-a"]


def test_an_ending_is_found_by_each_of_its_parts(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """Words, error, resource, runbook, symptom; names also by their pieces; accents do not count."""
    error = {"code": "InsufficientInstanceCapacity", "message": "no room in eu-central-1a", "kind": "refused"}
    run = ended("ünter the limit", "failed", error=error)
    ended("all well", runbook="scale-out-queue", resource="arn:aws:sqs:eu-central-1:1:orders", symptom="x:y:high")
    typed = [
        "i-0fed9876cba543210",
        "i-0fed*",
        "restart-ec2-instance",
        "InsufficientInstanceCapacity",
        "insufficient capacity",
        "status check failed",
        "eu-central-1a",
        "Ünter",
        "unter",
        '"no room"',
    ]
    refresh(store, index, clock.now())
    assert {each: ids(search(index, each)) for each in typed} == {each: [run] for each in typed}


def test_a_phrase_is_its_words_side_by_side(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    near, far = ended("the disk was full"), ended("full of hope, but the disk is not")
    assert set(found(store, index, clock, "disk full")) == {near, far}
    assert found(store, index, clock, '"disk was full"') == [near]
    assert found(store, index, clock, '"was full" disk') == [near]


def test_a_beginning_finds_words_whose_stem_does_not_begin_so(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """The stem of "capacity" is "capac", that of "stopped" is "stop"."""
    run = ended("more capacity: it is no longer stopped")
    ended("a cap, and a top")
    typed = ["capacit*", "capac*", "CAPACIT*", "stopp*", '"more capacit"*', "no-longer-stopp*"]
    refresh(store, index, clock.now())
    assert {each: ids(search(index, each)) for each in typed} == {each: [run] for each in typed}


def test_what_is_typed_is_never_syntax_that_fails(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """A stray quote or operator is a word, or none."""
    run = ended("the disk and all words of the drop table documents were full")
    typed = [
        'disk "full',
        'disk" full',
        '"" disk full',
        "disk AND full",
        "disk - full",
        "(disk) full)",
        "words:disk full",
        "disk^ full",
        "{disk} + full",
        "disk* *full",
        "disk; DROP TABLE documents; --full",
        "disk\x02 full\x03",
        "disk full " + "full " * 200,
        "'disk' full",
    ]
    refresh(store, index, clock.now())
    assert {each: ids(search(index, each)) for each in typed} == {each: [run] for each in typed}


def test_what_has_no_word_in_it_is_refused(index: Index) -> None:
    for typed in ["", " ", '"', '""', "*", "-", "():^{}", "…"]:
        with pytest.raises(BadInput, match="a word has a letter or a digit"):
            search(index, typed)


def test_where_nothing_has_all_words_what_has_some_is_found_and_it_is_said(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    both, one = ended("disk and memory"), ended("only the disk")
    refresh(store, index, clock.now())
    assert ids(search(index, "disk memory")) == [both]
    some = search(index, "disk zeppelin")
    assert (set(ids(some)), some.all_words) == ({both, one}, False)
    assert search(index, "zeppelin") == Findings((), True)
    assert search(index, "zeppelin blimp") == Findings((), False)


def test_the_best_match_is_first_lessons_before_runs_before_refusals(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """A storm of refusals does not bury what ran, and what somebody wrote is wanted most."""
    refused = [ended("cool-down: it was changed a minute ago", "refused", gate="cool-down") for _ in range(20)]
    run = ended("changed a minute ago, and it helped")
    learn(store, clock, "lesson-a", "changed a minute ago: wait", author=ADA, symptom=SYMPTOM)
    for number in range(30):
        ended(f"something else {number}")
    best = found(store, index, clock, '"changed a minute ago"', limit=100)
    assert best[:2] == ["lesson-a", run]
    assert set(best[2:]) == set(refused)
    assert len(found(store, index, clock, '"changed a minute ago"', limit=3)) == 3


def test_of_equal_matches_the_newest_is_first(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    first = ended("the disk was full")
    clock.sleep(60)
    second = ended("the disk was full")
    assert found(store, index, clock, "disk") == [second, first]
    assert found(store, index, clock, "disk", since=clock.now()) == [second]


def test_the_match_is_marked_where_it_is(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    ended("the disk was full", "failed", error={"code": "DiskFull", "message": "disks are full"})
    refresh(store, index, clock.now())
    [one] = search(index, '"disk was" full').found
    assert one.texts["words"] == Marked("the disk was full", ((4, 12), (13, 17)))
    assert "resource" not in one.texts
    assert one.to_dict()["texts"]["words"] == {"text": "the disk was full", "marks": ((4, 12), (13, 17))}
    [other] = search(index, "failed").found
    assert set(other.texts) == {"words"}, "it matched a piece of the symptom"


def test_a_long_lesson_is_shown_where_it_matches(store: Counted, index: Index, clock: StoppedClock) -> None:
    words = "first this. " * 100 + "then the zeppelin lands. " + "and then that. " * 100
    learn(store, clock, "lesson-a", words, author=ADA, symptom=SYMPTOM)
    refresh(store, index, clock.now())
    [one] = search(index, "zeppelin").found
    shown = one.texts["words"]
    assert len(shown.text) < 400
    assert [shown.text[begin:end] for begin, end in shown.marks] == ["zeppelin"]


def test_an_old_version_is_found_only_where_it_is_asked_for(store: Counted, index: Index, clock: StoppedClock) -> None:
    learn(store, clock, "lesson-a", "look at the zeppelin", author=ADA, symptom=SYMPTOM)
    assert found(store, index, clock, "zeppelin") == ["lesson-a"]
    clock.sleep(3600)
    correct(store, clock, "lesson-a", "look at the blimp", author=BOB)
    assert found(store, index, clock, "zeppelin") == []
    [old] = search(index, "zeppelin", old_versions=True).found
    assert (old.version, old.current, old.who) == (0, False, ADA)
    [new] = search(index, "blimp").found
    assert (new.version, new.current, new.about, new.symptom) == (1, True, SYMPTOM, SYMPTOM)


def test_versions_that_come_in_the_wrong_order_end_right(store: Counted, index: Index, clock: StoppedClock) -> None:
    """As two processes may take them in."""
    from nightcrew.knowledge.search.refresh import document
    from nightcrew.ledger.history import items

    learn(store, clock, "lesson-a", "look at the zeppelin", author=ADA, symptom=SYMPTOM)
    correct(store, clock, "lesson-a", "look at the blimp", author=BOB)
    made = [document(item) for item in items(store, "lesson-a")]
    for each in reversed(made):
        assert each is not None
        index.put([each])
    assert (ids(search(index, "blimp")), ids(search(index, "zeppelin"))) == (["lesson-a"], [])


def test_what_somebody_wrote_into_a_field_steers_nothing(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """Neither the terminal nor the marks; and a field of another type is none."""
    run = ended("the \x1b[2J disk \x02was\x03 full", error="a text", symptom=7, actor={"a": 1})
    refresh(store, index, clock.now())
    [one] = search(index, "disk").found
    assert one.id == run
    assert one.texts["words"] == Marked("the  [2J disk  was  full", ((9, 13),))


@pytest.mark.parametrize(
    ("how", "field"), [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"kind": "x"}, "kind")]
)
def test_a_wrong_wish_is_named(how: dict[str, Any], field: str, index: Index) -> None:
    with pytest.raises(BadInput) as refused:
        search(index, "disk", **how)
    assert refused.value.field == field


# --- what is new ---------------------------------------------------------------------------------------------------


def test_a_second_look_reads_what_is_new_and_not_everything(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """Three requests where nothing is; one more for what there is, however much there was before."""
    for number in range(250):
        ended(f"the disk was full {number}")
    clock.sleep(3600)
    assert refresh(store, index, clock.now()) == 250
    clock.sleep(3600)
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 0
    assert store.reads == ["get", "query", "query"]
    new = ended("the zeppelin landed")
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 1
    assert store.reads == ["get", "query", "query", "1 items"]
    assert ids(search(index, "zeppelin")) == [new]
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 0
    assert store.reads == ["get", "query", "query"], "it is known by now, and not read once more"


def test_what_comes_a_little_late_is_found(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    """Its time is before the last look, and it was written, or reached the index, after it."""
    begun = clock.now()
    clock.sleep(OVERLAP.total_seconds() - 60)
    refresh(store, index, clock.now())
    late = StoppedClock(begun)
    Book(store, late, "20261121-030000-latelate", 2, "ab").write("closing", {"outcome": "cured", "words": "zeppelin"})
    assert found(store, index, clock, "zeppelin") == ["20261121-030000-latelate"]


def test_a_clock_that_was_ahead_hides_nothing(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    refresh(store, index, clock.now() + timedelta(hours=2))
    clock.sleep(600)
    refresh(store, index, clock.now())
    run = ended("zeppelin")
    assert found(store, index, clock, "zeppelin") == [run]


def test_the_first_look_goes_back_over_quiet_weeks(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    old = ended("zeppelin")
    clock.sleep((QUIET_WEEKS - 1) * WEEK)
    new = ended("another zeppelin")
    clock.sleep(2 * WEEK)
    assert set(found(store, index, clock, "zeppelin")) == {old, new}


def test_a_week_s_turn_is_no_gap(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    """Sunday, a minute before midnight; and what was written over the turn of the year."""
    clock.sleep((clock.now().replace(month=12, day=31, hour=23, minute=59) - clock.now()).total_seconds())
    refresh(store, index, clock.now())
    runs = []
    for _ in range(3):
        runs.append(ended("zeppelin"))
        clock.sleep(4 * 24 * 3600)
    assert set(found(store, index, clock, "zeppelin")) == set(runs)


def test_a_first_look_that_is_interrupted_goes_on(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """What was read stays; and what came meanwhile is found, too."""
    runs = []
    for _ in range(4):
        runs.append(ended("zeppelin"))
        clock.sleep(WEEK)
    store.answers = 7
    with pytest.raises(Unreachable):
        refresh(store, index, clock.now())
    before = set(ids(search(index, "zeppelin")))
    assert before
    assert before < set(runs)
    store.answers = 10_000
    clock.sleep(3600)
    runs.append(ended("zeppelin"))
    store.reads.clear()
    assert set(found(store, index, clock, "zeppelin")) == set(runs)
    store.reads.clear()
    refresh(store, index, clock.now())
    assert store.reads == ["get", "query", "query"], "its beginning was reached"


def test_what_is_uploaded_weeks_later_is_found_by_itself(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """A run under break-glass has the time at which it ended, long before the last look."""
    earlier = StoppedClock(clock.now())
    clock.sleep(3 * WEEK)
    ended("something else")
    refresh(store, index, clock.now())
    clock.sleep(3600)
    body = {"outcome": "cured", "words": "zeppelin", "symptom": SYMPTOM}
    made = Book(store, earlier, "20261121-030000-brokenxx", 2, "ab").write("closing", body).entry
    assert found(store, index, clock, "zeppelin") == []
    arrived(store, made, clock.now())
    clock.sleep(3600)
    assert found(store, index, clock, "zeppelin") == ["20261121-030000-brokenxx"]
    store.reads.clear()
    refresh(store, index, clock.now())
    assert store.reads == ["get", "query", "query"], "its week is left alone again"


def test_a_lesson_that_is_uploaded_later_is_found_by_itself(store: Counted, index: Index, clock: StoppedClock) -> None:
    earlier = StoppedClock(clock.now())
    clock.sleep(WEEK)
    refresh(store, index, clock.now())
    body = {"words": "zeppelin", "author": ADA, "symptom": SYMPTOM}
    entry = Entry("lesson-a", 0, "lesson", earlier.now(), body, "")
    learn(store, earlier, "lesson-a", "zeppelin", author=ADA, symptom=SYMPTOM)
    arrived(store, entry, clock.now())
    assert late_since(store, clock.now()) == ("lesson",)
    assert found(store, index, clock, "zeppelin") == ["lesson-a"]


def test_progress_is_told(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    for _ in range(120):
        ended("zeppelin")
    told: list[tuple[str, int]] = []
    refresh(store, index, clock.now(), lambda what, many: told.append((what, many)))
    assert told == [("2026-W47", 100), ("2026-W47", 120), ("2026-W47", 120), ("2026-W47", 120)]


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_index_outlives_its_process(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    run = ended("zeppelin")
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    store.answers = 0
    with Index(file, "here") as second:
        assert ids(search(second, "zeppelin")) == [run]
        assert second.counts() == {"run": 1}
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_ledger_s_index_is_not_searched(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    """A demo that is started anew has an empty ledger."""
    ended("zeppelin")
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    with Index(file, "there") as second:
        assert ids(search(second, "zeppelin")) == []
        assert second.mark.until == ""


@pytest.mark.parametrize("damage", ["no database", "old format", "a table is gone", "pages overwritten"])
def test_a_file_that_cannot_be_used_is_made_anew_and_it_is_said(
    damage: str, store: Counted, file: Path, clock: StoppedClock, ended: Ended
) -> None:
    run = ended("zeppelin " + "and many more words " * 400)
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    statements = {"old format": "PRAGMA user_version = 99", "a table is gone": "DROP TABLE documents"}
    if damage in statements:
        with sqlite3.connect(file) as db:
            db.execute(statements[damage])
        db.close()
    else:
        size, begin = file.stat().st_size, 0 if damage == "no database" else 4096
        with file.open("r+b") as out:
            out.seek(begin)
            out.write(b"not at all " * ((size - begin) // 11))
    notes: list[str] = []

    def work(index: Index) -> list[str]:
        refresh(store, index, clock.now())
        return ids(search(index, "zeppelin"))

    assert with_index(file, "here", work, notes.append) == [run]
    assert [note.startswith("note: the search index is ") for note in notes] == [True]
    assert notes[0].endswith(": it is made anew")
    assert with_index(file, "here", work, notes.append) == [run]
    assert len(notes) == 1


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file, where a directory should be")
    with pytest.raises(Unreachable, match=r"search/here\.sqlite cannot be used"):
        with_index(tmp_path / "search" / "here.sqlite", "here", lambda index: None, print)


def test_what_begins_anew_forgets_and_reads_everything(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    run = ended("zeppelin")
    refresh(store, index, clock.now())
    index.begin_anew()
    assert ids(search(index, "zeppelin")) == []
    assert found(store, index, clock, "zeppelin") == [run]


def test_who_was_reading_when_another_began_anew_moves_no_mark(
    store: Counted, index: Index, file: Path, clock: StoppedClock, ended: Ended
) -> None:
    """Else what was forgotten would count as read."""
    run = ended("zeppelin")
    clock.sleep(WEEK)

    def meanwhile(what: str, many: int) -> None:
        with Index(file, "here") as other:
            other.begin_anew()

    refresh(store, index, clock.now(), meanwhile)
    with Index(file, "here") as later:
        assert later.mark.until == ""
        assert found(store, later, clock, "zeppelin") == [run]


def test_several_at_once_fill_one_file(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    runs = []
    for _ in range(60):
        runs.append(ended("zeppelin"))
        clock.sleep(6 * 3600)
    went_wrong: list[Exception] = []

    def fill() -> None:
        try:
            with Index(file, "here") as mine:
                refresh(store, mine, clock.now())
        except Exception as error:  # noqa: BLE001  it is told by the test
            went_wrong.append(error)

    threads = [threading.Thread(target=fill) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert went_wrong == []
    with Index(file, "here") as index:
        assert set(ids(search(index, "zeppelin", limit=100))) == set(runs)
        assert index.counts() == {"run": 60}
        assert index.mark.until == stamp(clock.now())
