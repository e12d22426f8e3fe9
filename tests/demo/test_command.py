"""``nightcrew demo`` as it is typed: what it refuses, and what it lists."""

from pathlib import Path

import pytest

from nightcrew.cli.group import root

EVENTS = Path(__file__).parent.parent.parent / "events"


def run(*arguments: str) -> int:
    """The exit code of ``nightcrew demo …``."""
    with pytest.raises(SystemExit) as ended:
        root.main(["demo", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--event", str(EVENTS / "composite.json"), "--fault", "kill"],
        ["--port", "8000"],
        ["--fault", "flood"],
        ["--event", "nowhere.json"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(arguments: list[str]) -> None:
    """Nothing is played."""
    assert run(*arguments) == 2


@pytest.mark.parametrize("name", ["malformed", "not-an-alarm"])
def test_an_event_that_is_none_is_refused_before_anything_is_made(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the field, what it is and what is allowed."""
    assert run("--event", str(EVENTS / f"{name}.json")) == 2
    assert "is not allowed" in capsys.readouterr().err


def test_the_chapters_are_listed_without_playing_them(capsys: pytest.CaptureFixture[str]) -> None:
    """With the files that they play, and how they end."""
    assert run("--list") == 0
    listed = capsys.readouterr().out
    assert "events/ec2-status-check.json" in listed
    assert "succeeded" in listed


def test_events_that_are_nowhere_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is played."""
    assert run("--events", str(tmp_path)) == 2
    assert "--events DIR" in " ".join(capsys.readouterr().err.split())
