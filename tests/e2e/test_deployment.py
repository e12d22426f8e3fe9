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
