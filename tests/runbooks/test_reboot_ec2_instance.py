"""reboot-ec2-instance: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.machines import an_instance, behind_a_balancer, checks, health, listed

NAME = "reboot-ec2-instance"
OTHER = "i-0123456789abcdef0"
REBOOT, STOP, START = "ec2:RebootInstances", "ec2:StopInstances", "ec2:StartInstances"

Event = Callable[[str], dict[str, Any]]


def impaired_until(house: House, instance: str, *changes: str) -> None:
    """Its status check fails until these changes were sent (EC2 user guide, "Status checks for your instances")."""

    def answer(_: Any) -> dict[str, Any]:
        well = all(change in house.scripted.changes() for change in changes) and bool(changes)
        return checks(instance, reachable="ok" if well else "impaired")

    house.scripted.script("ec2", "DescribeInstanceStatus", answer)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    instance = an_instance(house)
    behind_a_balancer(house, instance, an_instance(house))
    impaired_until(house, instance, START)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"


@pytest.fixture
def instance(house: House) -> str:
    """A running instance of this test's own, whose status check fails until it was rebooted."""
    made = an_instance(house)
    impaired_until(house, made, REBOOT)
    return made


def left_alone(house: House, why: str, instance: str, **given: Any) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = house.start(NAME, instance_id=instance, within="1m", **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def proofs(house: House, run: str) -> list[str]:
    """What was proved, in order."""
    return [fact["proved"] for fact in house.facts(run) if "proved" in fact]


def test_it_reboots_the_instance_and_proves_that_it_booted(house: House, instance: str) -> None:
    """One change, and the console tells that it booted."""
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REBOOT]
    assert proofs(house, run) == ["it has booted: its console was written anew", "both status checks pass"]


def test_it_is_healthy_again_wherever_a_load_balancer_asks_it(house: House, instance: str) -> None:
    """The machine may be up while its application is not."""
    arn = behind_a_balancer(house, instance, OTHER)
    looks = iter(["unhealthy", "unhealthy", "initial"])
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, next(looks, "healthy")), (OTHER, "healthy"))
    )
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert proofs(house, run)[-1] == f"it is a healthy target of {arn.split('/')[1]}"
    assert house.facts(run)[-1]["tries"] == 3


def test_an_application_that_does_not_come_back_is_no_cure(house: House, instance: str) -> None:
    """Nothing more is changed: other hardware would not help it."""
    behind_a_balancer(house, instance, OTHER)
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, "unhealthy"), (OTHER, "healthy"))
    )
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "it is a healthy target of" in ended["words"]
    assert house.scripted.changes() == [REBOOT]


def test_where_it_does_not_help_the_instance_goes_to_other_hardware(house: House, instance: str) -> None:
    """In the same run: one ledger, one undo path."""
    impaired_until(house, instance, START)
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REBOOT, STOP, START]
    changed = [fact["changed"] for fact in house.facts(run) if "changed" in fact]
    assert changed == ["reboot it", "restart-ec2-instance: stop it", "restart-ec2-instance: start it"]
    assert proofs(house, run) == ["restart-ec2-instance: both status checks pass", "both status checks pass"]


def test_one_that_would_lose_its_disks_is_only_rebooted(house: House, instance: str) -> None:
    """What is on instance-store disks outlives a reboot, and no stop."""
    impaired_until(house, instance)

    def with_a_disk(_: Any, answer: dict[str, Any]) -> None:
        answer["Reservations"][0]["Instances"][0]["BlockDeviceMappings"] = [{"DeviceName": "/dev/sdb"}]

    house.scripted.after("ec2", "DescribeInstances", with_a_disk)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [REBOOT]


def test_a_deadline_that_passes_twice_is_no_cure_and_says_so(house: House, instance: str) -> None:
    """Neither the reboot nor the other hardware helped: a person looks."""
    impaired_until(house, instance)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "no proof that restart-ec2-instance: both status checks pass within 1 min" in ended["words"]
    assert house.scripted.changes() == [REBOOT, STOP, START]


def test_status_checks_that_pass_without_a_boot_are_no_proof(house: House) -> None:
    """They may be from before: the console still says what it said."""
    instance = an_instance(house)
    house.scripted.script("ec2", "GetConsoleOutput", lambda _: {"Timestamp": "2026-11-21T03:00:00Z"})
    _, ended = house.start(NAME, instance_id=instance, even_if_healthy=True, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "its console was written anew" in ended["words"]
    assert house.scripted.changes() == [REBOOT]


def test_a_console_that_never_said_anything_is_not_asked(house: House, instance: str) -> None:
    house.scripted.script("ec2", "GetConsoleOutput", lambda _: {"InstanceId": instance})
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert proofs(house, run) == ["both status checks pass"]


def test_what_the_console_says_is_not_kept(house: House, instance: str) -> None:
    """It may hold secrets: only its time stands in the ledger."""
    run, _ = house.start(NAME, instance_id=instance, within="1m")
    seen = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "look when its console was written")
    assert isinstance(seen, str)
    assert len(seen) < len("2026-11-21T03:00:00.000000+00:00") + 1


