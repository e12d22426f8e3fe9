"""A team's own function that may be invoked twice, and a target group that is healthy; a person starts it.

moto runs a function in a container: the embedded cloud's ends well at once.
"""

from typing import Any

from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from tests.kill.scenario import Arranging, Scenario, Start
from tests.runbooks.functions import code

FUNCTION = "restart-checkout"
TAGS = {"nightcrew": "managed", "nightcrew:family": "restart", "nightcrew:risk": "disruptive"}


def arrange(cloud: Arranging) -> Start:
    role = cloud.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    cloud.client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="app.handle",
        Code={"ZipFile": code(0)},
        Publish=True,
        Tags=TAGS,
    )
    ec2, elbv2 = cloud.client("ec2"), cloud.client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"]
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, SubnetId=subnets[0]["SubnetId"])["Instances"][0]
    balancer = elbv2.create_load_balancer(Name=FUNCTION, Subnets=[each["SubnetId"] for each in subnets])
    group = elbv2.create_target_group(Name=FUNCTION, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])
    targets = group["TargetGroups"][0]["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
    )
    elbv2.register_targets(TargetGroupArn=targets, Targets=[{"Id": made["InstanceId"]}])
    return Start(
        parameters={
            "target": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made['InstanceId']}",
            "function": FUNCTION,
            "qualifier": "1",
            "family": "restart",
            "risk": "disruptive",
            "idempotent": "true",
            "undo_function": FUNCTION,
            "healthy_targets": targets,
        }
    )


def afterwards(cloud: Arranging) -> Any:
    """What the function did nobody can see here; how often it was invoked, the judge counts."""
    found = cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="1")
    return found["Version"]


SCENARIO = Scenario("invoke-lambda", arrange, afterwards, "succeeded")
