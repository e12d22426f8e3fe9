"""clear-away-drill: it deletes what a dead drill left, and nothing else."""

from typing import Any

import pytest

from nightcrew.aws.drill_jobs import DRILL_ROLES
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.clusters_to_restore import a_cluster, members
from tests.runbooks.clusters_to_restore import described as cluster_of
from tests.runbooks.databases_to_restore import a_database, described
from tests.runbooks.drilling import alone, drilled_name, drills_left, there
from tests.runbooks.recovery_points import DRILLER, ROLE, backed_up, of_a_volume, of_an_efs, of_an_fsx, of_an_instance
from tests.runbooks.tables import ARN, a_table, exists

NAME = "clear-away-drill"
DEAD, ANOTHER = "20261121-030004-k3f9qa", "20261121-030004-aaaaaa"
RDS = "arn:aws:rds:eu-west-1:123456789012"
POINT = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1eb3b5e7"
TAGS = [{"Key": "nightcrew:run", "Value": DEAD}]


def clear(house: House, drilled: str, kind: str, made: str, **more: Any) -> dict[str, Any]:
    """How it ends."""
    return house.start(NAME, drilled=drilled, kind=kind, made=made, **{"by": DEAD, **more})[1]


def a_restored_table(house: House, table: str, name: str) -> str:
    """As a drill that died leaves it, before it could tag it."""
    house.crew.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=name, UseLatestRestorableTime=True
    )
    return name


def a_restored_database(house: House, tags: list[dict[str, str]] = TAGS) -> tuple[str, str]:
    """A database, and what a drill that died restored of it."""
    database = a_database(house)
    made = drilled_name(database, DEAD)
    house.crew.client("rds").restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=database, TargetDBInstanceIdentifier=made, UseLatestRestorableTime=True, Tags=tags
    )
    return database, made


def a_restored_cluster(house: House) -> tuple[str, str]:
    """A cluster, and what a drill that died restored of it, with its instance."""
    cluster, rds = a_cluster(house), house.crew.client("rds")
    made = drilled_name(cluster, DEAD)
    rds.restore_db_cluster_to_point_in_time(
        SourceDBClusterIdentifier=cluster, DBClusterIdentifier=made, UseLatestRestorableTime=True, Tags=TAGS
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{made}-1",
        DBClusterIdentifier=made,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
        Tags=TAGS,
    )
    return cluster, made


def tour(house: House) -> None:
    """A table; a cluster with its instance; what has no name; and a bucket."""
    table = a_table(house)
    made = a_restored_table(house, table, drilled_name(table, DEAD))
    assert clear(house, f"{ARN}/{table}", "DynamoDB", made)["outcome"] == "succeeded"
    cluster, made = a_restored_cluster(house)
    assert clear(house, f"{RDS}:cluster:{cluster}", "Aurora", made)["outcome"] == "succeeded"
    database, made = a_restored_database(house)
    assert clear(house, f"{RDS}:db:{database}", "RDS", made)["outcome"] == "succeeded"
    for kind in POINTS:
        assert house.start(NAME, **left_by_a_job(house, kind)[0])[1]["outcome"] == "succeeded"
    test_a_bucket_that_a_dead_drill_left_is_emptied_and_deleted(house)


def test_a_table_that_a_dead_drill_left_is_deleted(house: House) -> None:
    table = a_table(house)
    made = a_restored_table(house, table, drilled_name(table, DEAD))
    ended = clear(house, f"{ARN}/{table}", "DynamoDB", made)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert not exists(house, made)
    assert exists(house, table)


def test_a_database_and_a_cluster_with_its_instance_are_deleted(house: House) -> None:
    """A cluster is deleted only once its instance is gone."""
    database, made = a_restored_database(house)
    ended = clear(house, f"{RDS}:db:{database}", "RDS", made)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert described(house, database)
    cluster, made = a_restored_cluster(house)
    ended = clear(house, f"{RDS}:cluster:{cluster}", "Aurora", made)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert cluster_of(house, cluster)
    assert members(house, made) == []
    assert drills_left(house) == []


def test_where_nothing_is_left_there_is_nothing_to_do(house: House) -> None:
    """As a rule."""
    table = a_table(house)
    ended = clear(house, f"{ARN}/{table}", "DynamoDB", drilled_name(table, DEAD))
    assert ended["outcome"] == "not_applicable"
    assert "something is left of it" in ended["words"]
    assert house.scripted.changes() == []


def test_a_name_that_the_drill_did_not_give_is_left_alone(house: House) -> None:
    """Above all what was drilled itself."""
    table = a_table(house)
    for made in (table, f"{table}-restored-20261121-0300", drilled_name(table, ANOTHER)):
        ended = clear(house, f"{ARN}/{table}", "DynamoDB", made)
        assert ended["outcome"] == "not_applicable"
        assert "the name is one that this drill gave" in ended["words"]
    assert house.scripted.changes() == []


