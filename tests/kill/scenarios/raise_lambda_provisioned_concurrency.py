"""An alias whose ten provisioned are too few, raised by hand."""

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
    functions.publish_version(FunctionName=FUNCTION)
    functions.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="1")
    functions.put_provisioned_concurrency_config(
        FunctionName=FUNCTION, Qualifier=ALIAS, ProvisionedConcurrentExecutions=10
    )
    return Start(parameters={"function": FUNCTION, "alias": ALIAS})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("lambda").list_provisioned_concurrency_configs(FunctionName=FUNCTION)
    return [each["RequestedProvisionedConcurrentExecutions"] for each in found["ProvisionedConcurrencyConfigs"]]


SCENARIO = Scenario("raise-lambda-provisioned-concurrency", arrange, afterwards, "succeeded")
