"""The page of a run that is out of the ordinary: very long, touched, given up, under break-glass."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.abandon import abandon
from nightcrew.knowledge.story.steps import steps
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece
from tests.console.past import refused
from tests.console.reader import Newsroom, Opened, Reader
from tests.console.test_run import at, begun, ledger
from tests.knowledge.incidents import ADA, THREE, Ledger, cured, undone

RUN = "20261121-030004-cured1"


@pytest.fixture
def book(room: Newsroom) -> Ledger:
    return ledger(room)


def edit(store: Store, number: int, run: str = RUN, **sets: Any) -> None:
    """Somebody with the rights of an administrator wrote into the table."""
    store.transact([Piece("ledger", {"run": run, "number": number}, "edit", sets=sets)])


def remove(store: Store, number: int, run: str = RUN) -> None:
    store.transact([Piece("ledger", {"run": run, "number": number}, "edit", delete=True)])


def long_run(book: Ledger, changes: int, run: str = "20261121-030004-longrun", words: str = "") -> str:
    """One with so many changes, each with a wait behind it."""
    chain = book.opened(run, THREE)
    facts: list[dict[str, Any]] = []
    for number in range(changes):
        read = {"read": f"look {number} {words}", "call": "ec2:DescribeInstances", "value": {"n": number, "as": words}}
        chain.change(2 * number + 1, f"change {number}", "ec2:StopInstances", [*facts, read])
        made = {"changed": f"change {number}", "how": "once", "request": f"q-{number}", "result": {"said": words}}
        chain.wait(2 * number + 2, f"wait {number}", [made], call="ec2:DescribeInstances", parameters={})
        facts = [{"waited": f"wait {number}", "met": True, "tries": 1}]
    chain.close(2 * changes + 2, "succeeded", "it is done", facts)
    return run


def parts(reader: Reader, run: str) -> list[Opened]:
    """Page after page, as its links lead."""
    found = [at(reader, run)]
    while "The next part" in found[-1].links:
        found.append(reader.open(found[-1].links["The next part"]))
    return found


@pytest.mark.parametrize("words", ["plain " * 200, "<&'\">" * 50])
def test_a_run_with_very_much_in_it_is_told_in_parts(reader: Reader, book: Ledger, words: str) -> None:
    """Each is small, whatever the values are; every step is in one of them, and the page says which entries are
    where.
    """
    run = long_run(book, 24, words=words)
    found = parts(reader, run)
    assert len(found) > 2
    assert max(len(each.text.encode()) for each in found) < 100_000
    for line in (r"reads look (\d+)", r"changes change (\d+) – made", r"waits until wait (\d+)"):
        told = [number for each in found for number in re.findall(line, each.words)]
        assert told == [str(number) for number in range(24)], line
    assert f"Part 2 of {len(found)}: entries" in found[1].words
    assert "Changed 24 changes" in found[0].words
    assert "closed ✓ succeeded" in found[-1].words


def test_hundreds_of_short_entries_are_a_small_page_too(reader: Reader, book: Ledger) -> None:
    """What a line weighs by itself counts."""
    page = at(reader, long_run(book, 150))
    assert len(page.text.encode()) < 100_000
    assert "Changed 150 changes" in page.words
    assert "The last part" in page.links


@pytest.mark.parametrize("part", ["0", "99", "x", "-1", "9" * 5000])
def test_a_part_that_there_is_not_is_the_first_one(reader: Reader, book: Ledger, part: str) -> None:
    page = at(reader, long_run(book, 2), part=part)
    assert page.status == 200
    assert "changes change 0" in page.words


def test_a_long_run_that_goes_on_begins_with_its_last_part(reader: Reader, book: Ledger, room: Newsroom) -> None:
    """Who follows it sees what happens now."""
    run = long_run(book, 24, words="plain " * 200)
    remove(room.house.crew.store, 49, run)
    page = at(reader, run)
    assert "goes on" in page.words
    assert re.search(r"Part (\d+) of \1:", page.words)
    assert "The part before" in page.links


def test_one_huge_answer_is_cut_and_stands_whole_in_the_file(reader: Reader, book: Ledger) -> None:
    """The page says how much is left out."""
    chain = book.opened(RUN, THREE)
    chain.change(1, "ask", "ec2:StopInstances", [])
    chain.close(2, "succeeded", "done", [{"changed": "ask", "how": "once", "result": {"long": "x" * 200_000}}])
    page = at(reader, RUN)
    assert len(page.text.encode()) < 100_000
    assert re.search(r"… \d+ more characters", page.words)
    whole = reader.open(page.links["All its entries, as JSON"])
    assert whole.headers["content-disposition"] == f'attachment; filename="{RUN}.json"'
    assert json.loads(whole.text)["entries"][2]["body"]["facts"][0]["result"]["long"] == "x" * 200_000


def test_an_entry_that_was_edited_is_named(reader: Reader, book: Ledger, room: Newsroom) -> None:
    """The rest is told all the same."""
    cured(book)
    body = {"title": "stop nothing", "call": "ec2:StopInstances", "parameters": {}, "undo": "none", "facts": []}
    edit(room.house.crew.store, 1, body=json.dumps(body))
    page = at(reader, RUN)
    assert page.status == 200
    assert "✗ chain broken" in page.words
    assert "Entry 1: was edited" in page.words
    assert "stop nothing" in page.words
    assert "consistent" not in page.words


@pytest.mark.parametrize("number", [0, 3, 7])
def test_an_entry_that_was_removed_is_missed(reader: Reader, book: Ledger, room: Newsroom, number: int) -> None:
    """The first one, too, without which nobody knows what the run was about. Without its end a run looks open: that
    it is not, the root of its day tells.
    """
    cured(book)
    remove(room.house.crew.store, number)
    page = at(reader, RUN)
    assert page.status == 200
    assert ("removed before it" in page.words) == (number < 7)
    assert ("what was before is not there any more" in page.words) == (number == 0)
    assert ("nobody closed it" in page.words) == (number == 7)


@pytest.mark.parametrize("body", ["{", "[]", '{"facts": 7}', '{"facts": [7, {"read": {}}, {"changed": 1}]}', "{}"])
def test_what_cannot_be_read_hides_nothing_else(reader: Reader, book: Ledger, room: Newsroom, body: str) -> None:
    """Neither in the first entry nor in the last or between."""
    cured(book)
    for number in (1, 7, 0):
        edit(room.house.crew.store, number, body=body)
        page = at(reader, RUN)
        assert page.status == 200, number
        assert "chain broken" in page.words
        assert "start it" in page.words
    assert not room.slips


def test_of_a_run_only_its_end_is_left(reader: Reader, book: Ledger, room: Newsroom) -> None:
    """It tells what it can."""
    cured(book)
    for number in range(7):
        remove(room.house.crew.store, number)
    page = at(reader, RUN)
    assert page.status == 200
    assert "closed ✓ cured" in page.words


def test_nothing_of_it_can_be_read(reader: Reader, room: Newsroom) -> None:
    """The page still stands, and says so."""
    run = refused(room, "gone1", "halt", "x")
    edit(room.house.crew.store, 0, run, body="x")
    page = at(reader, run)
    assert page.status == 200
    assert "None of its entries can be read." in page.words
    assert "Entry 0: cannot be read" in page.words


def test_a_run_whose_engine_gave_up_names_what_it_left(reader: Reader, room: Newsroom, book: Ledger) -> None:
    """It was closed from its ledger: of its last change nobody knows the end."""
    chain = book.opened(RUN, THREE, by="alarm", approval=1800, ok=[900, 300], chain_within=21600, deadline=3600)
    chain.change(1, "stop it", "ec2:StopInstances", [], undo="start it again")
    crew = room.house.crew
    abandon(RUN, crew.store, crew.installation.clock, "the durable engine gave up: it is too large", told=True)
    page = at(reader, RUN)
    for words in (
        "✗ failed",
        "abandoned: the durable engine gave up",
        "of 1 nobody knows the end",
        "its end is not in the ledger",
        "Not taken back ✗ stop it",
    ):
        assert words in page.words, words


def test_a_run_that_nobody_carries_on_says_so(reader: Reader, book: Ledger) -> None:
    """Its lease is over, and there is no closing."""
    book.opened(RUN, THREE).change(1, "stop it", "ec2:StopInstances", [])
    page = at(reader, RUN)
    assert "Its lease ended" in page.words
    assert f"nightcrew resume {RUN}" in page.words


def test_a_run_under_break_glass_is_marked(reader: Reader, book: Ledger) -> None:
    """Nobody admitted it, and no gate was asked: uploaded, its page says by whom and why."""
    mark = {
        "reason": "the site is down",
        "by": ADA,
        "verified": False,
        "trouble": "EndpointConnectionError",
        "not_asked": ["halt", "lock"],
        "clock_off": 12,
    }
    cured(book, alarm=None, symptom="break-glass:restart-ec2-instance", break_glass=mark)
    page = at(reader, RUN)
    for words in (
        "break-glass",
        "nobody admitted it",
        "whom AWS could not confirm",
        "the ledger did not answer (EndpointConnectionError)",
        "not asked: halt, lock",
        "12 s ahead of AWS's",
        "by nobody: the ledger was out of reach",
    ):
        assert words in page.words, words
    assert "✓ cool-down" not in page.words


def test_gaps_are_told_and_waits_are_none(reader: Reader, book: Ledger) -> None:
    """Between the answer to a change and what came next nothing was written for an hour: a crash."""
    chain = book.opened(RUN, THREE, alarm=None)
    chain.change(1, "stop it", "ec2:StopInstances", [])
    made = {"changed": "stop it", "how": "once", "at": chain.at(2)}
    chain.change(3602, "start it", "ec2:StartInstances", [made])
    chain.close(3603, "failed", "x", [])
    page = at(reader, RUN)
    assert page.words.count(" later ") == 1
    assert "1 h later" in page.words


def test_every_step_of_a_real_run_is_on_its_page(reader: Reader, room: Newsroom, instance: str) -> None:
    """Whatever the story of its entries has."""
    run = begun(room, instance)
    room.carry(run)
    page = at(reader, run)
    told = steps(entries(room.house.crew.store, run))
    assert len(told) > 8
    assert [step.title for step in told if step.title not in page.words] == []


def test_the_order_of_things_is_kept(reader: Reader, book: Ledger) -> None:
    """As the ledger tells it, with the times of its entries."""
    undone(book, RUN, THREE + timedelta(hours=5))
    words = at(reader, RUN).words
    places = [words.index(each) for each in ("admitted", "asks people", "changes stop it", "changes start it", "takes")]
    assert places == sorted(places)
    assert "08:04:02" in words
