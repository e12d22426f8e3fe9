"""What a runbook's page tells of its changes, read from its source."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.ec2 import InstanceId
from nightcrew.cli.handling import Handling, changes

ec2 = calls("ec2")


@runbook(
    family="restart",
    risk="low",
    by_hand=timedelta(minutes=1),
    permissions=["ec2:DescribeInstances", "ec2:RebootInstances", "ec2:StartInstances", "ec2:TerminateInstances"],
)
def of_every_kind(run: Run, instance_id: InstanceId) -> None:
    """Never run."""
    reboot = ec2.reboot_instances(InstanceIds=[instance_id])
    run.change("looked at", reboot, undo=ec2.start_instances(InstanceIds=[instance_id]), took_effect=(reboot, bool))
    run.change(f"once for {instance_id}", reboot, once=True, irreversible=True)
    _further(run, instance_id)


def _further(run: Run, instance_id: str) -> None:
    def put_back() -> None:
        run.change("put it back", ec2.start_instances(InstanceIds=[instance_id]))

    run.change("repeated", ec2.reboot_instances(InstanceIds=[instance_id]), undo=put_back)


def _not_of_it(run: Run) -> None:
    run.change("another's", ec2.reboot_instances(InstanceIds=[]))


def test_each_change_is_told_with_its_undo_and_its_unknown_outcome() -> None:
    """Those of functions that it uses, too; those of undos last; those of others not."""
    assert changes(of_every_kind) == [
        Handling("looked at", "start instances", "looked at"),
        Handling("once for …", "irreversible", "stops for a person"),
        Handling("repeated", "put back", "repeated"),
        Handling("put it back", "none", "repeated", undoing=True),
    ]


def test_every_runbook_of_the_catalog_tells_its_changes(catalog: Catalog) -> None:
    """None changes anything that its page does not show, in words that a person can read."""
    for each in catalog.values():
        told = changes(each)
        assert told, each.name
        assert all(handling.title and "_" not in handling.undo for handling in told), each.name
