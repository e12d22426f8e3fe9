"""Events come to be of now, and where they are."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from nightcrew.demo.events import moved, named, read
from nightcrew.errors import BadInput, Unknown
from nightcrew.signals import signal_from


def test_every_time_in_an_event_moves_along() -> None:
    """Those of EventBridge and CloudWatch, those in the reason, and those in figures that are text in the text."""
    text = json.dumps(moved(named("ec2-status-check"), timedelta(days=40, hours=1)))
    assert "2026-11-2" not in text
    assert "/11/26" not in text
    assert "2026-12-31T04:00:04Z" in text
    assert "31/12/26 03:59:00" in text
    assert '\\"queryDate\\":\\"2026-12-31T04:00:04.116+0000\\"' in text


def test_a_composite_alarm_s_words_move_along() -> None:
    """CloudWatch writes them as people do."""
    reason = moved(named("composite"), timedelta(days=1))["detail"]["state"]["reason"]
    assert "Sunday 22 November, 2026 03:03:41 UTC" in reason


def test_an_event_that_was_moved_tells_the_same() -> None:
    """But for its time."""
    before = signal_from(named("contributor"))
    after = signal_from(moved(named("contributor"), timedelta(minutes=5)))
    assert after.at - before.at == timedelta(minutes=5)
    assert (after.name, after.direction, after.contributor) == (before.name, before.direction, before.contributor)


def test_events_that_cannot_be_found_are_told_with_the_option_that_helps(tmp_path: Path) -> None:
    """They are not installed along with Nightcrew."""
    with pytest.raises(Unknown, match="--events DIR"):
        named("ec2-status-check", tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '"event"'])
def test_a_file_without_an_event_is_refused(tmp_path: Path, text: str) -> None:
    """Named, and with what is allowed."""
    file = tmp_path / "event.json"
    file.write_text(text)
    with pytest.raises(BadInput, match="event"):
        read(file)
