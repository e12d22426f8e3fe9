"""refresh-auto-scaling-group: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_group, a_target_group, described

NAME = "refresh-auto-scaling-group"
START, CANCEL = "autoscaling:StartInstanceRefresh", "autoscaling:CancelInstanceRefresh"
OLD = {"InstanceRefreshId": "08b91cf7-8fa6-48af-b6a6-d227f40f1b9b", "Status": "Successful"}

Event = Callable[[str], dict[str, Any]]


def refresh(status: str, why: str = "") -> dict[str, Any]:
    """A refresh as DescribeInstanceRefreshes lists it (API reference, InstanceRefresh)."""
    reason = {"StatusReason": why} if why else {}
    return {"InstanceRefreshId": "1ab2cd34", "Status": status, "PercentageComplete": 50, **reason}


def goes_on(house: House, *looks: dict[str, Any], until_cancelled: bool = False) -> None:
    """Once started, each look shows the next of these, the last from then on; a cancel takes two looks."""
    left = list(looks)
    stopping = iter([refresh("Cancelling")])

    def listed(_: Any) -> dict[str, Any]:
        sent = house.scripted.changes()
        if until_cancelled and CANCEL in sent:
            return {"InstanceRefreshes": [next(stopping, refresh("Cancelled")), OLD]}
        now = [] if START not in sent else [left.pop(0) if len(left) > 1 else left[0]]
        return {"InstanceRefreshes": [*now, OLD]}

    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", listed)
    house.scripted.script("autoscaling", "CancelInstanceRefresh", lambda _: {"InstanceRefreshId": "1ab2cd34"})


def members(house: House, group: str) -> set[str]:
    """The group's instances, in the cloud itself."""
    return {str(each["InstanceId"]) for each in described(house, group)["AutoScalingGroups"][0]["Instances"]}


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    goes_on(house, refresh("InProgress"), until_cancelled=True)
    assert house.start(NAME, group=a_group(house), within="1m")[1]["outcome"] == "failed"
    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", lambda _: None)
    group = a_group(house, targets=a_target_group(house))
    assert house.start(NAME, group=group, within="1m")[1]["outcome"] == "succeeded"


def left_alone(house: House, why: str, group: str, **given: Any) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = house.start(NAME, group=group, within="1m", **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_every_instance_is_another_one_afterwards(house: House) -> None:
    """One change; the size is what it was, and no target is unhealthy."""
    group = a_group(house, targets=a_target_group(house))
    before = members(house, group)
    run, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [START]
    after = members(house, group)
    assert (len(after), after & before) == (len(before), set())
    proofs = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proofs[0].startswith("the refresh was successful")
    assert proofs[1:3] == ["it is full and healthy", "none of the old instances is left"]
    assert proofs[3].startswith("no target of targets-")


def test_it_asks_for_nothing_but_the_same_again(house: House) -> None:
    """No new configuration; and instances that match it are replaced all the same."""
    group = a_group(house)
    house.start(NAME, group=group, min_healthy=75, within="1m")
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert "DesiredConfiguration" not in sent.parameters
    assert sent.parameters["Preferences"] == {
        "MinHealthyPercentage": 75,
        "SkipMatching": False,
        "ScaleInProtectedInstances": "Ignore",
        "StandbyInstances": "Ignore",
    }


def test_protected_instances_are_left_and_are_no_missing_proof(house: House) -> None:
    group = a_group(house)
    kept = min(members(house, group))
    house.crew.client("autoscaling").set_instance_protection(
        InstanceIds=[kept], AutoScalingGroupName=group, ProtectedFromScaleIn=True
    )
    _, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "succeeded"
    assert kept in members(house, group)


def test_a_plan_changes_nothing_and_shows_how_it_would_be_broken_off(house: House) -> None:
    group = a_group(house, targets=a_target_group(house))
    before = members(house, group)
    planned = house.plan(NAME, group=group)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert [each["title"] for each in line["undo"] if each["verb"] == "change"] == ["cancel the refresh"]
    assert house.scripted.changes() == []
    assert members(house, group) == before


def test_a_group_that_does_not_exist_is_not_applicable(house: House) -> None:
    left_alone(house, "there is no such Auto Scaling group", "nobody-made-this")


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"])
def test_a_group_that_is_being_refreshed_is_left_alone(house: House, status: str) -> None:
    """Somebody was quicker."""
    house.scripted.script(
        "autoscaling", "DescribeInstanceRefreshes", lambda _: {"InstanceRefreshes": [refresh(status)]}
    )
    left_alone(house, "no instance refresh is under way", a_group(house))


def test_a_group_that_would_launch_something_newer_is_left_alone(house: House) -> None:
    """That would be a deployment: the group takes the latest version, and there is one since."""
    group = a_group(house)
    house.crew.client("ec2").create_launch_template_version(
        LaunchTemplateName=group, LaunchTemplateData={"InstanceType": "t3.large"}
    )
    house.crew.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=group, LaunchTemplate={"LaunchTemplateName": group, "Version": "$Latest"}
    )
    left_alone(house, "nothing new would be rolled out", group)


