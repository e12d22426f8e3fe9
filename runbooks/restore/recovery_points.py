"""What every restore of a recovery point of AWS Backup asks first, the job that it starts, and how that is followed."""

from collections.abc import Collection, Mapping
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws import backup as probes
from nightcrew.aws.arns import drilled
from nightcrew.aws.backup import BESIDE
from nightcrew.aws.calls import Call, Carried

backup = calls("backup")


def require_restorable(run: Run, found: Mapping[str, Any], role: str | None) -> str:
    """End the run where this recovery point (``backup.recovery_point``) cannot be restored beside what stands, as this
    role or AWS Backup's own. Returns the role.
    """
    kind = found["type"]
    run.require(f"{kind} can be restored beside what stands", kind in BESIDE)
    run.require(f"the recovery point is complete: it is {found['status']}", found["usable"])
    run.require("its time is not over", probes.is_kept(found, run.now))
    resource = drilled(run.resource)
    restorer = role or probes.default_role(resource)
    run.require(
        "the role is AWS Backup's own in this account, or one whose name begins with nightcrew-restore-",
        probes.role_may_be_passed(restorer, resource),
    )
    return restorer


def restore_job(
    this: Mapping[str, str],
    role: str,
    token: str,
    kind: str,
    instead: Mapping[str, str],
    *,
    only: Collection[str] | None = None,
    copy_tags: bool = False,
) -> Call:
    """The call that starts it: ``this`` is the recovery point and its vault. It is restored with what AWS Backup wrote
    down, of which ``only`` some keys are kept where these are given, and with what is told ``instead``.

    What was written down may hold secrets: the call carries it, and nobody keeps it.
    """
    written_down = Carried(
        backup.get_recovery_point_restore_metadata(**this),
        lambda answer: probes.merged(answer["RestoreMetadata"], instead, only),
        like=dict(instead),
    )
    return backup.start_restore_job(
        RecoveryPointArn=this["RecoveryPointArn"],
        Metadata=written_down,
        IamRoleArn=role,
        IdempotencyToken=token,
        ResourceType=kind,
        **({"CopySourceTagsToRestoredResource": True} if copy_tags else {}),
    )


def follow_job(started: Any) -> Call:
    """The read that follows the job of a StartRestoreJob answer."""
    return backup.describe_restore_job(RestoreJobId=started["RestoreJobId"])