def test_a_table_that_is_no_restore_of_the_drilled_one_is_left_alone(house: House) -> None:
    """Somebody's own, whatever it is called; and a restore of another table."""
    table, other, dynamodb = a_table(house), a_table(house), house.crew.client("dynamodb")
    mine = drilled_name(table, DEAD)
    dynamodb.create_table(
        TableName=mine,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    theirs = a_restored_table(house, other, drilled_name(other, DEAD))
    for made in (mine, theirs):
        ended = clear(house, f"{ARN}/{table}", "DynamoDB", made)
        assert ended["outcome"] == "not_applicable"
        assert "is the drill's own" in ended["words"]
        assert exists(house, made)
        dynamodb.delete_table(TableName=made)


def test_a_database_without_the_runs_tag_is_left_alone_unless_aws_backup_made_it(house: House) -> None:
    """AWS Backup knows nothing of our runs: what it restores has the tags of what was backed up, if any."""
    database, made = a_restored_database(house, [])
    arn = f"{RDS}:db:{database}"
    ended = clear(house, arn, "RDS", made)
    assert ended["outcome"] == "not_applicable"
    assert described(house, made)
    assert clear(house, arn, "RDS", made, point=POINT)["outcome"] == "succeeded"
    database, made = a_restored_database(house, [{"Key": "nightcrew:run", "Value": ANOTHER}])
    assert clear(house, f"{RDS}:db:{database}", "RDS", made, point=POINT)["outcome"] == "succeeded"


POINTS = {"EBS": of_a_volume, "EC2": of_an_instance, "EFS": of_an_efs, "FSx": of_an_fsx}


def left_by_a_job(house: House, kind: str, role: str = DRILLER) -> tuple[dict[str, Any], str]:
    """What a drill that died had restored of a new one: what clear-away-drill is told, and the ARN of what is left."""
    _, point = POINTS[kind](house)
    backup = house.crew.client("backup")
    asked = {"BackupVaultName": point["vault"], "RecoveryPointArn": point["point"]}
    of = backup.describe_recovery_point(**asked)["ResourceArn"]
    metadata = backup.get_recovery_point_restore_metadata(**asked)["RestoreMetadata"]
    given = {"SubnetId": "", "SecurityGroupIds": "[]", "SubnetIds": "[]", "DisableApiTermination": "false"}
    where = alone(house)
    given |= {"SubnetId": where["subnet"], "CreationToken": f"drill-{point['point'][-8:]}"}
    job = backup.start_restore_job(
        RecoveryPointArn=point["point"], Metadata={**metadata, **given}, IamRoleArn=role, ResourceType=kind
    )
    made = backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])["CreatedResourceArn"]
    told = {"drilled": of, "kind": kind, "made": of, "by": DEAD, "point": point["point"], "role": DRILLER}
    return told, made


@pytest.mark.parametrize("kind", POINTS)
def test_what_has_no_name_is_found_by_the_jobs_of_the_role_and_deleted(house: House, kind: str) -> None:
    """Also where the drill died before it knew its job."""
    told, made = left_by_a_job(house, kind)
    assert made.split("/")[-1] in there(house)
    ended = house.start(NAME, **told)[1]
    assert ended["outcome"] == "succeeded", ended["words"]
    assert made.split("/")[-1] not in there(house)
    assert told["made"].split("/")[-1] in there(house)


@pytest.mark.parametrize("kind", ["EBS", "EFS"])
def test_what_a_drill_deleted_itself_is_not_looked_for_again(house: House, kind: str) -> None:
    """As a rule: its job is known for weeks."""
    told, made = left_by_a_job(house, kind)
    name = made.split("/")[-1]
    if kind == "EBS":
        house.crew.client("ec2").delete_volume(VolumeId=name)
    else:
        house.crew.client("efs").delete_file_system(FileSystemId=name)
    ended = house.start(NAME, **told)[1]
    assert (ended["outcome"], "something is left of it" in ended["words"]) == ("not_applicable", True)
    assert house.scripted.changes() == []


@pytest.mark.parametrize("kind", POINTS)
def test_what_another_role_restored_of_the_same_is_left_alone(house: House, kind: str) -> None:
    """A remediation's, or a person's, who restored the same recovery point in the same minute."""
    told, made = left_by_a_job(house, kind, ROLE)
    ended = house.start(NAME, **told)[1]
    assert (ended["outcome"], "something is left of it" in ended["words"]) == ("not_applicable", True)
    assert made.split("/")[-1] in there(house)
    assert house.scripted.changes() == []


def test_what_the_same_role_restored_of_another_recovery_point_is_left_alone(house: House) -> None:
    """That is another drill's, which may go on at this moment."""
    told, made = left_by_a_job(house, "EBS")
    other = backed_up(house, told["made"])
    ended = house.start(NAME, **{**told, "point": other["point"]})[1]
    assert ended["outcome"] == "not_applicable"
    assert made.split("/")[-1] in there(house)