def test_a_group_whose_instances_are_not_all_in_service_is_left_alone(house: House) -> None:
    """Whatever goes on there comes first."""
    group = a_group(house)
    house.crew.client("autoscaling").set_instance_health(
        InstanceId=min(members(house, group)), HealthStatus="Unhealthy"
    )
    left_alone(house, "it has the 2 that it wants", group)


@pytest.mark.parametrize("process", ["Launch", "Terminate", "AddToLoadBalancer"])
def test_a_group_that_may_not_do_it_is_left_alone(house: House, process: str) -> None:
    group = a_group(house, targets=a_target_group(house))
    house.crew.client("autoscaling").suspend_processes(AutoScalingGroupName=group, ScalingProcesses=[process])
    left_alone(house, "no such process is suspended", group)


def test_a_percentage_that_would_empty_the_group_is_not_applicable(house: House) -> None:
    left_alone(house, "min_healthy is from 50 to 100", a_group(house), min_healthy=10)


def test_a_refresh_that_takes_its_time_is_waited_for(house: House) -> None:
    """It says Successful only at the end; the one of last week does not count."""
    goes_on(house, refresh("Pending"), refresh("InProgress"), refresh("Failed", "the health checks never passed"))
    run, _ = house.start(NAME, group=a_group(house), within="1m")
    (tries,) = [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "the refresh has ended"]
    assert tries == 3


def test_a_refresh_that_fails_by_itself_is_no_cure_and_says_why(house: House) -> None:
    """There is nothing left to cancel, and nothing more is changed."""
    goes_on(house, refresh("Failed", "the health checks never passed"))
    _, ended = house.start(NAME, group=a_group(house), within="1m")
    assert ended["outcome"] == "ineffective"
    assert "Failed: the health checks never passed" in ended["words"]
    assert house.scripted.changes() == [START]


def test_at_the_deadline_the_refresh_is_cancelled_and_has_stopped_before_the_run_ends(house: House) -> None:
    """What was replaced stays replaced, the rest stays as it is."""
    goes_on(house, refresh("InProgress"), until_cancelled=True)
    run, ended = house.start(NAME, group=a_group(house), within="1m")
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == [START, CANCEL]
    assert len(house.closing(run)["undone"]) == 1
    assert "not_undone" not in house.closing(run)


def test_an_old_instance_that_stays_is_no_cure(house: House) -> None:
    """Successful is what the refresh says of itself."""
    goes_on(house, refresh("Successful"))
    house.scripted.script("autoscaling", "StartInstanceRefresh", lambda _: {"InstanceRefreshId": "1ab2cd34"})
    _, ended = house.start(NAME, group=a_group(house), within="1m")
    assert ended["outcome"] == "ineffective"
    assert "none of the old instances is left" in ended["words"]


def test_targets_that_stay_unhealthy_are_no_cure(house: House) -> None:
    states = {"TargetHealthDescriptions": [{"TargetHealth": {"State": each}} for each in ("healthy", "unhealthy")]}
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: states)
    _, ended = house.start(NAME, group=a_group(house, targets=a_target_group(house)), within="1m")
    assert ended["outcome"] == "ineffective"
    assert "is unhealthy" in ended["words"]


def test_a_refused_start_leaves_nothing_to_undo(house: House) -> None:
    """Somebody started one a moment ago (API reference, StartInstanceRefresh)."""
    house.scripted.answer("autoscaling", "StartInstanceRefresh", Refusal("InstanceRefreshInProgress"))
    group = a_group(house)
    before = members(house, group)
    run, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InstanceRefreshInProgress"
    assert "undone" not in house.closing(run)
    assert members(house, group) == before


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """There is a refresh that was not there before."""
    house.scripted.lose_reply("autoscaling", "StartInstanceRefresh")
    run, ended = house.start(NAME, group=a_group(house), within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [START]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_an_alarm_on_the_groups_memory_finds_it(house: House, event: Event) -> None:
    """As the CloudWatch agent reports it where it aggregates by the group."""
    group = a_group(house)
    sent = house.alarmed(event("asg-cpu-high"), {"AutoScalingGroupName": group})
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["namespace"], metric["name"] = "CWAgent", "mem_used_percent"
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"


def test_a_suspended_load_balancer_process_does_not_matter_without_target_groups(house: House) -> None:
    group = a_group(house)
    house.crew.client("autoscaling").suspend_processes(
        AutoScalingGroupName=group, ScalingProcesses=["AddToLoadBalancer"]
    )
    assert house.start(NAME, group=group, within="1m")[1]["outcome"] == "succeeded"
