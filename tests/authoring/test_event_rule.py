"""The event rule lets in what the triggers answer, and nothing else; and the template has what the catalog wants."""

import json
from datetime import timedelta
from typing import Any

import pytest
import yaml
from moto.events.models import EventPattern

from nightcrew import Event, Run, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.event_rule import BEGIN, END, LONGEST, pattern_of, rewritten
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.ec2 import InstanceId
from nightcrew.errors import BadInput
from nightcrew.signals import signal_from
from tests.patterns import lets_in
from tests.stack import TEMPLATE, properties

STATE = "EC2 Instance State-change Notification"
FRAME = {"id": "1", "account": "123456789012", "region": "eu-west-1", "time": "2026-11-21T03:13:00Z"}


def answering(*triggers: Event) -> Runbook:
    """A runbook that answers these."""

    def restart(run: Run, instance_id: InstanceId) -> str:
        """Restarts it."""
        del run
        return instance_id

    made: Runbook = runbook(
        family="restart",
        risk="low",
        by_hand=timedelta(minutes=1),
        permissions=["ec2:DescribeInstances"],
        triggers=triggers,
    )(restart)
    return made


def state(*wanted: str) -> Event:
    """A trigger on an instance's state."""
    return Event("aws.ec2", STATE, where={"state": wanted}, instance_id="instance-id")


def test_the_template_has_the_pattern_that_the_catalog_wants(catalog: Catalog) -> None:
    """`make roles` writes it, and a review sees what will be let in."""
    text = TEMPLATE.read_text(encoding="utf-8")
    assert text == rewritten(text, catalog), "write it anew: make roles"
    assert properties("EventRule")["EventPattern"] == pattern_of(catalog.values())


def test_moto_reads_it_as_we_do(catalog: Catalog) -> None:
    """Which looks into no lists of objects; ours has none by now."""
    pattern = pattern_of(catalog.values())
    theirs = EventPattern.load(json.dumps(pattern))
    for file in sorted((TEMPLATE.parent / "events").glob("*.json")):
        event = json.loads(file.read_text(encoding="utf-8"))
        assert theirs.matches_event(event) == lets_in(pattern, event), file.name


def test_it_is_no_longer_than_eventbridge_takes(catalog: Catalog) -> None:
    assert len(json.dumps(pattern_of(catalog.values()), separators=(",", ":"))) <= LONGEST


def test_triggers_that_differ_in_one_place_only_are_one_pattern() -> None:
    made = pattern_of([answering(state("stopped"), state("terminated", "stopped"))])
    where = {"detail": {"state": ["stopped", "terminated"]}}
    assert made == {"$or": [{"source": ["aws.ec2"], "detail-type": [STATE], **where}]}


def test_triggers_that_differ_in_two_places_are_two() -> None:
    """One for both would let in what neither answers."""
    two = [
        Event("aws.rds", "RDS DB Instance Event", where={"EventID": one, "SourceType": other}, instance_id="x")
        for one, other in (("1", "A"), ("2", "B"))
    ]
    made = pattern_of([answering(*two)])
    assert len(made["$or"]) == 2
    crossed = {
        "source": "aws.rds",
        "detail-type": "RDS DB Instance Event",
        "detail": {"EventID": "1", "SourceType": "B"},
    }
    assert not lets_in(made, crossed)


def test_without_any_trigger_nothing_comes_in() -> None:
    place = f"  {BEGIN}\n  old: [x]\n  {END}"
    made = yaml.safe_load(rewritten(place, {}))
    assert made == {"source": ["nightcrew.nothing"]}


def test_a_template_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(BadInput, match="it must have the lines"):
        rewritten("Resources: {}", {})


@pytest.mark.parametrize("word", ["on", "Yes", "null", "a: b", "it's", "#1", " x", "RDS-EVENT-0007", "2", "*x", "{"])
def test_a_text_is_the_same_text_in_the_template(word: str) -> None:
    """YAML would read some as something else."""
    made = rewritten(f"{BEGIN}\n{END}", {"it": answering(state(word, "other"))})
    assert yaml.safe_load(made)["$or"][0]["detail"]["state"] == [word, "other"]


ANSWERED = Event(
    "aws.ecs",
    "ECS Task State Change",
    where={
        "containers.reason": ("OutOfMemoryError*", "Killed"),
        "$.resources": "arn:aws:ecs:*",
        "lastStatus": "STOPPED",
    },
    instance_id="taskArn",
)


@pytest.mark.parametrize(
    ("detail", "resources", "answered"),
    [
        (
            {"lastStatus": "STOPPED", "containers": [{"reason": "x"}, {"reason": "OutOfMemoryError: y"}]},
            ["arn:aws:ecs:1"],
            True,
        ),
        ({"lastStatus": "STOPPED", "containers": [{"reason": "Killed"}]}, ["x", "arn:aws:ecs:1"], True),
        ({"lastStatus": "STOPPED", "containers": [{"reason": "Killed too"}]}, ["arn:aws:ecs:1"], False),
        ({"lastStatus": "STOPPED", "containers": [{"name": "Killed"}]}, ["arn:aws:ecs:1"], False),
        ({"lastStatus": "STOPPED", "containers": []}, ["arn:aws:ecs:1"], False),
        ({"lastStatus": "STOPPED", "containers": {"reason": "Killed"}}, ["arn:aws:ecs:1"], True),
        ({"lastStatus": "STOPPED", "containers": [{"reason": "Killed"}]}, [], False),
        ({"lastStatus": "RUNNING", "containers": [{"reason": "Killed"}]}, ["arn:aws:ecs:1"], False),
        ({"containers": [{"reason": "Killed"}]}, ["arn:aws:ecs:1"], False),
    ],
)
def test_the_pattern_lets_in_what_the_trigger_answers(
    detail: dict[str, Any], resources: list[str], answered: bool
) -> None:
    """Both ways: what is let in and not answered costs a message, what is answered and not let in is never seen."""
    event: dict[str, Any] = {
        **FRAME,
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "resources": resources,
    }
    event["detail"] = {"taskArn": "i-1", **detail}
    happening = signal_from(event).happening
    assert happening is not None
    assert (ANSWERED.mismatch(happening) is None) == answered
    assert lets_in(pattern_of([answering(ANSWERED)]), event) == answered


@pytest.mark.parametrize("other", [{"source": "com.acme.ecs"}, {"detail-type": "ECS Service Action"}])
def test_what_another_sends_under_the_same_words_stays_out(other: dict[str, str]) -> None:
    event = {"source": "aws.ec2", "detail-type": STATE, "detail": {"state": "stopped"}}
    pattern = pattern_of([answering(state("stopped"))])
    assert lets_in(pattern, event)
    assert not lets_in(pattern, {**event, **other})
