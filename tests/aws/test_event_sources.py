"""Event source mappings: what Lambda's answers say."""

import pytest

from nightcrew.authoring.form import Form
from nightcrew.aws.event_sources import EventSourceMappingId, mapping, turns, works

UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"


@pytest.mark.parametrize(
    ("state", "wanted", "turned"),
    [
        ("Enabled", "Enabled", True),
        ("Enabling", "Enabled", True),
        ("Disabling", "Enabled", False),
        ("Disabling", "Disabled", True),
        ("Updating", "Disabled", False),
    ],
)
def test_what_is_on_its_way_has_taken_effect(state: str, wanted: str, turned: bool) -> None:
    assert turns(wanted)({"State": state}) is turned


@pytest.mark.parametrize(
    ("state", "result", "well"),
    [
        ("Enabled", "OK", True),
        ("Enabled", None, True),
        ("Enabled", "No records processed", True),
        ("Enabled", "PROBLEM: Function call failed", False),
        ("Enabling", "OK", False),
    ],
)
def test_it_works_where_it_is_enabled_and_had_no_problem(state: str, result: str | None, well: bool) -> None:
    """A queue's mapping has no result."""
    assert works(mapping({"State": state, "LastProcessingResult": result})) is well


@pytest.mark.parametrize("function", ["checkout", "checkout:live"])
def test_its_group_is_its_function_whichever_the_version(function: str) -> None:
    def runs(run: object, uuid: EventSourceMappingId) -> None:
        """Takes one."""

    marker = Form(runs).resources["uuid"]
    assert marker.lookup is not None
    around = marker.lookup.read({"FunctionArn": f"arn:aws:lambda:eu-west-1:123456789012:function:{function}"})
    assert around.groups == ("lambda:function:checkout",)
    assert marker.arn(UUID, account="123456789012", region="eu-west-1").endswith(f":event-source-mapping:{UUID}")
