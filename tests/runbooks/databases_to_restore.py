"""Databases to restore, and how the tests of restore-rds-instance start a run and look at what came of it."""

import itertools
from typing import Any

from tests.house import House
from tests.runbooks.approving import start_decided

NAME = "restore-rds-instance"
ROLE = "arn:aws:iam::123456789012:role/rds-monitoring"
_numbers = itertools.count(1)


def a_database(house: House, **more: Any) -> str:
    """A database of a test's own, with automated backups and little else."""
    name = f"till-{next(_numbers)}"
    given = {"BackupRetentionPeriod": 7, **more}
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        **given,
    )
    return name


def a_furnished_database(house: House) -> str:
    """Such a database with each setting that a restore loses."""
    ec2, rds = house.crew.client("ec2"), house.crew.client("rds")
    number = next(_numbers)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    groups = [
        ec2.create_security_group(GroupName=f"till-{number}-{each}", Description="till", VpcId=vpc)["GroupId"]
        for each in ("app", "ops")
    ]
    parameters = f"till-{number}"
    rds.create_db_parameter_group(
        DBParameterGroupName=parameters, DBParameterGroupFamily="postgres9.3", Description="till"
    )
    return a_database(
        house,
        VpcSecurityGroupIds=groups,
        DBParameterGroupName=parameters,
        MultiAZ=True,
        PubliclyAccessible=False,
        MaxAllocatedStorage=200,
        MonitoringInterval=60,
        MonitoringRoleArn=ROLE,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        EnableIAMDatabaseAuthentication=True,
        EnableCloudwatchLogsExports=["postgresql"],
        PreferredBackupWindow="01:00-01:30",
        PreferredMaintenanceWindow="sun:03:00-sun:03:30",
        Tags=[{"Key": "team", "Value": "till"}, {"Key": "nightcrew:run", "Value": "an-older-run"}],
    )


def names(database: str) -> dict[str, str]:
    """What the new one and the old one shall be called."""
    return {"target": f"{database}-again", "aside": f"{database}-aside"}


def restored(house: House, database: str, *, approve: bool = True, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """A run, waited for one minute, that Bob approves or declines: its id and how it ended."""
    given = {**names(database), "within": "1m", **parameters}
    return start_decided(house, NAME, approve=approve, instance=database, **given)


def described(house: House, name: str) -> dict[str, Any]:
    """The instance of that name, in the cloud itself; empty where there is none."""
    named = [{"Name": "db-instance-id", "Values": [name]}]
    found = house.crew.client("rds").describe_db_instances(Filters=named)["DBInstances"]
    return dict(found[0]) if found else {}


def tags(house: House, name: str) -> dict[str, str]:
    """Its tags."""
    return {tag["Key"]: tag["Value"] for tag in described(house, name)["TagList"]}


def edited(house: House, name: str, **members: Any) -> None:
    """Whoever asks about that instance sees these members instead."""

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            if each["DBInstanceIdentifier"] == name:
                each.update(members)

    house.scripted.after("rds", "DescribeDBInstances", edit)


def looks(house: House, name: str, status: str, times: int, *, after: str) -> None:
    """Its status is another one the next times, once a change of that name was sent."""
    left = [times]

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            if each["DBInstanceIdentifier"] == name and left[0] and after in house.scripted.changes():
                left[0] -= 1
                each["DBInstanceStatus"] = status

    house.scripted.after("rds", "DescribeDBInstances", edit)


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def hows(house: House, run: str) -> dict[str, str]:
    """How each change was made."""
    return {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
