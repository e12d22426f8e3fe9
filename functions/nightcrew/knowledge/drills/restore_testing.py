"""AWS Backup's own restore testing: what its plans restored, how long that took, and how old the data was.

Source: AWS Backup API reference (ListRestoreTestingPlans, ListRestoreJobs with ByRestoreTestingPlanArn) and developer
guide, "Restore testing". It restores on a schedule, has what it restored validated by the team, and deletes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages
from nightcrew.clock import moment, stamp

backup = calls("backup")

PERMISSIONS = ("backup:ListRestoreTestingPlans", "backup:ListRestoreJobs")

WELL, RUNNING = "COMPLETED", ("PENDING", "RUNNING")


@dataclass(frozen=True)
class RestoreTest:
    """One restore of a restore testing plan. ``rto`` and ``rpo`` are seconds; None where it has not ended, or AWS does
    not tell. ``validation`` is what the team said of it: SUCCESSFUL, FAILED, TIMED_OUT, VALIDATING, or None where
    nobody validates. ``deletion`` is how the deletion of what it made stands.
    """

    plan: str
    job: str
    kind: str
    resource: str
    point: str
    status: str
    started: datetime
    words: str = ""
    rto: int | None = None
    rpo: int | None = None
    validation: str | None = None
    deletion: str | None = None

    @property
    def verdict(self) -> str:
        """How it stands: restored, validated, failed or running."""
        if self.status in RUNNING or self.validation == "VALIDATING":
            return "running"
        if self.status != WELL or self.validation in {"FAILED", "TIMED_OUT"}:
            return "failed"
        return "validated" if self.validation == "SUCCESSFUL" else "restored"

    def to_dict(self) -> dict[str, Any]:
        """As JSON; lengths in seconds."""
        return {**vars(self), "started": stamp(self.started), "verdict": self.verdict}


def restore_tests(cloud: Cloud, now: datetime, since: timedelta) -> list[RestoreTest]:
    """The last restore of each resource by each plan, the newest first. Raises CallFailed, Unreachable."""
    newest: dict[tuple[str, str], RestoreTest] = {}
    for page in pages(cloud, backup.list_restore_testing_plans()):
        for plan in page.get("RestoreTestingPlans") or ():
            for each in _of_plan(cloud, plan, now - since):
                key = (each.plan, each.resource)
                if key not in newest or newest[key].started < each.started:
                    newest[key] = each
    return sorted(newest.values(), key=lambda each: each.started, reverse=True)


def _of_plan(cloud: Cloud, plan: Mapping[str, Any], since: datetime) -> Iterator[RestoreTest]:
    of = {"ByRestoreTestingPlanArn": plan["RestoreTestingPlanArn"], "ByCreatedAfter": since}
    for page in pages(cloud, backup.list_restore_jobs(**of)):
        for job in page.get("RestoreJobs") or ():
            yield _tested(str(plan["RestoreTestingPlanName"]), job)


def _tested(plan: str, job: Mapping[str, Any]) -> RestoreTest:
    times = ("CreationDate", "CompletionDate", "RecoveryPointCreationDate")
    started, ended, made = (_at(job.get(name)) for name in times)
    if started is None:
        raise ValueError(f"restore job {job.get('RestoreJobId')} does not say when it was made")
    return RestoreTest(
        plan=plan,
        job=str(job["RestoreJobId"]),
        kind=str(job.get("ResourceType", "")),
        resource=str(job.get("SourceResourceArn") or job["RecoveryPointArn"]),
        point=str(job["RecoveryPointArn"]),
        status=str(job["Status"]),
        started=started,
        words=str(job.get("ValidationStatusMessage") or job.get("StatusMessage") or ""),
        rto=round((ended - started).total_seconds()) if ended and job["Status"] == WELL else None,
        rpo=round((started - made).total_seconds()) if made else None,
        validation=job.get("ValidationStatus"),
        deletion=job.get("DeletionStatus"),
    )


def _at(value: Any) -> datetime | None:
    if value is None:
        return None
    return value if isinstance(value, datetime) else moment(str(value))
