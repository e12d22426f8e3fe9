"""YAML as text with lines: every scalar as it was written, and on which line each key and value stands.

Scalars stay text, so that YAML's surprises (``no`` is false, ``0123`` is octal, ``1:30`` is ninety) never reach a
policy: an account or a cluster's name is what stands in the file. A key that stands twice, an alias and a second
document are refused.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from nightcrew.admission.policy_item import Place, path_of
from nightcrew.errors import BadPolicy

_DEEP = 10


def read(text: str, file: str) -> tuple[Any, Mapping[Place, int]]:
    """The document as dicts, lists and text, and the line of each place. An empty one is an empty dict."""
    try:
        _check(text, file)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = _at(error.problem_mark or error.context_mark)
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise BadPolicy(file, line, "YAML", _line(text, line), f"YAML that can be read: {said}") from error
    except yaml.YAMLError as error:
        said = str(error).partition("\n")[0]
        raise BadPolicy(file, 1, "YAML", _line(text, 1), f"YAML that can be read: {said}") from error
    lines: dict[Place, int] = {(): 1}
    return ({} if node is None else _content(node, (), lines, file)), lines


def _check(text: str, file: str) -> None:
    """Refuse what should not be put together at all: aliases, and depth without end."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent):
            said = "write it out: each line says what it does"
            raise BadPolicy(file, _at(event.start_mark), "alias", f"*{event.anchor}", said)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEP:
            line = _at(event.start_mark)
            raise BadPolicy(file, line, "YAML", _line(text, line), f"at most {_DEEP} levels, one in another")


def _content(node: Any, place: Place, lines: dict[Place, int], file: str) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_content(each, (*place, number), lines, file) for number, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, file)
    return node.value


def _mapping(node: Any, place: Place, lines: dict[Place, int], file: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise BadPolicy(file, line, path_of(place), "a key that is not text", "a name")
        if key.value in content:
            first = lines[(*place, key.value)]
            once = f"it may stand once, and is on line {first} already"
            raise BadPolicy(file, line, path_of((*place, key.value)), key.value, once)
        lines[(*place, key.value)] = line
        content[key.value] = _content(value, (*place, key.value), lines, file)
    return content


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a place, or of the nearest one around it that stands in the file."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _at(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _line(text: str, number: int) -> str:
    found = text.splitlines()[number - 1 : number]
    return found[0].strip() if found else ""
