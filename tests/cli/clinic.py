"""A healthy stack for `nightcrew doctor`: its pieces in the cloud. What moto lacks is answered as AWS would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from nightcrew.authoring.runbook import FAMILIES
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.cli.doctoring.arriving import RULES
from nightcrew.cli.doctoring.examination import EXPECTED, examine
from nightcrew.cli.doctoring.finding import Finding
from nightcrew.cli.doctoring.nightly import JOB
from nightcrew.cli.doctoring.patient import Patient
from nightcrew.cli.doctoring.roles import logical
from nightcrew.clock import SystemClock, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION, make_tables
from nightcrew.demo.scripted import Scripted
from nightcrew.ledger.roots import last_due
from nightcrew.ledger.store import Tables

NAME = "well"
TABLES = Tables("well-ledger", "well-state")
PARAMETER = "/well/policy"
MAPPING, BUS = "IntakeFunctionAlarms", "well-forwarded"
QUEUES = {"AlarmQueue": "well-alarms", "AlarmDeadLetters": "well-alarm-letters", "RunDeadLetters": "well-run-letters"}
ALARMS = {"AlarmQueueAge": "well-watch-queue-age", "SweepErrors": "well-watch-sweep-errors"}
LOGS = "well-sweep-logs"
SCHEDULES = ("SweepFunctionEachMinute", "DigestFunctionEachNight")
ANCHORS = "well-anchors"
EXECUTOR = f"arn:aws:iam::{ACCOUNT}:role/well-executor"
DURABLE = {"ExecutionTimeout": 172800, "RetentionPeriodInDays": 30}


@dataclass(frozen=True)
class Clinic:
    """The stack, and the way to break a piece of it."""

    clients: ClientMaker
    scripted: Scripted
    outputs: Mapping[str, str]
    resources: Mapping[str, tuple[str, str]]

    def client(self, service: str) -> Any:
        """A client of one's own, which is not logged."""
        return self.clients(service, READING)

    def name(self, logical_id: str) -> str:
        """What a resource is called."""
        return self.resources[logical_id][1]

    def patient(self, **described: Any) -> Patient:
        """The stack as the doctor meets it."""
        given = {"Autonomy": "auto", "PolicyParameter": PARAMETER}
        found = {
            "StackName": NAME,
            "StackStatus": "UPDATE_COMPLETE",
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        }
        return Patient({**found, **described}, self.scripted, SystemClock(), f"nightcrew --stack {NAME}")

    def seen(self, only: str | None = None, **described: Any) -> list[Finding]:
        """What the doctor finds."""
        return examine(self.patient(**described), only)

    def listed(self) -> dict[str, Any]:
        """The stack's resources as CloudFormation lists them."""
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": physical,
                    "ResourceType": kind,
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for name, (kind, physical) in self.resources.items()
            ]
        }

    def well(self) -> None:
        """Script what moto has nothing of."""
        self.scripted.reset()
        self.scripted.script("cloudformation", "ListStackResources", lambda _: self.listed())
        self.scripted.after("lambda", "GetFunctionConfiguration", lambda _, reply: reply.update(DurableConfig=DURABLE))
        self.scripted.after("sts", "GetCallerIdentity", _dated)
        self.scripted.script("iam", "SimulatePrincipalPolicy", allowed)


def allowed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """IAM's simulation, where everything is allowed."""
    return simulated(asked, "allowed")


