"""A checked policy as JSON text: what a function that starts cold loads, without YAML and without a validator.

``policy_file.load`` checks the text that people write; ``compiled`` keeps the result, and ``from_compiled`` reads it
back as it was. It is not for people to write, so it is parsed and not checked again.

An item is kept field by field, each as its type says: a section needs nothing of its own here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from types import NoneType, UnionType
from typing import Any, NamedTuple, get_args

from nightcrew.admission.game_day import Fault
from nightcrew.admission.policy import SECTIONS, Policy, When
from nightcrew.admission.policy_item import Item
from nightcrew.admission.settings import KINDS, LEVEL, Level
from nightcrew.errors import BadPolicy

FORM = 5
"""Changes when an older text can no longer be read: compile the policy again then."""


def compiled(policy: Policy) -> str:
    """The policy as JSON text, the same text for the same policy."""
    content = {
        "form": FORM,
        "version": policy.version,
        "file": policy.file,
        "defaults": _written(policy.defaults),
        **{kind.SECTION: [_kept(each) for each in policy.items(kind)] for kind in SECTIONS},
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_compiled(text: str) -> Policy:
    """The policy that ``compiled`` wrote. Raises BadPolicy where the text is of another form, or none at all."""
    try:
        content = json.loads(text)
        if content["form"] != FORM:
            raise BadPolicy("compiled policy", 0, "form", content["form"], f"form {FORM}; compile the policy again")
        sections: dict[str, Any] = {kind.SECTION: _items(kind, content[kind.SECTION]) for kind in SECTIONS}
        return Policy(version=content["version"], file=content["file"], defaults=_read(content["defaults"]), **sections)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadPolicy("compiled policy", 0, "text", text, f"what `compiled` wrote ({error!r})") from error


def _kept(item: Item) -> dict[str, Any]:
    return {name: _unless_none(way.write, getattr(item, name)) for name, way in _ways(type(item)).items()}


def _items(kind: type[Item], kept: list[Mapping[str, Any]]) -> tuple[Item, ...]:
    ways = _ways(kind)
    found = []
    for number, each in enumerate(kept):
        if each.keys() != ways.keys():  # what is passed over would make an item apply to more
            raise ValueError(f"{kind.SECTION}: {each.keys() ^ ways.keys()}")
        values: dict[str, Any] = {name: _unless_none(way.read, each[name]) for name, way in ways.items()}
        found.append(kind(number=number, **values))
    return tuple(found)


def _unless_none(way: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else way(value)


class _Way(NamedTuple):
    """How a value of one type becomes JSON, and is read back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _written(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: KINDS[name].write(value) for name, value in values.items()}


def _read(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: KINDS[name].read(text) for name, text in values.items()}


def _as_it_is(value: Any) -> Any:
    return value


_WAYS: Mapping[Any, _Way] = {
    str: _Way(_as_it_is, _as_it_is),
    int: _Way(_as_it_is, _as_it_is),
    tuple[str, ...]: _Way(list, tuple),
    Mapping[str, str]: _Way(dict, dict),
    Mapping[str, Any]: _Way(_written, _read),  # settings
    Level: _Way(LEVEL.write, LEVEL.read),
    timedelta: _Way(lambda length: int(length.total_seconds()), lambda seconds: timedelta(seconds=seconds)),
    When: _Way(lambda when: dict(when.given), lambda given: When(**given)),
    Fault: _Way(lambda fault: [fault.kind, fault.target], lambda pair: Fault(*pair)),
}


def _ways(kind: type[Item]) -> dict[str, _Way]:
    """By field; but for the number, which is the place in the list."""
    return {each.name: _WAYS[_plain(each.type)] for each in fields(kind) if each.name != "number"}


def _plain(annotation: Any) -> Any:
    """The type of a field that may be None."""
    if not isinstance(annotation, UnionType):
        return annotation
    [only] = (each for each in get_args(annotation) if each is not NoneType)
    return only
