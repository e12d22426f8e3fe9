"""What moto lacks about AWS Backup: recovery points and restore jobs, answered as AWS would where nothing goes wrong.

moto 5.2.5 has vaults and plans, and no job of any kind. Here what ``backup_kinds`` knows can be backed up and restored;
jobs are through at once. (AWS Backup API reference.)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from nightcrew.clock import SystemClock
from nightcrew.demo.backup_kinds import KINDS, Where, kind_of
from nightcrew.demo.completing import with_methods

_POINTS, _JOBS = "nightcrew_recovery_points", "nightcrew_restore_jobs"
"""Where a cloud keeps them, by ARN and by id."""
_TESTING = "nightcrew_restore_testing"
"""Its restore testing plans, by ARN: nobody makes one, so there is one only where a test puts it."""


@contextmanager
def whole_backups() -> Iterator[None]:
    """For as long as the block lasts, moto makes recovery points and restores them."""
    names: dict[str, Callable[..., Any]] = {
        "describe_recovery_point": _describe_point,
        "describe_restore_job": _describe_job,
        "get_recovery_point_restore_metadata": _metadata,
        "list_recovery_points_by_resource": _list_points_of,
        "list_restore_jobs": _list_jobs,
        "list_restore_testing_plans": _list_plans,
        "start_backup_job": _back_up,
        "start_restore_job": _restore,
    }
    paths = (
        "{0}/backup-jobs$",
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<point>.+)$",
        "{0}/resources/(?P<resource>.+)/recovery-points/$",
        "{0}/restore-jobs$",
        "{0}/restore-jobs/$",
        "{0}/restore-jobs/(?P<job>[^/]+)$",
        "{0}/restore-testing/plans$",
    )
    with (
        with_methods(BackupResponse, names),
        patch.dict(urls.url_paths, dict.fromkeys(paths, BackupResponse.dispatch)),
    ):
        yield


def _kept(self: BackupResponse, what: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = vars(self.backup_backend).setdefault(what, {})
    return kept


def _found(self: BackupResponse, arn: str) -> dict[str, Any]:
    found = _kept(self, _POINTS).get(arn)
    if found is None:
        raise JsonRESTError("ResourceNotFoundException", f"there is no recovery point {arn}")
    return found


def _asked_about(self: BackupResponse) -> dict[str, Any]:
    """The recovery point of this request's path. Its ARN may have slashes, and a server may have decoded them."""
    return _found(self, unquote(self.path.split("/recovery-points/")[1].removesuffix("/restore-metadata")))


def _describe_point(self: BackupResponse) -> ActionResult:
    return ActionResult({key: value for key, value in _asked_about(self).items() if key != "Metadata"})


def _metadata(self: BackupResponse) -> ActionResult:
    found = _asked_about(self)
    return ActionResult({"RecoveryPointArn": found["RecoveryPointArn"], "RestoreMetadata": found["Metadata"]})


def _back_up(self: BackupResponse) -> ActionResult:
    resource, vault = self._get_param("ResourceArn"), self._get_param("BackupVaultName")
    kind = kind_of(resource)
    if kind is None:
        raise JsonRESTError("InvalidParameterValueException", f"the embedded cloud cannot back up {resource}")
    arn, told = kind.back_up(_where(self), resource.replace("/", ":").split(":")[-1])
    now = SystemClock().now()
    _kept(self, _POINTS)[arn] = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault,
        "ResourceArn": resource,
        "ResourceType": kind.name,
        "Status": "COMPLETED",
        "CreationDate": now,
        "CompletionDate": now,
        "StorageClass": "WARM",
        "Metadata": told,
    }
    return ActionResult({"BackupJobId": str(mock_random.uuid4()), "RecoveryPointArn": arn, "CreationDate": now})


def _where(self: BackupResponse) -> Where:
    return Where(self.current_account, self.region)


def _restore(self: BackupResponse) -> ActionResult:
    """StartRestoreJob: the same token is the same job."""
    point, token = _found(self, self._get_param("RecoveryPointArn")), self._get_param("IdempotencyToken")
    jobs = _kept(self, _JOBS)
    known = next((each for each in jobs.values() if token and each["token"] == token), None)
    if known is None:
        now = SystemClock().now()
        known = {
            "token": token,
            "RestoreJobId": str(mock_random.uuid4()),
            "RecoveryPointArn": point["RecoveryPointArn"],
            "ResourceType": point["ResourceType"],
            "IamRoleArn": self._get_param("IamRoleArn"),
            "CreationDate": now,
            "CompletionDate": now,
            "Status": "COMPLETED",
            "PercentDone": "100.00%",
            "CreatedResourceArn": _made(self, point, self._get_param("Metadata")),
        }
        jobs[known["RestoreJobId"]] = known
    return ActionResult({"RestoreJobId": known["RestoreJobId"]})


def _made(self: BackupResponse, point: dict[str, Any], told: dict[str, str]) -> str:
    """The ARN of what comes of it, told with these metadata."""
    kind = KINDS[point["ResourceType"]]
    return kind.restore(_where(self), point["RecoveryPointArn"], point["ResourceArn"], told)


def _describe_job(self: BackupResponse) -> ActionResult:
    wanted = self.path.rstrip("/").split("/")[-1]
    found = _kept(self, _JOBS).get(wanted)
    if found is None:
        raise JsonRESTError("ResourceNotFoundException", f"there is no restore job {wanted}")
    return ActionResult({key: value for key, value in found.items() if key != "token"})


def _list_jobs(self: BackupResponse) -> ActionResult:
    """Of a restore testing plan."""
    of = self._get_param("restoreTestingPlanArn")
    found = [
        {key: value for key, value in each.items() if key != "token"}
        for each in _kept(self, _JOBS).values()
        if of is None or (each.get("CreatedBy") or {}).get("RestoreTestingPlanArn") == of
    ]
    return ActionResult({"RestoreJobs": found})


def _list_points_of(self: BackupResponse) -> ActionResult:
    """Of what was backed up."""
    of = unquote(self.path.split("/resources/")[1].split("/recovery-points")[0])
    points = [each for each in _kept(self, _POINTS).values() if each["ResourceArn"] == of]
    return ActionResult({"RecoveryPoints": [{key: each[key] for key in each if key != "Metadata"} for each in points]})


def _list_plans(self: BackupResponse) -> ActionResult:
    return ActionResult({"RestoreTestingPlans": list(_kept(self, _TESTING).values())})
