"""What a restore loses, what is set again, and what is left to a person."""

import json
from typing import Any

from nightcrew.aws.dynamodb_capacities import capacities
from nightcrew.aws.dynamodb_reapply import policy_for, to_reapply
from nightcrew.aws.dynamodb_settings import Settings, differences, drift, left_behind, tags_for

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
TABLE: dict[str, Any] = {
    "name": "orders",
    "arn": ARN,
    "keys": ["pk S HASH"],
    "indexes": {"by-day": ["global", "day S HASH", "ALL"]},
    "billing": "PROVISIONED",
    "encryption": "a key of AWS",
    "capacity": {"": [5, 5], "by-day": [5, 5]},
    "on_demand": {},
    "class": "STANDARD",
    "stream": None,
    "protected": False,
    "replicas": [],
}
TARGET = {
    "resource": "table/orders",
    "dimension": "dynamodb:table:ReadCapacityUnits",
    "min": 5,
    "max": 50,
    "suspended": None,
}


def settings(**more: Any) -> Settings:
    """A table's settings: point-in-time recovery, and what is given."""
    given = {"table": TABLE, "recovery": {"on": True, "days": 35}, **more}
    return Settings(**given)


def titles(found: Settings) -> list[str]:
    """What would be set again."""
    return [each.title for each in to_reapply(found, "orders-2", "a-run")]


def test_a_table_like_the_old_one_differs_in_nothing() -> None:
    """Its name, ARN, status and count are its own."""
    new = {**TABLE, "name": "orders-2", "arn": f"{ARN}-2", "items": 0, "status": "ACTIVE"}
    assert differences(TABLE, new) == []
    assert drift(TABLE, new) == []


def test_what_a_restore_must_bring_along_is_told_apart_from_what_may_be_otherwise() -> None:
    """A lost index is no proof; another capacity is a remark."""
    new = {**TABLE, "indexes": {}, "billing": "PAY_PER_REQUEST", "capacity": {}, "class": "STANDARD_INFREQUENT_ACCESS"}
    assert differences(TABLE, new) == [
        "billing: PROVISIONED, now PAY_PER_REQUEST",
        "index by-day: global / day S HASH / ALL, now none",
    ]
    assert drift(TABLE, new) == [
        "table class: STANDARD, now STANDARD_INFREQUENT_ACCESS",
        "capacity: 5 / 5, now none",
        "capacity of index by-day: 5 / 5, now none",
    ]


def test_a_bare_table_gets_its_tags_and_its_recovery_again() -> None:
    """What it does not have is not set."""
    assert titles(settings()) == ["set its tags", "turn its point-in-time recovery on"]


def test_the_table_is_updated_before_its_capacities_begin_to_scale() -> None:
    """From then on it is UPDATING whenever it scales."""
    found = settings(table={**TABLE, "stream": "KEYS_ONLY", "protected": True}, targets=[TARGET])
    assert titles(found)[-3:] == [
        "turn its stream on",
        "protect it from deletion",
        "let the read capacity of orders-2 scale",
    ]


def test_targets_of_a_table_on_demand_are_left_alone() -> None:
    """They are from before, and Application Auto Scaling refuses them now."""
    found = settings(table={**TABLE, "billing": "PAY_PER_REQUEST"}, targets=[TARGET])
    assert capacities(found, "orders-2") == []


def test_a_target_that_is_suspended_stays_so() -> None:
    """Somebody suspended it for a reason."""
    suspended = {"DynamicScalingInSuspended": True}
    (made,) = capacities(settings(targets=[{**TARGET, "suspended": suspended}]), "orders-2")
    assert made.call.parameters["SuspendedState"] == suspended


def test_what_would_scale_by_the_old_table_is_left_to_a_person() -> None:
    """A metric of its own watches the old table, and a schedule that does not repeat may lie in the past."""
    which = {"resource": "table/orders", "dimension": TARGET["dimension"]}
    policy = {"name": "by-latency", "tracking": None, **which}
    once = {
        "name": "sale",
        "schedule": "at(2026-11-27T00:00:00)",
        "zone": None,
        "action": {},
        "repeats": False,
        **which,
    }
    found = settings(targets=[TARGET], scaling=[policy], schedules=[once])
    assert [each.title for each in capacities(found, "orders-2")] == ["let the read capacity of orders-2 scale"]
    assert left_behind(found)[-2:] == [
        "scaling policy by-latency: its metric is its own",
        "scheduled scaling sale: it does not repeat",
    ]


def test_the_tags_of_aws_and_of_a_former_run_are_not_taken_over() -> None:
    """AWS refuses its own; the run's tag names the run that made the table."""
    tags = {"team": "checkout", "aws:cloudformation:stack-name": "shop", "nightcrew:run": "older"}
    assert tags_for(settings(tags=tags), "a-run") == {"team": "checkout", "nightcrew:run": "a-run"}


def test_a_table_with_fifty_tags_has_no_room_for_the_run() -> None:
    """All fifty are kept, and it is said."""
    tags = {f"tag-{number}": "x" for number in range(50)}
    assert tags_for(settings(tags=tags), "a-run") == tags
    assert left_behind(settings(tags=tags))[-1].startswith("the tag nightcrew:run")
    assert "the tag nightcrew:run" not in " ".join(left_behind(settings()))


def test_the_tag_of_a_former_run_takes_no_room() -> None:
    """Fifty with it, and the new one comes in its place."""
    tags = {**{f"tag-{number}": "x" for number in range(49)}, "nightcrew:run": "older"}
    assert tags_for(settings(tags=tags), "a-run") == {**tags, "nightcrew:run": "a-run"}


def test_a_policy_that_is_too_long_is_left_to_a_person() -> None:
    """It is not set in part."""
    found = settings(policy={"text": None, "length": 19_000})
    assert "set its resource policy" not in titles(found)
    assert any("19000 characters" in words for words in left_behind(found))


def test_a_policy_is_renamed_in_its_resources_only() -> None:
    """Another table's name that begins alike is another table; who is allowed stays as it is."""
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Principal": {"AWS": "arn:aws:iam::210987654321:role/orders"},
            "Resource": [ARN, f"{ARN}/index/*", f"{ARN}-archive"],
            "NotResource": f"{ARN}/index/by-day",
            "Condition": {"ArnEquals": {"aws:SourceArn": ARN}},
        },
    }
    made = json.loads(policy_for(json.dumps(policy), ARN, f"{ARN}-2"))
    assert made["Statement"] == {
        **policy["Statement"],  # type: ignore[dict-item]
        "Resource": [f"{ARN}-2", f"{ARN}-2/index/*", f"{ARN}-archive"],
        "NotResource": f"{ARN}-2/index/by-day",
    }


def test_a_global_table_comes_back_without_its_replicas() -> None:
    """A restore makes an independent table."""
    found = settings(table={**TABLE, "replicas": ["eu-central-1", "us-east-1"]})
    assert "the replicas in eu-central-1, us-east-1: the new table is no global table" in left_behind(found)
