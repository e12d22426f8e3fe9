"""EC2 instances: what their status checks and their console tell, and what a launch template means."""

from typing import Any

import pytest

from nightcrew.aws.ec2 import (
    can_be_moved,
    checks_pass,
    console_posted,
    failing_checks,
    only_instance,
    template_versions,
)
from nightcrew.errors import Unknown


def status(**checks: str) -> dict[str, Any]:
    """A DescribeInstanceStatus answer."""
    members = {"system": "SystemStatus", "instance": "InstanceStatus", "disks": "AttachedEbsStatus"}
    return {"InstanceStatuses": [{members[name]: {"Status": said} for name, said in checks.items()}]}


def instance(**more: Any) -> dict[str, Any]:
    """A DescribeInstances answer."""
    found = {"InstanceId": "i-0abc1234def567890", "State": {"Name": "running"}, "RootDeviceType": "ebs", **more}
    return {"Reservations": [{"Instances": [found]}]}


def test_the_checks_that_fail_are_named() -> None:
    assert failing_checks(status(system="ok", instance="impaired", disks="impaired")) == ["instance", "disks"]


@pytest.mark.parametrize("said", ["ok", "initializing", "insufficient-data", "not-applicable"])
def test_a_check_that_does_not_know_does_not_fail(said: str) -> None:
    assert failing_checks(status(system="ok", instance=said)) == []


def test_an_instance_that_does_not_run_has_no_checks() -> None:
    """None fails, and none passes either."""
    answer: dict[str, Any] = {"InstanceStatuses": []}
    assert failing_checks(answer) == []
    assert not checks_pass(answer)


def test_a_console_tells_when_it_was_written_and_nothing_else() -> None:
    assert console_posted({"Timestamp": "2026-11-21T03:00:00Z", "Output": "cGFzc3dvcmQ="}) == "2026-11-21T03:00:00Z"
    assert console_posted({"InstanceId": "i-1"}) is None


def test_an_instance_can_be_moved_if_it_keeps_its_disks() -> None:
    """Other hardware has none of what is on instance-store disks; a Spot instance may not get any hardware."""
    disk = [{"DeviceName": "/dev/sdb"}]
    assert can_be_moved(only_instance(instance(BlockDeviceMappings=[{"Ebs": {}}])))
    assert not can_be_moved(only_instance(instance(BlockDeviceMappings=disk)))
    assert not can_be_moved(only_instance(instance(InstanceLifecycle="spot")))
    assert not can_be_moved(only_instance(instance(RootDeviceType="instance-store")))


def test_an_instance_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(Unknown):
        only_instance({"Reservations": []})


def test_latest_and_default_are_numbers_of_versions() -> None:
    listed = [{"LaunchTemplateId": "lt-0abc", "LatestVersionNumber": 5, "DefaultVersionNumber": 3}]
    assert template_versions({"LaunchTemplates": listed}) == {
        "lt-0abc:$Latest": "lt-0abc:5",
        "lt-0abc:$Default": "lt-0abc:3",
    }
