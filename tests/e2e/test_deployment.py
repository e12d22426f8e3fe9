"""The template as it is deploys whole, and its functions work with the rights that it gives them."""

import json

import pytest

from nightcrew.engine.emulated import VARIABLE
from tests.e2e.deployment import PARAMETERS, Deployed
from tests.stack import template, there

pytestmark = pytest.mark.e2e


def test_every_resource_of_the_template_is_there(deployed: Deployed) -> None:
    """None is left out, none is of a kind that the emulator does not know."""
    wanted = {name for name in template()["Resources"] if there(name, **PARAMETERS)}
    assert wanted - set(deployed.resources) == set()
    (stack,) = deployed.client("cloudformation").describe_stacks(StackName="nightcrew")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_no_function_runs_on_a_journal_because_of_the_template(deployed: Deployed) -> None:
    """The first version is as it was deployed; the test made the one behind the alias."""
    first = deployed.client("lambda").get_function_configuration(
        FunctionName=deployed.resources["ExecutorFunction"], Qualifier="1"
    )
    assert VARIABLE not in first["Environment"]["Variables"]


def test_the_sweeper_sweeps_with_the_rights_that_it_has(deployed: Deployed) -> None:
    """As its schedule invokes it."""
    answer = deployed.client("lambda").invoke(FunctionName=deployed.resources["SweepFunction"], Payload=b"{}")
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read())["swept"] is True


def test_the_days_job_is_done_with_the_rights_that_it_has(deployed: Deployed) -> None:
    """As its schedule invokes it: days are kept, the root is made, and anchored in the bucket that the stack made.
    Invoked once more it does nothing twice.
    """
    client, name = deployed.client("lambda"), deployed.resources["DigestFunction"]
    open_for_the_emulator(deployed, deployed.resources["Anchorage"])
    answers = [client.invoke(FunctionName=name, Payload=b"{}") for _ in range(2)]
    first, again = (json.loads(each["Payload"].read()) for each in answers)
    assert [each.get("FunctionError") for each in answers] == [None, None], (first, again)
    assert len(first["kept"]) > 2
    assert first["anchored"] == first["roots"] != []
    assert {"roots", "anchored"} & again.keys() == set()
    (day,) = first["roots"]
    key = f"roots/{day.replace('-', '/')}.json"
    there = deployed.client("s3").get_object(Bucket=deployed.resources["Anchorage"], Key=key)
    assert json.loads(there["Body"].read())["day"] == day
    assert there["ObjectLockMode"] == "GOVERNANCE"


def open_for_the_emulator(deployed: Deployed, bucket: str) -> None:
    """Its policy bars what is in the clear on its way, as all is that goes to an emulator; and the emulator's
    CloudFormation drops Object Lock.
    """
    s3 = deployed.client("s3")
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
