"""``nightcrew drill`` on the demo's fleet: how drills stand, and one that is run now."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.backup.models import backup_backends

from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.demo.fleet import TABLE
from nightcrew.demo.objectives import have_objective, objective_backends
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed

NAME = TABLE.rpartition("/")[2]
HELD = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}/drill"
PLAN = f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:weekly"


@pytest.fixture
def orders(demo: Demo) -> Iterator[str]:
    """The demo's table, with 120 orders and point-in-time recovery."""
    dynamodb = demo.client("dynamodb")
    dynamodb.create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "order", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(120):
        dynamodb.put_item(TableName=NAME, Item={"order": {"S": str(number)}})
    dynamodb.update_continuous_backups(
        TableName=NAME, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    have_objective(ACCOUNT, REGION, SkippingClock().now())  # policy asks for it at each start; all of it is left
    yield NAME
    objective_backends[ACCOUNT][REGION].objectives.clear()
    dynamodb.delete_table(TableName=NAME)


@pytest.fixture
def plan(demo: Demo) -> Iterator[dict[str, Any]]:
    """A restore testing plan of AWS Backup, with one restore of two hours that was validated."""
    del demo
    backend, now = backup_backends[ACCOUNT][REGION], datetime.now(UTC)  # noqa: TID251  moto's own time
    job = {
        "RestoreJobId": "job-1",
        "RecoveryPointArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1",
        "SourceResourceArn": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1",
        "ResourceType": "EFS",
        "Status": "COMPLETED",
        "CreationDate": now - timedelta(hours=3),
        "CompletionDate": now - timedelta(hours=1),
        "RecoveryPointCreationDate": now - timedelta(hours=15),
        "ValidationStatus": "SUCCESSFUL",
        "DeletionStatus": "SUCCESSFUL",
        "CreatedBy": {"RestoreTestingPlanArn": PLAN},
    }
    vars(backend)["nightcrew_restore_testing"] = {
        PLAN: {"RestoreTestingPlanArn": PLAN, "RestoreTestingPlanName": "weekly", "CreationTime": now}
    }
    vars(backend)["nightcrew_restore_jobs"] = {"job-1": job}
    yield job
    del vars(backend)["nightcrew_restore_testing"], vars(backend)["nightcrew_restore_jobs"]


def test_a_drill_of_policy_that_nobody_ran_is_listed_as_such(demo: Demo) -> None:
    """With its targets."""
    del demo
    told = typed("--demo", "drill", "--json").json
    (line,) = told["drills"]
    assert (line["resource"], line["stands"], line["last"]) == (HELD, "not drilled", None)
    assert line["targets"] == {"rto": 3600, "rpo": 600}
    assert told["well"] is False


def test_a_drill_is_run_with_what_policy_says_and_prints_what_it_measured(demo: Demo, orders: str) -> None:
    """And is the last result from then on."""
    seen = typed("--demo", "drill", "drill-dynamodb-restore", "--json")
    assert seen.code == 0, seen.err
    told = seen.json
    assert (told["outcome"], told["resource"]) == ("succeeded", HELD)
    assert told["drill"]["targets"] == {"rto": 3600, "rpo": 600}
    assert 0 <= told["drill"]["rto"] < 60
    assert demo.client("dynamodb").list_tables()["TableNames"].count(orders) == 1
    assert not [name for name in demo.client("dynamodb").list_tables()["TableNames"] if "-drill-" in name]
    (line,) = typed("--demo", "drill", "--json").json["drills"]
    assert (line["stands"], line["last"]["run"], line["last"]["verdict"]) == ("met", told["run"], "met")


def test_data_that_are_not_right_are_exit_code_1_and_stand_as_failed(demo: Demo, orders: str) -> None:
    """What is typed goes before policy's."""
    del demo
    more = ("--at-least", "1000")
    seen = typed("--demo", "drill", "drill-dynamodb-restore", *more, "--json")
    assert (seen.code, seen.json["drill"]["verdict"]) == (1, "failed")
    assert seen.json["drill"]["rto"] is None
    lines = typed("--demo", "drill", "--json").json["drills"]
    assert [each["stands"] for each in lines] == ["failed"]
    assert orders in lines[0]["resource"]


def test_a_sweep_starts_the_drill_that_is_due_and_the_next_is_listed(demo: Demo, orders: str) -> None:
    """Once: a week later it is due again."""
    del demo
    (run,) = typed("--demo", "sweep", "--json").json["started"]
    assert run["outcome"] == "succeeded", run["words"]
    assert run["words"].startswith(f"{orders}: restored in ")
    assert typed("--demo", "sweep", "--json").json["started"] == []
    due = [each["words"] for each in typed("--demo", "follow-ups", "--json").json if each["actor"] == "schedule"]
    assert due == [f"see to it that nothing is left of the drill (of run {run['run']})", "restore drill, every 7 d"]
    (line,) = typed("--demo", "drill", "--json").json["drills"]
    assert line["stands"] == "met"
    assert datetime.fromisoformat(line["next"]) > datetime.fromisoformat(line["last"]["started"]) + timedelta(days=6)


@pytest.mark.parametrize("columns", [80, 120, None])
def test_people_see_it_in_a_table(demo: Demo, plan: dict[str, Any], columns: int | None) -> None:
    """As wide as the terminal; AWS Backup's own results below."""
    del demo, plan
    shown = typed("--demo", "drill", columns=columns)
    assert shown.code == 0, shown.err
    for words in (NAME, "not drilled", "– of 1 h", "AWS Backup restore testing", "validated", "fs-1"):
        assert words in shown.out
    assert columns is None or shown.widest <= columns


def test_what_aws_backup_tested_is_told_with_its_times(demo: Demo, plan: dict[str, Any]) -> None:
    del demo
    (told,) = typed("--demo", "drill", "--json").json["restore_testing"]
    assert (told["plan"], told["kind"], told["verdict"]) == ("weekly", "EFS", "validated")
    assert (told["rto"], told["rpo"]) == (7200, 12 * 3600)
    plan["ValidationStatus"] = "TIMED_OUT"
    (told,) = typed("--demo", "drill", "--json").json["restore_testing"]
    assert told["verdict"] == "failed"


def test_a_policy_whose_drill_cannot_be_started_is_named(demo: Demo, tmp_path: Path) -> None:
    """With file, line and field."""
    del demo
    file = tmp_path / "policy.yaml"
    file.write_text("drills:\n  - {runbook: drill-dynamodb-restore, every: 7d}\n", encoding="utf-8")
    seen = typed("--demo", "--policy", str(file), "drill")
    assert seen.code == 2
    assert f"{file}:2: drills[0].parameters.table" in " ".join(seen.err.split())


def test_without_its_drill_in_policy_what_is_lacking_is_named(demo: Demo) -> None:
    """A drill that policy knows nothing of needs all its parameters."""
    del demo
    seen = typed("--demo", "drill", "drill-rds-restore", "--instance", "till")
    assert seen.code == 2
    assert "--subnet-group is missing" in seen.err


def test_what_is_no_drill_is_not_run_by_it(demo: Demo) -> None:
    """Nor is clear-away-drill, which has nothing to measure."""
    del demo
    for name in ("restart-ec2-instance", "clear-away-drill"):
        assert typed("--demo", "drill", name).code == 2


def test_without_an_installation_a_drill_does_not_run(demo: Demo) -> None:
    """It is told what to say."""
    del demo
    seen = typed("drill", "drill-dynamodb-restore", "--table", "orders")
    assert seen.code == 2
    assert "--stack" in seen.err
