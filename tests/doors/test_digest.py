"""The day's job as Lambda calls it: what fails is an error of the function, once all else is done; and its rights."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest

import digest
from nightcrew.aws.actions import action_of
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import make_tables
from nightcrew.demo.scripted import Refusal, Sent
from nightcrew.dispatch.daily import Job
from nightcrew.dispatch.day_door import day_door
from nightcrew.errors import Unreachable
from nightcrew.knowledge.capacity.capacity import PERMISSIONS as CAPACITY
from nightcrew.knowledge.lessons import learn
from nightcrew.ledger.schema import definitions
from nightcrew.ledger.store import Store, Tables, client_config
from nightcrew.ledger.transaction import Piece
from tests.doors.asked import OF, of_items
from tests.doors.conftest import Context, Lines
from tests.house import House
from tests.knowledge.chronicle import NIGHT, SYMPTOM, Chronicle
from tests.stack import listed, statements

TABLES = Tables("nightly-ledger", "nightly-state")
BUCKET = "nightly-anchors"
ENVIRONMENT = {
    "NIGHTCREW_LEDGER": TABLES.ledger,
    "NIGHTCREW_STATE": TABLES.state,
    "NIGHTCREW_TOPIC": "arn:aws:sns:eu-west-1:123456789012:nightcrew",
    "NIGHTCREW_BUS": "nightcrew",
    "NIGHTCREW_ANCHORS": f"s3://{BUCKET}",
    "NIGHTCREW_ANCHOR_DAYS": "400",
    "NIGHTCREW_ANCHOR_MODE": "GOVERNANCE",
    "NIGHTCREW_DIGEST_DAY": "SUNDAY",
}
NEXT = datetime(2026, 11, 22, 1, 15, tzinfo=UTC)
ANCHORS = {
    "Fn::If": [
        "HasAnchorBucket",
        {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AnchorBucket}/roots/*"},
        {"Fn::Sub": "${Anchorage.Arn}/roots/*"},
    ]
}
SERVICES = {"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/*"}
GROUP = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/nightly-web"
SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/nightly/shop"


def brief() -> Context:
    """Time for three days: what is left of the year, other nights do."""
    return Context([900_000] * 3 + [0])


def bucket_is_there(s3: Any) -> bool:
    """Whether it was there before; then it is."""
    if BUCKET in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
        return True
    where: Any = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True, CreateBucketConfiguration=where)
    return False


@pytest.fixture
def aws(house: House, clients: ClientMaker) -> House:
    """Tables and a bucket of these tests' own, a night in them, and a topic and a bus that take everything."""
    client = clients("dynamodb", client_config())
    there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for definition in definitions(TABLES):
        if definition["TableName"] in there:
            client.delete_table(TableName=definition["TableName"])
    make_tables(clients, TABLES)
    s3 = clients("s3", READING)
    for version in s3.list_object_versions(Bucket=BUCKET).get("Versions", ()) if bucket_is_there(s3) else ():
        where = {"Bucket": BUCKET, "Key": version["Key"], "VersionId": version["VersionId"]}
        s3.delete_object(**where, BypassGovernanceRetention=True)
    store = Store(client, TABLES)
    chronicle = Chronicle(store)
    chronicle.ran(NIGHT)
    chronicle.refused(NIGHT)
    chronicle.lasted(NIGHT)
    learn(store, StoppedClock(NIGHT), "lesson-nightly", "look at the disk", author="ada", symptom=SYMPTOM)
    open_ = {"open": "open", "owner": "20261121-050000-aaaaaa", "lease": "2026-11-30T00:00:00.000Z", "runbook": "x"}
    store.transact([Piece("state", {"key": "res#arn:aws:ec2:::x"}, gate="lock", sets=open_)])
    house.scripted.answer("sns", "Publish", *[{"MessageId": "m"}] * 5)
    house.scripted.answer("events", "PutEvents", *[{"FailedEntryCount": 0, "Entries": []}] * 5)
    return house


