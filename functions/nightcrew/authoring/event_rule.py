"""The event rule's pattern, from what the catalog's triggers declare, as it stands in template.yaml (``make roles``).

Only what some runbook answers is let in: each further event would cost a message and a look. The pattern's language is
that of the EventBridge user guide, "Event patterns"; a test holds it against the triggers, event by event.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nightcrew.authoring.events import Event
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadInput
from nightcrew.signals import RESOURCES

BEGIN = "# events: written by `make roles`"
END = "# events: end"

LONGEST = 2048
"""Characters of a pattern: what EventBridge takes unless an account asks for more (user guide, "Amazon EventBridge
quotas").
"""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ._/-]*")
_NO_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""What YAML would read as something else."""


def pattern_of(runbooks: Iterable[Runbook]) -> dict[str, Any]:
    """The pattern that lets in what these runbooks' triggers may answer; empty where they answer no event."""
    found: list[dict[str, Any]] = []
    for each in runbooks:
        for trigger in each.triggers:
            if isinstance(trigger, Event):
                _add(found, _pattern(trigger))
    found.sort(key=lambda each: (each["source"], each["detail-type"], str(each.get("detail"))))
    return {"$or": found} if found else {}


def rewritten(template: str, catalog: Mapping[str, Runbook]) -> str:
    """The template's text with the pattern that the catalog wants, in each of its places. Raises BadInput without
    one.
    """
    place = re.compile(rf"^( *){re.escape(BEGIN)}\n(?:.*\n)*?\1{re.escape(END)}$", re.MULTILINE)
    wanted = pattern_of(catalog.values()) or {"source": ["nightcrew.nothing"]}
    lines = [BEGIN, *_lines(wanted), END]
    text, places = place.subn(lambda found: "\n".join(found[1] + each for each in lines), template)
    if not places:
        raise BadInput("template", "events", f"it must have the lines {BEGIN!r} and {END!r}, equally indented")
    return text


def _pattern(trigger: Event) -> dict[str, Any]:
    made: dict[str, Any] = {"source": [trigger.source], "detail-type": [trigger.kind]}
    for path, wanted in trigger.where.items():
        holder, names = made, ["resources"] if path == RESOURCES else ["detail", *path.split(".")]
        for name in names[:-1]:
            holder = holder.setdefault(name, {})
        holder[names[-1]] = [{"prefix": each[:-1]} if each.endswith("*") else each for each in wanted]
    return made


def _add(found: list[dict[str, Any]], new: dict[str, Any]) -> None:
    """One pattern for those that differ in the texts at one place only."""
    for each in found:
        if each == new:
            return
        one, other = _leaves(each), _leaves(new)
        differ = [path for path in one if path in other and one[path] != other[path]]
        if one.keys() == other.keys() and len(differ) == 1 and differ[0] not in {("source",), ("detail-type",)}:
            one[differ[0]] += [text for text in other[differ[0]] if text not in one[differ[0]]]
            return
    found.append(new)


def _leaves(pattern: Mapping[str, Any], way: tuple[str, ...] = ()) -> dict[tuple[str, ...], list[Any]]:
    leaves: dict[tuple[str, ...], list[Any]] = {}
    for name, value in pattern.items():
        leaves |= _leaves(value, (*way, name)) if isinstance(value, dict) else {(*way, name): value}
    return leaves


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    """As YAML, in the template's own manner."""
    for name, inside in value.items():
        if isinstance(inside, dict):
            yield f"{indent}{_plain(name)}:"
            yield from _lines(inside, indent + "  ")
        elif all(isinstance(each, str) for each in inside) and len(inside) == 1:
            yield f"{indent}{_plain(name)}: [{_plain(inside[0])}]"
        else:
            yield f"{indent}{_plain(name)}:"
            yield from _items(inside, indent + "  ")


def _items(values: Iterable[Any], indent: str) -> Iterator[str]:
    for each in values:
        if isinstance(each, str):
            yield f"{indent}- {_plain(each)}"
            continue
        first, *others = _lines(each)
        yield f"{indent}- {first}"
        yield from (f"{indent}  {other}" for other in others)


def _plain(text: str) -> str:
    if text == "$or" or (_PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _NO_TEXT):
        return text
    return "'" + text.replace("'", "''") + "'"
