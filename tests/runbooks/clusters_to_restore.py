"""Aurora clusters to restore, and how the tests of restore-aurora-cluster start a run and look at what came of it."""

import itertools
from typing import Any

from tests.house import House
from tests.runbooks.approving import start_decided

NAME = "restore-aurora-cluster"
ROLE = "arn:aws:iam::123456789012:role/rds-monitoring"
ENGINE = "aurora-mysql"
_numbers = itertools.count(1)


def a_cluster(house: House, *members: dict[str, Any], **more: Any) -> str:
    """A cluster of a test's own: the first of its instances, ``<cluster>-a``, ``-b``, writes; one if none is given."""
    name, rds = f"vault-{next(_numbers)}", house.crew.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=name, Engine=ENGINE, MasterUsername="shop", MasterUserPassword="not-a-secret", **more
    )
    for letter, given in zip("abc", members or ({},), strict=False):
        rds.create_db_instance(
            DBInstanceIdentifier=f"{name}-{letter}",
            DBClusterIdentifier=name,
            Engine=ENGINE,
            **{"DBInstanceClass": "db.r6g.large", "AvailabilityZone": f"eu-west-1{letter}", **given},
        )
    # Only the first look says "creating".
    rds.describe_db_clusters(DBClusterIdentifier=name)
    return name


def a_furnished_cluster(house: House) -> str:
    """A writer and a reader, and each setting that a restore loses."""
    ec2, rds = house.crew.client("ec2"), house.crew.client("rds")
    own = f"vault-{next(_numbers)}"
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    groups = [
        ec2.create_security_group(GroupName=f"{own}-{each}", Description="vault", VpcId=vpc)["GroupId"]
        for each in ("app", "ops")
    ]
    family = {"DBParameterGroupFamily": "aurora-mysql5.7", "Description": "vault"}
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=own, **family)
    rds.create_db_parameter_group(DBParameterGroupName=own, **family)
    watched = {"MonitoringInterval": 60, "MonitoringRoleArn": ROLE, "DBParameterGroupName": own}
    return a_cluster(
        house,
        {**watched, "PromotionTier": 0, "Tags": [{"Key": "role", "Value": "till"}]},
        {"DBInstanceClass": "db.r6g.xlarge", "PromotionTier": 5, "PreferredMaintenanceWindow": "sat:03:00-sat:03:30"},
        VpcSecurityGroupIds=groups,
        DBClusterParameterGroupName=own,
        EnableIAMDatabaseAuthentication=True,
        EnableCloudwatchLogsExports=["audit"],
        BacktrackWindow=3600,
        BackupRetentionPeriod=7,
        CopyTagsToSnapshot=True,
        DeletionProtection=True,
        PreferredBackupWindow="01:00-01:30",
        PreferredMaintenanceWindow="sun:03:00-sun:03:30",
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 4},
        Tags=[{"Key": "team", "Value": "till"}, {"Key": "nightcrew:run", "Value": "an-older-run"}],
    )


def a_snapshot(house: House, cluster: str) -> str:
    """A snapshot that somebody made of it."""
    name = f"{cluster}-snapshot"
    house.crew.client("rds").create_db_cluster_snapshot(DBClusterIdentifier=cluster, DBClusterSnapshotIdentifier=name)
    return name


def names(cluster: str) -> dict[str, str]:
    """What the new one and the old one shall be called."""
    return {"target": f"{cluster}-again", "aside": f"{cluster}-aside"}


def restored(house: House, cluster: str, *, approve: bool = True, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """A run, waited for one minute, that Bob approves or declines: its id and how it ended."""
    given = {**names(cluster), "within": "1m", **parameters}
    return start_decided(house, NAME, approve=approve, cluster=cluster, **given)


def beside(house: House, cluster: str, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """A run that asks nobody, since nothing takes over."""
    given = {**names(cluster), "within": "1m", "take_over": False, **parameters}
    return house.start(NAME, cluster=cluster, **given)


def described(house: House, name: str) -> dict[str, Any]:
    """The cluster of that name, in the cloud itself; empty where there is none."""
    found = house.crew.client("rds").describe_db_clusters()["DBClusters"]
    return next((dict(each) for each in found if each["DBClusterIdentifier"] == name), {})


def members(house: House, name: str) -> list[str]:
    """Its instances, in the cloud itself."""
    given = [{"Name": "db-cluster-id", "Values": [name]}]
    found = house.crew.client("rds").describe_db_instances(Filters=given)["DBInstances"]
    return sorted(each["DBInstanceIdentifier"] for each in found)


def tags(house: House, name: str) -> dict[str, str]:
    """The cluster's tags."""
    return {tag["Key"]: tag["Value"] for tag in described(house, name)["TagList"]}


def edited(house: House, name: str, *, after: str = "", **more: Any) -> None:
    """Whoever asks about that cluster sees these members instead, once a change of that name was sent."""

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBClusters"]:
            if each["DBClusterIdentifier"] == name and (not after or after in house.scripted.changes()):
                each.update(more)

    house.scripted.after("rds", "DescribeDBClusters", edit)


def edited_instance(house: House, name: str, **more: Any) -> None:
    """Whoever asks about that instance sees these members instead."""

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            if each["DBInstanceIdentifier"] == name:
                each.update(more)

    house.scripted.after("rds", "DescribeDBInstances", edit)


def looks(house: House, name: str, status: str, times: int) -> None:
    """The cluster's status is another one the next times that somebody asks."""
    left = [times]

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBClusters"]:
            if each["DBClusterIdentifier"] == name and left[0]:
                left[0] -= 1
                each["Status"] = status

    house.scripted.after("rds", "DescribeDBClusters", edit)


def sent(house: House, operation: str) -> list[dict[str, Any]]:
    """The parameters of each request of that operation."""
    return [dict(each.parameters) for each in house.scripted.sent if each.operation == operation]


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]
