"""Review: the page's figures are those of the command and of the API, and can be shared, looked up and taken along."""

import csv
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from nightcrew.api.desk import Desk
from nightcrew.api.people import Person, Right
from nightcrew.api.statistics import reckoned, statistics
from nightcrew.knowledge.amounts import long, toil
from nightcrew.knowledge.digest.digest import digest_of
from nightcrew.knowledge.names import short
from nightcrew.knowledge.statistics.plot import plot
from nightcrew.knowledge.statistics.spreadsheet import to_csv
from tests.api.desk import HOME
from tests.console.conftest import ADA
from tests.console.reader import Newsroom, Opened, Reader
from tests.knowledge.chronicle import DAY, INSTANCE, MINUTE, SYMPTOM, Chronicle

GROW, DISK = "grow-ebs-volume", "CWAgent:disk_used_percent:high"
EVIL = "<script>alert(1)</script>"


class Tables(HTMLParser):
    """The rows of each table of a page, by its first heading and its last."""

    def __init__(self, page: Opened) -> None:
        super().__init__()
        self.rows: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append([])
        elif tag in {"th", "td"}:
            self._cell = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td"} and self._cell is not None:
            self.rows[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def table(self, first: str, *others: str) -> list[list[str]]:
        """The lines of the one with these headings among its own."""
        (found,) = [rows for rows in self.rows if rows[0][0] == first and {*others} <= {*rows[0]}]
        return found[1:]


@pytest.fixture
def desk(room: Newsroom) -> Desk:
    """The same ledger, without a page."""
    return Desk(room.door, Person(ADA, frozenset(Right)), HOME, room.files)


@pytest.fixture
def busy(room: Newsroom) -> Chronicle:
    """Three weeks in which something happened."""
    chronicle, now = Chronicle(room.house.crew.store), room.house.crew.installation.clock.now()
    for back in range(3):
        chronicle.ran(now - back * 7 * DAY, resource=str(back))
    chronicle.ran(now - DAY, "failed")
    chronicle.ran(now - DAY, runbook=GROW, family="scale-out", symptom=DISK, asked=2 * MINUTE)
    chronicle.refused(now - DAY)
    chronicle.refused(now - DAY, "lock", runbook=GROW, symptom=DISK)
    chronicle.lasted(now - 9 * DAY, 38 * MINUTE, resource="9")
    return chronicle


@pytest.mark.usefixtures("busy")
def test_the_tables_say_what_the_api_says(reader: Reader, desk: Desk) -> None:
    """Times are told as the command tells them; what is not known is no zero."""
    told, tables = statistics(desk), Tables(reader.open("/console/review"))
    groups = {row[0]: row[1:] for row in tables.table("Runbook", "Saved")}
    assert list(groups) == [each["name"] for each in told["groups"]] == ["restart-ec2-instance", GROW]
    for each in told["groups"]:
        mark = "~ " if "estimate" in each["people_sources"] else ""
        assert groups[each["name"]] == [
            str(each["runs"]),
            f"{each['helped']} of {each['tried']}",
            str(each["refused"]),
            long(each["median_seconds"]),
            long(each["p90_seconds"]),
            mark + long(each["people_median_seconds"]),
            toil(each["saved_seconds"]),
        ]
    weeks = [each for each in told["weeks"] if each["runs"] or each["refused"]]
    assert [row[:4] for row in tables.table("Week", "Median")] == [
        [each["name"], str(each["helped"]), long(each["median_seconds"]), long(each["p90_seconds"])] for each in weeks
    ]
    assert tables.table("Week", "Did not") == [
        [
            each["name"],
            *map(str, (each["runs"], each["helped"], each["tried"] - each["helped"], each["runs"] - each["tried"])),
            str(each["refused"]),
        ]
        for each in weeks
    ]
    assert [row[1] for row in tables.table("Week", "Asked")] == [toil(each["saved_seconds"]) for each in weeks]
    assert {row[0]: int(row[1]) for row in tables.table("Gate")} == told["refused_by_gate"]
    assert tables.table("Symptom", "Alarms") == [
        [each["symptom"], *(str(each[name]) for name in ("alarms", "runs", "helped", "refused"))]
        for each in told["symptoms"]
    ]


@pytest.mark.usefixtures("busy")
def test_an_estimate_is_marked_and_what_was_observed_is_not(reader: Reader) -> None:
    """One symptom was observed in people's hands, of the other there is only its author's word."""
    rows = {row[0]: row[6] for row in Tables(reader.open("/console/review")).table("Runbook", "Saved")}
    assert rows["restart-ec2-instance"] == "38 min"
    assert rows[GROW].startswith("~ ")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("by", ["runbook", "family", "resource", "symptom", "week"])
def test_an_address_says_what_is_shown(reader: Reader, desk: Desk, by: str) -> None:
    """Whoever gets it sees the same: the span and the grouping stand in it, and in the form."""
    page = reader.submit(reader.open("/console/review"), "/console/review", since="20d", by=by)
    names = [short(each["name"]) for each in statistics(desk, since="20d", by=by)["groups"]]
    assert [row[0] for row in Tables(page).table(by.capitalize(), "p90", "Saved")] == names
    assert page.form("/console/review").fields["since"] == "20d"
    assert f"<option selected>{by}</option>" in page.text


@pytest.mark.usefixtures("busy")
def test_names_lead_to_their_runs(reader: Reader, room: Newsroom) -> None:
    """Of the days that are shown."""
    page, today = reader.open("/console/review", since="30d"), room.house.crew.installation.clock.now().date()
    days = {"since": [str(today - timedelta(days=29))], "until": [str(today)]}
    for words, about in ((DISK, {"symptom": [DISK]}), (GROW, {"runbook": [GROW]}), ("lock", {"outcome": ["refused"]})):
        at = urlsplit(page.links[words])
        assert (at.path, parse_qs(at.query)) == ("/console/history", about | days)
        assert GROW in reader.open(page.links[words]).words
    resources = reader.open("/console/review", by="resource").links
    assert parse_qs(urlsplit(resources["i-1"]).query)["resource"] == [INSTANCE.format(1)]


def test_a_ledger_without_runs_says_so(reader: Reader) -> None:
    """And no plot of nothing is drawn."""
    page = reader.open("/console/review")
    assert page.status == 200
    assert "nothing ran, and nothing was refused" in page.words
    assert "<svg" not in page.text


@pytest.mark.parametrize(
    ("field", "value"), [("since", "yesterday"), ("until", "soon"), ("by", "colour"), ("since", "9999d")]
)
def test_a_value_that_is_not_allowed_is_said_at_its_field(reader: Reader, field: str, value: str) -> None:
    """What was typed stays, where it can."""
    page = reader.open("/console/review", **{field: value})
    assert page.status == 422
    assert f'aria-describedby="wrong-{field}"' in page.text
    assert field == "by" or page.form("/console/review").fields[field] == value
    assert reader.open("/console/review.csv", **{field: value}).status == 422


@pytest.mark.usefixtures("busy")
def test_figures_are_taken_along_as_a_spreadsheet(reader: Reader, desk: Desk) -> None:
    """The same as the command writes, of what the page shows."""
    page = reader.open("/console/review", since="20d", by="symptom")
    file = reader.open(page.links["figures as CSV"])
    assert file.text == to_csv(reckoned(desk, since="20d", by="symptom"))
    assert [row["symptom"] for row in csv.DictReader(StringIO(file.text))] == [SYMPTOM, DISK, "all"]
    assert file.headers["content-disposition"].startswith('attachment; filename="nightcrew-')


@pytest.mark.usefixtures("busy")
def test_the_weeks_are_taken_along_as_a_picture(reader: Reader, desk: Desk) -> None:
    """It needs nothing else: it has its colours in it."""
    file = reader.open(reader.open("/console/review").links["the weeks as SVG"])
    assert file.text == plot(reckoned(desk))
    assert "<style>" in file.text
    assert (ET.fromstring(file.text).get("role"), file.headers["content-type"]) == ("img", "image/svg+xml")  # noqa: S314


def test_a_long_past_makes_no_large_page(reader: Reader, room: Newsroom) -> None:
    """A year of weeks is drawn, and the spreadsheet has all; of many resources the busiest stand there."""
    chronicle, now = Chronicle(room.house.crew.store), room.house.crew.installation.clock.now()
    for week in range(60):
        chronicle.refused(now - week * 7 * DAY, resource=f"{'a' * 60}-{week}")
        chronicle.ran(now - week * 7 * DAY, resource=f"{'a' * 60}-{week}")
    page = reader.open("/console/review", since="430d", by="resource")
    assert len(page.text.encode()) < 100_000
    tables = Tables(page)
    assert len(tables.table("Week", "Median")) == 53
    assert len(tables.table("Resource", "Saved")) == 40
    assert "And 20 more" in page.words
    assert reader.open(page.links["all weeks as CSV"]).text.count("\n") == 62


def test_what_an_alarm_is_called_arrives_as_text(reader: Reader, room: Newsroom) -> None:
    """On the page, in its plots, in its links, and in the digest."""
    chronicle, now = Chronicle(room.house.crew.store), room.house.crew.installation.clock.now()
    symptom, odd = f"AWS/EC2:{EVIL}:high", 'i "1"&\''
    for number in range(4):
        chronicle.ran(now - MINUTE, symptom=symptom, resource=f"{odd}{number % 3}")
        chronicle.refused(now - MINUTE, EVIL, symptom=symptom, resource=f"{odd}1")
    for at in ("/console/review?by=symptom", "/console/review?by=resource", "/console/review/digest"):
        page = reader.open(at)
        assert page.status == 200
        assert EVIL not in page.text
        assert EVIL in page.words
    links = reader.open("/console/review", by="resource").links
    assert parse_qs(urlsplit(links[f"i-{odd}1"]).query)["resource"] == [INSTANCE.format(f"{odd}1")]


@pytest.mark.usefixtures("busy")
def test_a_second_look_counts_only_the_last_days(desk: Desk) -> None:
    """Though a viewer can keep no day in the table."""
    assert statistics(desk)["reads"] > 50
    assert statistics(desk)["reads"] < 15


def test_the_digest_says_what_to_mend(reader: Reader, room: Newsroom, desk: Desk) -> None:
    """In the words of the command, each with the way to where it comes from."""
    chronicle, now = Chronicle(room.house.crew.store), room.house.crew.installation.clock.now()
    for minute in range(14):
        chronicle.ran(now - minute * MINUTE)
    page, today = reader.open("/console/review/digest"), now.date()
    families = {name: runbook.family for name, runbook in desk.catalog.items()}
    by_hand = {name: runbook.by_hand for name, runbook in desk.catalog.items()}
    made = digest_of(desk.store, today - 6 * DAY, today, now, families=families, by_hand=by_hand)
    assert made.headline in page.words
    assert "i-1 was restarted 14 times: toil hides a fault" in page.words
    for line in (line for section in made.sections for line in section.lines):
        assert line.said.plain.replace(" ", "") in page.words.replace(" ", "")
    (at,) = [at for words, at in page.links.items() if words.startswith("runs: i-1 was restarted 14 times")]
    assert parse_qs(urlsplit(at).query)["resource"] == [INSTANCE.format(1)]
    assert reader.open(page.links["the digest as Markdown"]).text == made.markdown()


def test_a_quiet_week_is_one_sentence(reader: Reader) -> None:
    page = reader.open("/console/review/digest")
    assert "A quiet week" in page.words
    assert "<h2" not in page.text


@pytest.mark.parametrize("since", ["never", "400d"])
def test_a_digest_of_no_span_is_said_at_the_field(reader: Reader, since: str) -> None:
    page = reader.open("/console/review/digest", since=since)
    assert page.status == 422
    assert 'aria-describedby="wrong-since"' in page.text


def test_restore_drills_stand_beside_the_figures_and_in_none_of_them(
    reader: Reader, busy: Chronicle, room: Newsroom
) -> None:
    """A line says how many held; the tables are as they were."""
    before = reader.open("/console/review")
    assert "restore drill" not in before.words
    ended = room.house.crew.installation.clock.now() - timedelta(hours=1)
    drill: dict[str, Any] = {
        "runbook": "drill-rds-restore",
        "family": "restore",
        "resource": f"{INSTANCE.format(9)}/drill",
    }
    for outcome in ("succeeded", "ineffective"):
        busy.ran(ended, outcome, took=90 * MINUTE, symptom="drill", **drill)
    page = reader.open("/console/review")
    assert "Beside these 1 of 2 restore drills held, median 1 h 30 min" in page.words
    assert Tables(page).rows == Tables(before).rows