def night(aws: House, ahead: timedelta = timedelta(0)) -> Job:
    """The job of a fresh environment, in that night or a later one."""
    made = day_door(ENVIRONMENT, lambda kind, what: None, aws.scripted)()
    return replace(made, installation=replace(made.installation, clock=StoppedClock(NEXT + ahead)))


def test_a_night_is_told_in_one_line(aws: House, digest_log: Lines) -> None:
    told = digest.digesting(lambda: night(aws))({}, brief())
    line = digest_log()[-1]
    assert (line["message"], line["roots"], line["anchored"]) == ("done", ["2026-11-21"], ["2026-11-21"])
    assert line["digest"] == told["digest"] != ""
    (published,) = [each for each in aws.scripted.sent if each.service == "sns"]
    assert published.parameters["Message"].splitlines()[0] == told["digest"]
    assert published.parameters["Message"].splitlines()[-1] == "nightcrew digest --since 2026-11-15 --until 2026-11-21"
    assert published.parameters["Subject"].startswith("digest: 15 Nov to 21 Nov 2026: 1 run, 1 of 1 tried helped")


def test_what_failed_is_an_error_of_the_function_and_all_else_is_done(aws: House, digest_log: Lines) -> None:
    """So Lambda tries it once more, and an alarm tells people; the next time it does what is left."""
    aws.scripted.answer("s3", "PutObject", *[Refusal("AccessDenied", "not you", 403)] * 5)
    with pytest.raises(Unreachable, match="anchors: "):
        digest.digesting(lambda: night(aws))({}, brief())
    line = digest_log()[-1]
    assert (line["roots"], line["failed"].keys()) == (["2026-11-21"], {"anchors"})
    aws.scripted.reset()
    assert digest.digesting(lambda: night(aws))({}, brief())["anchored"] == ["2026-11-21"]


def test_what_aws_says_of_capacity_is_in_the_digest(aws: House) -> None:
    """The quota with its figures; and where sizes may not be read, what is known without them."""
    crowded(aws)
    aws.scripted.script("autoscaling", "DescribeAutoScalingGroups", lambda _: Refusal("AccessDenied", "not you", 403))
    digest.digesting(lambda: night(aws))({}, brief())
    (published,) = [each for each in aws.scripted.sent if each.service == "sns"]
    lines = published.parameters["Message"].splitlines()
    assert "- Things (autoscaling): 95 of 100, 95 %; nobody has asked for more" in lines
    assert "- nightly-web was scaled out 3 times: give it for good what it gets each time" in lines


def test_with_little_time_left_no_more_days_are_begun(aws: House) -> None:
    told = digest.digesting(lambda: night(aws))({}, Context([900_000, digest.RESERVE, digest.RESERVE - 1]))
    assert len(told["kept"]) == 2
    assert told["roots"] == ["2026-11-21"]


# --- its rights


def needed(sent: Iterable[Sent]) -> Iterator[tuple[str, Any, str]]:
    """Action, resource, and the key of the item, where it is written to."""
    for each in sent:
        if each.service == "s3":
            assert each.parameters["Bucket"] == BUCKET
            yield f"s3:{each.operation}", ANCHORS, each.parameters["Key"]
            if "ObjectLockMode" in each.parameters:  # S3 API reference, PutObject: to set it needs a right of its own
                yield "s3:PutObjectRetention", ANCHORS, each.parameters["Key"]
            continue
        action = action_of(each.service, each.operation)
        if action in CAPACITY:
            yield action, SERVICES if action == "ecs:DescribeServices" else "*", ""
        if each.service == "dynamodb":
            yield from of_items(each, TABLES)


def lets(statement: dict[str, Any], action: str, resource: Any, key: str) -> bool:
    """Whether a statement covers it, its condition on keys among it."""
    keys = [each for pairs in statement.get("Condition", {}).values() for each in pairs.get("dynamodb:LeadingKeys", ())]
    return (
        action in listed(statement["Action"])
        and resource in listed(statement["Resource"])
        and (not keys or any(fnmatchcase(key, pattern) for pattern in keys))
    )


