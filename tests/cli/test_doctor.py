"""`nightcrew doctor`: what is broken is named with what to do about it, what may not be asked is unknown, nothing is
changed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest

from nightcrew.aws.cloud import ClientMaker
from nightcrew.aws.kinds import is_read
from nightcrew.cli.asked import Asked
from nightcrew.cli.commands.doctor import tell
from nightcrew.cli.doctoring.patient import ACTIONS, READS
from nightcrew.cli.output import Output
from nightcrew.clock import SystemClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import Forbidden
from tests.cli import clinic as ward
from tests.cli.clinic import MAPPING, PARAMETER, TABLES, Clinic, healthy, simulated, trust
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed
from tests.cli.rights import Need, refused


@pytest.fixture(scope="module")
def made(clients: ClientMaker, scripted: Scripted) -> Clinic:
    """One stack for all that is broken here, one piece after the other."""
    return healthy(clients, scripted)


@pytest.fixture
def clinic(made: Clinic) -> Iterator[Clinic]:
    """It, and it is well."""
    made.well()
    yield made
    made.scripted.reset()


Break = Callable[[Clinic], Any]
ANCHORS = {
    "Fn::If": [
        "HasAnchorBucket",
        {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AnchorBucket}"},
        {"Fn::GetAtt": "Anchorage.Arn"},
    ]
}


def test_a_healthy_stack_is_well(clinic: Clinic) -> None:
    found = clinic.seen()
    assert [each for each in found if each.state != "ok"] == []
    assert {each.check for each in found} == {
        *("stack", "tables", "rules", "queues", "intake", "executor", "sweeper", "days", "anchors"),
        *("api", "roles", "policy", "news", "alarms", "clock", "you"),
    }


def test_it_sends_nothing_that_changes_anything(clinic: Clinic) -> None:
    clinic.seen()
    assert clinic.scripted.sent
    assert clinic.scripted.changes() == []
    asked = {f"{service}:{operation}" for service, operation in clinic.scripted.actions()}
    assert asked == READS, "and asks for nothing that it does not need"


@pytest.mark.parametrize("action", sorted(READS))
def test_what_it_may_ask_only_reads(action: str) -> None:
    assert is_read(*action.split(":"))


def test_it_cannot_be_brought_to_ask_for_more(clinic: Clinic) -> None:
    with pytest.raises(Forbidden):
        clinic.patient().ask("events", "DisableRule", Name=clinic.name("AlarmRule"))


# Each is broken for real where moto can be, else AWS's answer is; afterwards it is whole again.


@contextmanager
def rule_off(clinic: Clinic, logical: str = "AlarmRule") -> Iterator[None]:
    name = {"Name": clinic.name(logical)}
    clinic.client("events").disable_rule(**name)
    yield
    clinic.client("events").enable_rule(**name)


@contextmanager
def no_target(clinic: Clinic) -> Iterator[None]:
    name = clinic.name("EventRule")
    targets = clinic.client("events").list_targets_by_rule(Rule=name)["Targets"]
    clinic.client("events").remove_targets(Rule=name, Ids=["queue"])
    yield
    clinic.client("events").put_targets(Rule=name, Targets=targets)


@contextmanager
def queue_closed(clinic: Clinic) -> Iterator[None]:
    sqs, url = clinic.client("sqs"), clinic.outputs["AlarmQueue"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ward.admits(["arn:aws:events:::rule/another"])})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


@contextmanager
def letter(clinic: Clinic, output: str = "AlarmDeadLetters") -> Iterator[None]:
    sqs, url = clinic.client("sqs"), clinic.outputs[output]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    yield
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def storm(clinic: Clinic) -> Iterator[None]:
    clinic.scripted.after(
        "sqs", "GetQueueAttributes", lambda _, reply: reply["Attributes"].update(ApproximateNumberOfMessages="5000")
    )
    yield


@contextmanager
def mapping_off(clinic: Clinic) -> Iterator[None]:
    mapping = clinic.name(MAPPING)
    clinic.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    clinic.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)


@contextmanager
def edited(clinic: Clinic, service: str, operation: str, **values: Any) -> Iterator[None]:
    """An answer in which these stand instead."""
    clinic.scripted.after(service, operation, lambda _, reply: reply.update(values))
    yield


@contextmanager
def refusing(clinic: Clinic, service: str, operation: str, code: str) -> Iterator[None]:
    clinic.scripted.script(service, operation, lambda _: Refusal(code, "no such thing"))
    yield


@contextmanager
def unprotected(clinic: Clinic) -> Iterator[None]:
    clinic.client("dynamodb").update_table(TableName=TABLES.ledger, DeletionProtectionEnabled=False)
    yield
    clinic.client("dynamodb").update_table(TableName=TABLES.ledger, DeletionProtectionEnabled=True)


@contextmanager
def no_recovery(clinic: Clinic) -> Iterator[None]:
    off = {"PointInTimeRecoveryEnabled": False}
    clinic.client("dynamodb").update_continuous_backups(TableName=TABLES.state, PointInTimeRecoverySpecification=off)
    yield
    ward.protect(clinic.client("dynamodb"), TABLES.state)


@contextmanager
def no_expiry(clinic: Clinic) -> Iterator[None]:
    for on in (False, True):
        clinic.client("dynamodb").update_time_to_live(
            TableName=TABLES.state, TimeToLiveSpecification={"Enabled": on, "AttributeName": "expires"}
        )
        if not on:
            yield


@contextmanager
def table_edited(clinic: Clinic, **values: Any) -> Iterator[None]:
    clinic.scripted.after("dynamodb", "DescribeTable", lambda _, reply: reply["Table"].update(values))
    yield


@contextmanager
def trusting(clinic: Clinic, principal: str) -> Iterator[None]:
    iam, role = clinic.client("iam"), clinic.name("RestartRemediator")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(principal))
    yield
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(ward.EXECUTOR))


@contextmanager
def not_assumable(clinic: Clinic) -> Iterator[None]:
    clinic.scripted.script("iam", "SimulatePrincipalPolicy", lambda asked: simulated(asked, "implicitDeny"))
    yield


@contextmanager
def ruled(clinic: Clinic, text: str) -> Iterator[None]:
    for value in (text, "rules: []"):
        clinic.client("ssm").put_parameter(Name=PARAMETER, Value=value, Type="String", Overwrite=True)
        if value is text:
            yield


@contextmanager
def in_alarm(clinic: Clinic) -> Iterator[None]:
    name = clinic.name("AlarmQueueAge")
    for state in ("ALARM", "OK"):
        clinic.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
        if state == "ALARM":
            yield


@contextmanager
def alarm_gone(clinic: Clinic) -> Iterator[None]:
    clinic.client("cloudwatch").delete_alarms(AlarmNames=[clinic.name("SweepErrors")])
    yield
    ward.watch(clinic.client("cloudwatch"), clinic.name("SweepErrors"))


BROKEN: dict[str, tuple[Callable[[Clinic], Any], str, str, str, str]] = {
    "an alarm rule that is off": (rule_off, "rules", "problem", "is disabled", "aws events enable-rule --name well-A"),
    "a rule without its target": (no_target, "rules", "problem", "does not send to the queue", "put it back"),
    "a queue that takes nothing": (queue_closed, "rules", "problem", "does not take what the rule", "put it back"),
    "a rule that was deleted": (
        lambda it: refusing(it, "events", "DescribeRule", "ResourceNotFoundException"),
        *("rules", "problem", "is not there", "put it back"),
    ),
    "an alarm's dead letter": (letter, "queues", "problem", "1 alarm could not be answered", "well redrive"),
    "a run's dead letter": (
        lambda it: letter(it, "RunDeadLetters"),
        *("queues", "problem", "1 run could not be carried out", "nightcrew --stack well redrive"),
    ),
    "messages that pile up": (storm, "queues", "warning", "5000 messages wait", "intake does not take them"),
    "intake that does not take": (mapping_off, "intake", "problem", "is disabl", "--enabled"),
    "a function that failed": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", State="Failed", StateReason="no such key"),
        *("intake", "problem", "cannot run: no such key", "mend that"),
    ),
    "intake of another queue": (
        lambda it: edited(it, "lambda", "GetEventSourceMapping", EventSourceArn="arn:aws:sqs:::other"),
        *("intake", "problem", "another queue", "put it back"),
    ),
    "an alias to what is not published": (
        lambda it: edited(it, "lambda", "GetAlias", FunctionVersion="$LATEST"),
        *("executor", "problem", "points to $LATEST", "put it back"),
    ),
    "no alias": (
        lambda it: refusing(it, "lambda", "GetAlias", "ResourceNotFoundException"),
        *("executor", "problem", "has no alias live", "put it back"),
    ),
    "an executor that is not durable": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", DurableConfig={}),
        *("executor", "problem", "is no durable function", "only when it is created"),
    ),
    "a schedule that is off": (
        lambda it: rule_off(it, "SweepFunctionEachMinute"),
        *("sweeper", "problem", "nothing is swept", "aws events enable-rule"),
    ),
    "a sweeper that does not run": (
        lambda it: edited(it, "logs", "FilterLogEvents", events=[]),
        *("sweeper", "problem", "has not run for 10 min", "well-sweep-logs"),
    ),
    "a night that is off": (
        lambda it: rule_off(it, "DigestFunctionEachNight"),
        *("days", "problem", "no day is kept", "aws events enable-rule --name well-DigestFunctionEachNight"),
    ),
    "a day that nobody kept": (
        lambda it: edited(it, "dynamodb", "GetItem", Item={}),
        *("days", "warning", "is not kept: its job did not come", "aws lambda invoke --function-name well-digest"),
    ),
    "an API that cannot answer": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", State="Failed", StateReason="no such key"),
        *("api", "problem", "the function of the API cannot run: no such key", "mend that"),
    ),
    "anchors that anybody could replace": (
        lambda it: refusing(it, "s3", "GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
        *("anchors", "problem", "does not lock what is written", "AnchorBucket"),
    ),
    "a table that is gone": (
        lambda it: refusing(it, "dynamodb", "DescribeTable", "ResourceNotFoundException"),
        *("tables", "problem", "the table well-ledger is not there", "restore it by this name"),
    ),
    "a table of another shape": (
        lambda it: table_edited(it, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}]),
        *("tables", "problem", "well-ledger has the keys id, and not run, number", "another table has this name"),
    ),
    "an index that is gone": (
        lambda it: table_edited(it, GlobalSecondaryIndexes=[]),
        *("tables", "problem", "the index by_resource is not there", "sam deploy, with the template"),
    ),
    "a table that is being made": (
        lambda it: table_edited(it, TableStatus="CREATING"),
        *("tables", "problem", "well-ledger is creating", "until it is active"),
    ),
    "a table that could be deleted": (
        unprotected,
        *("tables", "problem", "deletion protection is off", "--table-name well-ledger --deletion-protection-enabled"),
    ),
    "a table without a way back": (
        no_recovery,
        *("tables", "problem", "well-state: point-in-time recovery is off", "update-continuous-backups"),
    ),
    "a table that forgets nothing": (no_expiry, "tables", "problem", "is not deleted", "update-time-to-live"),
    "a role that trusts another": (
        lambda it: trusting(it, "arn:aws:iam::123456789012:role/other"),
        *("roles", "problem", "does not trust the executor's role", "CloudTrail"),
    ),
    "a role that trusts the dead": (
        lambda it: trusting(it, "AROAEXAMPLEEXAMPLE"),
        *("roles", "problem", "trusts a role that was deleted", "put it back"),
    ),
    "a role that is gone": (
        lambda it: refusing(it, "iam", "GetRole", "NoSuchEntity"),
        *("roles", "problem", "no restart runbook can run", "put it back"),
    ),
    "an executor that may not take them": (not_assumable, "roles", "problem", "may not take", "boundary"),
    "a policy that is not valid": (
        lambda it: ruled(it, "rules: 5"),
        *("policy", "problem", "of /well/policy is not valid", "nightcrew policy check policy.yaml"),
    ),
    "a policy of no runbook": (
        lambda it: ruled(it, "rules:\n  - {when: {runbook: no-such-runbook}, autonomy: auto}"),
        *("policy", "problem", "no-such-runbook", "nightcrew policy check"),
    ),
    "no policy": (
        lambda it: refusing(it, "ssm", "GetParameter", "ParameterNotFound"),
        *("policy", "problem", "there is no parameter /well/policy", "aws ssm put-parameter --name /well/policy"),
    ),
    "news that nobody hears": (
        lambda it: edited(it, "sns", "ListSubscriptionsByTopic", Subscriptions=[]),
        *("news", "warning", "nobody is subscribed to NewsTopic", "aws sns subscribe"),
    ),
    "a subscription that waits": (
        lambda it: edited(
            it,
            *("sns", "ListSubscriptionsByTopic"),
            Subscriptions=[{"SubscriptionArn": "PendingConfirmation", "Endpoint": "ops@example.com"}],
        ),
        *("news", "warning", "not confirmed yet, so not told what Nightcrew does: ops@example.com", "link"),
    ),
    "an alarm about itself": (in_alarm, "alarms", "problem", "well-watch-queue-age is in ALARM", "five minutes"),
    "an alarm that is gone": (alarm_gone, "alarms", "problem", "well-watch-sweep-errors is not there", "put it back"),
    "a clock that is wrong": (
        lambda it: edited(
            it, "sts", "GetCallerIdentity", ResponseMetadata={"HTTPHeaders": {"date": "Sat, 21 Nov 2020 03:00:00 GMT"}}
        ),
        *("clock", "warning", "s ahead of AWS's", "NTP"),
    ),
    "a caller who may nothing": (not_assumable, "you", "warning", "may do nothing here", "to look: dynamodb:GetItem"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_named_with_what_to_do(what: str, clinic: Clinic) -> None:
    breaking, check, state, words, advice = BROKEN[what]
    with breaking(clinic):
        found = [each for each in clinic.seen(check) if each.state != "ok"]
    assert found, "nothing was found"
    assert {each.check for each in found} == {check}
    assert any(each.state == state and words in each.words and advice in " ".join(each.advice) for each in found), found


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"Outputs": []}, "it has no output LedgerTable, StateTable"),
        ({"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}, "its last deployment failed"),
    ],
)
def test_a_stack_that_is_not_deployed_well_is_said(described: dict[str, Any], words: str, clinic: Clinic) -> None:
    (found,) = clinic.seen("stack", **described)
    assert (found.state, found.advice != ()) == ("problem", True)
    assert words in found.words


def test_without_its_outputs_what_follows_is_said_and_not_raised(clinic: Clinic) -> None:
    found = clinic.seen(Outputs=[])
    assert any(each.words == "the stack has no output Executor" for each in found)


def test_a_stack_that_only_observes_needs_no_roles(clinic: Clinic) -> None:
    given = [{"ParameterKey": "Autonomy", "ParameterValue": "observe"}]
    found = clinic.seen("roles", Parameters=given)
    assert [(each.state, each.words) for each in found] == [
        ("ok", "Autonomy=observe: there is no role that could change anything outside Nightcrew")
    ]
    assert ("iam", "GetRole") not in clinic.scripted.actions()


def test_without_a_parameter_the_packaged_policy_holds(clinic: Clinic) -> None:
    (found,) = clinic.seen("policy", Parameters=[])
    assert found.state == "ok"
    assert "packaged one holds, under Autonomy=observe" in found.words


def test_a_stack_that_was_made_today_has_no_day_to_keep(clinic: Clinic) -> None:
    with edited(clinic, "dynamodb", "GetItem", Item={}):
        found = clinic.seen("days", CreationTime=SystemClock().now())
    assert [each.state for each in found] == ["ok", "ok"]


def test_a_stack_without_anchors_is_well(clinic: Clinic) -> None:
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in clinic.outputs.items() if key != "Anchors"]
    (found,) = clinic.seen("anchors", Outputs=outputs)
    assert (found.state, found.words.startswith("none: ")) == ("ok", True)


@pytest.mark.parametrize("action", sorted(READS))
def test_what_may_not_be_asked_is_unknown_and_the_rest_goes_on(action: str, clinic: Clinic) -> None:
    service, operation = action.split(":")
    clinic.scripted.script(service, operation, lambda _: Refusal("AccessDeniedException", "not you", 403))
    found = clinic.seen()
    unknown = [each for each in found if each.state == "unknown"]
    assert unknown
    assert all(f"{ACTIONS.get(action, action)} is not allowed" in each.words for each in unknown)
    assert [each for each in found if each.state == "problem"] == []
    assert any(each.state == "ok" for each in found)


def test_a_viewer_may_ask_all_but_what_iam_would_say(clinic: Clinic) -> None:
    clinic.seen()
    needs = [need for each in clinic.scripted.sent if (need := needed(clinic, each)) is not None]
    anchors = Need("s3:GetBucketObjectLockConfiguration", ANCHORS)
    assert refused(["ViewerAccess"], needs) == [anchors], "where there are any, auditors see them"
    assert refused(["ViewerAccess", "AuditorAccess"], needs) == []
    assert {each.action for each in needs} == {ACTIONS.get(each, each) for each in READS} - {
        *("sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy"),
    }


def needed(clinic: Clinic, sent: Any) -> Need | None:
    """What a request needs, as the template names it. Who asks needs no right to hear who they are (STS API
    reference); IAM's simulation is for administrators.
    """
    action = f"{sent.service}:{sent.operation}"
    if action in ("sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy"):
        return None
    if sent.service == "s3":
        return Need(ACTIONS[action], ANCHORS)
    return Need(action, resource(clinic, action, [str(each) for each in sent.parameters.values()]))


def resource(clinic: Clinic, action: str, given: list[str]) -> Any:
    arns = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
    fixed = {
        "cloudformation:ListStackResources": {"Ref": "AWS::StackId"},
        "cloudwatch:DescribeAlarms": {"Fn::Sub": arns % ("cloudwatch", "alarm:${AWS::StackName}-watch-*")},
        "iam:GetRole": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-remediator-*"},
        "lambda:GetEventSourceMapping": {"Fn::Sub": arns % ("lambda", "event-source-mapping:${IntakeFunctionAlarms}")},
        "ssm:GetParameter": {"Fn::Sub": arns % ("ssm", "parameter${PolicyParameter}")},
    }
    if action in fixed:
        return fixed[action]
    topics = {arn: {"Ref": name} for name, arn in clinic.outputs.items() if name.endswith("Topic")}
    names = {
        physical.rpartition("|")[2]: logical
        for logical, (_, physical) in clinic.resources.items()
        if logical != "ForwardedBus"
    }
    names |= {value: name for name, value in clinic.outputs.items()}
    by_name = {**{name: {"Fn::GetAtt": f"{logical}.Arn"} for name, logical in names.items()}, **topics}
    if "live" in given and action == "lambda:GetFunctionConfiguration":
        return {"Fn::Sub": "${ExecutorFunction.Arn}:*"}
    (found,) = {
        str(by_name[each.rpartition(":function:")[2]]) for each in given if each.rpartition(":function:")[2] in by_name
    }
    return json.loads(found.replace("'", '"'))


# What people see.


def shown(clinic: Clinic, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = StringIO()
    tell(Asked(stack="well", output=Output(color=False, stdout=out)), "the stack well", clinic.seen())
    return out.getvalue()


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_the_terminal(columns: int, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    with letter(clinic), rule_off(clinic), not_assumable(clinic):
        out = shown(clinic, columns, monkeypatch)
    assert max(map(len, out.splitlines())) <= columns
    assert "✗  rules" in out
    assert "nightcrew --stack well redrive" in out
    assert "\n   queues" not in out, "each line that is about something else names it"
    assert out.splitlines()[-1].startswith("✗ 6 problems, 1 warning")


def test_a_deployed_stack_is_asked_and_left_as_it_is(deployed: Deployed) -> None:
    """That one is of a few pieces only: the others are named."""
    ada = deployed.person("doctor-ada")
    seen = typed("--stack", NAME, "doctor", "--json", **ada)
    assert seen.code == 1
    assert (seen.json["stack"], seen.json["well"]) == (NAME, False)
    said = {each["words"] for each in seen.json["findings"] if each["state"] == "problem"}
    assert "the stack has no AlarmRule" in said
    for need in deployed.executor.requests.of(ada):
        assert is_read(*need.action.split(":"))


def test_a_stack_that_is_not_there_is_said(deployed: Deployed) -> None:
    seen = typed("--stack", "no-such-stack", "doctor", **deployed.environment)
    assert seen.code == 2
    assert "there is no stack no-such-stack in eu-central-1" in seen.err


def test_this_machine_is_well() -> None:
    seen = typed("doctor", columns=80)
    assert (seen.code, seen.widest <= 80) == (0, True)
    assert "all is well" in seen.out


def test_a_policy_that_is_not_valid_is_found_here(tmp_path: Any) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("rules: 5")
    seen = typed("--policy", str(file), "doctor", "--json")
    assert seen.code == 1
    assert [each["check"] for each in seen.json["findings"] if each["state"] == "problem"] == ["policy"]


def test_who_may_act_through_the_api_is_told_and_what_names_nobody(clinic: Clinic) -> None:
    given = {"ApiOperators": "arn:aws:iam::123456789012:role/oncall,ada", "ApiApprovers": ""}
    described = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    told = {each.state: each.words for each in clinic.seen("api", Parameters=described)}
    assert "ada can name nobody" in told["warning"]
    assert "role/oncall, ada may act; nobody may decide" in told["ok"]


CONSOLE = {"ConsoleIssuer": "https://login.example.com", "ConsoleClient": "console", "ConsoleViewers": "*@example.com"}


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        (
            CONSOLE,
            "ok",
            "https://pages: https://login.example.com signs people in; *@example.com may look; nobody may act",
        ),
        ({**CONSOLE, "ConsoleViewers": ""}, "warning", "nobody may look at the console"),
        ({**CONSOLE, "ConsoleClient": ""}, "warning", "there is no console: one of ConsoleIssuer and ConsoleClient is"),
    ],
)
def test_who_may_what_on_pages_is_told(clinic: Clinic, given: dict[str, str], state: str, words: str) -> None:
    described = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    named = {**clinic.outputs, "Console": "https://pages"}
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in named.items()]
    found = [(each.state, each.words) for each in clinic.seen("api", Parameters=described, Outputs=outputs)]
    assert any(each == state and said.startswith(words) for each, said in found), found


def test_without_a_console_nothing_is_said_of_one(clinic: Clinic) -> None:
    assert not any("console" in each.words.lower() for each in clinic.seen("api", Parameters=[]))
