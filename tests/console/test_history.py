"""History: found by filters and by words, page by page, with addresses that can be sent on, and as a file."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest

from nightcrew.admission.approvals import decide
from nightcrew.clock import stamp
from nightcrew.console import export
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.knowledge.lessons import learn
from tests.console.conftest import signed_in
from tests.console.past import ADA, RUNBOOK, SYMPTOM, arn, ended, refused
from tests.console.reader import Newsroom, Opened, Reader

AT = "/console/history"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
SIGNS = {"running": "▶", "waiting": "◌"}
HAND = {"actor": ADA, "symptom": f"by hand:{RUNBOOK}"}


def shown(page: Opened) -> list[str]:
    """The runs on a page, in its order."""
    return [words.split(" run ")[1] for words in page.links if " run " in words]


def filters(page: Opened) -> dict[str, str]:
    """What stands in the form; each page has another one at its top, for words."""
    return dict(page.forms[1].fields)


@pytest.fixture
def past(room: Newsroom) -> Newsroom:
    """Three runs: an alarm's that cured, Ada's that failed an hour ago, and another runbook's two days ago."""
    ended(room, "first", resource=arn("i-0abc1234def567891"))
    ended(room, "second", timedelta(hours=1), outcome="failed", words="no capacity in this zone", **HAND)
    ended(room, "third", timedelta(days=2), runbook="scale-out-ecs-service", symptom="AWS/ECS:CPUUtilization:high")
    return room


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, ["first", "second", "third"]),
        ({"runbook": RUNBOOK}, ["first", "second"]),
        ({"resource": "i-0abc1234def567891", "runbook": RUNBOOK}, ["first"]),
        ({"symptom": SYMPTOM}, ["first"]),
        ({"outcome": "failed"}, ["second"]),
        ({"person": "ada"}, ["second"]),
        ({"person": "Bob"}, []),
        ({"since": "24h"}, ["first", "second"]),
        ({"until": "30m"}, ["second", "third"]),
        ({"since": "24h", "until": "30m", "outcome": "failed"}, ["second"]),
    ],
)
def test_runs_are_found_by_filters(past: Newsroom, reader: Reader, typed: dict[str, str], found: list[str]) -> None:
    """By what they are about, how they ended, who began them, and when they ended."""
    page = reader.open(AT, **{**filters(reader.open(AT)), **typed})
    assert page.status == 200
    assert shown(page) == found


def test_filters_stand_in_the_form_and_each_can_be_taken_away(past: Newsroom, reader: Reader) -> None:
    """Their number is told; the address has all of them, and can be sent on."""
    page = reader.open(AT, runbook=RUNBOOK, outcome="failed")
    assert "2 filters:" in page.words
    assert (filters(page)["runbook"], filters(page)["outcome"]) == (RUNBOOK, "failed")
    without = page.links["Without Outcome: failed ✕"]
    assert shown(reader.open(without)) == ["first", "second"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"since": "yesterday"}, "since", "it must be a duration like 24h or 7d"),
        ({"until": "yesterday"}, "until", "it must be a duration like 24h or 7d"),
        ({"outcome": "splendid"}, "outcome", "one of cured"),
        ({"resource": "what is this?"}, "resource", "an ARN, or a name that a runbook takes"),
        ({"words": "…"}, "words", "a word has a letter or a digit"),
        ({"words": "disk", "until": "soon"}, "until", "it must be a duration like 24h or 7d"),
    ],
)
def test_a_filter_that_is_not_allowed_is_said_at_its_field(
    past: Newsroom, reader: Reader, typed: dict[str, str], field: str, said: str
) -> None:
    """What was typed stays, and nothing is looked for."""
    page = reader.open(AT, **typed)
    assert page.status == 422
    assert f'id="wrong-{field}"' in page.text
    assert f'aria-describedby="wrong-{field}"' in page.text
    assert said in page.words
    if field != "outcome":
        assert filters(page)[field] == typed[field]
    assert shown(page) == []


def test_pages_lead_to_older_and_newer_ones_and_miss_nothing(room: Newsroom, reader: Reader) -> None:
    """There and back by the same pages, within the same question."""
    runs = [ended(room, f"run-{number:02}", timedelta(minutes=number)) for number in range(60)]
    ended(room, "other", runbook="scale-out-ecs-service")
    first = reader.open(AT, runbook=RUNBOOK)
    second = reader.open(first.links["Older"])
    third = reader.open(second.links["Older"])
    assert [*shown(first), *shown(second), *shown(third)] == runs
    assert "Older" not in third.links
    assert "Newest" not in first.links
    back = reader.open(third.links["Newer"])
    assert shown(back) == shown(second)
    assert "Newer" not in back.links
    assert shown(reader.open(back.links["Newest"])) == shown(first)


