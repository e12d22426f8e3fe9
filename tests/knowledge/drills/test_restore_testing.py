"""AWS Backup's restore testing, read with the caller's rights."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import Unreachable
from nightcrew.knowledge.drills.restore_testing import PERMISSIONS, restore_tests

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MONTH = timedelta(days=30)
PLANS = [
    {
        "RestoreTestingPlanArn": f"arn:aws:backup:eu-west-1:123456789012:restore-testing-plan:{name}",
        "RestoreTestingPlanName": name,
        "CreationTime": NOW,
        "ScheduleExpression": "cron(0 2 ? * SUN *)",
    }
    for name in ("weekly", "monthly")
]


def a_job(number: int, hours: int = 2, **more: Any) -> dict[str, Any]:
    """A restore that began so many hours ago, and took half an hour, of a backup of a day before."""
    began = NOW - timedelta(hours=hours)
    return {
        "RestoreJobId": f"job-{number}",
        "RecoveryPointArn": f"arn:aws:backup:eu-west-1:123456789012:recovery-point:{number}",
        "SourceResourceArn": "arn:aws:s3:::orders",
        "ResourceType": "S3",
        "Status": "COMPLETED",
        "CreationDate": began,
        "CompletionDate": began + timedelta(minutes=30),
        "RecoveryPointCreationDate": began - timedelta(days=1),
        **more,
    }


def asked(scripted: Scripted, *jobs: dict[str, Any]) -> Cloud:
    """The cloud in which the first plan restored these."""

    def of_plan(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {"RestoreJobs": list(jobs) if str(parameters["ByRestoreTestingPlanArn"]).endswith("weekly") else []}

    scripted.script("backup", "ListRestoreTestingPlans", lambda _: {"RestoreTestingPlans": PLANS})
    scripted.script("backup", "ListRestoreJobs", of_plan)
    return Cloud(scripted, PERMISSIONS, "drill")


def test_a_restore_has_its_rto_and_rpo(scripted: Scripted) -> None:
    (found,) = restore_tests(asked(scripted, a_job(1)), NOW, MONTH)
    assert (found.plan, found.kind, found.resource) == ("weekly", "S3", "arn:aws:s3:::orders")
    assert (found.rto, found.rpo) == (1800, 86_400)
    sent = [each.parameters["ByCreatedAfter"] for each in scripted.sent if each.operation == "ListRestoreJobs"]
    assert sent == [NOW - MONTH] * 2


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "restored"),
        ({"ValidationStatus": "SUCCESSFUL"}, "validated"),
        ({"ValidationStatus": "FAILED"}, "failed"),
        ({"ValidationStatus": "TIMED_OUT"}, "failed"),
        ({"ValidationStatus": "VALIDATING"}, "running"),
        ({"Status": "FAILED"}, "failed"),
        ({"Status": "ABORTED"}, "failed"),
        ({"Status": "RUNNING"}, "running"),
    ],
)
def test_how_it_stands_is_the_jobs_word_and_the_teams(scripted: Scripted, more: dict[str, Any], verdict: str) -> None:
    """That it was restored is no proof that it is right: that is what validation says."""
    (found,) = restore_tests(asked(scripted, a_job(1, **more)), NOW, MONTH)
    assert found.verdict == verdict
    assert found.to_dict()["verdict"] == verdict


def test_one_that_did_not_complete_has_no_rto(scripted: Scripted) -> None:
    """How fast it failed is no matter."""
    (found,) = restore_tests(asked(scripted, a_job(1, Status="FAILED", StatusMessage="no room")), NOW, MONTH)
    assert (found.rto, found.words) == (None, "no room")


def test_the_last_of_each_resource_stands(scripted: Scripted) -> None:
    """The newest first."""
    other = {"SourceResourceArn": "arn:aws:s3:::carts"}
    found = restore_tests(asked(scripted, a_job(1, 50), a_job(2, 3), a_job(3, 1, **other), a_job(4, 26)), NOW, MONTH)
    assert [each.job for each in found] == ["job-3", "job-2"]


def test_a_page_leads_to_the_next(scripted: Scripted) -> None:
    pages: dict[str, dict[str, Any]] = {
        "": {"RestoreTestingPlans": PLANS[1:], "NextToken": "more"},
        "more": {"RestoreTestingPlans": PLANS[:1]},
    }
    cloud = asked(scripted, a_job(1))
    scripted.script("backup", "ListRestoreTestingPlans", lambda wanted: pages[str(wanted.get("NextToken", ""))])
    assert len(restore_tests(cloud, NOW, MONTH)) == 1


@pytest.mark.parametrize(("code", "error"), [("AccessDeniedException", CallFailed), ("Throttling", Unreachable)])
def test_who_may_not_ask_is_told(scripted: Scripted, code: str, error: type[Exception]) -> None:
    scripted.script("backup", "ListRestoreTestingPlans", lambda _: Refusal(code))
    with pytest.raises(error):
        restore_tests(Cloud(scripted, PERMISSIONS, "drill"), NOW, MONTH)
