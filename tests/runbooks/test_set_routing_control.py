"""set-routing-control: what it promises at night. Errors: Routing Control API reference, UpdateRoutingControlStates."""

from dataclasses import replace
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.machines import an_instance, behind_a_balancer
from tests.runbooks.routing_controls import CLUSTER, CONFIG, Panel, a_panel

NAME = "set-routing-control"
UPDATE = f"{CLUSTER}:UpdateRoutingControlStates"
DOWN = Refusal("EndpointTemporarilyUnavailableException", "Try another cluster endpoint.", 503)


@pytest.fixture
def panel(house: House) -> Panel:
    """Dublin serves, and Oregon stands by."""
    return a_panel(house, dublin="On", oregon="Off")


def start(house: House, panel: Panel, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that sends everybody to Oregon."""
    usual = {"panel": panel.id, "on": "oregon", "off": "dublin", "endpoints": panel.endpoints, "within": "1m"}
    return house.start(NAME, **{**usual, **given})


def asked(house: House, operation: str) -> list[str]:
    """Where it was asked for, in order."""
    return [each.endpoint for each in house.scripted.sent if each.operation == operation]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    targets = behind_a_balancer(house, an_instance(house))
    _, ended = start(house, a_panel(house, dublin="On", oregon="Off"), endpoints="", targets=targets)
    assert ended["outcome"] == "succeeded"


def test_it_turns_both_in_one_request_and_proves_what_the_cluster_says(house: House, panel: Panel) -> None:
    """Nobody is without a cell in between; and nothing of the control plane is needed."""
    run, ended = start(house, panel)
    assert ended["outcome"] == "succeeded"
    assert panel.states() == {"dublin": "Off", "oregon": "On"}
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert "SafetyRulesToOverride" not in sent
    assert len(sent["UpdateRoutingControlStateEntries"]) == 2
    assert {service for service, _ in house.scripted.actions()} == {CLUSTER}
    (proof,) = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proof == "it is still oregon on and dublin off"


def test_an_endpoint_that_is_out_of_service_is_passed_over(house: House, panel: Panel) -> None:
    """All five are tried, and who did not answer is asked last from then on."""
    house.scripted.answer(CLUSTER, "ListRoutingControls", DOWN, DOWN)
    house.scripted.answer(CLUSTER, "UpdateRoutingControlStates", DOWN, DOWN)
    run, ended = start(house, panel)
    assert ended["outcome"] == "succeeded"
    looked, changed = asked(house, "ListRoutingControls")[:3], asked(house, "UpdateRoutingControlStates")
    assert {*looked, *changed} == {each.endpoint for each in panel.places}
    assert (len(looked), len(changed), looked[-1]) == (3, 3, changed[0])
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["once"]


def test_the_fifth_is_enough(house: House, panel: Panel) -> None:
    house.scripted.answer(CLUSTER, "UpdateRoutingControlStates", *[DOWN] * 4)
    assert start(house, panel)[1]["outcome"] == "succeeded"
    assert len(set(asked(house, "UpdateRoutingControlStates"))) == 5


def test_without_endpoints_they_are_asked_for_in_oregon(house: House, panel: Panel) -> None:
    """The control plane is there only."""
    _, ended = start(house, panel, endpoints="")
    assert ended["outcome"] == "succeeded"
    assert asked(house, "DescribeCluster") == [f"https://{CONFIG}.us-west-2.amazonaws.com"]
    assert panel.states() == {"dublin": "Off", "oregon": "On"}


def test_a_control_plane_that_is_down_ends_it_before_anything_is_changed(house: House, panel: Panel) -> None:
    """And not where the endpoints are given."""
    house.scripted.script(CONFIG, "DescribeControlPanel", lambda _: Refusal("InternalServerException", status=500))
    _, ended = start(house, panel, endpoints="")
    assert ended["outcome"] == "failed"
    assert "find its cluster" in ended["words"]
    assert start(house, panel)[1]["outcome"] == "succeeded"


def test_the_target_groups_of_the_other_cell_must_be_well_before_and_after(house: House, panel: Panel) -> None:
    targets = behind_a_balancer(house, an_instance(house))
    run, ended = start(house, panel, targets=targets)
    assert ended["outcome"] == "succeeded"
    assert [fact["value"] for fact in house.facts(run) if "proved" in fact][1] == {"healthy": 1}


def test_a_plan_changes_nothing_and_shows_both_states(house: House, panel: Panel) -> None:
    planned = house.plan(NAME, panel=panel.id, on="oregon", off="dublin", endpoints=panel.endpoints)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes

    def states(parameters: Any) -> list[str]:
        return [each["RoutingControlState"] for each in parameters["UpdateRoutingControlStateEntries"]]

    assert (states(line["parameters"]), states(line["undo"]["parameters"])) == (["Off", "On"], ["On", "Off"])
    assert house.scripted.changes() == []
    assert panel.states() == {"dublin": "On", "oregon": "Off"}


def not_applicable(house: House, panel: Panel, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, panel, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"on": "dublin", "off": "oregon"}, "they are not so already"),
        ({"on": ""}, "one of the panel stays on"),
        ({"on": "ohio"}, "the panel has ohio, dublin"),
        ({"on": "oregon", "off": "oregon"}, "none both on and off"),
        ({"on": "", "off": ""}, "one is named at all"),
        ({"endpoints": "eu-west-1=http://example.com"}, "are like us-east-1=https://"),
        ({"endpoints": "eu-west-1=https://example.com/v1"}, "are like us-east-1=https://"),
        ({"targets": "web"}, "targets are ARNs of target groups"),
    ],
    ids=["healthy already", "none on", "unknown", "both", "none", "no TLS", "not AWS", "no ARN"],
)
def test_what_would_do_harm_or_nothing_is_left_alone(
    house: House, panel: Panel, given: dict[str, str], why: str
) -> None:
    not_applicable(house, panel, why, **given)


def test_a_panel_that_does_not_exist_is_not_applicable(house: House, panel: Panel) -> None:
    not_applicable(house, replace(panel, arn=f"{panel.arn}x"), "look what is on")


def test_a_panel_that_is_not_seen_whole_is_left_alone(house: House, panel: Panel) -> None:
    """Another page may hold the one that is on."""
    house.scripted.after(CLUSTER, "ListRoutingControls", lambda _, seen: seen.update(NextToken="more"))
    not_applicable(house, panel, "all of the panel are seen")


def test_a_cell_without_a_healthy_target_gets_nobody(house: House, panel: Panel) -> None:
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: {"TargetHealthDescriptions": []})
    not_applicable(house, panel, "has a healthy target", targets=behind_a_balancer(house, an_instance(house)))


def test_a_safety_rule_that_forbids_it_is_told_and_never_overridden(house: House, panel: Panel) -> None:
    conflict = Refusal("ConflictException", "There was a conflict with this request.", 409)
    house.scripted.script(CLUSTER, "UpdateRoutingControlStates", lambda _: conflict)
    run, ended = start(house, panel)
    assert ended["outcome"] == "failed"
    assert "turn oregon on and dublin off, if no safety rule forbids it: ConflictException" in ended["words"]
    assert "undone" not in house.closing(run)
    assert house.scripted.changes() == [UPDATE]
    assert panel.states() == {"dublin": "On", "oregon": "Off"}


def test_no_endpoint_that_answers_fails_it_with_nothing_changed(house: House, panel: Panel) -> None:
    house.scripted.script(CLUSTER, "UpdateRoutingControlStates", lambda _: DOWN)
    run, ended = start(house, panel)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == DOWN.code
    assert len(set(asked(house, "UpdateRoutingControlStates"))) == 5
    assert panel.states() == {"dublin": "On", "oregon": "Off"}


def test_states_that_do_not_show_in_time_are_turned_back(house: House, panel: Panel) -> None:
    """The deadline passed: the cluster says what it said before."""

    def stale(_: Any, seen: dict[str, Any]) -> None:
        if house.scripted.changes() == [UPDATE]:
            for each in seen["RoutingControls"]:
                each["RoutingControlState"] = {"dublin": "On", "oregon": "Off"}[each["RoutingControlName"]]

    house.scripted.after(CLUSTER, "ListRoutingControls", stale)
    run, ended = start(house, panel)
    assert ended["outcome"] == "failed"
    assert "the cluster says oregon on and dublin off: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["turn oregon on and dublin off, if no safety rule forbids it"]
    assert house.scripted.changes() == [UPDATE] * 2
    assert panel.states() == {"dublin": "On", "oregon": "Off"}


def test_targets_that_give_in_are_no_cure_and_nothing_more_is_turned(house: House, panel: Panel) -> None:
    """The old cell is ill, too: where everybody goes then is a person's to say."""

    def gone(_: Any, seen: dict[str, Any]) -> None:
        if house.scripted.changes():
            seen["TargetHealthDescriptions"] = []

    house.scripted.after("elbv2", "DescribeTargetHealth", gone)
    _, ended = start(house, panel, targets=behind_a_balancer(house, an_instance(house)))
    assert ended["outcome"] == "ineffective"
    assert "has a healthy target under the load" in ended["words"]
    assert panel.states() == {"dublin": "Off", "oregon": "On"}


def test_a_lost_reply_is_looked_at_elsewhere_and_not_repeated(house: House, panel: Panel) -> None:
    """Not where the answer got lost."""
    house.scripted.lose_reply(CLUSTER, "UpdateRoutingControlStates")
    run, ended = start(house, panel)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
    first, second, *_ = asked(house, "ListRoutingControls")
    assert first == asked(house, "UpdateRoutingControlStates")[0] != second


def test_no_alarm_starts_it_by_itself(house: House) -> None:
    """No metric names a cell: a team binds it, with the cell that is to get everybody."""
    assert house.crew.installation.catalog[NAME].triggers == ()
