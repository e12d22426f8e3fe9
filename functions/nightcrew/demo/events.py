"""The events that the demo plays: where they are, and how they come to be of now."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightcrew.clock import moment
from nightcrew.errors import BadInput, Unknown

HERE = Path(__file__).resolve().parents[3] / "events"
"""Of the repository's checkout; they are not installed along."""

_FORMS = (
    # As EventBridge, CloudWatch, and CloudWatch in its words for people write a time.
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"), "%Y-%m-%dT%H:%M:%S.%f%z"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "%Y-%m-%dT%H:%M:%SZ"),
    (re.compile(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d"), "%d/%m/%y %H:%M:%S"),
    (re.compile(r"[A-Z][a-z]+day \d\d [A-Z][a-z]+, \d{4} \d\d:\d\d:\d\d UTC"), "%A %d %B, %Y %H:%M:%S UTC"),
)

Event = dict[str, Any]


def read(file: Path) -> Event:
    """An event from a file. Raises BadInput where it holds none."""
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput("event", str(file), f"a file with one EventBridge event as JSON ({error})") from error
    if not isinstance(event, dict):
        raise BadInput("event", str(file), "one EventBridge event: a JSON object")
    return event


def named(name: str, directory: Path = HERE) -> Event:
    """An event of ``events/``. Raises Unknown where the directory, or the event, is missing."""
    file = directory / f"{name}.json"
    if not file.is_file():
        raise Unknown(
            f"there is no {file}: the demo plays the events of Nightcrew's repository; --events DIR says where"
        )
    return read(file)


def happened(event: Mapping[str, Any]) -> datetime | None:
    """When the alarm changed its state, or the event happened; None for what tells no such time."""
    try:
        if event["source"] != "aws.cloudwatch":
            return moment(event["time"])
        return moment(event["detail"]["state"]["timestamp"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def moved(event: Event, by: timedelta) -> Event:
    """The same event, some time later: every time in it is moved, those in its texts as well."""
    text = json.dumps(event)
    for form, written in _FORMS:
        text = form.sub(_mover(written, by), text)
    later: Event = json.loads(text)
    return later


def _mover(written: str, by: timedelta) -> Callable[[re.Match[str]], str]:
    def move(found: re.Match[str]) -> str:
        try:
            later = datetime.strptime(found[0], written) + by  # noqa: DTZ007  UTC, and written back as it was
        except (ValueError, OverflowError):
            return found[0]  # it only looks like a time
        text = later.strftime(written)
        # CloudWatch writes milliseconds.
        return re.sub(r"\.(\d{3})\d{3}", r".\1", text)

    return move
