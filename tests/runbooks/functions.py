"""Lambda functions in the embedded cloud, for the tests of the runbooks about them."""

import io
import itertools
import zipfile
from typing import Any

from tests.house import House

ALIAS = "live"

_numbers = itertools.count(1)


def a_function(house: House) -> str:
    """A function of a test's own, without any version."""
    name = f"function-{next(_numbers)}"
    iam, functions = house.crew.client("iam"), house.crew.client("lambda")
    role = iam.create_role(RoleName=f"role-of-{name}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="app.handle", Code={"ZipFile": code(0)}
    )
    return name


def with_versions(house: House, name: str, versions: int, *, at: int | None = None) -> str:
    """The function with so many versions published, and the alias at the newest one, or that one."""
    functions = house.crew.client("lambda")
    for number in range(1, versions + 1):
        functions.update_function_code(FunctionName=name, ZipFile=code(number))
        functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion=str(at or versions))
    return name


def pointed(house: House, name: str) -> tuple[str, dict[str, float]]:
    """Where the alias points to, in the cloud itself: the version, and what others get."""
    found = house.crew.client("lambda").get_alias(FunctionName=name, Name=ALIAS)
    return found["FunctionVersion"], (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})


def code(number: int) -> bytes:
    """A package that differs by its number."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("app.py", f"def handle(event, context):\n    return {number}\n")
    return kept.getvalue()


def alarm(house: House, sent: dict[str, Any], metric: str, dimensions: dict[str, str]) -> dict[str, Any]:
    """The event as an alarm on one of the function's metrics sends it."""
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/Lambda", "name": metric, "dimensions": {}}
    return house.alarmed(sent, dimensions)


def reserve(house: House, name: str, number: int) -> str:
    """The function with so many reserved."""
    house.crew.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)
    return name


def reservation(house: House, name: str) -> int | None:
    """What is reserved for it, in the cloud itself."""
    found = house.crew.client("lambda").get_function_concurrency(FunctionName=name)
    return int(found["ReservedConcurrentExecutions"]) if "ReservedConcurrentExecutions" in found else None


def provide(house: House, name: str, number: int, qualifier: str = ALIAS) -> str:
    """The function with so many provisioned for the alias, or for that version."""
    house.crew.client("lambda").put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=number
    )
    return name


def provided(house: House, name: str) -> dict[str, int]:
    """What its aliases and versions have provisioned, in the cloud itself."""
    found = house.crew.client("lambda").list_provisioned_concurrency_configs(FunctionName=name)
    return {
        each["FunctionArn"].rsplit(":", 1)[1]: each["RequestedProvisionedConcurrentExecutions"]
        for each in found["ProvisionedConcurrencyConfigs"]
    }
