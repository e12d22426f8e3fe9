"""clear-away-drill: it deletes what a dead drill left, and nothing else."""

from typing import Any

import pytest

from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.clusters_to_restore import a_cluster, members
from tests.runbooks.clusters_to_restore import described as cluster_of
from tests.runbooks.databases_to_restore import a_database, described
from tests.runbooks.drilling import drilled_name, drills_left
from tests.runbooks.tables import ARN, a_table, exists

NAME = "clear-away-drill"
DEAD, ANOTHER = "20261121-030004-k3f9qa", "20261121-030004-aaaaaa"
RDS = "arn:aws:rds:eu-west-1:123456789012"
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
    """A table, and a cluster with its instance."""
    table = a_table(house)
    made = a_restored_table(house, table, drilled_name(table, DEAD))
    assert clear(house, f"{ARN}/{table}", "DynamoDB", made)["outcome"] == "succeeded"
    cluster, made = a_restored_cluster(house)
    assert clear(house, f"{RDS}:cluster:{cluster}", "Aurora", made)["outcome"] == "succeeded"


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
    """AWS Backup knows nothing of our runs; a tag of another run is never ours."""
    database, made = a_restored_database(house, [])
    arn = f"{RDS}:db:{database}"
    ended = clear(house, arn, "RDS", made)
    assert ended["outcome"] == "not_applicable"
    assert described(house, made)
    assert clear(house, arn, "RDS", made, point=True)["outcome"] == "succeeded"
    database, made = a_restored_database(house, [{"Key": "nightcrew:run", "Value": ANOTHER}])
    assert clear(house, f"{RDS}:db:{database}", "RDS", made, point=True)["outcome"] == "not_applicable"
    house.crew.client("rds").delete_db_instance(DBInstanceIdentifier=made, SkipFinalSnapshot=True)


def test_bad_input_names_the_field(house: House) -> None:
    given = {"drilled": f"{ARN}/orders", "kind": "DynamoDB", "made": "orders", "by": DEAD}
    for name, value in (("kind", "S3"), ("by", "me"), ("drilled", "orders")):
        with pytest.raises(BadParameter, match=name):
            house.crew.person(NAME, **{**given, name: value})
