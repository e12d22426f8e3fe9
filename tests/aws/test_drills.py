"""Restore drills: names, figures, and what there is under a name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nightcrew.aws.arns import DRILL, drilled
from nightcrew.aws.drills import (
    BUSY,
    DELETING,
    FOREIGN,
    GONE,
    USABLE,
    as_alone,
    cluster_state,
    database_state,
    drill_name,
    figures,
    in_figures,
    is_drill_name,
    misses,
    open_to,
    table_state,
)

RUN = "20261121-030004-k3f9qa2m"
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SOURCE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
HOUR = timedelta(hours=1)


@given(
    some.lists(some.text("ab9", min_size=1, max_size=20), min_size=1, max_size=6).map(
        lambda words: f"a{'-'.join(words)}"
    ),
    some.sampled_from([61, 63, 255]),
)
def test_a_drills_name_fits_tells_the_run_and_is_what_roles_may_delete(name: str, longest: int) -> None:
    """Whatever is drilled. RDS takes no two hyphens in a row."""
    made = drill_name(name, RUN, longest)
    assert len(made) <= longest
    assert is_drill_name(made, RUN)
    assert "-restored-" in made
    assert "--" not in made
    assert not is_drill_name(name, RUN)


def test_what_was_measured_is_in_seconds_and_in_words() -> None:
    """Restored in 40 minutes; the data were of five minutes before the start."""
    found = figures(AT, AT + timedelta(minutes=40), (AT - timedelta(minutes=5)).isoformat())
    assert (found["rto"], found["rpo"]) == (2400, 300)
    assert in_figures(found, HOUR, None) == "restored in 40 min (target 1 h); data of the last 5 min lost"


def test_data_from_after_the_start_loses_nothing() -> None:
    """The latest time moves on while it is restored."""
    assert figures(AT, AT + HOUR, (AT + timedelta(seconds=20)).isoformat())["rpo"] == 0


@pytest.mark.parametrize(
    ("rto", "rpo", "missed"),
    [(None, None, []), (3600, 600, []), (3599, 600, ["rto"]), (3600, 599, ["rpo"]), (1, 1, ["rto", "rpo"])],
)
def test_a_target_is_missed_by_a_second(rto: int | None, rpo: int | None, missed: list[str]) -> None:
    """And met by what is exactly as long."""
    aims = [None if aim is None else timedelta(seconds=aim) for aim in (rto, rpo)]
    assert misses({"rto": 3600, "rpo": 600}, *aims) == missed


def table(status: str = "ACTIVE", **restored: Any) -> dict[str, Any]:
    summary = {"RestoreSummary": restored} if restored else {}
    return {"Table": {"TableStatus": status, **summary}}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (table("CREATING", SourceTableArn=SOURCE, RestoreInProgress=True), BUSY),
        (table("ACTIVE", SourceTableArn=SOURCE, RestoreInProgress=True), BUSY),
        (table("ACTIVE", SourceTableArn=SOURCE), USABLE),
        (table("DELETING", SourceTableArn=SOURCE), DELETING),
        (table("INACCESSIBLE_ENCRYPTION_CREDENTIALS", SourceTableArn=SOURCE), "INACCESSIBLE_ENCRYPTION_CREDENTIALS"),
        (table("ACTIVE", SourceTableArn=SOURCE.replace("orders", "carts")), FOREIGN),
        (table("ACTIVE", SourceBackupArn="arn:aws:backup:…"), FOREIGN),
        (table("ACTIVE"), FOREIGN),
    ],
)
def test_a_table_is_the_drills_where_it_was_restored_from_the_drilled_one(answer: Any, state: str) -> None:
    assert table_state(SOURCE, answer) == state


def test_what_aws_backup_restored_is_the_drills_by_its_name() -> None:
    """It is asked for by that alone; a table that is no restore is nobody's but its owner's."""
    assert table_state("", table("ACTIVE", SourceBackupArn="arn:aws:backup:…")) == USABLE
    assert table_state("", table("ACTIVE")) == FOREIGN


@pytest.mark.parametrize(
    ("tag", "tagged", "state"),
    [
        (RUN, True, USABLE),
        (None, True, FOREIGN),
        ("another", True, FOREIGN),
        (None, False, USABLE),
        ("a", False, USABLE),
    ],
)
def test_a_database_is_the_drills_by_its_tag(tag: str | None, tagged: bool, state: str) -> None:
    """What AWS Backup made has none, or those of what was backed up: its name tells."""
    tags = [{"Key": "nightcrew:run", "Value": tag}] if tag else []
    one = {"DBInstances": [{"DBInstanceStatus": "available", "TagList": tags}]}
    assert database_state(RUN, one, tagged=tagged) == state
    assert cluster_state(RUN, {"DBClusters": [{"Status": "available", "TagList": tags}]}, tagged=tagged) == state
    assert database_state(RUN, {"DBInstances": []}) == GONE


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, ["0.0.0.0/0"]),
        ({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, ["::/0"]),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, ["pl-1"]),
    ],
)
@pytest.mark.parametrize("way", ["IpPermissions", "IpPermissionsEgress"])
def test_whoever_a_security_group_lets_in_or_out_by_address_is_seen(rule: Any, seen: list[str], way: str) -> None:
    assert open_to({"SecurityGroups": [{way: [rule]}]}) == seen


@pytest.mark.parametrize(
    ("way", "group", "seen"),
    [
        ("IpPermissions", "sg-1", []),
        ("IpPermissionsEgress", "sg-1", ["sg-1"]),
        ("IpPermissionsEgress", "sg-drills", []),
    ],
)
def test_a_group_may_come_in_and_nobody_is_reached(way: str, group: str, seen: list[str]) -> None:
    """So comes the team's own probe; a database's jobs would go out the same way. Its own group is itself."""
    answer = {"SecurityGroups": [{"GroupId": "sg-drills", way: [{"UserIdGroupPairs": [{"GroupId": group}]}]}]}
    assert open_to(answer) == seen
    assert open_to(answer, groups=True) == []


def test_a_restore_in_isolation_keeps_what_the_data_need_and_nothing_that_others_see() -> None:
    settings = {"DBInstanceClass": "db.m6g.large", "MultiAZ": True, "PubliclyAccessible": True, "NetworkType": "DUAL"}
    told = as_alone({**settings, "VpcSecurityGroupIds": ["sg-app"], "Port": 5432}, "drills", "sg-drills")
    assert (told["DBInstanceClass"], told["Port"]) == ("db.m6g.large", 5432)
    assert (told["DBSubnetGroupName"], told["VpcSecurityGroupIds"]) == ("drills", ["sg-drills"])
    assert not {"MultiAZ", "PubliclyAccessible", "NetworkType"} & told.keys()
    assert told["DeletionProtection"] is False


def test_what_a_drill_holds_is_of_the_drilled_one() -> None:
    assert drilled(SOURCE + DRILL) == SOURCE
    assert drilled(SOURCE) == SOURCE