def simulated(asked: Mapping[str, Any], decision: str) -> dict[str, Any]:
    """IAM's simulation with one answer to all that is asked."""
    pairs = [(action, arn) for action in asked["ActionNames"] for arn in asked["ResourceArns"]]
    return {
        "EvaluationResults": [
            {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": decision} for action, arn in pairs
        ]
    }


def _dated(_: Mapping[str, Any], reply: dict[str, Any]) -> None:
    now = SystemClock().now()
    reply["ResponseMetadata"]["HTTPHeaders"]["date"] = f"{now:%a, %d %b %Y %H:%M:%S} GMT"


def trust(principal: str) -> str:
    """A role's trust in somebody."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def admits(rules: list[str]) -> str:
    """The queue's policy as the template has it."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def healthy(clients: ClientMaker, scripted: Scripted) -> Clinic:
    """Make the pieces, once; a test puts back what it takes."""
    made: dict[str, tuple[str, str]] = {"SweepLogs": ("AWS::Logs::LogGroup", LOGS)}
    outputs = dict.fromkeys(EXPECTED, "-")
    make_tables(clients, TABLES)
    outputs |= {"LedgerTable": TABLES.ledger, "StateTable": TABLES.state, "ExecutorRole": EXECUTOR}

    def client(service: str) -> Any:
        return clients(service, READING)

    for table in (TABLES.ledger, TABLES.state):
        protect(client("dynamodb"), table)
    last = last_due(SystemClock().now() - JOB)
    item = {"key": {"S": f"day#{last}#0"}, "text": {"S": "{}"}}
    client("dynamodb").put_item(TableName=TABLES.state, Item=item)
    where: Any = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=ANCHORS, ObjectLockEnabledForBucket=True, CreateBucketConfiguration=where)
    outputs["Anchors"] = f"s3://{ANCHORS}"
    urls = {output: client("sqs").create_queue(QueueName=name)["QueueUrl"] for output, name in QUEUES.items()}
    outputs |= urls
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUES['AlarmQueue']}"
    client("events").create_event_bus(Name=BUS)
    made["ForwardedBus"] = ("AWS::Events::EventBus", BUS)
    arns = []
    for each in (*RULES, *SCHEDULES):
        place = {"EventBusName": BUS} if each.startswith("Forwarded") else {}
        how = {"ScheduleExpression": "rate(1 minute)"} if each in SCHEDULES else {"EventPattern": "{}"}
        arns.append(client("events").put_rule(Name=f"well-{each}", State="ENABLED", **how, **place)["RuleArn"])
        client("events").put_targets(Rule=f"well-{each}", Targets=[{"Id": "queue", "Arn": queue}], **place)
        made[each] = ("AWS::Events::Rule", f"{BUS}|well-{each}" if place else f"well-{each}")
    client("sqs").set_queue_attributes(QueueUrl=urls["AlarmQueue"], Attributes={"Policy": admits(arns)})
    made |= _functions(client, queue)
    outputs["Executor"] = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:well-executor:live"
    for family in FAMILIES:
        role = f"well-remediator-{family}"
        client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust(EXECUTOR))
        made[logical(family)] = ("AWS::IAM::Role", role)
    client("ssm").put_parameter(Name=PARAMETER, Value="rules: []", Type="String")
    for output in ("NewsTopic", "WatchTopic"):
        outputs[output] = client("sns").create_topic(Name=f"well-{output}")["TopicArn"]
        client("sns").subscribe(TopicArn=outputs[output], Protocol="sqs", Endpoint=queue)
    for name, alarm in ALARMS.items():
        watch(client("cloudwatch"), alarm)
        made[name] = ("AWS::CloudWatch::Alarm", alarm)
    client("logs").create_log_group(logGroupName=LOGS)
    client("logs").create_log_stream(logGroupName=LOGS, logStreamName="one")
    line = {"timestamp": int(SystemClock().now().timestamp() * 1000), "message": stamp(SystemClock().now())}
    client("logs").put_log_events(logGroupName=LOGS, logStreamName="one", logEvents=[line])
    return Clinic(clients, scripted, outputs, made)


def _functions(client: Any, queue: str) -> dict[str, tuple[str, str]]:
    code = BytesIO()
    with ZipFile(code, "w") as packed:
        packed.writestr("intake.py", "")
    client("iam").create_role(RoleName="well-executor", AssumeRolePolicyDocument="{}")
    made = {}
    for who in ("intake", "executor", "sweep", "digest", "api"):
        client("lambda").create_function(
            FunctionName=f"well-{who}",
            Runtime="python3.13",
            Handler="intake.handler",
            Role=EXECUTOR,
            Code={"ZipFile": code.getvalue()},
        )
        made[f"{who.capitalize()}Function"] = ("AWS::Lambda::Function", f"well-{who}")
    version = client("lambda").publish_version(FunctionName="well-executor")["Version"]
    client("lambda").create_alias(FunctionName="well-executor", Name="live", FunctionVersion=version)
    mapping = client("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName="well-intake")["UUID"]
    return {**made, MAPPING: ("AWS::Lambda::EventSourceMapping", mapping)}


def protect(dynamodb: Any, table: str) -> None:
    """Point-in-time recovery and deletion protection, as the template has them."""
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)


def watch(cloudwatch: Any, alarm: str) -> None:
    """An alarm about Nightcrew itself."""
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        AlarmDescription="Alarms wait for more than five minutes.",
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=3,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=300,
    )
