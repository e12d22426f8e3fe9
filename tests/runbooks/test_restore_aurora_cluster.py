"""restore-aurora-cluster: what it promises at night.

When it fails: test_restore_aurora_cluster_failing.py. What it leaves alone: test_restore_aurora_cluster_left_alone.py.
"""

from datetime import timedelta

from tests.house import House
from tests.runbooks.clusters_to_restore import (
    NAME,
    ROLE,
    a_cluster,
    a_furnished_cluster,
    a_snapshot,
    beside,
    changed,
    described,
    edited,
    members,
    names,
    restored,
    sent,
    tags,
)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that takes over, one from a snapshot, declined."""
    assert restored(house, a_cluster(house))[1]["outcome"] == "succeeded"
    cluster = a_cluster(house)
    _, ended = restored(house, cluster, snapshot=a_snapshot(house, cluster), approve=False)
    assert ended["outcome"] == "declined"


def test_it_restores_beside_and_takes_over_when_that_is_approved(house: House) -> None:
    """The instances change names before the clusters: until then nobody who writes comes to the new one."""
    cluster = a_cluster(house, {}, {})
    before = described(house, cluster)
    run, ended = restored(house, cluster)
    assert ended["outcome"] == "succeeded", ended["words"]
    again, aside = f"{cluster}-again", f"{cluster}-aside"
    assert changed(house, run) == [
        "restore it beside the old one",
        f"add {again}-1",
        f"add {again}-2",
        "set what a restore loses",
        f"rename {cluster}-a to {aside}-1",
        f"rename {again}-1 to {cluster}-a",
        f"rename {cluster}-b to {aside}-2",
        f"rename {again}-2 to {cluster}-b",
        f"rename {cluster} to {aside}",
        f"rename {again} to {cluster}",
    ]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "its instances are available, with the same settings",
        "one of them writes, and the cluster has the same settings, and its parameters hold",
        f"{cluster}-a is the new one, at the same address",
        f"{cluster}-b is the new one, at the same address",
        f"{cluster} is the new one, at the same address",
    ]
    assert tags(house, cluster)["nightcrew:run"] == run
    assert described(house, cluster)["Endpoint"] == before["Endpoint"]
    assert (members(house, cluster), members(house, aside)) == (
        [f"{cluster}-a", f"{cluster}-b"],
        [f"{aside}-1", f"{aside}-2"],
    )
    assert "nightcrew:run" not in tags(house, aside)
    assert not described(house, again)


def test_nobody_deletes_the_old_one_and_people_are_told_until_when_it_is_kept(house: House) -> None:
    cluster = a_cluster(house)
    due = house.crew.installation.clock.now() + timedelta(days=30)
    _, ended = restored(house, cluster, keep="30d")
    assert f"the old one is {cluster}-aside" in ended["words"]
    assert f"delete it after {due:%Y-%m}" in ended["words"]
    assert not {"rds:DeleteDBCluster", "rds:DeleteDBInstance"} & set(house.scripted.changes())


def test_the_restore_is_told_every_setting_that_it_would_lose(house: House) -> None:
    """All security groups above all; the run's own tag instead of an older run's."""
    cluster = a_furnished_cluster(house)
    before = described(house, cluster)
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBClusterToPointInTime")
    assert len(told["VpcSecurityGroupIds"]) == 2
    assert told == {
        "SourceDBClusterIdentifier": cluster,
        "DBClusterIdentifier": f"{cluster}-again",
        "UseLatestRestorableTime": True,
        "BacktrackWindow": 3600,
        "BackupRetentionPeriod": 7,
        "CopyTagsToSnapshot": True,
        "DBClusterParameterGroupName": before["DBClusterParameterGroup"],
        "DBSubnetGroupName": "default",
        "DeletionProtection": False,
        "EnableCloudwatchLogsExports": ["audit"],
        "EnableIAMDatabaseAuthentication": True,
        "NetworkType": "IPV4",
        "Port": 3306,
        "PreferredBackupWindow": "01:00-01:30",
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4.0},
        "Tags": [{"Key": "nightcrew:run", "Value": run}, {"Key": "team", "Value": "till"}],
        "VpcSecurityGroupIds": sorted(each["VpcSecurityGroupId"] for each in before["VpcSecurityGroups"]),
    }


def test_it_makes_a_writer_and_as_many_readers_each_like_the_one_that_it_stands_for(house: House) -> None:
    """The writer first: the first instance of a cluster writes."""
    cluster = a_furnished_cluster(house)
    run, _ = beside(house, cluster)
    writer, reader = sent(house, "CreateDBInstance")
    tagged = {"Key": "nightcrew:run", "Value": run}
    assert writer.pop("DBParameterGroupName").startswith("vault-")
    assert writer.pop("Tags") == [{"Key": "role", "Value": "till"}, tagged]
    shared = {
        "DBClusterIdentifier": f"{cluster}-again",
        "Engine": "aurora-mysql",
        "AutoMinorVersionUpgrade": True,
        "CACertificateIdentifier": "rds-ca-default",
    }
    assert writer == {
        **shared,
        "DBInstanceIdentifier": f"{cluster}-again-1",
        "DBInstanceClass": "db.r6g.large",
        "AvailabilityZone": "eu-west-1a",
        "PromotionTier": 0,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": ROLE,
        "PreferredMaintenanceWindow": "wed:06:38-wed:07:08",
    }
    assert reader == {
        **shared,
        "DBInstanceIdentifier": f"{cluster}-again-2",
        "DBInstanceClass": "db.r6g.xlarge",
        "AvailabilityZone": "eu-west-1b",
        "PromotionTier": 5,
        "PreferredMaintenanceWindow": "sat:03:00-sat:03:30",
        "Tags": [tagged],
    }
    assert [each["IsClusterWriter"] for each in described(house, f"{cluster}-again")["DBClusterMembers"]] == [
        True,
        False,
    ]


def test_what_a_restore_cannot_be_told_is_set_afterwards_and_its_protection_last(house: House) -> None:
    cluster = a_furnished_cluster(house)
    run, _ = beside(house, cluster)
    new = {"DBClusterIdentifier": f"{cluster}-again", "ApplyImmediately": True}
    assert sent(house, "ModifyDBCluster") == [
        {**new, "PreferredMaintenanceWindow": "sun:03:00-sun:03:30"},
        {**new, "DeletionProtection": True},
    ]
    assert described(house, f"{cluster}-again")["DeletionProtection"] is True
    assert changed(house, run)[-1] == "protect it from deletion"


def test_a_snapshot_is_restored_in_its_own_version_with_the_settings_of_today(house: House) -> None:
    """AWS would take the Region's default version."""
    cluster = a_furnished_cluster(house)
    snapshot = a_snapshot(house, cluster)
    _, ended = beside(house, cluster, snapshot=snapshot)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBClusterFromSnapshot")
    assert (told["SnapshotIdentifier"], told["DBClusterIdentifier"]) == (snapshot, f"{cluster}-again")
    assert (told["Engine"], told["EngineVersion"]) == ("aurora-mysql", "5.7.mysql_aurora.2.07.2")
    assert len(told["VpcSecurityGroupIds"]) == 2


