"""Plots in a page: they say in words what they show, the style sheet colours them, and no words break them."""

import re
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from nightcrew.console import plots
from nightcrew.knowledge.statistics.figures import Figures, Saved
from nightcrew.knowledge.statistics.people import Hands
from nightcrew.knowledge.statistics.statistics import Recurring, Statistics, week_of

LAST = date(2026, 11, 21)
BUSY = Figures(
    "2026-W46",
    {"cured": 3, "failed": 1, "declined": 1},
    7,
    (300.0, 600.0, 900.0),
    (Hands(1500.0, 0, "estimate"),),
    Saved(3600.0, 600.0),
)
COSTLY = Figures("2026-W47", {"failed": 2}, saved=Saved(0.0, 1800.0))
WEEKS = (Figures("2026-W45"), BUSY, COSTLY)
TOLD = Statistics(LAST - timedelta(weeks=2), LAST, "runbook", replace(BUSY, name="all"), (), WEEKS, {}, (), ())
OFTEN = (Recurring("AWS/EC2:CPUUtilization:high", 8, 6, 4, 2), Recurring("b", 4, 4, 4, 0))

EVERY = {
    "times": plots.times_to_remediate(TOLD, WEEKS),
    "outcomes": plots.outcomes(TOLD, WEEKS),
    "toil": plots.toil_saved(TOLD, WEEKS),
    "gates": plots.refusals([("cool-down", 4), ("lock", 1)]),
    "symptoms": plots.symptoms(OFTEN),
}


def drawn(picture: Markup) -> ET.Element:
    """As a browser reads it."""
    return ET.fromstring(picture)  # noqa: S314  our own


def bars(picture: Markup, kind: str) -> list[tuple[float, float, float, float]]:
    """x, y, width and height of each bar of a kind, without the legend's."""
    found = [each.attrib for each in drawn(picture).iter("rect") if each.get("class") == kind]
    sized = [(float(at["x"]), float(at["y"]), float(at["width"]), float(at["height"])) for at in found]
    return [each for each in sized if each[2:] != (10.0, 10.0)]


@pytest.mark.parametrize("name", EVERY)
def test_a_plot_says_what_it_shows(name: str) -> None:
    """To who hears it: it is one picture, with a title and a description of its own."""
    root = drawn(EVERY[name])
    ids = str(root.get("aria-labelledby")).split()
    said = {str(each.get("id")): str(each.text) for each in root if each.tag in {"title", "desc"}}
    assert root.get("role") == "img"
    assert list(said) == ids
    assert all(each.strip() for each in said.values())


@pytest.mark.parametrize("name", EVERY)
def test_a_plot_has_no_colours_of_its_own(name: str) -> None:
    """The page's policy lets in no style but the sheet's, which has a rule for each kind of mark: light and dark."""
    sheet = files("nightcrew.console").joinpath("static", "console.css").read_text(encoding="utf-8")
    for each in drawn(EVERY[name]).iter():
        assert each.tag != "style"
        assert not {"style", "fill", "stroke"} & {*each.keys()}
        kind = each.get("class")
        assert kind is None or kind == "plot" or re.search(rf"\.plot \.{kind}\b", sheet), kind


def test_ids_of_a_page_are_each_ones_own() -> None:
    found = [each.get("id") for name in EVERY for each in drawn(EVERY[name]).iter() if each.get("id")]
    assert len(found) == len(set(found)) == 2 * len(EVERY)


def test_what_was_estimated_is_marked() -> None:
    """An estimate is never shown as if it had been seen."""
    for name in ("times", "toil"):
        assert "~ estimated" in EVERY[name]
    seen = replace(TOLD, total=replace(TOLD.total, people=(Hands(1500.0, 4, "observed"),)))
    assert "~" not in plots.times_to_remediate(seen, WEEKS) + plots.toil_saved(seen, WEEKS)


def test_bars_are_as_high_as_what_they_stand_for() -> None:
    (helped,), not_helped = bars(EVERY["outcomes"], "helped"), bars(EVERY["outcomes"], "not")
    assert helped[3] == pytest.approx(3 * not_helped[0][3], abs=0.2)
    assert not_helped[1][3] == pytest.approx(2 * not_helped[0][3], abs=0.2)
    assert not_helped[0][1] + not_helped[0][3] == pytest.approx(helped[1], abs=0.2)  # one stands on the other


def test_what_was_lost_hangs_below_the_line() -> None:
    """3000 s were saved in one week, 1800 s lost in the next."""
    (up,), (down,) = bars(EVERY["toil"], "saved"), bars(EVERY["toil"], "lost")
    assert up[1] + up[3] == pytest.approx(down[1], abs=0.2)
    assert up[3] / down[3] == pytest.approx(3000 / 1800, abs=0.05)


def test_a_lying_bar_has_its_parts_side_by_side() -> None:
    first, second = bars(EVERY["symptoms"], "helped")
    (refused,) = bars(EVERY["symptoms"], "refused")
    assert first[2] == pytest.approx(second[2], abs=0.2) == pytest.approx(2 * refused[2], abs=0.2)
    assert refused[0] + refused[2] == pytest.approx(first[0] + 2 * first[2], abs=0.2)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_drawn_beyond_the_edge(name: str) -> None:
    """A phone shows all of it."""
    for kind in ("helped", "not", "other", "refused", "saved", "lost"):
        assert all(x >= 0 and x + wide <= plots.WIDE and y >= 0 for x, y, wide, _ in bars(EVERY[name], kind))
    assert all(float(each.get("x", 0)) <= plots.WIDE for each in drawn(EVERY[name]).iter("text"))


def test_a_week_of_nothing_and_a_year_can_be_drawn() -> None:
    empty = replace(TOLD, total=Figures("all"))
    year = [Figures(week_of(LAST - timedelta(weeks=53 - number))) for number in range(53)]
    for weeks in ([Figures("2026-W47")], year):
        for draw in (plots.times_to_remediate, plots.outcomes, plots.toil_saved):
            names = [str(each.text) for each in drawn(draw(empty, weeks)).iter("text") if "-W" in str(each.text)]
            assert 1 <= len(names) <= 6


@given(st.text(min_size=1), st.integers(1, 10**6))
def test_no_words_break_a_plot(words: str, count: int) -> None:
    """Whatever an alarm or a gate is called: it is text, and nothing of it markup."""
    for picture in (plots.refusals([(words, count)]), plots.symptoms([Recurring(words, count, 0, 0, count)])):
        assert {each.tag for each in drawn(picture).iter()} <= {"svg", "title", "desc", "text", "rect"}
