"""The OpenAPI document: as it is kept, every call in it, and no more."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from nightcrew.api.answers import ProblemAnswer
from nightcrew.api.calls import CALLS
from nightcrew.api.openapi import LINKS, text
from nightcrew.api.problem import MEDIA_TYPE
from nightcrew.api.routes import By, Kind
from nightcrew.api.runs import OUTCOMES
from nightcrew.knowledge.marks import MARKS
from nightcrew.knowledge.search.search import KINDS
from nightcrew.knowledge.statistics.statistics import BY

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(KEPT.read_text(encoding="utf-8"))


def test_the_document_is_what_the_code_says() -> None:
    """Else write it anew: ``make openapi``."""
    assert KEPT.read_text(encoding="utf-8") == text()


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_has_every_call_and_no_other(document: Any) -> None:
    found = {
        (path, method.upper()): each for path, paths in document["paths"].items() for method, each in paths.items()
    }
    assert {key: each["operationId"] for key, each in found.items()} == {(c.path, c.method): c.name for c in CALLS}


def test_every_refusal_is_a_problem(document: Any) -> None:
    for paths in document["paths"].values():
        for operation in paths.values():
            assert {"401", "403", "404", "422", "500", "503"} <= operation["responses"].keys()
    for response in document["components"]["responses"].values():
        schema = response["content"][MEDIA_TYPE]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{ProblemAnswer.__name__}"}


def test_a_key_is_wanted_for_each_start(document: Any) -> None:
    wanted = [(each["name"], each["required"]) for each in document["paths"]["/runs"]["post"]["parameters"]]
    assert wanted == [("Idempotency-Key", True)]


def test_a_key_may_be_given_where_a_repeat_would_do_it_again(document: Any) -> None:
    for path in ("/lessons", "/halts"):
        taken = [(each["name"], each["required"]) for each in document["paths"][path]["post"]["parameters"]]
        assert taken == [("Idempotency-Key", False)]


def test_what_is_asked_next_is_a_call_with_such_a_parameter_or_member(document: Any) -> None:
    """A link that leads nowhere helps nobody, and no validator follows one."""
    calls = {each["operationId"]: each for paths in document["paths"].values() for each in paths.values()}
    assert LINKS.keys() <= calls.keys()
    for name, following in LINKS.items():
        good = next(each for status, each in calls[name]["responses"].items() if int(status) < 300)
        assert good["links"].keys() == following.keys()
        for other, link in good["links"].items():
            taken = {each["name"] for each in calls[other].get("parameters", ())}
            assert link["parameters"].keys() <= taken
            assert link.get("requestBody", {}).keys() <= {"plan", "version"}


def test_no_parameter_is_null(document: Any) -> None:
    """In an address or a header there is none: what is not given is left out."""
    for paths in document["paths"].values():
        for operation in paths.values():
            for each in operation.get("parameters", ()):
                assert "null" not in str(each["schema"]), each["name"]


def test_what_may_be_chosen_is_what_there_is() -> None:
    assert get_args(Kind) == KINDS
    assert get_args(By) == BY
    assert set(OUTCOMES) == MARKS.keys() - {"planned", "waiting", "warning"}