@pytest.mark.parametrize("time", ["0001-01-01", "0001-01-01T00:00+10:00", "9999-12-31", "9999-12-31T23:00-10:00", "0s"])
def test_a_time_at_the_end_of_all_calendars_is_no_slip_of_ours(past: Newsroom, reader: Reader, time: str) -> None:
    """It finds nothing, or everything, or is no time."""
    for typed in ({"since": time}, {"until": time}, {"words": "back", "until": time}, {"since": time, "until": time}):
        assert reader.open(AT, **typed).status in {200, 422}, typed
    assert past.slips == []


def test_a_cursor_of_another_question_leads_nowhere(past: Newsroom, reader: Reader) -> None:
    """An address that somebody put together is no slip of ours."""
    for after in ("x", "eyJ9", "%00"):
        page = reader.open(AT, after=after)
        assert page.status == 422
        assert "This address leads to a page of another question" in page.words
    assert past.slips == []


def test_what_runs_stands_on_top(room: Newsroom, reader: Reader, instance: str) -> None:
    """Of the newest page, and of none before a time."""
    ended(room, "before")
    run = room.door.person(RUNBOOK, {"instance_id": instance}, actor=ADA, account=ACCOUNT, region="eu-west-1").run
    assert shown(reader.open(AT)) == [run, "before"]
    assert shown(reader.open(AT, person="ada")) == [run]
    assert shown(reader.open(AT, until="1h")) == []


def test_a_run_is_called_the_same_on_each_page(careful: Newsroom, instance: str) -> None:
    """What Now and its own page call waiting is waiting in the history, too, in its files, and to its filter; and
    running once somebody has decided.
    """
    reader = signed_in(careful)
    run = str(careful.door.person(RUNBOOK, {"instance_id": instance}, actor=ADA, account=ACCOUNT, region=REGION).run)

    def called(word: str, other: str) -> None:
        page, own = reader.open(AT), reader.open(f"/console/runs/{run}")
        assert shown(page) == [run]
        assert (f"{SIGNS[word]} {word}" in own.words, f"{SIGNS[other]} {other}" in own.words) == (True, False)
        assert (f"{SIGNS[word]} {word}" in page.words, f"{SIGNS[other]} {other}" in page.words) == (True, False)
        assert (shown(reader.open(AT, outcome=word)), shown(reader.open(AT, outcome=other))) == ([run], [])
        assert [each["outcome"] for each in json.loads(reader.open(f"{AT}.json").text)["runs"]] == [word]
        assert f"{run},{word}," in reader.open(f"{AT}.csv").text
        now = reader.open("/console").words
        assert (f"{int(word == 'waiting')} wait" in now, f"{int(word == 'running')} run" in now) == (True, True)

    called("running", "waiting")
    careful.until_it_asks(run)
    called("waiting", "running")
    decide(careful.house.crew.store, run, by=BOB, approve=True, now=careful.house.crew.installation.clock.now())
    called("running", "waiting")


def test_a_question_whose_time_is_over_is_no_waiting(careful: Newsroom, instance: str) -> None:
    """Nobody can answer it any more, whether or not the run has gone on."""
    reader = signed_in(careful)
    run = str(careful.door.person(RUNBOOK, {"instance_id": instance}, actor=ADA, account=ACCOUNT, region=REGION).run)
    careful.until_it_asks(run)
    careful.house.crew.installation.clock.sleep(timedelta(hours=1).total_seconds())
    for at in (AT, f"/console/runs/{run}"):
        assert "▶ running" in reader.open(at).words
        assert "◌ waiting" not in reader.open(at).words


def test_words_in_what_waits_are_nowhere_yet(past: Newsroom, reader: Reader) -> None:
    """Endings and lessons have words; the filter is allowed all the same."""
    del past
    page = reader.open(AT, words="back", outcome="waiting")
    assert page.status == 200
    assert shown(page) == []


def test_nothing_found_says_what_to_do(room: Newsroom, reader: Reader) -> None:
    """Take a filter away, or look further back than the usual month."""
    ended(room, "old", timedelta(days=60))
    page = reader.open(AT)
    assert "Nothing was found." in page.words
    assert shown(reader.open(page.links["look a year back"])) == ["old"]
    assert "Take one of the filters away." in reader.open(AT, person="zoe").words


def test_words_find_endings_and_lessons_with_what_matched_marked(past: Newsroom, reader: Reader) -> None:
    """The best match first; a lesson leads to its run."""
    _learn(past, "the zone had no capacity: ask for another one", run="second")
    page = reader.open(AT, words="capacity zone")
    assert "2 found by words" in page.words
    assert "<mark>capacity</mark>" in page.text
    assert page.links["second"] == "/console/runs/second"
    assert "1 lessons and 3 endings are searched." in page.words


