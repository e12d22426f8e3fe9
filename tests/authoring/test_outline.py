"""What a runbook's page tells of its steps, read from its source."""

from datetime import timedelta
from functools import partial

from nightcrew import Run, calls, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.outline import Handling, outline
from nightcrew.aws.ec2 import InstanceId

ec2 = calls("ec2")

MOST = 3
ACTIONS = ["ec2:DescribeInstances", "ec2:RebootInstances", "ec2:StartInstances", "ec2:TerminateInstances"]
declared = runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=ACTIONS)


@declared
def of_every_kind(run: Run, instance_id: InstanceId) -> None:
    """Never run."""
    reboot = ec2.reboot_instances(InstanceIds=[instance_id])
    state = ec2.describe_instances(InstanceIds=[instance_id])
    run.require("it is there", held=True)
    run.change("looked at", reboot, undo=ec2.start_instances(InstanceIds=[instance_id]), took_effect=(reboot, bool))
    run.change(f"once for {instance_id}", reboot, once=True, irreversible=True)
    _further(run, instance_id)
    run.wait_until("it has gone", state, bool, or_else=("push it", reboot))
    run.approve("may it go on?")
    run.later("put it back", "restart-ec2-instance", {"instance_id": instance_id}, after=timedelta(days=1))
    title = f"it answers {len(instance_id)} times of {MOST}" if instance_id else "it answers"
    run.prove(title, state, bool)


def _further(run: Run, instance_id: str) -> None:
    def put_back() -> None:
        _start(run, instance_id)

    run.change("repeated", ec2.reboot_instances(InstanceIds=[instance_id]), undo=put_back)
    run.change("by another", ec2.reboot_instances(InstanceIds=[instance_id]), undo=partial(_fetch, run, instance_id))


def _start(run: Run, instance_id: str) -> None:
    run.change("put it back", ec2.start_instances(InstanceIds=[instance_id]))


def _fetch(run: Run, instance_id: str) -> None:
    run.change("fetch it", ec2.start_instances(InstanceIds=[instance_id]))


def _not_of_it(run: Run) -> None:
    run.change("another's", ec2.reboot_instances(InstanceIds=[]))


@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=ACTIONS, parts=[of_every_kind])
def with_a_part(run: Run, instance_id: InstanceId) -> None:
    """Never run."""
    run.runbook(of_every_kind, instance_id=instance_id)


@declared
def well_behaved(run: Run, instance_id: InstanceId) -> None:
    """Never run."""
    start = ec2.start_instances(InstanceIds=[instance_id])
    run.change("one", start, undo=start)
    run.wait_until("it is done", start, bool, or_else=("push it", start))


def test_each_change_is_told_with_its_undo_and_its_unknown_outcome() -> None:
    """Those of functions that it uses, too, where they are used; those of undos last, however deep; of others none."""
    assert outline(of_every_kind).changes == [
        Handling("looked at", "start instances", "looked at"),
        Handling("once for {instance_id}", "irreversible", "stops for a person"),
        Handling("repeated", "put back", "repeated"),
        Handling("by another", "fetch", "repeated"),
        Handling("push it, where waiting was in vain", "none", "repeated", forced=True),
        Handling("put it back", "none", "repeated", undoing=True),
        Handling("fetch it", "none", "repeated", undoing=True),
    ]


def test_what_it_asks_and_proves_and_starts_later_is_told() -> None:
    steps = outline(of_every_kind)
    assert (steps.requires, steps.approvals) == (["it is there"], ["may it go on?"])
    assert steps.proofs == ["it answers … times of 3, or it answers"]
    assert steps.later == [("put it back", "restart-ec2-instance")]


def test_what_it_runs_as_a_part_is_named_and_not_told_again() -> None:
    steps = outline(with_a_part)
    assert (list(steps.parts), steps.changes) == (["of-every-kind"], [])
    assert steps.undone == outline(of_every_kind).undone == "in part"


def test_it_can_be_undone_where_each_change_can() -> None:
    """A push is no change of its own: what takes the first one back takes it back, too."""
    assert outline(well_behaved).undone == "yes"


def test_every_runbook_of_the_catalog_tells_what_it_does(catalog: Catalog) -> None:
    """None changes or proves anything that its page does not show, in words that a person can read."""
    for each in catalog.values():
        steps = outline(each)
        assert steps.changes or steps.parts, each.name
        assert steps.proofs or steps.parts, each.name
        assert all(handling.title and "_" not in handling.undo for handling in steps.changes), each.name
