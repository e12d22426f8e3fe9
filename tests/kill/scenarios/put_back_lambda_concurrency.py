"""A function with the fifteen reserved that a run left, and a person who puts ten back."""

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
    functions.put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=15)
    return Start(parameters={"function": FUNCTION, "reserved_before": 10, "raised": 15})


def afterwards(cloud: Arranging) -> Any:
    return cloud.client("lambda").get_function_concurrency(FunctionName=FUNCTION)["ReservedConcurrentExecutions"]


SCENARIO = Scenario("put-back-lambda-concurrency", arrange, afterwards, "succeeded")
