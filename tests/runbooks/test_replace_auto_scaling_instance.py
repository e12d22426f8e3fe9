"""replace-auto-scaling-instance: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.groups import a_group, a_target_group, described
from tests.runbooks.machines import checks, health

NAME = "replace-auto-scaling-instance"
TERMINATE = "autoscaling:TerminateInstanceInAutoScalingGroup"
OTHER = "i-0123456789abcdef0"

Event = Callable[[str], dict[str, Any]]


def members(house: House, group: str) -> list[str]:
    """The group's instances, in the cloud itself."""
    return [str(each["InstanceId"]) for each in described(house, group)["AutoScalingGroups"][0]["Instances"]]


def impaired(house: House, instance: str) -> None:
    """The instance's disks cannot be reached (EC2 user guide, "Attached EBS status checks")."""
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance, disks="impaired"))


def an_ill_one(house: House, **more: Any) -> tuple[str, str]:
    """A group of a test's own, and one of its instances, whose disks fail."""
    group = a_group(house, **more)
    instance = members(house, group)[0]
    impaired(house, instance)
    return group, instance


def replaced(house: House, instance: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """Started by hand, and approved."""
    return start_decided(house, NAME, instance_id=instance, within="1m", **given)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    instance = members(house, a_group(house, targets=a_target_group(house)))[0]
    _, ended = replaced(house, instance, even_if_healthy=True)
    assert ended["outcome"] == "succeeded"


def left_alone(house: House, why: str, instance: str) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def proofs(house: House, run: str) -> list[str]:
    """What was proved, in order."""
    return [fact["proved"] for fact in house.facts(run) if "proved" in fact]


def test_another_one_serves_in_its_place(house: House) -> None:
    """The group keeps its size; the old one is gone."""
    group, instance = an_ill_one(house, targets=a_target_group(house))
    before = members(house, group)
    run, ended = replaced(house, instance)
    assert ended["outcome"] == "succeeded"
    (sent,) = [each for each in house.scripted.sent if each.changes]
    assert sent.parameters == {"InstanceId": instance, "ShouldDecrementDesiredCapacity": False}
    after = members(house, group)
    assert instance not in after
    assert len(after) == len(before)
    (new,) = set(after) - set(before)
    assert [
        fact["value"] for fact in house.facts(run) if fact.get("proved") == "a new one is in service and healthy"
    ] == [[new]]
    assert proofs(house, run)[:2] == ["a launch has ended", "a new one is in service and healthy"]
    assert proofs(house, run)[2].startswith("the new one is a healthy target of targets-")


def test_nothing_is_terminated_that_nobody_approved(house: House) -> None:
    """It cannot be taken back."""
    group, instance = an_ill_one(house)
    _, ended = start_decided(house, NAME, approve=False, instance_id=instance)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert instance in members(house, group)


def test_a_plan_changes_nothing_and_says_that_it_cannot_be_undone(house: House) -> None:
    """With every proof that a real run would want."""
    _, instance = an_ill_one(house, targets=a_target_group(house))
    planned = house.plan(NAME, instance_id=instance)
    assert planned.outcome == "planned"
    assert planned.ends is None
    (line,) = planned.changes
    assert line["undo"] == "irreversible"
    assert len([each for each in planned.lines if each["verb"] == "prove"]) == 3
    assert house.scripted.changes() == []


def test_an_instance_that_no_group_owns_is_not_applicable(house: House) -> None:
    left_alone(house, "no Auto Scaling group owns the instance", OTHER)


def test_a_healthy_one_is_left_alone(house: House) -> None:
    """The alarm was late, or somebody was quicker."""
    left_alone(house, "something is wrong with it", members(house, a_group(house))[0])


def test_a_healthy_one_is_replaced_where_that_is_said(house: House) -> None:
    instance = members(house, a_group(house))[0]
    _, ended = replaced(house, instance, even_if_healthy=True)
    assert ended["outcome"] == "succeeded"


def test_one_that_is_ill_only_for_its_load_balancer_is_replaced(house: House) -> None:
    """Its own checks pass, and the group calls it healthy: its health check is EC2's."""
    group = a_group(house, targets=a_target_group(house), smallest=2)
    first, second = members(house, group)

    def seen(_: Any) -> Any:
        return None if house.scripted.changes() else health((first, "unhealthy"), (second, "healthy"))

    house.scripted.script("elbv2", "DescribeTargetHealth", seen)
    _, ended = replaced(house, first)
    assert ended["outcome"] == "succeeded"


def test_one_that_serves_is_left_alone_where_the_group_would_fall_below_its_minimum(house: House) -> None:
    _, instance = an_ill_one(house, smallest=2)
    left_alone(house, "the group keeps its MinSize (2)", instance)


def test_the_last_healthy_target_is_left_alone(house: House) -> None:
    group, instance = an_ill_one(house, targets=a_target_group(house))
    states = [(each, "healthy" if each == instance else "unhealthy") for each in members(house, group)]
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: health(*states))
    left_alone(house, "it is not the last healthy target", instance)


def test_one_that_is_protected_from_scale_in_is_left_alone(house: House) -> None:
    """It has work that somebody wants to be finished."""
    group, instance = an_ill_one(house)
    house.crew.client("autoscaling").set_instance_protection(
        InstanceIds=[instance], AutoScalingGroupName=group, ProtectedFromScaleIn=True
    )
    left_alone(house, "it is not protected from scale-in", instance)


def test_one_on_standby_is_left_alone(house: House) -> None:
    """Somebody took it out to look at it."""
    group, instance = an_ill_one(house)
    house.crew.client("autoscaling").enter_standby(
        InstanceIds=[instance], AutoScalingGroupName=group, ShouldDecrementDesiredCapacity=True
    )
    left_alone(house, "it is in service (Standby)", instance)


