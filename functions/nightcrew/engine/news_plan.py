"""A plan in its short form, for a message: each change with its call and parameters, and how it is taken back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nightcrew.engine.news_markdown import code, escaped

PARAMETERS = 240
"""Characters of one change's parameters; of each value a part of them."""

VALUE = 80

Line = Mapping[str, Any]


def plan_lines(lines: Sequence[Line]) -> Iterator[str]:
    """Two or three lines for each change, as Markdown."""
    for number, line in enumerate(lines, 1):
        yield f"{number}. {escaped(line.get('title', '?'))}"
        yield f"    {code(_called(line), PARAMETERS + VALUE)}"
        if line.get("undo"):
            yield f"    undo: {_undo(line['undo'])}"


def _called(line: Line) -> str:
    return " ".join([str(line.get("call", "")), *_parameters(line.get("parameters") or {})])


def _parameters(given: Mapping[str, Any]) -> Iterator[str]:
    left = PARAMETERS
    for place, (name, value) in enumerate(given.items()):
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        said = said if len(said) <= VALUE else said[: VALUE - 1] + "…"
        part = f"{name}={said}"
        left -= len(part) + 1
        if left < 0:
            yield f"… and {len(given) - place} more"
            return
        yield part


def _undo(told: Any) -> str:
    """Words, a call, or the lines of a function of steps."""
    if isinstance(told, str):
        return escaped(told)
    if isinstance(told, Mapping):
        return code(_called(told), PARAMETERS + VALUE)
    steps = [escaped(f"{line.get('verb', '')} {line.get('title', '')}".removeprefix("change "), VALUE) for line in told]
    return "; ".join(steps)
