"""What goes wrong in these tests: a function's new version fails, and the alarm on its errors goes off.

AWS Lambda developer guide, "Metrics for functions": errors of an alias have the dimension Resource, ``name:alias``.
"""

import io
import itertools
import zipfile
from dataclasses import dataclass
from typing import Any

from tests.e2e.deployment import Deployed
from tests.e2e.waiting import eventually

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Checkout:
    """A function with an alias ``live`` that points to the newest of its versions, and its alarm."""

    deployed: Deployed
    name: str

    @property
    def alarm(self) -> str:
        return f"{self.name}-errors"

    @property
    def version(self) -> str:
        """The version that gets the calls."""
        found = self.deployed.client("lambda").get_alias(FunctionName=self.name, Name="live")
        return str(found["FunctionVersion"])

    def callable(self, version: str) -> bool:
        """Whether Lambda has this version ready (developer guide, "Lambda function states")."""
        found = self.deployed.client("lambda").get_function_configuration(FunctionName=self.name, Qualifier=version)
        return (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")

    def publish(self) -> str:
        """Put other code behind the alias; its version."""
        functions = self.deployed.client("lambda")
        functions.update_function_code(FunctionName=self.name, ZipFile=_code(str(next(_numbers))))
        version = str(functions.publish_version(FunctionName=self.name)["Version"])
        functions.update_alias(FunctionName=self.name, Name="live", FunctionVersion=version)
        return version

    def turns(self, state: str) -> None:
        """Its alarm changes its state, for a reason as CloudWatch words it."""
        was = "was" if state == "ALARM" else "was not"
        reason = (
            f"Threshold Crossed: 1 out of the last 1 datapoints [7.0 (21/11/26 02:59:00)] {was} greater than or equal"
            " to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
        )
        self.deployed.client("cloudwatch").set_alarm_state(AlarmName=self.alarm, StateValue=state, StateReason=reason)


def a_checkout(deployed: Deployed, **tags: str) -> Checkout:
    """One of its own, whose second version fails; its alarm has not gone off yet."""
    made = Checkout(deployed, f"checkout-{next(_numbers)}")
    functions = deployed.client("lambda")
    of_nightcrew = functions.get_function_configuration(FunctionName=deployed.resources["IntakeFunction"])
    functions.create_function(
        FunctionName=made.name,
        Runtime=of_nightcrew["Runtime"],
        Role=of_nightcrew["Role"],
        Handler="checkout.handler",
        Code={"ZipFile": _code("1")},
        Tags=tags,
    )
    functions.publish_version(FunctionName=made.name)
    functions.create_alias(FunctionName=made.name, Name="live", FunctionVersion="1")
    made.publish()
    dimensions: list[dict[str, Any]] = [
        {"Name": "FunctionName", "Value": made.name},
        {"Name": "Resource", "Value": f"{made.name}:live"},
    ]
    deployed.client("cloudwatch").put_metric_alarm(
        AlarmName=made.alarm,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=dimensions,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",  # it stays as it is set: the function is never called
    )
    eventually("both versions can be called", lambda: all(made.callable(version) for version in ("1", "2")))
    return made


def _code(answer: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("checkout.py", f"def handler(event, context):\n    return {answer!r}\n")
    return written.getvalue()
