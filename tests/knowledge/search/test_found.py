"""What people learned, and how runs ended, is found by words."""

from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import BadInput
from nightcrew.knowledge.lessons import correct, learn
from nightcrew.knowledge.search.index import Index
from nightcrew.knowledge.search.refresh import refresh
from nightcrew.knowledge.search.search import Findings, Marked, search
from tests.knowledge.search.asked import ADA, BOB, SYMPTOM, Counted, Ended, found, ids


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
