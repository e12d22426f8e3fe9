"""Where databases are restored to in a drill, and how tests of drills look at what was measured and what is left."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)
PROBE = "look-at-orders"


def isolation(house: House) -> dict[str, str]:
    """A subnet group and a security group of a test's own, that lets nobody in or out."""
    ec2, rds, number = house.crew.client("ec2"), house.crew.client("rds"), next(_numbers)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=f"drills-{number}", Description="drills", VpcId=vpc)["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    rds.create_db_subnet_group(
        DBSubnetGroupName=f"drills-{number}",
        DBSubnetGroupDescription="drills",
        SubnetIds=[each["SubnetId"] for each in subnets],
    )
    return {"subnet_group": f"drills-{number}", "security_group": group}


def alone(house: House) -> dict[str, str]:
    """A subnet, and a security group that lets nobody in or out: for an instance, or a file system."""
    where = isolation(house)
    subnet = house.crew.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    return {"subnet": subnet, "security_group": where["security_group"]}


WINDOWS = {"metadata": '{"WindowsConfiguration": "{\\"ActiveDirectoryId\\": \\"d-0abc123456\\"}"}'}
"""What a drill of a file system for Windows must be told: a directory that is not production's."""


def probe_says(house: House, error: str | None = None) -> list[dict[str, Any]]:
    """The team's function answers, with an error where one is given; what it was asked is in the list."""
    asked: list[dict[str, Any]] = []

    def answer(parameters: Any) -> dict[str, Any]:
        asked.append(dict(parameters))
        return {"StatusCode": 200, "ExecutedVersion": "3", **({"FunctionError": error} if error else {})}

    house.scripted.script("lambda", "Invoke", answer)
    return asked


def drilled_name(of: str, run: str) -> str:
    """What a drill's own is called."""
    return f"{of}-restored-drill-{run}"


def measured(house: House, run: str) -> dict[str, Any]:
    """The figures of a drill, as its facts have them."""
    found: dict[str, Any] = next(
        fact["value"] for fact in house.facts(run) if fact.get("proved") == "nothing is left of it"
    )
    return found


def drills_left(house: House) -> list[str]:
    """Whatever a drill made that is there, in the cloud itself."""
    rds = house.crew.client("rds")
    instances = [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]]
    clusters = [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]]
    pages = house.crew.client("dynamodb").get_paginator("list_tables").paginate()
    tables = [name for page in pages for name in page["TableNames"]]
    return sorted(name for name in [*instances, *clusters, *tables] if "-restored-drill-" in name)


def there(house: House) -> set[str]:
    """Every volume, instance, file system and bucket of the cloud."""
    ec2, cloud = house.crew.client("ec2"), house.crew.client
    volumes = {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]}
    found = [each for group in ec2.describe_instances()["Reservations"] for each in group["Instances"]]
    instances = {each["InstanceId"] for each in found if each["State"]["Name"] != "terminated"}
    efs = {each["FileSystemId"] for each in cloud("efs").describe_file_systems(MaxItems=1000)["FileSystems"]}
    fsx = {each["FileSystemId"] for each in cloud("fsx").describe_file_systems()["FileSystems"]}
    buckets = {each["Name"] for each in cloud("s3").list_buckets()["Buckets"]}
    return volumes | instances | efs | fsx | buckets


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed, without the run's id."""
    return [fact["changed"].replace(f"-{run}", "") for fact in house.facts(run) if "changed" in fact]
