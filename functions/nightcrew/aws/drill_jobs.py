"""Whose a restore job of AWS Backup is: a drill's, by the role that it restored as, which only drills use; and how what
it made is marked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.backup import job, name_of, role_name
from nightcrew.aws.drills import DRILL_TAG, began_at
from nightcrew.aws.tags import RUN_TAG, listed
from nightcrew.errors import Unreachable

DRILL_ROLES = "nightcrew-restore-drill"
"""How the name of a role begins as which only drills restore."""

_SKEW = timedelta(hours=1)
"""By how much two clocks may differ; what is a drill's is hours younger than what is not."""


def is_for_drills(role: str) -> bool:
    """Whether only drills restore as this role: whatever it restored is deleted."""
    name = role_name(role)
    return name.startswith(DRILL_ROLES) and "/" not in name


def marks(by: str, of: str) -> list[dict[str, str]]:
    """The tags of what the run ``by`` had restored of ``of``: IAM lets nothing else be deleted."""
    return listed({RUN_TAG: by, DRILL_TAG: name_of(of)})


def earliest(run: str) -> datetime:
    """Nothing that a run made is older, whatever the clocks say."""
    return began_at(run) - _SKEW


def jobs_of(point: str, role: str | None, answer: Any) -> list[dict[str, Any]]:
    """The restore jobs of this recovery point as this role, or any, of a ListRestoreJobs answer, each as
    ``backup.job``. Raises Unreachable where the answer is not all.
    """
    if answer.get("NextToken"):
        raise Unreachable("there are more restore jobs than one answer holds")
    of_point = [each for each in answer["RestoreJobs"] if each.get("RecoveryPointArn") == point]
    return [job(each) for each in of_point if role in {None, each.get("IamRoleArn")}]


def are_over(jobs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether none of them goes on. Raises Unreachable where one is completed and does not say what it made."""
    jobs = list(jobs)
    if any(each["status"] == "COMPLETED" and not each["made"] for each in jobs):
        raise Unreachable("a restore job is completed and does not say what it made: a person must look for it")
    return all(each["over"] for each in jobs)