def crowded(aws: House) -> None:
    """A group and a service that were scaled out three times, and a quota that is used up."""
    chronicle = Chronicle(Store(aws.crew.clients("dynamodb", client_config()), TABLES))
    before = NIGHT - timedelta(hours=1)  # of the fixture's there is one at that time
    for resource in (GROUP, SERVICE) * 3:
        chronicle.ran(before, runbook="scale-out-ecs-service", family="scale-out", resource=resource)
    told = {"serviceName": "shop", "serviceArn": SERVICE, "status": "ACTIVE", "desiredCount": 3}
    aws.scripted.script("ecs", "DescribeServices", lambda _: {"services": [told]})
    metric = {"MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricDimensions": {"Resource": "x"}}
    quota = {"QuotaCode": "L-1", "QuotaName": "Things", "Value": 100.0, "Adjustable": True, "UsageMetric": metric}
    aws.scripted.script("service-quotas", "ListServiceQuotas", lambda _: {"Quotas": [quota]})

    def figures(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = [each["Id"] for each in asked["MetricDataQueries"]]
        return {"MetricDataResults": [{"Id": name, "Timestamps": [NIGHT], "Values": [95.0]} for name in ids]}

    aws.scripted.script("cloudwatch", "GetMetricData", figures)


def test_it_may_do_what_it_asks_for_and_nothing_else(aws: House) -> None:
    """Two nights of it, from the first root to the next, with a digest, a refusal, a lesson and an open run; with
    groups that were rescued, and a quota that is close.
    """
    crowded(aws)
    aws.scripted.sent.clear()
    for ahead in (timedelta(0), timedelta(days=7)):
        assert digest.digesting(lambda ahead=ahead: night(aws, ahead))({}, brief())["digest"]  # type: ignore[misc]
    asked = list(needed(aws.scripted.sent))
    allowed = [each for each in statements("DigestRole") if "UseTheKey" not in each["Sid"]]
    assert [right for right in asked if not any(lets(each, *right) for each in allowed)] == []
    used = {(action, str(resource)) for action, resource, _ in asked}
    had = {
        (action, str(resource))
        for each in allowed
        for action in listed(each["Action"])
        for resource in listed(each["Resource"])
        if action.split(":")[0] in ("dynamodb", "s3") or action in CAPACITY
    }
    at_times = {("dynamodb:GetItem", str(OF["ledger"]))}  # where another wrote that root at the same moment
    assert had - used == at_times
    assert all(key.startswith("roots/") for action, _, key in asked if action.startswith("s3:"))


def test_it_can_write_no_entry_of_a_run_and_take_no_lock() -> None:
    allowed = list(statements("DigestRole"))
    for action, table, key in (
        ("dynamodb:PutItem", "ledger", "20261121-030004-k3f9qa"),
        ("dynamodb:PutItem", "ledger", "lesson-1"),
        ("dynamodb:UpdateItem", "state", "res#arn:aws:ec2:::x"),
        ("dynamodb:UpdateItem", "state", "approval#20261121-030004-k3f9qa"),
        ("dynamodb:DeleteItem", "state", "day#2026-11-21#0"),
    ):
        assert not any(lets(each, action, OF[table], key) for each in allowed)
    assert any(lets(each, "dynamodb:UpdateItem", OF["state"], "day#2026-11-21#0") for each in allowed)


def test_as_it_is_deployed_it_does_the_days_job(
    environment: pytest.MonkeyPatch, on_tables: House, digest_log: Lines
) -> None:
    """Wired from what the template sets."""
    del on_tables
    environment.setenv("NIGHTCREW_DIGEST_DAY", "NEVER")
    assert len(digest.handler({}, Context([900_000, digest.RESERVE - 1]))["kept"]) == 1
    assert digest_log()[-1]["message"] == "done"