def test_filters_choose_among_what_has_the_words(past: Newsroom, reader: Reader) -> None:
    """What cannot be combined is said: a lesson has no outcome."""
    _learn(past, "it came back by itself", run="first")
    assert "3 found by words" in reader.open(AT, words="came back").words
    page = reader.open(AT, words="came back", runbook=RUNBOOK)
    assert "1 found by words, of the best 3" in page.words
    assert "a lesson has no runbook" in page.words
    assert "0 found by words" in reader.open(AT, words="came back", until="3d").words
    assert "1 found by words" in reader.open(AT, words="capacity", person="ada").words


def test_words_that_nothing_has_say_what_finds_more(past: Newsroom, reader: Reader) -> None:
    assert "Nothing has these words." in reader.open(AT, words="unheard").words


EVIL = '=HYPERLINK("http://evil.example","pay") <script>alert(1)</script>'


def test_what_a_run_says_is_text(room: Newsroom, reader: Reader) -> None:
    """In a row, in what words find, in a filter and in an address."""
    ended(room, "evil", resource=arn('"><b>x'), symptom=EVIL, words=EVIL, runbook='"><b>x')
    for query in ({}, {"symptom": EVIL}, {"words": "hyperlink"}, {"person": EVIL}, {"after": EVIL}, {"since": EVIL}):
        page = reader.open(AT, **query)
        assert "<script>alert" not in page.text, query
        assert "<b>x" not in page.text, query
    row = reader.open(AT)
    assert EVIL in row.words
    assert shown(reader.open(row.links[EVIL])) == ["evil"]


def test_a_table_to_keep_has_all_of_the_words_and_no_formula(room: Newsroom, reader: Reader) -> None:
    """A cell that begins like a formula begins with an apostrophe; the table answers the same question."""
    ended(room, "evil", words=EVIL + " and so on", actor=ADA)
    ended(room, "other", runbook="scale-out-ecs-service")
    sent = reader.open(f"{AT}.csv", runbook=RUNBOOK)
    assert sent.headers["content-disposition"] == 'attachment; filename="nightcrew-history.csv"'
    (row,) = csv.DictReader(StringIO(sent.text))
    assert row["words"] == f"'{EVIL} and so on"
    assert (row["run"], row["actor"], row["outcome"]) == ("evil", ADA, "cured")


def test_a_file_that_does_not_hold_all_says_where_it_ends(
    past: Newsroom, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its last line, and for programs with the cursor to go on from."""
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    monkeypatch.setattr(export, "MOST_PAGES", 1)
    day = stamp(past.house.crew.installation.clock.now() - timedelta(hours=1))[:10]
    lines = list(csv.DictReader(StringIO(reader.open(f"{AT}.csv").text)))
    assert [line["run"] for line in lines[:-1]] == ["first", "second"]
    assert lines[-1]["run"].startswith("there is more")
    assert day in lines[-1]["run"]
    told = json.loads(reader.open(f"{AT}.json").text)
    assert (told["complete"], [each["run"] for each in told["runs"]]) == (False, ["first", "second"])
    assert shown(reader.open(AT, after=told["after"])) == ["third"]


def test_a_file_for_programs_says_what_was_asked(past: Newsroom, reader: Reader) -> None:
    told = json.loads(reader.open(f"{AT}.json", outcome="failed").text)
    assert (told["asked"], told["complete"], told["note"]) == ({"outcome": "failed"}, True, None)
    assert [each["run"] for each in told["runs"]] == ["second"]
    found = json.loads(reader.open(f"{AT}.json", words="capacity").text)
    assert [each["id"] for each in found["found"]] == ["second"]


def test_a_file_of_a_bad_question_is_a_page_that_says_so(past: Newsroom, reader: Reader) -> None:
    """Nobody keeps an error as a table."""
    sent = reader.open(f"{AT}.csv", since="yesterday")
    assert (sent.status, sent.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "content-disposition" not in sent.headers


def test_refusals_are_told_with_their_gate(room: Newsroom, reader: Reader) -> None:
    refused(room, "a", "cool-down", "it was changed 9 min ago; the cool-down is 15 min (built in)")
    page = reader.open(AT, outcome="refused")
    assert shown(page) == ["refused-a"]
    assert "cool-down it was changed 9 min ago; the cool-down is 15 min (built in)" in page.words


def _learn(room: Newsroom, words: str, *, run: str) -> None:
    crew = room.house.crew
    learn(crew.store, crew.installation.clock, "lesson-one", words, author=ADA, run=run)
