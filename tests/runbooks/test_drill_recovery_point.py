"""drill-recovery-point: what AWS Backup restores in a drill is measured and deleted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.follow_ups import listed
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.drilling import PROBE, WINDOWS, alone, drilled_name, drills_left, isolation, measured, probe_says
from tests.runbooks.recovery_points import (
    DRILLER,
    backed_up,
    of_a_bucket,
    of_a_database,
    of_a_table,
    of_a_volume,
    of_an_efs,
    of_an_fsx,
    of_an_instance,
    of_point,
    sent,
)

NAME = "drill-recovery-point"
JOB = "5ce9b4a0-0000-4000-8000-000000000001"


def drill(house: House, point: dict[str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    """A drill that waits for one minute at most."""
    return house.start(NAME, **{**point, "of": of_point(house, point), "within": "1m", **more})


def tour(house: House) -> None:
    """A table; a database; a cluster, which the embedded cloud cannot back up; and all that has no name, or a name as a
    bucket has it.
    """
    probe_says(house)
    assert drill(house, of_a_table(house)[1])[1]["outcome"] == "succeeded"
    assert drill(house, of_a_bucket(house, "a")[1], probe=PROBE)[1]["outcome"] == "succeeded"
    for of, more in (
        (of_a_volume, {}),
        (of_an_instance, alone(house)),
        (of_an_efs, {}),
        (of_an_fsx, {**alone(house), **WINDOWS}),
    ):
        assert drill(house, of(house)[1], role=DRILLER, **more)[1]["outcome"] == "succeeded"
    assert drill(house, of_a_database(house)[1], **isolation(house))[1]["outcome"] == "succeeded"
    assert of_a_cluster(house)[1]["outcome"] == "succeeded"


def of_a_cluster(house: House, kind: str = "Aurora") -> tuple[str, dict[str, Any]]:
    """A drill of a recovery point that is a cluster's of this type; the job makes one that its name tells."""
    rds = house.crew.client("rds")

    def aurora(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        answer |= {"ResourceType": kind, "ResourceArn": "arn:aws:rds:eu-west-1:123456789012:cluster:ledger"}

    def start(asked: Any) -> dict[str, Any]:
        rds.create_db_cluster(
            DBClusterIdentifier=asked["Metadata"]["DBClusterIdentifier"],
            Engine="aurora-mysql",
            MasterUsername="shop",
            MasterUserPassword="not-a-secret",
        )
        return {"RestoreJobId": JOB}

    done = {"Status": "COMPLETED", "CreatedResourceArn": "arn:aws:rds:eu-west-1:123456789012:cluster:made"}
    _, point = of_a_table(house)
    listed_as = {"RecoveryPointArn": point["point"], "BackupVaultName": point["vault"], "Status": "COMPLETED"}
    points = [{**listed_as, "CreationDate": house.crew.installation.clock.now()}]
    house.scripted.script("backup", "ListRecoveryPointsByResource", lambda _: {"RecoveryPoints": points})
    house.scripted.after("backup", "DescribeRecoveryPoint", aurora)
    house.scripted.script("backup", "StartRestoreJob", start)
    house.scripted.script("backup", "DescribeRestoreJob", lambda _: done)
    return drill(house, point, of="arn:aws:rds:eu-west-1:123456789012:cluster:ledger", **isolation(house))


def age(house: House, days: dict[str, int], *, unfinished: str = "", pages: bool = False) -> None:
    """Each of these recovery points was made so many days ago; each on a page of its own, where that is wanted."""
    now = house.crew.installation.clock.now()

    def edit(asked: Any, answer: dict[str, Any]) -> None:
        for each in answer["RecoveryPoints"]:
            each["CreationDate"] = now - timedelta(days=days[each["RecoveryPointArn"]])
            each["Status"] = "EXPIRED" if each["RecoveryPointArn"] == unfinished else each["Status"]
        if pages:
            page, whole = int(asked.get("NextToken", 0)), answer["RecoveryPoints"]
            answer["RecoveryPoints"] = whole[page : page + 1]
            if page + 1 < len(whole):
                answer["NextToken"] = str(page + 1)

    house.scripted.after("backup", "ListRecoveryPointsByResource", edit)


def ends_without_a_trace(house: House, outcome: str, words: str, ended: dict[str, Any]) -> None:
    """So it ended, and nothing that a drill made is there."""
    assert ended["outcome"] == outcome, ended["words"]
    assert words in ended["words"]
    assert drills_left(house) == []


def test_a_table_is_restored_measured_and_deleted(house: House) -> None:
    """RPO from when the recovery point was made."""
    table, point = of_a_table(house)
    made = house.crew.installation.clock.now() - timedelta(hours=5)

    def five_hours_old(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        answer["CreationDate"] = made

    house.scripted.after("backup", "DescribeRecoveryPoint", five_hours_old)
    run, ended = drill(house, point, rto="1h", rpo="1d")
    ends_without_a_trace(house, "succeeded", f"{table}: restored in ", ended)
    assert 5 * 3600 <= measured(house, run)["rpo"] < 5 * 3600 + 60
    assert house.scripted.changes() == ["backup:StartRestoreJob", "dynamodb:DeleteTable"]
    _, ended = drill(house, of_a_table(house)[1], rpo="1h")
    ends_without_a_trace(house, "failed", " (target 1 h) lost", ended)


def test_a_database_is_restored_where_nobody_reaches_it(house: House) -> None:
    database, point = of_a_database(house)
    where = isolation(house)
    run, ended = drill(house, point, **where)
    ends_without_a_trace(house, "succeeded", "deleted again", ended)
    sent = next(each.parameters for each in house.scripted.sent if each.operation == "StartRestoreJob")["Metadata"]
    assert sent["DBInstanceIdentifier"] == drilled_name(database, run)
    assert sent["DBSubnetGroupName"] == where["subnet_group"]
    assert json.loads(sent["VpcSecurityGroupIds"]) == [where["security_group"]]
    assert (sent["PubliclyAccessible"], sent["MultiAZ"]) == ("false", "false")


@pytest.mark.parametrize("kind", ["Aurora", "DocumentDB", "Neptune"])
def test_a_cluster_is_restored_without_instances_and_deleted(house: House, kind: str) -> None:
    """And what would clear it away knows that it is a cluster."""
    run, ended = of_a_cluster(house, kind)
    ends_without_a_trace(house, "succeeded", "ledger: restored in ", ended)
    sent = next(each.parameters for each in house.scripted.sent if each.operation == "DeleteDBCluster")
    assert sent["DBClusterIdentifier"] == drilled_name("ledger", run)
    (due,) = [each for each in listed(house.crew.store) if each.what["run"] == run]
    assert due.what["parameters"]["kind"] == "Aurora"
    assert due.what["parameters"]["point"].startswith("arn:aws:dynamodb:")


def test_a_database_without_a_place_for_it_is_left_alone(house: House) -> None:
    _, point = of_a_database(house)
    ends_without_a_trace(house, "not_applicable", "subnet_group", drill(house, point)[1])
    where = isolation(house)
    del where["security_group"]
    ends_without_a_trace(house, "not_applicable", "security_group", drill(house, point, **where)[1])
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"ResourceType": "Storage Gateway"}, "Storage Gateway can be restored beside what stands"),
        ({"Status": "PARTIAL"}, "the recovery point is complete: it is PARTIAL"),
    ],
)
def test_what_a_drill_cannot_tell_or_use_is_left_alone(house: House, members: dict[str, Any], words: str) -> None:
    _, point = of_a_table(house)
    house.scripted.after("backup", "DescribeRecoveryPoint", lambda _, answer: answer.update(members))
    ends_without_a_trace(house, "not_applicable", words, drill(house, point)[1])


