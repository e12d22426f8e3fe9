"""template.yaml says what the code needs: the tables, the way of an alarm, the functions."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import digest
import intake
import sweep
from nightcrew.admission.policy import Level, Policy
from nightcrew.api.people import VARIABLES
from nightcrew.authoring.catalog import Catalog
from nightcrew.chat import doorway
from nightcrew.console.oidc import deployed as signing_in
from nightcrew.dispatch.daily import WEEKDAYS
from nightcrew.dispatch.day_door import NEVER
from nightcrew.engine import deployed
from nightcrew.engine.packaged import packaged_policy
from nightcrew.errors import BadEvent
from nightcrew.ledger.anchors import MODES
from nightcrew.ledger.roots import last_due
from nightcrew.ledger.schema import EXPIRES, definitions
from nightcrew.signals import signal_from
from tests.conditions import decided
from tests.patterns import lets_in
from tests.stack import ROOT, listed, of_type, properties, template, there

LEDGER, STATE = definitions()
CONSOLE = "${ConsoleApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
"""API Gateway's own name for it."""


# --- tables ---


@pytest.mark.parametrize(("logical_id", "definition"), [("LedgerTable", LEDGER), ("StateTable", STATE)])
def test_a_table_is_what_the_code_defines(logical_id: str, definition: dict[str, Any]) -> None:
    """Attribute by attribute. CloudFormation names the table, and tells the functions its name."""
    defined = {name: value for name, value in definition.items() if name != "TableName"}
    assert {name: properties(logical_id)[name] for name in defined} == defined
    assert "TableName" not in properties(logical_id)


