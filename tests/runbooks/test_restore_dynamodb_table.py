"""restore-dynamodb-table: what it promises at night. When it fails: test_restore_dynamodb_table_failing.py."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.tables import (
    ARN,
    ITEM,
    NAME,
    STREAM,
    TRACKING,
    a_furnished_table,
    a_table,
    exists,
    policy,
    start,
    window,
)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    assert start(house, a_furnished_table(house))[1]["outcome"] == "succeeded"
    house.scripted.answer("application-autoscaling", "PutScheduledAction", Refusal("ValidationException"))
    assert start(house, a_furnished_table(house))[1]["outcome"] == "failed"


def refused_to_start(house: House, table: str, words: str, **parameters: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended, _ = start(house, table, **parameters)
    assert ended["outcome"] == "not_applicable"
    assert words in ended["words"]
    assert house.scripted.changes() == []


def test_it_restores_beside_the_old_table_and_proves_it(house: House) -> None:
    """A plain table: restored, tagged, recoverable; the old one is left as it is."""
    table = a_table(house)
    before = house.crew.client("dynamodb").describe_table(TableName=table)["Table"]
    run, ended, new = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [
        "dynamodb:RestoreTableToPointInTime",
        "dynamodb:TagResource",
        "dynamodb:UpdateContinuousBackups",
    ]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "it has the same keys, indexes, billing and encryption",
        "it has the tags",
        "it can be restored to a point in time itself",
        "it holds items",
    ]
    assert exists(house, new)
    assert house.crew.client("dynamodb").describe_table(TableName=table)["Table"] == before


def test_each_setting_that_a_restore_loses_is_set_again(house: House) -> None:
    """Read back from the cloud itself."""
    furnished = a_furnished_table(house)
    run, ended, new = start(house, furnished)
    assert ended["outcome"] == "succeeded", ended["words"]
    dynamodb, arn = house.crew.client("dynamodb"), f"{ARN}/{new}"
    tags = {tag["Key"]: tag["Value"] for tag in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]}
    assert tags == {"team": "checkout", "nightcrew:run": run}
    expiry = dynamodb.describe_time_to_live(TableName=new)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    described = dynamodb.describe_table(TableName=new)["Table"]
    assert described["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert described["DeletionProtectionEnabled"] is True
    recovery = dynamodb.describe_continuous_backups(TableName=new)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 14
    assert json.loads(dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]) == policy(arn)
    insights = dynamodb.list_contributor_insights(TableName=new)["ContributorInsightsSummaries"]
    assert [(each["IndexName"], each["ContributorInsightsMode"]) for each in insights] == [("by-day", "THROTTLED_KEYS")]
    flows = dynamodb.describe_kinesis_streaming_destination(TableName=new)["KinesisDataStreamDestinations"]
    precision = "ApproximateCreationDateTimePrecision"
    assert [(each["StreamArn"], each[precision]) for each in flows] == [(STREAM, "MICROSECOND")]


def test_capacities_scale_as_those_of_the_old_table(house: House) -> None:
    """Targets, policies and schedules of the table and of its index, under the new name."""
    furnished = a_furnished_table(house)
    _, ended, new = start(house, furnished)
    assert ended["outcome"] == "succeeded", ended["words"]
    scaling = house.crew.client("application-autoscaling")
    resources = [f"table/{new}", f"table/{new}/index/by-day"]
    targets = scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=resources)["ScalableTargets"]
    assert sorted((each["ResourceId"], each["MinCapacity"], each["MaxCapacity"]) for each in targets) == [
        (resource, 5, 50) for resource in resources
    ]
    policies = scaling.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId=resources[1])[
        "ScalingPolicies"
    ]
    tracked = {each["PolicyName"]: each["TargetTrackingScalingPolicyConfiguration"] for each in policies}
    assert tracked[f"DynamoDBReadCapacityUtilization:{resources[1]}"] == TRACKING
    schedules = scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ResourceId=resources[0])
    assert [each["ScheduledActionName"] for each in schedules["ScheduledActions"]] == ["night"]


def test_what_is_not_brought_along_is_named_in_words_and_in_a_fact(house: House) -> None:
    """A person must know it before the cut-over."""
    furnished = a_furnished_table(house)
    run, ended, _ = start(house, furnished)
    compared = next(fact for fact in house.facts(run) if fact.get("proved", "").startswith("it has the same keys"))
    left = compared["value"]["left_behind"]
    assert left in ended["words"]
    for words in ("alarms and dashboards", "IAM policies", "what reads the stream"):
        assert words in left


def test_a_plan_changes_nothing_and_shows_each_setting_with_its_parameters(house: House) -> None:
    """What will be set follows from the old table, so the plan knows it to the letter."""
    furnished = a_furnished_table(house)
    planned = house.plan(NAME, table=furnished, target="orders-planned")
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    assert not exists(house, "orders-planned")
    assert [line["title"] for line in planned.changes] == [
        "restore it beside the old one",
        "set its tags",
        "turn its point-in-time recovery on",
        "set its resource policy",
        "let its items expire by expires",
        "turn Contributor Insights of index by-day on",
        "turn its stream on",
        "send its changes to orders-changes",
        "protect it from deletion",
        "let the read capacity of orders-planned scale",
        "let the read capacity of by-day scale",
        "scale the read capacity of orders-planned by DynamoDBReadCapacityUtilization:table/orders-planned",
        "scale the read capacity of by-day by DynamoDBReadCapacityUtilization:table/orders-planned/index/by-day",
        "scale the read capacity of orders-planned on schedule night",
    ]
    assert "⟦" not in json.dumps([line["parameters"] for line in planned.changes], ensure_ascii=False)
    undo = planned.changes[0]["undo"]
    assert [line["call"] for line in undo] == ["dynamodb:DescribeTable", "dynamodb:DeleteTable"]


def test_a_plan_has_the_same_hash_again_and_another_for_another_setting(house: House) -> None:
    """An approval names the hash: what was read does not move it, what would be set does."""
    furnished = a_furnished_table(house)
    first = house.plan(NAME, table=furnished, target="orders-planned")
    assert house.plan(NAME, table=furnished, target="orders-planned").hash == first.hash
    house.crew.client("dynamodb").update_table(TableName=furnished, DeletionProtectionEnabled=False)
    assert house.plan(NAME, table=furnished, target="orders-planned").hash != first.hash


def test_without_a_name_the_new_table_is_called_by_the_time_of_the_run(house: House) -> None:
    """In the plan and in the run; the run's time is that of its admission, at replay too."""
    table = a_table(house)
    run, ended = house.start(NAME, table=table, within="1m")
    assert ended["words"].startswith(f"{table}-restored-{run[:13]} is {table}")


