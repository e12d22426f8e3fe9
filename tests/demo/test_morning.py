"""The morning after, as it is shown: it fits the terminal, and nothing in it needs a colour."""

import io
from pathlib import Path

import pytest
from rich.text import Text

from nightcrew.cli import morning as view
from nightcrew.cli.output import Output
from nightcrew.demo import safety
from nightcrew.demo.morning import LEARNED, SOUGHT, Morning, morning
from nightcrew.demo.stage import Played
from nightcrew.demo.story import Chapter, Night
from nightcrew.dispatch.answer import Answer
from tests.demo.conftest import Build

EVENTS = Path(__file__).parent.parent.parent / "events"


def looked_at(build: Build) -> tuple[Morning, list[str], list[str]]:
    """What is looked at after a night of one run that failed; at 80 columns, and at 120 with colours."""
    stage = build(faults=[safety.no_room])
    played = safety.undone(stage, EVENTS)
    after = morning(stage, Night([(Chapter("it fails", "failed"), played)]))
    assert after is not None
    pages = []
    for width, color in ((80, False), (120, True)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COLUMNS", str(width))
            if color:
                patch.setenv("FORCE_COLOR", "1")
            out = io.StringIO()
            view.show(after, stage.clock.now(), Output(stdout=out, color=color))
            pages.append([Text.from_ansi(line).plain.rstrip() for line in out.getvalue().splitlines()])
    return after, pages[0], pages[1]


def test_each_command_stands_above_what_it_says(build: Build) -> None:
    """Recall, a lesson, the search that finds it by other words, the post-mortem's first lines, the statistics."""
    after, narrow, wide = looked_at(build)
    for page, width in ((narrow, 80), (wide, 120)):
        typed = [line for line in page if line.startswith("$ ")]
        assert [line.split()[2] for line in typed] == ["recall", "learn", "search", "postmortem", "stats"]
        assert max(len(line) for line in page if line not in typed) <= width
    text = " ".join(" ".join(narrow).split())
    assert f"Ada wrote: {LEARNED}" in text
    assert "[vCPU] [limit]" in text  # without a colour the match stands in brackets
    assert f"$ nightcrew postmortem {after.run} Post-mortem: checkout-web-4-instance-check" in text
    assert "ended as failed" in text
    assert "it was over not known" in text
    assert "0 of 1 that were tried helped" in text
    assert SOUGHT not in LEARNED.lower()


def test_a_night_in_which_nothing_ran_teaches_nothing(build: Build) -> None:
    """And the demo says what was promised all the same."""
    assert morning(build(), Night([(Chapter("well", "cured"), Played("left", Answer("left", "")))])) is None
