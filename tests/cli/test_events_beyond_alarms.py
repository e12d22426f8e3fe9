"""Events beyond alarms, as people see them: what answers one, and why something was done for one, or was not."""

import json
from pathlib import Path

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.clock import stamp
from nightcrew.demo.embedded import Crew, crew
from tests.cli.cloud import Demo
from tests.cli.desk import EVENTS, typed

RETIREMENT = str(EVENTS / "ec2-retirement.json")
NAME = "aws.health:AWS Health Event:AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED"


def test_match_says_what_would_be_chosen_and_what_the_event_says() -> None:
    result = typed("match", RETIREMENT, columns=200)
    assert result.code == 0
    for words in (
        f"{NAME}  happened at 2026-11-21 03:20:05 UTC",
        "move-ec2-instance would be chosen",
        f"move-ec2-instance answers {NAME}",
        "instance_id=i-0abc1234def567890",
        "statusCode = upcoming",
        "EC2 has detected degradation of the underlying hardware",
    ):
        assert words in result.out


def test_match_tells_the_same_to_programs() -> None:
    told = typed("match", RETIREMENT, "--json").json
    assert (told["kind"], told["reason"], told["runbook"]) == ("chosen", "triggered", "move-ec2-instance")
    assert (told["alarm"]["form"], told["alarm"]["state"], told["symptom"]) == ("event", "EVENT", NAME)
    assert told["alarm"]["values"]["affectedEntities.entityValue"] == ["i-0abc1234def567890"]


def test_a_binding_of_events_says_how_much_may_happen_by_itself(tmp_path: Path) -> None:
    policy = tmp_path / "mine.yaml"
    bound = "bindings:\n  - event: 'aws.health:*'\n    runbook: move-ec2-instance\n    autonomy: approve\n"
    policy.write_text(bound, encoding="utf-8")
    told = typed("--policy", str(policy), "match", RETIREMENT, "--json").json
    assert (told["reason"], told["follows"]) == ("bound", "ask")
    arn = told["resource"]
    explained = typed("--policy", str(policy), "policy", "explain", "move-ec2-instance", arn, "--alarm", NAME, "--json")
    assert explained.json["binding"] == "bindings[0] (event: aws.health:*)"
    assert explained.json["settings"]["autonomy"]["value"] == "approve"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ec2-maintenance", "several answers and no binding that chooses"),
        ("rds-shutdown", "it wants EventID to be RDS-EVENT-0007, and it is RDS-EVENT-0004"),
        ("ecs-task-out-of-memory", "no runbook answers aws.ecs ECS Task State Change"),
    ],
)
def test_match_says_why_nothing_would_be_started(name: str, why: str) -> None:
    result = typed("match", str(EVENTS / f"{name}.json"), columns=200)
    assert result.code == 4
    assert why in result.out


def test_a_runbooks_page_tells_its_events_in_words() -> None:
    shown = typed("runbooks", "start-ec2-instance", columns=200)
    assert (
        "the event aws.ec2 EC2 Instance State-change Notification, state is stopped, with instance-id as instance_id"
        in shown.out
    )


def test_the_list_tells_them_to_programs() -> None:
    listed = {each["name"]: each["triggers"] for each in typed("runbooks", "--json").json}
    assert listed["start-ec2-instance"] == [
        {
            "words": "the event aws.ec2 EC2 Instance State-change Notification, state is stopped, with instance-id as "
            "instance_id",
            "short": "aws.ec2 EC2 Instance State-change Notification, state is stopped",
            "source": "aws.ec2",
            "detail_type": "EC2 Instance State-change Notification",
            "parameters": {"instance_id": "instance-id"},
            "where": {"state": ["stopped"]},
        }
    ]
    assert [set(each) & {"metric", "source"} for each in listed["grow-rds-storage"]] == [{"metric"}, {"source"}]


@pytest.fixture
def moved(demo: Demo) -> tuple[str, str]:
    """An event that policy only observes: its name, and the refusal that stands in the ledger."""
    careful: Crew = crew(load("defaults:\n  autonomy: observe\n"), clients=demo.clients, journal=demo.journal)
    event = json.loads(Path(RETIREMENT).read_text(encoding="utf-8"))
    answer, _ = careful.event({**event, "time": stamp(careful.installation.clock.now())})
    assert answer.gate == "autonomy"
    return NAME, str(answer.run)


def test_why_takes_an_events_name(moved: tuple[str, str]) -> None:
    name, refusal = moved
    told = typed("--demo", "why", name, "--json").json
    (decision,) = told["decisions"]
    assert (decision["run"], decision["actor"], decision["gate"]) == (refusal, f"event: {name}", "autonomy")
    assert told["alarm"] == name
    shown = typed("--demo", "why", name)
    assert "move-ec2-instance" in shown.out
    assert f"event: {name}" in shown.out.replace("\n", "").replace("  ", "")


def test_show_tells_the_event_that_asked(demo: Demo) -> None:
    """When it happened, and its words."""
    sent = json.loads((EVENTS / "ec2-instance-stopped.json").read_text(encoding="utf-8"))
    text = json.dumps(sent).replace("i-0abc1234def567890", "i-0123456789abcdef0")
    ready: Crew = crew(
        load("rules:\n  - when: {family: restart}\n    autonomy: auto\n"), clients=demo.clients, journal=demo.journal
    )
    answer, _ = ready.event({**json.loads(text), "time": stamp(ready.installation.clock.now())})
    shown = typed("--demo", "show", str(answer.run), columns=200)
    assert "aws.ec2:EC2 Instance State-change Notification:stopped at 20" in shown.out