def test_a_plan_changes_nothing_and_shows_both_ways(house: House, instance: str) -> None:
    """The status check fails now: what would follow if the reboot does not help stands in the plan as well."""
    planned = house.plan(NAME, instance_id=instance)
    titles = [line["title"] for line in planned.changes]
    assert titles == ["reboot it", "restart-ec2-instance: stop it", "restart-ec2-instance: start it"]
    assert house.scripted.changes() == []


def test_an_instance_that_does_not_exist_is_not_applicable(house: House) -> None:
    left_alone(house, "find the instance", OTHER)


def test_one_that_is_stopped_is_left_alone(house: House, instance: str) -> None:
    house.crew.client("ec2").stop_instances(InstanceIds=[instance])
    left_alone(house, "it is running", instance)


def test_one_that_an_auto_scaling_group_owns_is_left_alone_and_told_what_to_do(house: House, instance: str) -> None:
    """The group might replace it while it is away."""
    tag = {"Key": "aws:autoscaling:groupName", "Value": f"group-of-{instance}"}
    house.crew.client("ec2").create_tags(Resources=[instance], Tags=[tag])
    left_alone(house, "replace-auto-scaling-instance is for those", instance)


def test_a_healthy_one_is_left_alone(house: House) -> None:
    """The alarm was late, or somebody was quicker."""
    left_alone(house, "something is wrong with it", an_instance(house))


def test_a_healthy_one_is_rebooted_where_that_is_said(house: House) -> None:
    _, ended = house.start(NAME, instance_id=an_instance(house), even_if_healthy=True, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REBOOT]


def test_the_last_healthy_target_is_left_alone(house: House, instance: str) -> None:
    """Its status check fails, and it still answers: better than nothing that does."""
    behind_a_balancer(house, instance)
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: health((instance, "healthy"), (OTHER, "initial")))
    left_alone(house, "it is not the last healthy target", instance)


def test_a_target_group_that_does_not_ask_it_is_no_matter(house: House, instance: str) -> None:
    """It is being taken out there: nobody will wait for it."""
    behind_a_balancer(house, instance)
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: health((instance, "draining")))
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"


def test_more_target_groups_than_can_be_asked_end_it_before_anything_is_changed(house: House, instance: str) -> None:
    """A page says that there are more: they are all counted."""
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-{}/73e2d6bc24d8a067"
    groups = listed(house, instance, *(arn.format(number) for number in range(42)))

    def pages(asked: Any) -> dict[str, Any]:
        return {"TargetGroups": groups[21:]} if "Marker" in asked else {"TargetGroups": groups[:21], "NextMarker": "2"}

    house.scripted.script("elbv2", "DescribeTargetGroups", pages)
    left_alone(house, "no more than 40 target groups", instance)


def test_a_refused_reboot_ends_it_and_there_is_nothing_to_undo(house: House, instance: str) -> None:
    house.scripted.answer("ec2", "RebootInstances", Refusal("IncorrectState"))
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "IncorrectState"
    assert house.scripted.changes() == [REBOOT]


def test_a_refused_start_is_undone_as_the_part_says(house: House, instance: str) -> None:
    """No capacity elsewhere: it is started again where it was."""
    impaired_until(house, instance, START)
    house.scripted.answer("ec2", "StartInstances", Refusal("InsufficientInstanceCapacity"))
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["restart-ec2-instance: stop it"]
    assert house.scripted.changes() == [REBOOT, STOP, START, START]


def test_a_lost_reply_is_repeated_and_the_ledger_says_so(house: House, instance: str) -> None:
    """Nothing tells soon whether a reboot was asked for, and two are as good as one."""
    house.scripted.lose_reply("ec2", "RebootInstances")
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REBOOT, REBOOT]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["repeated"]


def test_an_alarm_on_either_status_check_finds_it(house: House, event: Event, instance: str) -> None:
    """From the event to cured, by the id in the alarm's dimension. For one check there is another."""
    sent = house.alarmed(event("ec2-status-check"), {"InstanceId": instance})
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["name"] = "StatusCheckFailed"
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
