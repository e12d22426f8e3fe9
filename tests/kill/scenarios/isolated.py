"""Where databases are restored to in a drill."""

from tests.kill.scenario import Arranging


def isolated(cloud: Arranging) -> dict[str, str]:
    """A subnet group, and a security group that lets nobody in or out."""
    ec2 = cloud.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="drills", Description="drills", VpcId=vpc)["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"] if each["VpcId"] == vpc]
    cloud.client("rds").create_db_subnet_group(
        DBSubnetGroupName="drills", DBSubnetGroupDescription="drills", SubnetIds=subnets
    )
    return {"subnet_group": "drills", "security_group": group}
