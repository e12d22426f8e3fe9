"""An alias at the newest of two versions, which fails, and its alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.runbooks.functions import code

FUNCTION, ALIAS = "checkout", "live"


def arrange(cloud: Arranging) -> Start:
    role = cloud.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = cloud.client("lambda")
    functions.create_function(
        FunctionName=FUNCTION, Runtime="python3.13", Role=role, Handler="app.handle", Code={"ZipFile": code(0)}
    )
    for number in (1, 2):
        functions.update_function_code(FunctionName=FUNCTION, ZipFile=code(number))
        functions.publish_version(FunctionName=FUNCTION)
    functions.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="2")
    sent = cloud.alarm("asg-cpu-high", {"FunctionName": FUNCTION, "Resource": f"{FUNCTION}:{ALIAS}"})
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found["namespace"], found["name"] = "AWS/Lambda", "Errors"
    del found["dimensions"]["AutoScalingGroupName"]
    return Start(sent)


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("lambda").get_alias(FunctionName=FUNCTION, Name=ALIAS)
    return [found["FunctionVersion"], found.get("RoutingConfig")]


SCENARIO = Scenario("roll-back-lambda-alias", arrange, afterwards, "cured")
