"""What an event that is no alarm's says: the texts in it, by their paths; its name, its identity, and words for people.

Nobody vouches for the event. A text that is unfit (control characters, longer than 2,048 characters) is not kept, and
so no trigger finds it; numbers and the like are no names of anything, and are not kept either.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.clock import stamp
from nightcrew.signals.reading import LONGEST, bad, is_text

RESOURCES = "$.resources"
"""The path of the list of ARNs beside ``detail``: every other path begins in ``detail``."""

MOST = 5_000
"""Places in an event's detail. A Health event about a hundred resources has some five hundred."""

DEEPEST = 10

_TELLING = ("eventTypeCode", "EventID", "eventName", "state", "lastStatus", "status")
"""Which of its kind an event is: the first that is there. AWS Health, RDS, ECS services, EC2 and Backup, ECS tasks."""

_WORD = re.compile(r"[\w.:/ -]{1,128}", re.ASCII)

_SAID = (
    *("Message", "reason", "containers.reason", "stoppedReason", "StatusMessage", "statusMessage"),
    "eventDescription.latestDescription",
)
"""Where the words for people are: RDS, ECS, Auto Scaling, Backup, AWS Health."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a source other than CloudWatch's alarms. It has no state, and nothing says later that it is over."""

    source: str
    """``aws.ec2``, or the source of a team's own events."""
    kind: str
    """Its ``detail-type``."""
    values: Mapping[str, tuple[str, ...]]
    """The texts in ``detail`` by their paths, ``affectedEntities.entityValue``, lists on the way passed over; and the
    event's ``resources`` as ``$.resources``. Each at least once, in the event's order."""
    identity: str
    """Equal for the same event once more, also where its service sent it twice, each time with another id."""

    @property
    def name(self) -> str:
        """``aws.rds:RDS DB Instance Event:RDS-EVENT-0007``: what policy, ledger and chain know it by."""
        for path in _TELLING:
            words = self.values.get(path, ())
            if len(words) == 1 and _WORD.fullmatch(words[0]):
                return f"{self.source}:{self.kind}:{words[0]}"
        return f"{self.source}:{self.kind}"


def happening(source: str, kind: str, sender: tuple[str, str], at: datetime, event: Mapping[str, Any]) -> Happening:
    """Read what the event says. ``sender`` is its account and Region, ``at`` its time. Raises BadEvent where there is
    too much of it.
    """
    found = _texts(event["detail"], event.get("resources"))
    values = {path: tuple(dict.fromkeys(texts)) for path, texts in found.items()}
    return Happening(source, kind, values, _identity((source, kind, *sender), at, values))


def said(detail: Mapping[str, Any]) -> str:
    """What it says to people, cut; empty where it says nothing."""
    for path in _SAID:
        for text in _at(detail, path.split(".")):
            return _UNFIT.sub(" ", text[:LONGEST]).strip()
    return ""


def _texts(detail: Mapping[str, Any], resources: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    left: list[tuple[str, int, Any]] = [("", 0, detail), (RESOURCES, 1, resources)]
    seen = 0
    while left:
        path, depth, value = left.pop()
        seen += 1
        if seen > MOST or depth > DEEPEST:
            raise bad("detail", detail, f"it must have at most {MOST} values, {DEEPEST} deep")
        if isinstance(value, dict):
            # A name with a dot in it could pass for a path, and one with a dollar for what is beside the detail.
            names = [name for name in value if is_text(name) and "." not in name and name[0] != "$"]
            inside = [(f"{path}.{name}" if path else name, depth + 1, value[name]) for name in names]
            left += reversed(inside)
        elif isinstance(value, list):
            left += [(path, depth + 1, each) for each in reversed(value[: MOST + 1])]
        elif is_text(value):
            found.setdefault(path, []).append(value)
    return found


def _identity(whose: tuple[str, str, str, str], at: datetime, values: Mapping[str, tuple[str, ...]]) -> str:
    """AWS Health says itself what is the same message (its user guide, "Reference: AWS Health events Amazon EventBridge
    schema": messages of one ``communicationId`` are copies, or pages). Of any other the same words at the same time
    are: its id is its sender's, and ECS, for one, may send an event twice.
    """
    message = values.get("communicationId") if whose[0] == "aws.health" else None
    if message:
        told = [whose[:3], message, values.get("page", ()), values.get("affectedEntities.entityValue", ())]
    else:
        told = [whose, (stamp(at),), *(part for path, texts in sorted(values.items()) for part in ((path,), texts))]
    # Of all texts none has a control character.
    text = "\n".join("\t".join(part) for part in told)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _at(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value[:100]:
            if not isinstance(each, list):
                yield from _at(each, path)
    elif not path:
        if isinstance(value, str) and value:
            yield value
    elif isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])