@pytest.mark.parametrize(
    ("more", "words"),
    [({"role": None}, DRILL_ROLES), ({"role": ROLE}, DRILL_ROLES), ({"point": None}, "which recovery point")],
)
def test_without_a_role_that_only_drills_use_and_a_recovery_point_nothing_is_deleted(
    house: House, more: dict[str, Any], words: str
) -> None:
    told, made = left_by_a_job(house, "EBS", ROLE)
    ended = house.start(NAME, **{key: value for key, value in {**told, **more}.items() if value})[1]
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True)
    assert made.split("/")[-1] in there(house)


def test_a_job_that_goes_on_is_waited_for(house: House) -> None:
    """What it makes is there only at its end."""
    told, made = left_by_a_job(house, "EBS")
    left = [2]

    def running(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        if left[0]:
            left[0] -= 1
            for job in answer["RestoreJobs"]:
                job |= {"Status": "RUNNING", "CreatedResourceArn": ""}

    house.scripted.after("backup", "ListRestoreJobs", running)
    assert house.start(NAME, **told)[1]["outcome"] == "succeeded"
    assert made.split("/")[-1] not in there(house)


def test_jobs_of_which_not_all_are_seen_are_told_of(house: House) -> None:
    """An answer that is not whole does not count as nothing left."""
    told, made = left_by_a_job(house, "EBS")
    more = {"NextToken": "more"}
    house.scripted.after("backup", "ListRestoreJobs", lambda _, answer: answer.update(more))
    ended = house.start(NAME, **told)[1]
    assert ended["outcome"] == "failed"
    assert "more restore jobs" in ended["words"]
    assert made.split("/")[-1] in there(house)


@pytest.mark.parametrize("kind", ["EFS", "EBS"])
def test_what_was_backed_up_is_never_deleted_whatever_a_job_says(house: House, kind: str) -> None:
    """Somebody restored items into it, as the role of drills: AWS Backup can do that with a file system that stands."""
    told, made = left_by_a_job(house, kind)

    def into_itself(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        for job in answer["RestoreJobs"]:
            if job["CreatedResourceArn"] == made:
                job["CreatedResourceArn"] = told["made"]

    house.scripted.after("backup", "ListRestoreJobs", into_itself)
    assert house.start(NAME, **told)[1]["outcome"] == "not_applicable"
    assert told["made"].split("/")[-1] in there(house)
    assert house.scripted.changes() == []


def test_a_file_system_that_was_there_before_the_drill_is_left_alone(house: House) -> None:
    """Another one than was backed up, into which somebody restored."""
    told, made = left_by_a_job(house, "EFS")
    later = "20991121-030004-k3f9qa"
    ended = house.start(NAME, **{**told, "by": later})[1]
    assert (ended["outcome"], "is the drill's own" in ended["words"]) == ("not_applicable", True)
    assert made.split("/")[-1] in there(house)


def test_a_volume_of_another_run_is_left_alone(house: House) -> None:
    """A remediation marks what it makes with its run, too; what is a drill's says so."""
    ec2 = house.crew.client("ec2")
    told, _ = left_by_a_job(house, "EC2")
    disk = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=8)["VolumeId"]
    ec2.create_tags(Resources=[disk], Tags=TAGS)
    assert house.start(NAME, **told)[1]["outcome"] == "succeeded"
    assert disk in there(house)


def test_the_disks_of_an_instance_that_is_gone_are_deleted(house: House) -> None:
    """The drill died between the two: they have its mark."""
    ec2 = house.crew.client("ec2")
    told, made = left_by_a_job(house, "EC2")
    ec2.terminate_instances(InstanceIds=[made.split("/")[-1]])
    disk = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=8)["VolumeId"]
    drilled = {"Key": "nightcrew:drill", "Value": told["made"].split("/")[-1]}
    ec2.create_tags(Resources=[disk], Tags=[*TAGS, drilled])
    ended = house.start(NAME, **told)[1]
    assert ended["outcome"] == "succeeded", ended["words"]
    assert disk not in there(house)


def test_a_bucket_that_a_dead_drill_left_is_emptied_and_deleted(house: House) -> None:
    s3, made = house.crew.client("s3"), drilled_name("kept", DEAD)
    s3.create_bucket(Bucket=made, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=made, Key="a", Body=b"1")
    assert clear(house, "arn:aws:s3:eu-west-1:123456789012:kept", "S3", made, point=POINT)["outcome"] == "succeeded"
    assert made not in there(house)


def test_bad_input_names_the_field(house: House) -> None:
    given = {"drilled": f"{ARN}/orders", "kind": "DynamoDB", "made": "orders", "by": DEAD}
    for name, value in (("kind", "VTL"), ("role", "admin"), ("by", "me"), ("drilled", "orders")):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{**given, name: value})
