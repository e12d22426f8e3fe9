"""What a change hands on from a read, and nobody keeps."""

from collections.abc import Mapping
from typing import Any

import pytest

from nightcrew.aws.calls import Call, Carried, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter, Forbidden
from tests.house import House

backup = calls("backup")
READ, START = "backup:GetRecoveryPointRestoreMetadata", "backup:StartRestoreJob"
POINT = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1"


def a_restore(like: Any = None) -> Call:
    """A change that carries the metadata of a recovery point."""
    source = backup.get_recovery_point_restore_metadata(BackupVaultName="safe", RecoveryPointArn=POINT)

    def take(answer: Mapping[str, Any]) -> Any:
        return answer["RestoreMetadata"]

    return backup.start_restore_job(RecoveryPointArn=POINT, Metadata=Carried(source, take, like or {}))


def scripted(house: House, metadata: Any) -> None:
    """AWS answers both, the first one so."""
    house.scripted.answer("backup", "GetRecoveryPointRestoreMetadata", metadata)
    house.scripted.answer("backup", "StartRestoreJob", {"RestoreJobId": "1"})


def test_it_is_read_when_the_call_is_sent(house: House) -> None:
    scripted(house, {"RestoreMetadata": {"UserData": "h1dden"}})
    Cloud(house.scripted, {READ, START}, "a-runbook").change(a_restore())
    read, start = house.scripted.sent
    assert (read.operation, start.parameters["Metadata"]) == (
        "GetRecoveryPointRestoreMetadata",
        {"UserData": "h1dden"},
    )


def test_nobody_sees_it() -> None:
    assert a_restore().shown()["Metadata"] == "redacted"


def test_a_call_is_checked_with_something_like_it() -> None:
    with pytest.raises(BadParameter, match="Metadata"):
        a_restore(like="no map")


def test_an_undeclared_read_never_leaves(house: House) -> None:
    """The first wall holds for what a change carries, too."""
    with pytest.raises(Forbidden, match=READ):
        Cloud(house.scripted, {START}, "a-runbook").change(a_restore())
    assert house.scripted.sent == []


@pytest.mark.parametrize(
    ("code", "status", "kind"), [("InternalFailure", 500, "throttled"), ("Denied", 400, "refused")]
)
def test_a_read_that_fails_means_that_nothing_happened(house: House, code: str, status: int, kind: str) -> None:
    """Not that the change is unknown: it has not left."""
    house.scripted.script("backup", "GetRecoveryPointRestoreMetadata", lambda _: Refusal(code, "no", status))
    with pytest.raises(CallFailed) as failed:
        Cloud(house.scripted, {READ, START}, "a-runbook").change(a_restore())
    assert failed.value.kind == kind
    assert READ in failed.value.message
    assert house.scripted.changes() == []
