"""What AWS Backup has recovery points of: its ARN, and the newest one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from nightcrew.aws.any_resource import around
from nightcrew.aws.arns import Drilled, Lookup, ResourceName
from nightcrew.aws.calls import calls
from nightcrew.clock import moment

_tagging = calls("resourcegroupstaggingapi")

MANY = 1000
"""Recovery points: what an answer holds at most (API reference, ListRecoveryPointsByResource)."""


def newest(point: str | None, vault: str | None, answer: Any) -> dict[str, Any]:
    """The newest complete recovery point of a ListRecoveryPointsByResource answer: ``{"found", "more"}``; ``found`` is
    ``{"arn", "vault", "made"}`` or None, ``more`` asks for the next page, or is None.

    Only those in ``vault``, where it is given; only ``point`` itself, whatever its state, where that is. What holds
    others (``IsParent``: a stack, a cluster of EKS) is none that can be restored by itself; a continuous backup
    (AVAILABLE) is not from one moment.
    """
    fits = [
        {"arn": each["RecoveryPointArn"], "vault": each["BackupVaultName"], "made": each["CreationDate"]}
        for each in answer["RecoveryPoints"]
        if vault in {None, each["BackupVaultName"]}
        and (each["RecoveryPointArn"] == point if point else each["Status"] == "COMPLETED" and not each.get("IsParent"))
    ]
    return {"found": max(fits, key=_made, default=None), "more": answer.get("NextToken")}


def newer(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The newer of what two pages gave."""
    return max((each for each in (one, other) if each), key=_made, default=None)


def _made(point: Mapping[str, Any]) -> datetime:
    return moment(point["made"])


@dataclass(frozen=True)
class _BackedUpArn(ResourceName):
    """What was backed up, by its ARN, which may be in another account: a vault has copies of what others backed up."""

    def arn(self, value: str, *, account: str, region: str, others: Any = None) -> str:
        """The same in the account and Region where the run acts, since it is the backup there that is drilled. A
        bucket's own ARN has neither.
        """
        del others
        parts = value.split(":", 5)
        return ":".join([*parts[:3], region, account, parts[5]])


DrilledBackup = Annotated[
    str,
    Drilled.from_type(
        Annotated[
            str,
            _BackedUpArn(
                "",
                "",
                pattern=r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12})?:[!-~]{1,1011}",
                example="arn:aws:ec2:eu-west-1:123456789012:volume/vol-0abc1234def567890",
                lookup=Lookup("tag:GetResources", lambda arn: _tagging.get_resources(ResourceARNList=[arn]), around),
            ),
        ]
    ),
]
"""The ARN of what AWS Backup backed up, and whose restore is drilled."""