@pytest.mark.parametrize("logical_id", ["LedgerTable", "StateTable"])
def test_a_table_outlives_its_stack_and_a_slip_of_the_hand(logical_id: str) -> None:
    """Restorable to any second of the last 35 days, and not deleted by anybody in passing."""
    resource = template()["Resources"][logical_id]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    table = resource["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_what_expires_leaves_the_state_and_nothing_leaves_the_ledger() -> None:
    assert properties("StateTable")["TimeToLiveSpecification"] == {"AttributeName": EXPIRES, "Enabled": True}
    assert "TimeToLiveSpecification" not in properties("LedgerTable")


# --- the way of an alarm ---


@pytest.mark.parametrize("file", sorted((ROOT / "events").glob("*.json")), ids=lambda file: file.stem)
def test_the_rule_lets_in_changes_of_an_alarms_state_and_nothing_else(file: Path) -> None:
    """Of each event that we know, contributors' among them; changes of an alarm's configuration stay out."""
    event = json.loads(file.read_text())
    alarms = event.get("source") == "aws.cloudwatch" and str(event.get("detail-type")).endswith("State Change")
    assert lets_in(properties("AlarmRule")["EventPattern"], event) == alarms


@pytest.mark.parametrize("file", sorted((ROOT / "events").glob("[!h]*.json")), ids=lambda file: file.stem)
def test_the_other_rule_lets_in_what_some_runbook_answers_and_nothing_else(file: Path, catalog: Catalog) -> None:
    """No alarm comes twice, and no event that nobody would look at costs a message."""
    event = json.loads(file.read_text())
    try:
        happening = signal_from(event).happening
    except BadEvent:
        happening = None
    answered = happening is not None and bool(catalog.index.events.find(happening))
    assert lets_in(properties("EventRule")["EventPattern"], event) == answered


def test_only_the_rules_may_send_to_the_queues() -> None:
    (statement,) = properties("QueueAccess")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    rules = list(of_type("AWS::Events::Rule"))
    arns = [{"Fn::GetAtt": f"{rule}.Arn"} for rule in rules]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": arns}}
    reached = listed(statement["Resource"])
    for rule in rules:
        (target,) = properties(rule)["Targets"]
        assert reached == [target["Arn"], target["DeadLetterConfig"]["Arn"]]
    assert properties("QueueAccess")["Queues"] == [{"Ref": each["Fn::GetAtt"].split(".")[0]} for each in reached]


def test_dead_letters_are_kept_as_long_as_can_be() -> None:
    queues = of_type("AWS::SQS::Queue")
    assert queues["AlarmDeadLetters"]["MessageRetentionPeriod"] == timedelta(days=14).total_seconds()
    assert queues["RunDeadLetters"]["MessageRetentionPeriod"] == timedelta(days=14).total_seconds()


def test_a_message_is_tried_several_times_before_its_signal_is_stale() -> None:
    """SQS hides it for six time-outs of the function, as AWS advises; then it comes again, or to the dead letters."""
    queue, function = properties("AlarmQueue"), properties("IntakeFunction")
    tries = queue["RedrivePolicy"]["maxReceiveCount"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": "AlarmDeadLetters.Arn"}
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert tries >= 5
    assert timedelta(seconds=(tries - 1) * queue["VisibilityTimeout"]) < stale(packaged_policy())


def stale(policy: Policy) -> timedelta:
    """When a signal is too old to be answered, where policy says nothing special."""
    found: timedelta = policy.defaults["stale"]
    return found


def test_intake_reports_each_message_and_a_storm_waits_in_the_queue() -> None:
    events = properties("IntakeFunction")["Events"]
    assert [each["Type"] for each in events.values()] == ["SQS"]
    source = events["Alarms"]["Properties"]
    assert source["Queue"] == {"Fn::GetAtt": "AlarmQueue.Arn"}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 50
    assert "MaximumBatchingWindowInSeconds" not in source, "an alarm does not wait for company"


def test_intake_has_time_for_more_than_its_reserve() -> None:
    assert properties("IntakeFunction")["Timeout"] * 1000 >= intake.RESERVE * 1.5


# --- functions ---


def test_a_run_is_started_through_an_alias_and_stays_on_its_version() -> None:
    executor = properties("ExecutorFunction")
    assert executor["AutoPublishAlias"] == "live"
    assert executor["AutoPublishAliasAllProperties"] is True
    assert properties("IntakeFunction")["Environment"]["Variables"]["NIGHTCREW_EXECUTOR"] == {
        "Ref": "ExecutorFunction.Alias"
    }


def test_an_execution_may_last_longer_than_any_runbook_and_its_undos(catalog: Catalog) -> None:
    durable = properties("ExecutorFunction")["DurableConfig"]
    assert timedelta(seconds=durable["ExecutionTimeout"]) > max(each.lease() for each in catalog.values())
    assert 1 <= durable["RetentionPeriodInDays"] <= 90


def test_a_run_that_could_not_be_carried_out_is_kept_for_a_person() -> None:
    assert properties("ExecutorFunction")["DeadLetterQueue"] == {
        "Type": "SQS",
        "TargetArn": {"Fn::GetAtt": "RunDeadLetters.Arn"},
    }


def test_functions_are_built_with_what_they_need_inside() -> None:
    """For Python 3.13, by the Makefile, from the whole tree, so that a cached build misses no change."""
    common = template()["Globals"]["Function"]
    assert (common["CodeUri"], common["Runtime"]) == (".", "python3.13")
    assert common["Tracing"] == "PassThrough"
    makefile = (ROOT / "Makefile").read_text()
    for name in of_type("AWS::Serverless::Function"):
        assert template()["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}
        assert f"code-{name}: DOOR := {properties(name)['Handler'].removesuffix('.handler')}\n" in makefile
    assert of_type("AWS::Serverless::LayerVersion") == {}


def test_every_function_is_told_what_the_wiring_reads() -> None:
    """Each variable that ``engine/deployed``, the API, the console or the chat names is set, and no other; without a
    parameter for policy that one is not there at all.
    """
    common = template()["Globals"]["Function"]["Environment"]["Variables"]
    functions = [properties(name) for name in of_type("AWS::Serverless::Function")]
    own = [each.get("Environment", {}).get("Variables", {}) for each in functions]
    named = set(re.findall(r"``(NIGHTCREW_\w+)``", f"{deployed.__doc__}{doorway.__doc__}{signing_in.__doc__}"))
    assert {*common, *(name for each in own for name in each)} == named | {"NIGHTCREW_EXECUTOR", *VARIABLES.values()}
    assert common["NIGHTCREW_POLICY_PARAMETER"] == {
        "Fn::If": ["HasPolicyParameter", {"Ref": "PolicyParameter"}, {"Ref": "AWS::NoValue"}]
    }
    assert re.fullmatch(template()["Parameters"]["PolicyParameter"]["AllowedPattern"], "/nightcrew/policy")


def test_autonomy_is_one_of_policys_levels() -> None:
    assert template()["Parameters"]["Autonomy"]["AllowedValues"] == [str(level) for level in Level]


def test_the_sweeper_looks_each_minute_and_never_twice_at_once() -> None:
    """It is done before the next one begins; one that failed is not repeated, since the next one follows anyway."""
    function = properties("SweepFunction")
    assert function["ReservedConcurrentExecutions"] == 1
    (schedule,) = function["Events"].values()
    assert (schedule["Type"], schedule["Properties"]["Schedule"]) == ("Schedule", "rate(1 minute)")
    assert function["Timeout"] < 60
    assert function["Timeout"] * 1000 >= sweep.RESERVE * 2
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
    assert schedule["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_the_days_job_comes_once_an_index_has_followed_and_is_tried_again() -> None:
    """At a quarter past one, UTC: a root is due an hour after its day. What failed may be repeated, so it is."""
    function = properties("DigestFunction")
    (schedule,) = function["Events"].values()
    assert (schedule["Type"], schedule["Properties"]["Schedule"]) == ("Schedule", "cron(15 1 * * ? *)")
    assert last_due(datetime(2026, 11, 23, 1, 15, tzinfo=UTC)) == date(2026, 11, 22)
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 2
    assert function["Timeout"] * 1000 >= digest.RESERVE * 2
    assert template()["Parameters"]["DigestDay"]["AllowedValues"] == [*WEEKDAYS, NEVER]
    assert template()["Parameters"]["AnchorMode"]["AllowedValues"] == list(MODES)


# --- anchors ---


def anchored(**parameters: str) -> Any:
    """Where the day's job anchors, in a stack with these parameters."""
    variables = decided(properties("DigestFunction")["Environment"]["Variables"], **parameters)
    return {name: value for name, value in variables.items() if "ANCHOR" in name}


def test_without_a_word_nothing_is_anchored_and_no_bucket_is_made() -> None:
    assert anchored() == {}
    assert not there("Anchorage")
    assert not there("AnchorRights")


def test_a_bucket_that_is_named_is_used_and_none_is_made() -> None:
    """For as long as is said, else for a year."""
    assert anchored(AnchorBucket="safe") == {
        "NIGHTCREW_ANCHORS": {"Fn::Sub": "s3://${AnchorBucket}"},
        "NIGHTCREW_ANCHOR_MODE": {"Ref": "AnchorMode"},
    }
    given = {"AnchorBucket": "safe", "AnchorRetentionDays": "400"}
    assert anchored(**given)["NIGHTCREW_ANCHOR_DAYS"] == {"Ref": "AnchorRetentionDays"}
    assert not there("Anchorage", **given)


def test_a_bucket_is_made_where_a_time_is_said_and_it_keeps_what_is_written() -> None:
    """Versions under Object Lock, by default too; nobody from outside, nothing in the clear; it outlives the stack."""
    assert anchored(AnchorRetentionDays="400")["NIGHTCREW_ANCHORS"] == {"Fn::Sub": "s3://${Anchorage}"}
    assert there("Anchorage", AnchorRetentionDays="400")
    resource = template()["Resources"]["Anchorage"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    bucket = resource["Properties"]
    assert (bucket["ObjectLockEnabled"], bucket["VersioningConfiguration"]) == (True, {"Status": "Enabled"})
    lock = {"Mode": {"Ref": "AnchorMode"}, "Days": {"Ref": "AnchorRetentionDays"}}
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == lock
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (denied,) = properties("AnchorageAccess")["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize(
    "function",
    ["IntakeFunction", "ExecutorFunction", "SweepFunction", "DigestFunction", "ApiFunction", "ChatFunction"],
)
def test_a_function_logs_to_a_group_that_forgets(function: str) -> None:
    """JSON, so that the platform's lines can be searched like ours."""
    logging = properties(function)["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert properties(logging["LogGroup"]["Ref"])["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_outputs_name_what_people_and_commands_look_for() -> None:
    outputs = {name: output["Value"] for name, output in template()["Outputs"].items()}
    assert outputs == {
        "LedgerTable": {"Ref": "LedgerTable"},
        "StateTable": {"Ref": "StateTable"},
        "Executor": {"Ref": "ExecutorFunction.Alias"},
        "AlarmQueue": {"Ref": "AlarmQueue"},
        "AlarmDeadLetters": {"Ref": "AlarmDeadLetters"},
        "RunDeadLetters": {"Ref": "RunDeadLetters"},
        "NewsTopic": {"Ref": "NewsTopic"},
        "NewsBus": {"Ref": "NewsBus"},
        "WatchTopic": {"Ref": "WatchTopic"},
        "Api": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
        "Anchors": {
            "Fn::If": ["HasAnchorBucket", {"Fn::Sub": "s3://${AnchorBucket}"}, {"Fn::Sub": "s3://${Anchorage}"}]
        },
        "Console": {"Fn::If": ["HasConsoleUrl", {"Ref": "ConsoleUrl"}, {"Fn::Sub": f"https://{CONSOLE}"}]},
        "ConsoleHost": {"Fn::Sub": CONSOLE},
        "ChatTopic": {"Ref": "ChatTopic"},
        "ChannelRole": {"Fn::GetAtt": "ChannelRole.Arn"},
        "ChannelRights": {"Ref": "ChannelRights"},
        "ChatApprove": {"Fn::GetAtt": "ChatApprove.CustomActionArn"},
        "ChatDecline": {"Fn::GetAtt": "ChatDecline.CustomActionArn"},
        "ForwardedBus": {"Fn::GetAtt": "ForwardedBus.Arn"},
        "ExecutorRole": {"Fn::GetAtt": "ExecutorRole.Arn"},
        "SweepRole": {"Fn::GetAtt": "SweepRole.Arn"},
        "ApiRole": {"Fn::GetAtt": "ApiRole.Arn"},
        "DigestRole": {"Fn::GetAtt": "DigestRole.Arn"},
        "ViewerAccess": {"Ref": "ViewerAccess"},
        "AuditorAccess": {"Ref": "AuditorAccess"},
        "OperatorAccess": {"Ref": "OperatorAccess"},
        "ApproverAccess": {"Ref": "ApproverAccess"},
    }
