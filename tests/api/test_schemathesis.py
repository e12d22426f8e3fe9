"""Asked whatever its document allows, and what it does not allow, the API answers as its document says."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import api
from nightcrew.api.asked import A_LESSON, A_RUN, A_SYMPTOM
from nightcrew.api.calls import CALLS
from nightcrew.api.people import People
from nightcrew.knowledge.lessons import learn
from tests.api.desk import HOME, OPERATOR, PEOPLE, Office
from tests.api.web import DOCUMENT, SIGNED, Gateway

if TYPE_CHECKING:
    from schemathesis.schemas import BaseSchema

CHECKS = {
    # A schema cannot say which runbooks and runs there are, nor what stands in the way of a start.
    "positive_data_acceptance": {"enabled": False},
    # It fails with an application of this machine; that nobody may who does not sign, test_rights says of each call.
    "ignored_auth": {"enabled": False},
}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "headers": {"Authorization": SIGNED},
    "continue-on-failure": True,
    "suppress-health-check": ["all"],
    "cache": {"enabled": False},
    "checks": CHECKS,
    "generation": {"deterministic": True, "max-examples": 25, "database": "none", "with-security-parameters": False},
    # What is drawn depends on the modules that happen to be loaded: so many that each link is gone in any company.
    "phases": {"stateful": {"max-steps": 6, "generation": {"max-examples": 60}}},
}


@pytest.fixture
def gateway(careful: Office, tmp_path: Path) -> Iterator[Gateway]:
    """In front of a ledger with what the document's examples name: a run that waits for an approval, and a lesson."""
    clock = careful.house.crew.installation.clock
    learn(careful.store, clock, A_LESSON, "look at the disk", author=OPERATOR, symptom=A_SYMPTOM)
    made = Gateway(careful, api.serving(lambda: careful.door, People.of(PEOPLE), HOME, tmp_path))
    made.work_on(A_RUN)
    level = api.logger.log_level
    api.logger.setLevel("ERROR")  # who asked what, thousands of times
    yield made
    api.logger.setLevel(level)


def wrongs(schema: "BaseSchema") -> list[str]:
    """What schemathesis finds: with examples, at the edges, at random, and from answer to request along the links."""
    from schemathesis.engine import Status, events, from_schema

    found: dict[str, None] = {}
    for each in from_schema(schema).execute():
        match each:
            case events.ScenarioFinished():
                for check in (check for checks in each.recorder.checks.values() for check in checks):
                    if check.status is Status.FAILURE and check.failure_info is not None:
                        failure, how = check.failure_info.failure, check.failure_info.code_sample
                        found[f"{each.recorder.label}: {check.name}: {failure.message}\n{how}"] = None
            case events.NonFatalError():
                found[f"{each.label}: {each.value}"] = None
            case events.FatalError():
                raise each.exception
            case _:
                pass
    return list(found)


@pytest.mark.fuzz
def test_whatever_is_asked_is_answered_as_the_document_says(gateway: Gateway) -> None:
    """No slip, no status, header, kind or shape that the document does not know; and nothing is taken that it forbids.
    Each call has been answered well, too: else little would have been seen.
    """
    import schemathesis  # here, since all tests are collected where this one is left out
    from schemathesis.config import SchemathesisConfig

    schema = schemathesis.openapi.from_wsgi(DOCUMENT, gateway, config=SchemathesisConfig.from_dict(CONFIG))
    found = wrongs(schema)
    assert not found, "\n\n".join(found[:10])
    well = {name for name, statuses in gateway.answered.items() if min(statuses) < 300}
    assert well == {call.name for call in CALLS}
