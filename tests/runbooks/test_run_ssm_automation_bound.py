"""run-ssm-automation: what a binding of policy starts, and what an alarm cannot."""

import json
from collections.abc import Callable
from typing import Any

from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from tests.house import House
from tests.runbooks.own import a_document, a_target, started

Event = Callable[[str], dict[str, Any]]


def bound(house: House, alarm: str, **parameters: str) -> House:
    """The same cloud under a policy that binds the alarm to the runbook, with these parameters."""
    given = json.dumps(parameters)
    text = (
        f"bindings:\n  - alarm: {alarm}\n    runbook: run-ssm-automation\n    parameters: {given}\n    autonomy: auto\n"
    )
    crew = house.crew
    return House.build(
        crew.clients, house.scripted, crew.installation.catalog, load(text, "policy.yaml"), SkippingClock()
    )


def fired(house: House, event: Event, target: str) -> dict[str, Any]:
    """An alarm about an instance, which is OK by the time that it is asked."""
    return house.alarmed(event("ec2-status-check"), {"InstanceId": target.rpartition("/")[2]})


def test_a_bound_alarm_starts_the_document_and_its_ok_is_the_last_proof(house: House, event: Event) -> None:
    target, document, back = a_target(house), a_document(house), a_document(house)
    about = {"target": target, "document": document, "undo_document": back, "family": "restart", "risk": "disruptive"}
    night = bound(house, f"alarm-{target.rpartition('/')[2]}", **about)
    answer, ended = night.crew.event(fired(night, event, target))
    assert (answer.runbook, answer.resource) == ("run-ssm-automation", target)
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert len(started(document)) == 1


def test_a_binding_that_does_not_say_the_family_starts_nothing_and_says_why(house: House, event: Event) -> None:
    target, document = a_target(house), a_document(house)
    night = bound(house, f"alarm-{target.rpartition('/')[2]}", target=target, document=document)
    answer, _ = night.crew.event(fired(night, event, target))
    assert (answer.kind, answer.reason) == ("left", "bad-parameter")
    assert "one of restart, scale-out, failover, restore" in answer.words
    assert started(document) == []


def test_an_alarms_own_tags_start_no_document(house: House, event: Event) -> None:
    """Its other runbook is not started instead: somebody meant something else."""
    target, document = a_target(house), a_document(house)
    sent = fired(house, event, target)
    tags = {"runbook": "run-ssm-automation", "param:target": target, "param:document": document}
    sent["detail"]["alarmTags"] = {f"nightcrew:{name}": value for name, value in tags.items()}
    sent["detail"]["alarmTagsStatus"] = "SUCCESS"
    answer, _ = house.crew.event(sent)
    assert (answer.kind, answer.reason) == ("left", "not-by-tag")
    assert started(document) == []
