"""The labelled set of measure 8: past runs, and questions of which it is known what they should bring back.

JSON lines, of two forms. A past run, which ended so many ``days`` ago:

::

    {"run": "till-5xx/1", "days": 3.5, "resource": "arn:…", "symptom": "till-5xx-prod",
     "group": "arn:…", "error": "Throttling", "runbook": "roll-ecs-service", "outcome": "cured", "label": "till-5xx"}

``run`` is a name that the file makes up; from ``group`` on all may be missing (the runbook is "a-runbook" then, the
outcome "cured"). And a question, which names at least one of resource, group, symptom and error:

::

    {"query": "the till's alarm has a new name", "symptom": "PROD till 5XX", "relevant": ["till-5xx"]}

``relevant`` names runs, or labels of runs.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcrew.errors import BadInput
from nightcrew.ledger.cases import CASES

RECALLED = Path(__file__).parent / "recall.jsonl"
_ASKED = ("resource", "group", "symptom", "error")
_OF_A_RUN = ("run", "days", "resource", "symptom", "group", "error", "runbook", "outcome", "label")
_OF_A_QUERY = ("query", *_ASKED, "relevant")
_NEEDED = {"run": ("run", "days", "resource", "symptom"), "query": ("query", "relevant")}


@dataclass(frozen=True)
class Past:
    """A past run."""

    run: str
    days: float
    resource: str
    symptom: str
    group: str | None = None
    error: str | None = None
    runbook: str = "a-runbook"
    outcome: str = "cured"
    label: str | None = None


@dataclass(frozen=True)
class Query:
    """A question: ``asked`` are recall's parameters, ``relevant`` the names of the runs that it should bring back."""

    name: str
    asked: Mapping[str, str]
    relevant: frozenset[str]


@dataclass(frozen=True)
class Labels:
    """The whole set; ``name`` is the file's, and ``text`` all of it."""

    name: str
    past: tuple[Past, ...]
    queries: tuple[Query, ...]
    text: str


class BadLabels(BadInput):
    """A line is not what it should be: the message begins with the file and the line's number."""

    def __init__(self, where: str, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.args = (f"{where}: {self.args[0]}",)


def labels(path: Path = RECALLED) -> Labels:
    """Read a set. Raises BadLabels, OSError."""
    text = path.read_text(encoding="utf-8")
    past: dict[str, Past] = {}
    asked: list[tuple[str, dict[str, Any]]] = []
    for where, line in _lines(path, text):
        if "query" in line:
            asked.append((where, line))
        else:
            run = _past(where, line)
            if run.run in past:
                raise BadLabels(where, "run", run.run, "each run has a name of its own")
            past[run.run] = run
    queries = tuple(_query(where, line, past) for where, line in asked)
    if not queries:
        raise BadLabels(str(path), "query", "none", "a set asks at least one question")
    return Labels(path.name, tuple(past.values()), queries, text)


def _lines(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            read = json.loads(line)
        except ValueError as error:
            raise BadLabels(where, "line", line, f"each is a JSON object ({error})") from None
        if not isinstance(read, dict):
            raise BadLabels(where, "line", line, "each is a JSON object")
        _known(where, read)
        yield where, read


def _known(where: str, line: Mapping[str, Any]) -> None:
    """Whether it has the fields of its form, each of its type."""
    form = "query" if "query" in line else "run"
    allowed: Collection[str] = _OF_A_QUERY if form == "query" else _OF_A_RUN
    for field, value in line.items():
        if field not in allowed:
            raise BadLabels(where, field, value, f"a {form} has {', '.join(allowed)}")
        if field == "days":
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 3650:
                raise BadLabels(where, field, value, "how many days ago it ended, 0 to 3650")
        elif field == "relevant":
            if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
                raise BadLabels(where, field, value, "a list of at least one run or label")
        elif not isinstance(value, str) or not value:
            raise BadLabels(where, field, value, "a text that is not empty")
    for field in _NEEDED[form]:
        if field not in line:
            raise BadLabels(where, field, None, f"a {form} needs {', '.join(_NEEDED[form])}")


def _past(where: str, line: dict[str, Any]) -> Past:
    past = Past(**line)
    if past.outcome not in CASES:
        raise BadLabels(where, "outcome", past.outcome, f"one of {', '.join(CASES)}")
    return past


def _query(where: str, line: Mapping[str, Any], past: Mapping[str, Past]) -> Query:
    asked = {name: line[name] for name in _ASKED if name in line}
    if not asked:
        raise BadLabels(where, "query", line["query"], f"it asks by at least one of {', '.join(_ASKED)}")
    relevant: set[str] = set()
    for name in line["relevant"]:
        named = {each.run for each in past.values() if name in (each.run, each.label)}
        if not named:
            raise BadLabels(where, "relevant", name, "a run of this file, or a label of some")
        relevant |= named
    return Query(line["query"], asked, frozenset(relevant))
