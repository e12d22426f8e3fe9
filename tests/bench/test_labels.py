"""The labelled set of measure 8, and what is said where a line of another one is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.labels import BadLabels, labels

RUN: dict[str, Any] = {"run": "a/1", "days": 2, "resource": "arn:aws:sqs:eu-west-1:1:a", "symptom": "a-5xx"}
QUERY: dict[str, Any] = {"query": "a again", "symptom": "a-5xx", "relevant": ["a/1"]}


def written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_the_set_has_paraphrases_and_near_misses() -> None:
    """Questions by other symptoms than the runs that they should bring back, and runs that no question wants."""
    known = labels()
    symptoms = {run.run: run.symptom for run in known.past}
    renamed = [
        each for each in known.queries if each.asked.get("symptom") not in {symptoms[run] for run in each.relevant}
    ]
    unwanted = symptoms.keys() - {run for query in known.queries for run in query.relevant}
    assert len(renamed) >= 20
    assert len(unwanted) >= 50
    assert {name for query in known.queries for name in query.asked} == {"resource", "group", "symptom", "error"}


def test_what_is_relevant_is_named_by_run_or_by_label(tmp_path: Path) -> None:
    others = [{**RUN, "run": f"b/{number}", "label": "b"} for number in range(2)]
    known = labels(written(tmp_path / "set", RUN, "", *others, {**QUERY, "relevant": ["a/1", "b"]}))
    assert known.queries[0].relevant == {"a/1", "b/0", "b/1"}
    assert known.queries[0].asked == {"symptom": "a-5xx"}


WRONG = [
    ([RUN, "{"], ":2: line: "),
    ([RUN, "[]"], ":2: line: "),
    ([{**RUN, "resorce": "x"}], ":1: resorce: "),
    ([{**RUN, "days": "2"}], ":1: days: "),
    ([{**RUN, "days": True}], ":1: days: "),
    ([{**RUN, "symptom": ""}], ":1: symptom: "),
    ([{**RUN, "outcome": "refused"}], ":1: outcome: "),
    ([{"run": "a/1", "days": 1, "symptom": "s"}], ":1: resource: "),
    ([RUN, RUN, QUERY], ":2: run: "),
    ([RUN, {**QUERY, "relevant": ["a/2"]}], ":2: relevant: "),
    ([RUN, {**QUERY, "relevant": "a/1"}], ":2: relevant: "),
    ([RUN, {"query": "q", "relevant": ["a/1"]}], ":2: query: "),
    ([RUN, {**QUERY, "limit": 5}], ":2: limit: "),
    ([RUN], ": query: "),
]


@pytest.mark.parametrize(("lines", "said"), WRONG)
def test_what_is_wrong_is_named_by_line_and_field(tmp_path: Path, lines: list[Any], said: str) -> None:
    path = written(tmp_path / "set.jsonl", *lines)
    with pytest.raises(BadLabels) as raised:
        labels(path)
    assert str(raised.value).startswith(f"{path}{said}")


def test_a_set_that_cannot_be_used_ends_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "set.jsonl", RUN, {**QUERY, "relevant": ["a/2"]})
    for given, said in ((path, f"{path}:2: relevant: 'a/2'"), (tmp_path / "none", "No such file")):
        with pytest.raises(SystemExit) as ended:
            main(["--labels", str(given)])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