def test_the_time_that_was_asked_for_is_restored(house: House) -> None:
    cluster = a_cluster(house)
    now = house.crew.installation.clock.now()
    edited(house, cluster, EarliestRestorableTime=now - timedelta(days=7), LatestRestorableTime=now)
    to = now - timedelta(days=2)
    _, ended = beside(house, cluster, to=to.isoformat())
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBClusterToPointInTime")
    assert told["RestoreToTime"] == to
    assert "UseLatestRestorableTime" not in told


def test_without_taking_over_nobody_is_asked_and_the_old_one_is_left_as_it_is(house: House) -> None:
    cluster = a_cluster(house)
    before = described(house, cluster)
    run, ended = beside(house, cluster)
    assert ended["words"].startswith(f"{cluster}-again stands beside {cluster}")
    assert not [fact for fact in house.facts(run) if "asked" in fact]
    after = described(house, cluster)
    assert {**after, "LatestRestorableTime": None} == {**before, "LatestRestorableTime": None}


def test_who_is_asked_reads_where_to_look_and_what_is_not_brought_along(house: House) -> None:
    cluster = a_cluster(house)
    edited(house, cluster, CustomEndpoints=["reports"], HttpEndpointEnabled=True)
    edited(house, f"{cluster}-again", HttpEndpointEnabled=False)
    run, ended = restored(house, cluster)
    assert ended["outcome"] == "succeeded", ended["words"]
    (asked,) = [fact["asked"] for fact in house.facts(run) if "asked" in fact]
    assert f"look at its data at {cluster}-again.cluster-" in asked
    assert "its custom endpoints reports" in asked
    assert "its Data API, which is off" in asked


def test_a_plan_changes_nothing_and_shows_the_cut_over(house: House) -> None:
    cluster = a_furnished_cluster(house)
    planned = house.plan(NAME, cluster=cluster, **names(cluster))
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    assert len(planned.changes) == 11
    assert planned.changes[-1]["title"] == f"rename {cluster}-again to {cluster}"
    assert {line["unknown"] for line in planned.changes} == {"looked at"}
    assert [line["verb"] for line in planned.lines if line["verb"] == "approve"] == ["approve"]


def test_without_names_they_are_called_by_the_time_of_the_run(house: House) -> None:
    """The deployed role may make and delete only what is called so."""
    cluster = a_cluster(house)
    made, added, *_, last = house.plan(NAME, cluster=cluster).changes
    assert made["parameters"]["DBClusterIdentifier"].startswith(f"{cluster}-restored-20")
    assert added["parameters"]["DBInstanceIdentifier"] == made["parameters"]["DBClusterIdentifier"] + "-1"
    assert last["parameters"]["NewDBClusterIdentifier"] == cluster