def test_a_job_that_fails_or_hangs_leaves_nothing(house: House) -> None:
    """One that hangs is waited for: AWS has no way to stop it."""
    _, point = of_a_table(house)
    failed = {"Status": "FAILED", "StatusMessage": "no room"}
    house.scripted.after("backup", "DescribeRestoreJob", lambda _, answer: answer.update(failed))
    ends_without_a_trace(house, "failed", "the job ended FAILED: no room", drill(house, point)[1])
    house.scripted.reset()
    _, point = of_a_table(house)
    left = [8]

    def hangs(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        if left[0]:
            left[0] -= 1
            answer["Status"] = "RUNNING"

    house.scripted.after("backup", "DescribeRestoreJob", hangs)
    ends_without_a_trace(house, "failed", "the restore is through: not within", drill(house, point)[1])


def test_a_job_that_is_refused_leaves_nothing(house: House) -> None:
    house.scripted.answer("backup", "StartRestoreJob", Refusal("LimitExceededException"))
    ends_without_a_trace(house, "failed", "LimitExceededException", drill(house, of_a_table(house)[1])[1])


def test_the_newest_complete_recovery_point_is_drilled_unless_another_is_said(house: House) -> None:
    """In a vault, where that is said: one with copies, say."""
    name, first = of_a_volume(house)
    second, third = (backed_up(house, of_point(house, first)) for _ in range(2))
    of = {"of": of_point(house, first), "role": DRILLER, "within": "1m"}
    age(house, {first["point"]: 3, second["point"]: 2, third["point"]: 1})
    for said, wanted in (({}, third), ({"vault": second["vault"]}, second), ({"point": first["point"]}, first)):
        house.scripted.sent.clear()
        _, ended = house.start(NAME, **of, **said)
        assert ended["outcome"] == "succeeded", ended["words"]
        assert sent(house, "StartRestoreJob")[0]["RecoveryPointArn"] == wanted["point"]
        assert name in ended["words"]
        house.crew.installation.clock.sleep(3600)


def test_recovery_points_on_later_pages_and_unfinished_ones_count_as_they_should(house: House) -> None:
    _, old = of_a_volume(house)
    of = of_point(house, old)
    new, unfinished = backed_up(house, of), backed_up(house, of)
    age(house, {old["point"]: 3, new["point"]: 2, unfinished["point"]: 1}, unfinished=unfinished["point"], pages=True)
    _, ended = house.start(NAME, of=of, role=DRILLER, within="1m")
    assert ended["outcome"] == "succeeded", ended["words"]
    assert sent(house, "StartRestoreJob")[0]["RecoveryPointArn"] == new["point"]
    assert [each.get("NextToken") for each in sent(house, "ListRecoveryPointsByResource")] == [None, "1", "2"]


def test_what_has_no_recovery_point_cannot_be_drilled(house: House) -> None:
    _, point = of_a_volume(house)
    of = of_point(house, point)
    for said in ({"of": f"{of}0"}, {"of": of, "vault": "another"}, {"of": of, "point": f"{point['point']}0"}):
        _, ended = house.start(NAME, role=DRILLER, **said)
        assert (ended["outcome"], "has such a recovery point" in ended["words"]) == ("not_applicable", True)


def test_what_drills_of_one_resource_hold_is_the_same_whichever_recovery_point(house: House) -> None:
    """Two at a time could not be told apart by their jobs."""
    runbook = house.crew.installation.catalog[NAME]
    place = {"account": "123456789012", "region": "eu-west-1"}
    held = {
        runbook.arn(runbook.form.validate({"of": of, **said}), **place)
        for of in ("arn:aws:s3:::kept", "arn:aws:s3:eu-central-1:999999999999:kept")
        for said in ({}, {"vault": "safe"}, {"point": "arn:aws:backup:eu-west-1:123456789012:recovery-point:1"})
    }
    assert held == {"arn:aws:s3:eu-west-1:123456789012:kept/drill"}


def test_a_role_that_is_not_for_restores_is_not_passed(house: House) -> None:
    _, point = of_a_table(house)
    _, ended = drill(house, point, role="arn:aws:iam::123456789012:role/admin")
    ends_without_a_trace(house, "not_applicable", "nightcrew-restore-", ended)


def test_bad_input_names_the_field(house: House) -> None:
    point = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1eb3b5e7"
    given = {"of": "arn:aws:s3:::kept", "point": point, "vault": "Default"}
    for name, value in (
        ("of", "orders"),
        ("point", "orders"),
        ("vault", "?"),
        ("role", "admin"),
        ("metadata", "[]"),
        ("subnet", "here"),
    ):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{**given, name: value})
