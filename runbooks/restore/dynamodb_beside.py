"""Restoring a DynamoDB table beside the old one: what a restore to a time and one from a backup have in common.

The new table gets every setting that a restore loses, as the old one has it, and is proved; if not, it is deleted.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws import dynamodb as probes
from nightcrew.aws.application_autoscaling import scalable_targets, scaling_policies_of, scheduled_actions_of
from nightcrew.aws.calls import Call
from nightcrew.aws.dynamodb_reapply import to_reapply
from nightcrew.aws.dynamodb_settings import Settings, differences, drift, left_behind, scalable_resources
from nightcrew.aws.setting import SOON, Setting

dynamodb = calls("dynamodb")
application_autoscaling = calls("application-autoscaling")

DEADLINE = timedelta(hours=12)
LONGEST = timedelta(hours=10)
SETTLING = timedelta(minutes=30)

PERMISSIONS = (
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction",
    "application-autoscaling:RegisterScalableTarget",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListContributorInsights",
    "dynamodb:ListTagsOfResource",
    "dynamodb:PutResourcePolicy",
    "dynamodb:Scan",
    "dynamodb:TagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateContributorInsights",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
"""What each of them declares beside the restore itself."""


def look_for_room(run: Run, new: str, within: timedelta) -> None:
    """Go on only if the new table's name is free, and its undo will have time."""
    beside = dynamodb.describe_table(TableName=new)
    taken = run.read("look whether the new name is free", beside, pick=probes.table_status, missing=None)
    run.require(f"there is no table {new} yet", taken is None)
    run.require("it is waited for 10 h at most, so that the undo has time, too", within <= LONGEST)


def restore_beside(
    run: Run, restore: Call, settings: Settings, new: str, *, was_empty: bool, within: timedelta
) -> dict[str, Any]:
    """Send the restore, set what it loses, prove the new table: ``{"as_of", "left_behind"}``, to be said in the end."""
    old, beside = settings.table, dynamodb.describe_table(TableName=new)

    def delete_the_new_table() -> None:
        can_be = partial(probes.can_be_deleted_as_restored_from, old["arn"])
        run.wait_until("the new table can be deleted", beside, can_be, within=DEADLINE - within)
        run.change("delete the new table", dynamodb.delete_table(TableName=new))

    run.change(
        "restore it beside the old one",
        restore,
        undo=delete_the_new_table,
        took_effect=(beside, partial(probes.is_restored_from, old["arn"])),
        pick=lambda answer: answer["TableDescription"]["TableStatus"],
    )
    run.wait_until("the restore is through", beside, lambda seen: seen["ready"], within=within, pick=probes.progress)

    again = to_reapply(settings, new, run.id)
    for setting in again:
        _set(run, setting)

    seen = run.prove(
        "it has the same keys, indexes, billing and encryption",
        beside,
        lambda found: not found["differences"],
        pick=partial(_compared, settings),
        within=SOON,
    )
    for proof in (setting.proof for setting in again if setting.proof):
        run.prove(proof.title, proof.call, proof.holds, within=proof.within)
    run.prove(
        "it can be read" if was_empty else "it holds items",
        dynamodb.scan(TableName=new, Select="COUNT", Limit=1),
        lambda count: count > 0 or was_empty,
        pick=probes.items_seen,
        within=SOON,
    )
    found: dict[str, Any] = seen
    return found


def settings_of(run: Run, old: dict[str, Any], window: dict[str, Any]) -> Settings:
    """Every setting that a restore loses, as the old table has it."""
    name, arn = old["name"], old["arn"]
    tags: dict[str, str] = {}
    page = run.read("read its tags", dynamodb.list_tags_of_resource(ResourceArn=arn), pick=probes.tag_page)
    while True:
        tags |= page["tags"]
        if not page["more"]:
            break
        more = dynamodb.list_tags_of_resource(ResourceArn=arn, NextToken=page["more"])
        page = run.read("read more of its tags", more, pick=probes.tag_page)
    expiry = dynamodb.describe_time_to_live(TableName=name)
    policy = dynamodb.get_resource_policy(ResourceArn=arn)
    flows = dynamodb.describe_kinesis_streaming_destination(TableName=name)
    insights = dynamodb.list_contributor_insights(TableName=name)
    scaling = application_autoscaling.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=scalable_resources(old)
    )
    targets = run.read("read which capacities scale", scaling, pick=scalable_targets)
    found = Settings(
        table=old,
        recovery=window,
        tags=tags,
        expiry=run.read("read how its items expire", expiry, pick=probes.expiry),
        policy=run.read("read its resource policy", policy, pick=probes.policy, missing=None),
        kinesis=run.read("read where its changes flow to", flows, pick=probes.kinesis_streams),
        insights=run.read("read what Contributor Insights watches", insights, pick=probes.insights),
        targets=targets,
    )
    for resource in sorted({target["resource"] for target in targets}):
        which = {"ServiceNamespace": "dynamodb", "ResourceId": resource}
        policies = application_autoscaling.describe_scaling_policies(**which)
        schedules = application_autoscaling.describe_scheduled_actions(**which)
        found.scaling.extend(run.read(f"read how {resource} scales", policies, pick=scaling_policies_of(resource)))
        found.schedules.extend(run.read(f"read when {resource} scales", schedules, pick=scheduled_actions_of(resource)))
    return found


def _set(run: Run, setting: Setting) -> None:
    """Set one setting, as soon as it can be, and see to it that it is taken back should the run fail."""

    def take_it_back() -> None:
        if setting.undo:
            _set(run, setting.undo)

    before, proof = setting.before, setting.proof
    if before:
        run.wait_until(before.title, before.call, before.holds, within=SETTLING)
    run.change(
        setting.title,
        setting.call,
        undo=take_it_back if setting.undo else None,
        took_effect=(proof.call, setting.took_effect) if proof and setting.took_effect else None,
    )


def _compared(settings: Settings, answer: Any) -> dict[str, Any]:
    """What the ledger keeps of the comparison: where the new table is unlike the old one, and what it lacks."""
    new = probes.table(answer)
    return {
        "differences": differences(settings.table, new),
        "as_of": new["as_of"],
        "left_behind": "; ".join([*left_behind(settings), *drift(settings.table, new)]),
    }
