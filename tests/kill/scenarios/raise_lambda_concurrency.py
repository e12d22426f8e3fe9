"""A function whose ten reserved are too few, and its alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.runbooks.functions import code

FUNCTION = "checkout"


def arrange(cloud: Arranging) -> Start:
    role = cloud.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = cloud.client("lambda")
    functions.create_function(
        FunctionName=FUNCTION, Runtime="python3.13", Role=role, Handler="app.handle", Code={"ZipFile": code(0)}
    )
    functions.put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=10)
    sent = cloud.alarm("asg-cpu-high", {"FunctionName": FUNCTION})
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found["namespace"], found["name"] = "AWS/Lambda", "Throttles"
    del found["dimensions"]["AutoScalingGroupName"]
    return Start(sent)


def afterwards(cloud: Arranging) -> Any:
    return cloud.client("lambda").get_function_concurrency(FunctionName=FUNCTION)["ReservedConcurrentExecutions"]


SCENARIO = Scenario("raise-lambda-concurrency", arrange, afterwards, "cured")