def test_a_group_that_replaces_another_already_is_left_to_it(house: House) -> None:
    group, instance = an_ill_one(house, desired=3)
    other = members(house, group)[-1]
    house.crew.client("autoscaling").set_instance_health(InstanceId=other, HealthStatus="Unhealthy")
    left_alone(house, "nothing else of the group is being replaced", instance)


@pytest.mark.parametrize("process", ["Launch", "Terminate", "AddToLoadBalancer"])
def test_a_group_that_may_not_do_it_is_left_alone(house: House, process: str) -> None:
    """Somebody suspended the process: terminated, and no other launched, or none that joins its targets."""
    group, instance = an_ill_one(house, targets=a_target_group(house))
    house.crew.client("autoscaling").suspend_processes(AutoScalingGroupName=group, ScalingProcesses=[process])
    left_alone(house, "no such process is suspended", instance)


def test_a_group_that_is_being_refreshed_is_left_alone(house: House) -> None:
    """The refresh will come to this instance by itself."""
    _, instance = an_ill_one(house)
    refreshes = {"InstanceRefreshes": [{"InstanceRefreshId": "08b91cf7", "Status": "InProgress"}]}
    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", lambda _: refreshes)
    left_alone(house, "no instance refresh is under way", instance)


def hook(house: House, group: str, seconds: int) -> None:
    """A lifecycle hook that may hold each new instance of the group so long."""
    house.crew.client("autoscaling").put_lifecycle_hook(
        LifecycleHookName="drain",
        AutoScalingGroupName=group,
        LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        HeartbeatTimeout=seconds,
    )


def test_lifecycle_hooks_have_their_time(house: House) -> None:
    """An instance that waits for its hook is not late yet."""
    group, instance = an_ill_one(house)
    hook(house, group, 1800)
    planned = house.plan(NAME, instance_id=instance, within="10m")
    (line,) = [each for each in planned.lines if each["title"] == "a new one is in service and healthy"]
    assert line["within"] == "40 min"


def test_hooks_that_take_too_long_end_it_before_anything_is_changed(house: House) -> None:
    group, instance = an_ill_one(house)
    hook(house, group, 7200)
    left_alone(house, "it takes no more than 2 h", instance)


def test_an_instance_that_does_not_leave_is_a_failure(house: House) -> None:
    """A hook holds it: Terminating has begun, or nothing has."""
    group, instance = an_ill_one(house)
    still = {
        "AutoScalingInstances": [
            {
                "InstanceId": instance,
                "AutoScalingGroupName": group,
                "AvailabilityZone": "eu-west-1a",
                "LifecycleState": "InService",
                "HealthStatus": "HEALTHY",
                "ProtectedFromScaleIn": False,
            }
        ]
    }
    house.scripted.script("autoscaling", "DescribeAutoScalingInstances", lambda _: still)
    _, ended = replaced(house, instance)
    assert ended["outcome"] == "failed"
    assert "it has left the group: not within 1 min" in ended["words"]


def test_a_new_one_that_does_not_serve_in_time_is_no_cure(house: House) -> None:
    """Nothing more is changed: the group tries on."""
    group, instance = an_ill_one(house)
    now = described(house, group)
    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", lambda _: now)
    _, ended = replaced(house, instance)
    assert ended["outcome"] == "ineffective"
    assert "no proof that a new one is in service and healthy" in ended["words"]
    assert house.scripted.changes() == [TERMINATE]


def test_without_capacity_it_fails_early_with_what_aws_said(house: House) -> None:
    """It shows only in the activities (EC2 Auto Scaling user guide, "Troubleshoot: instance launch failures")."""
    _, instance = an_ill_one(house)
    said = "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested"

    def activities(_: Any) -> dict[str, Any]:
        failed = [
            {
                "ActivityId": f"a-{number}",
                "AutoScalingGroupName": "web",
                "Description": f"Launching a new EC2 instance.  Status Reason: {said}",
                "Cause": "an instance was taken out of service",
                "StartTime": "2026-11-21T03:00:00Z",
                "StatusCode": "Failed",
                "StatusMessage": said,
            }
            for number in (2, 1)
        ]
        return {"Activities": failed if house.scripted.changes() else []}

    house.scripted.script("autoscaling", "DescribeScalingActivities", activities)
    run, ended = replaced(house, instance)
    assert ended["outcome"] == "failed"
    assert said in ended["words"]
    assert "undone" not in house.closing(run)


def test_a_refused_termination_leaves_everything_as_it_was(house: House) -> None:
    group, instance = an_ill_one(house)
    house.scripted.answer("autoscaling", "TerminateInstanceInAutoScalingGroup", Refusal("ScalingActivityInProgress"))
    run, ended = replaced(house, instance)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ScalingActivityInProgress"
    assert instance in members(house, group)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """It has left its group though nobody said so."""
    _, instance = an_ill_one(house)
    house.scripted.lose_reply("autoscaling", "TerminateInstanceInAutoScalingGroup")
    run, ended = replaced(house, instance)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [TERMINATE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_an_alarm_on_its_disks_finds_it_and_waits_for_a_person(house: House, event: Event) -> None:
    """By the id in the alarm's dimension; unanswered, nothing is done."""
    _, instance = an_ill_one(house)
    sent = house.alarmed(event("ec2-status-check"), {"InstanceId": instance})
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["name"] = "StatusCheckFailed_AttachedEBS"
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "declined"
    assert house.scripted.changes() == []
