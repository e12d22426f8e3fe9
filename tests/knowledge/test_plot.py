"""Statistics to take along: a picture and a spreadsheet, which anybody's words cannot break."""

import csv
import re
from datetime import date, timedelta
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcrew.knowledge.cells import MOST, cell
from nightcrew.knowledge.markdown import clean
from nightcrew.knowledge.statistics.figures import Figures, Saved
from nightcrew.knowledge.statistics.people import Hands
from nightcrew.knowledge.statistics.plot import plot
from nightcrew.knowledge.statistics.spreadsheet import to_csv
from nightcrew.knowledge.statistics.statistics import Statistics, week_of

SVG = "{http://www.w3.org/2000/svg}"
LAST = date(2026, 11, 21)


def made(*groups: Figures, weeks: int = 3) -> Statistics:
    """Statistics of so many weeks, in the middle one of which something ran."""
    since = LAST - timedelta(weeks=weeks - 1)
    busy = Figures(
        "", {"cured": 3, "failed": 1, "declined": 1}, 7, (300.0, 600.0, 900.0), (Hands(1500.0, 0, "estimate"),)
    )
    names = [week_of(since + timedelta(weeks=number)) for number in range(weeks)]
    told = [Figures(name, busy.outcomes, 7, busy.seconds, busy.people) for name in names[1:2]]
    rest = [Figures(name) for name in names[2:]]
    return Statistics(since, LAST, "runbook", busy, groups, (Figures(names[0]), *told, *rest), {}, (), ())


def texts(picture: str) -> list[str]:
    """Everything that is written in a picture."""
    return [str(each.text) for each in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314  our own


def test_a_picture_says_in_words_what_it_shows() -> None:
    """For who hears it; and marks what was only estimated."""
    root = ET.fromstring(plot(made(), "Nightcrew, prod"))  # noqa: S314  our own
    assert root.get("role") == "img"
    title, said = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert said is not None
    assert title.text == "Nightcrew, prod, 2026-11-07 to 2026-11-21"
    assert "3 of 4 tried helped" in str(said.text)
    assert "2026-W46: 3 helped, 1 did not (ineffective, worse, failed), 1 other, median 10 min." in str(said.text)
    assert "people, median (~ estimated)" in texts(plot(made()))


def test_a_picture_is_for_light_and_for_dark() -> None:
    assert "@media (prefers-color-scheme: dark)" in plot(made())


def test_every_week_with_runs_has_its_bars_and_its_points() -> None:
    """What is not known is no point at zero."""
    root = ET.fromstring(plot(made()))  # noqa: S314  our own
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("class") in {"helped", "not", "other"}]
    high = {str(each.get("class")): float(str(each.get("height"))) for each in bars if float(str(each.get("y"))) > 310}
    assert high["helped"] == pytest.approx(3 * high["not"], abs=0.2)
    assert len(list(root.iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize("weeks", [2, 530])
def test_a_picture_of_nothing_and_one_of_ten_years_can_be_drawn(weeks: int) -> None:
    empty = Statistics(LAST, LAST, "runbook", Figures("all"), (), (Figures("2026-W47"),), {}, (), ())
    assert "no run helped" in texts(plot(empty))
    assert len([each for each in texts(plot(made(weeks=weeks))) if "-W" in each]) <= 10


@given(st.text(), st.text())
def test_no_words_break_a_picture(title: str, name: str) -> None:
    """Whatever an alarm, a stack or a runbook is called."""
    statistics = made()
    renamed = Statistics(**{**vars(statistics), "weeks": (Figures(name), *statistics.weeks[1:])})
    ET.fromstring(plot(renamed, title).encode())  # noqa: S314  our own


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_no_words_break_a_spreadsheet_or_become_a_formula_in_it(words: list[str]) -> None:
    """They stand in it as they are, but for what cannot be printed, and an apostrophe where one is needed."""
    groups = tuple(Figures(word) for word in words)
    lines = list(csv.DictReader(StringIO(to_csv(made(*groups)), newline="")))
    for word, line in zip(words, lines, strict=False):
        assert line["runbook"].replace("'", "") == clean(word, MOST).replace("'", "")
        assert not line["runbook"].strip().startswith(("=", "+", "-", "@", "＝"))  # noqa: RUF001  that, too
        assert not re.search(r";\s*[=+@-]", line["runbook"]), "some spreadsheets divide there"
        assert line["runs"] == "0"


def test_a_formula_in_the_middle_of_a_value_is_none() -> None:
    """Where commas are for decimals, a spreadsheet divides at semicolons; a name may have one otherwise."""
    assert cell("cpu; =cmd|'/c calc'!A1;-2") == "cpu; '=cmd|'/c calc'!A1;'-2"
    assert cell("a;b; c") == "a;b; c"


def test_a_number_below_zero_stays_a_number() -> None:
    """And is no more exact than it was measured."""
    spent = Saved(hands=60.0, lost=0.1 + 0.2, asked=90.0)
    (line, _) = csv.DictReader(StringIO(to_csv(made(Figures("-1", saved=spent)))))
    assert (line["runbook"], line["saved_seconds"], line["lost_seconds"]) == ("'-1", "-30.3", "0.3")


def test_a_spreadsheet_has_a_line_for_each_group_and_its_total_last() -> None:
    """What is not known is empty, and no 0."""
    one = Figures("=restart()", {"cured": 2, "odd": 1}, 4, (60.0, 120.0), (Hands(600.0, 3, "observed"),) * 2)
    lines = list(csv.DictReader(StringIO(to_csv(made(one)))))
    assert [line["runbook"] for line in lines] == ["'=restart()", ""]
    first = lines[0]
    assert (first["runs"], first["cured"], first["other"], first["refused"]) == ("3", "2", "1", "4")
    assert (first["median_seconds"], first["people_sources"], first["saved_seconds"]) == ("90.0", "observed:2", "")