def test_the_time_that_was_asked_for_is_restored(house: House) -> None:
    """Within the window, given with its zone; the call carries it."""
    table = a_table(house)
    now = house.crew.installation.clock.now()
    answer = window(now - timedelta(days=3), now)
    house.scripted.answer("dynamodb", "DescribeContinuousBackups", answer)
    _, ended, _ = start(house, table, to=(now - timedelta(days=1)).isoformat())
    assert ended["outcome"] == "succeeded"
    sent = next(each for each in house.scripted.sent if each.operation == "RestoreTableToPointInTime")
    assert sent.parameters["RestoreDateTime"] == now - timedelta(days=1)
    assert "UseLatestRestorableTime" not in sent.parameters


def test_a_table_without_point_in_time_recovery_is_not_applicable(house: House) -> None:
    """Though ContinuousBackupsStatus says ENABLED, as it does for every table."""
    table = a_table(house)
    dynamodb = house.crew.client("dynamodb")
    off = {"PointInTimeRecoveryEnabled": False}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=off)
    described = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert described["ContinuousBackupsStatus"] == "ENABLED"
    refused_to_start(house, table, "point-in-time recovery is on")


@pytest.mark.parametrize("days", [-4, 1])
def test_a_time_out_of_the_window_is_not_applicable(house: House, days: int) -> None:
    """Before the first or after the last time to which it can be restored; the words name both."""
    table = a_table(house)
    now = house.crew.installation.clock.now()
    house.scripted.answer("dynamodb", "DescribeContinuousBackups", window(now - timedelta(days=3), now))
    refused_to_start(house, table, f"{now - timedelta(days=3):%Y-%m-%d}", to=(now + timedelta(days=days)).isoformat())


def test_a_name_that_is_taken_is_not_applicable(house: House) -> None:
    """Nothing is restored over anything, not even over the table itself."""
    table = a_table(house)
    refused_to_start(house, table, f"there is no table {table} yet", target=table)


def test_a_table_that_does_not_exist_is_not_applicable(house: House) -> None:
    """The read that found out stands in the ledger."""
    refused_to_start(house, "orders-never-made", "find the table")


def test_a_wait_that_leaves_no_time_to_undo_is_not_applicable(house: House) -> None:
    """A table cannot be deleted while it is being created: the undo waits, too."""
    table = a_table(house)
    refused_to_start(house, table, "10 h at most", within="11h")


def test_a_table_that_was_empty_may_be_restored_as_such(house: House) -> None:
    """Who starts it says so; that the new table can be read is proved all the same."""
    table = a_table(house)
    house.crew.client("dynamodb").delete_item(TableName=table, Key=ITEM)
    _, ended, _ = start(house, table, was_empty=True)
    assert ended["outcome"] == "succeeded"


def test_no_item_comes_into_the_ledger(house: House) -> None:
    """The probe counts: it asks for no attribute."""
    table = a_table(house)
    start(house, table)
    scans = [sent.parameters for sent in house.scripted.sent if sent.operation == "Scan"]
    assert scans == [{"TableName": f"{table}-again", "Select": "COUNT", "Limit": 1}]


def test_tags_are_read_and_set_page_by_page(house: House) -> None:
    """All of them, those of AWS itself left out: nobody may set them."""
    table = a_table(house)
    dynamodb = house.crew.client("dynamodb")
    tags = [{"Key": f"tag-{number:02}", "Value": "x"} for number in range(25)]
    stack = {"Key": "aws:cloudformation:stack-name", "Value": "shop"}
    dynamodb.tag_resource(ResourceArn=f"{ARN}/{table}", Tags=[*tags, stack])
    run, ended, _ = start(house, table)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert "the stack shop" in ended["words"]
    sent = next(each for each in house.scripted.sent if each.operation == "TagResource")
    assert sent.parameters["Tags"] == [{"Key": "nightcrew:run", "Value": run}, *tags]


@pytest.mark.parametrize(
    ("given", "field", "allowed"),
    [
        ({"table": "no/slash"}, "table", "like orders"),
        ({"table": "orders", "target": "x"}, "target", "like orders"),
        ({"table": "orders", "to": "yesterday"}, "to", "a time with its zone"),
        ({"table": "orders", "to": "2026-11-21T03:00:00"}, "to", "a time with its zone"),
        ({"table": "orders", "within": "soon"}, "within", "a duration"),
        ({"table": "orders", "was_empty": "perhaps"}, "was_empty", "true or false"),
        ({}, "table", "required"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    house: House, given: dict[str, Any], field: str, allowed: str
) -> None:
    """Before anything is started."""
    with pytest.raises(BadParameter) as wrong:
        house.plan(NAME, **given)
    assert (wrong.value.field, wrong.value.value) == (field, given.get(field))
    assert allowed in wrong.value.allowed
