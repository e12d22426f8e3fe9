"""An exported history: one JSON file with what the AWS CLI prints, joined. docs/backtest.md says how to make one."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightcrew.clock import stamp
from nightcrew.dispatch.backtest.recorded import Recorded, alarms_of, changes_of, recorded
from nightcrew.errors import BadEvent, BadInput
from nightcrew.signals.reading import bad, text
from nightcrew.spelling import one_of

KEYS = ("MetricAlarms", "CompositeAlarms", "AlarmHistoryItems", "Tags")


def from_file(file: Path, since: timedelta | datetime | None = None) -> Recorded:
    """The history in ``file``. A ``since`` that is a duration counts back from its last change.

    Raises BadInput: its field names the file and the path in it.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(str(file), file.name, f"it must be a file of JSON in UTF-8 ({reason})") from error
    try:
        return _read(content, str(file), since)
    except BadEvent as wrong:
        raise BadInput(f"{file}: {wrong.field}", wrong.value, wrong.allowed) from wrong


def _read(content: Any, source: str, since: timedelta | datetime | None) -> Recorded:
    if not isinstance(content, dict):
        raise bad("the file", content, f"it must be one object with {', '.join(KEYS[:3])}")
    for key in content:
        # What the CLI prints beside them (NextToken, LogAlarms) is no error; a misspelt list would be an empty one.
        if key.lower() in {known.lower() for known in KEYS} and key not in KEYS:
            raise bad(key, key, one_of(KEYS, key))
    items = content.get("AlarmHistoryItems")
    if not isinstance(items, list):
        raise bad("AlarmHistoryItems", items, "it must be a list, as describe-alarm-history prints it")
    if not any(key in content for key in KEYS[:2]):
        raise bad("MetricAlarms", None, "it must be a list, as describe-alarms prints it (or CompositeAlarms)")
    changes = list(changes_of(items))
    if not changes:
        raise bad("AlarmHistoryItems", items, "it must hold at least one item of the type StateUpdate")
    alarms = alarms_of(content, _tags(content.get("Tags", {})))
    last = max(each.at for each in changes)
    begin = _before(last, since) if isinstance(since, timedelta) else since
    if begin is not None and begin > last:
        raise bad("since", stamp(begin), f"it must be before the last change in it, {stamp(last)}")
    return recorded(source, alarms, changes, since=begin)


def _before(last: datetime, span: timedelta) -> datetime | None:
    """So long before; None where the calendar does not go back so far."""
    try:
        return last - span
    except OverflowError:
        return None


def _tags(written: Any) -> dict[str, Mapping[str, str]]:
    """``{"arn:…": [{"Key": …, "Value": …}]}``, the lists as list-tags-for-resource prints them."""
    if not isinstance(written, dict):
        raise bad("Tags", written, "it must be an object: the ARN of an alarm, and its list of tags")
    found: dict[str, Mapping[str, str]] = {}
    for arn, tags in written.items():
        where = f"Tags.{arn}"
        if not isinstance(tags, list) or not all(isinstance(each, dict) for each in tags):
            raise bad(where, tags, "it must be a list of Key and Value, as list-tags-for-resource prints it")
        found[arn] = {text(each, "Key", where): str(each.get("Value", "")) for each in tags}
    return found
