"""Who may do what in the stack: each role by itself, and what holds for all of them."""

import json

import pytest
from policy_sentry.querying.actions import get_action_data

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import actions_of, reads_of
from nightcrew.authoring.runbook import FAMILIES
from nightcrew.dispatch.daily import SENT
from nightcrew.engine.group_size import PERMISSIONS as GROUP_SIZES
from nightcrew.knowledge.capacity.capacity import PERMISSIONS as CAPACITY
from nightcrew.knowledge.recall.vocabulary import KEY as VOCABULARY
from nightcrew.ledger import anchors, roots
from tests.stack import Statement, listed, of_type, properties, statements, template, there

REMEDIATORS = {
    "restart": "RestartRemediator",
    "scale-out": "ScaleOutRemediator",
    "failover": "FailoverRemediator",
    "restore": "RestoreRemediator",
}
PSEUDO_PARAMETERS = {"Partition": "aws-us-gov", "AccountId": "123456789012", "Region": "ap-southeast-2"}
DOORS = {
    "IntakeFunction": "IntakeRole",
    "ExecutorFunction": "ExecutorRole",
    "SweepFunction": "SweepRole",
    "DigestFunction": "DigestRole",
    "ApiFunction": "ApiRole",
    "ChatFunction": "ChatRole",
}
STARTING = [{"Ref": name} for name in ("TableRights", "FrontDoorRights", "NewsRights")]
SHARED = {
    "IntakeRole": STARTING,
    "ExecutorRole": [{"Ref": "TableRights"}, {"Ref": "NewsRights"}],
    "SweepRole": STARTING,
    "DigestRole": [{"Ref": "NewsRights"}],
    "ApiRole": STARTING,
    "ChatRole": [],
}
OURS = {"AWS::DynamoDB::Table", "AWS::Events::EventBus", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SQS::Queue"}
"""Types of what is Nightcrew's own: to write there changes nothing outside it."""


def every_statement() -> list[tuple[str, Statement]]:
    """Role → statement, for each role of the stack."""
    return [(role, statement) for role in of_type("AWS::IAM::Role") for statement in statements(role)]


def test_every_function_has_a_role_that_is_written_out() -> None:
    """What SAM would add by itself may do more: read from any queue, write to any log."""
    assert {name: each["Role"]["Fn::GetAtt"] for name, each in of_type("AWS::Serverless::Function").items()} == {
        name: f"{role}.Arn" for name, role in DOORS.items()
    }
    for role in DOORS.values():
        assert properties(role).get("ManagedPolicyArns", []) == SHARED[role]
        (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


TABLES = {
    "AppendToTheLedger": (["dynamodb:PutItem", "dynamodb:Query"], {"Fn::GetAtt": "LedgerTable.Arn"}),
    "ChangeTheState": (
        ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        {"Fn::GetAtt": "StateTable.Arn"},
    ),
    "UseTheKey": (["kms:Decrypt", "kms:GenerateDataKey"], {"Ref": "KmsKeyArn"}),  # tests/test_template_key.py
}
FRONT_DOOR = {
    "SeeWhatIsKnown": ("dynamodb:BatchGetItem", {"Fn::GetAtt": "StateTable.Arn"}),
    "SeeWhatHelpedBefore": ("dynamodb:Query", {"Fn::Sub": "${LedgerTable.Arn}/index/cases_by_symptom"}),
    "StartRuns": ("lambda:InvokeFunction", {"Ref": "ExecutorFunction.Alias"}),
    "AskChangeCalendars": ("ssm:GetCalendarState", {"Fn::Sub": "arn:${AWS::Partition}:ssm:*:*:document/*"}),
    "AskErrorBudgets": (
        "application-signals:BatchGetServiceLevelObjectiveBudgetReport",
        {"Fn::Sub": "arn:${AWS::Partition}:application-signals:*:*:slo/*"},
    ),
    "ReadThePolicy": (
        "ssm:GetParameter",
        {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${PolicyParameter}"},
    ),
}
NEWS = {
    "TellPeople": ("sns:Publish", {"Ref": "NewsTopic"}),
    "TellSystems": ("events:PutEvents", {"Fn::GetAtt": "NewsBus.Arn"}),
    "TellChannels": ("sns:Publish", {"Ref": "ChatTopic"}),
}
ABROAD = "arn:${AWS::Partition}:iam::*:role/${AWS::StackName}"
READER = ("sts:AssumeRole", [{"Fn::Sub": f"{ABROAD}-reader-${{AWS::Region}}"}])
PLANNER = {"Fn::GetAtt": "Planner.Arn"}
PLANNER_ABROAD = {"Fn::Sub": f"{ABROAD}-planner-${{AWS::Region}}"}
READERS = {"AskAlarmsOfMembers": READER, "AskAlarmsOfTheOrganization": READER}
"""In other accounts; and which ones, a condition says."""

SERVICES = {"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/*"}

TRACE = {"Trace": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")}


RECALLED = (
    *("by_resource", "by_symptom", "by_week"),
    *("cases_by_group", "cases_by_resource", "cases_by_symptom"),
)
"""Indexes of the ledger that who is asked to approve sees something of."""

REMEDIATORS_ABROAD = (
    "sts:AssumeRole",
    [{"Fn::Sub": f"{ABROAD}-remediator-{family}-${{AWS::Region}}"} for family in FAMILIES],
)


def rights(role: str) -> dict[str, tuple[object, object]]:
    """Sid → actions and resources."""
    return {each["Sid"]: (each["Action"], each["Resource"]) for each in statements(role)}


def test_intake_can_do_these_things_and_nothing_else() -> None:
    """Its queue, its tables, its executor, its news, its own log; X-Ray has no resources to name."""
    assert rights("IntakeRole") == {
        **TABLES,
        **FRONT_DOOR,
        **NEWS,
        **TRACE,
        "TakeFromTheQueue": (
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            {"Fn::GetAtt": "AlarmQueue.Arn"},
        ),
        "AnswerRuns": ("lambda:SendDurableExecutionCallbackSuccess", {"Fn::Sub": "${ExecutorFunction.Arn}:*"}),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "IntakeLogs.Arn"}),
    }


def test_the_sweeper_can_do_these_things_and_nothing_else() -> None:
    """It alone finds what is open or due, and takes it off the list."""
    assert rights("SweepRole") == {
        **TABLES,
        **FRONT_DOOR,
        **NEWS,
        **TRACE,
        **READERS,
        "ReadWhatWasAdmitted": ("dynamodb:GetItem", {"Fn::GetAtt": "LedgerTable.Arn"}),
        "FindWhatIsOpenOrDue": ("dynamodb:Query", {"Fn::Sub": "${StateTable.Arn}/index/open"}),
        "TakeOffTheList": ("dynamodb:DeleteItem", {"Fn::GetAtt": "StateTable.Arn"}),
        "FindEndedExecutions": ("lambda:ListDurableExecutionsByFunction", {"Fn::GetAtt": "ExecutorFunction.Arn"}),
        "AskWhetherTheAlarmIsStillInAlarm": ("cloudwatch:DescribeAlarms", "*"),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "SweepLogs.Arn"}),
    }


def test_the_days_job_can_do_these_things_and_nothing_else() -> None:
    """It reads what happened, how large groups are and how much of quotas is used, appends roots, keeps what follows
    from a day, anchors, tells people. It starts nothing, and holds no lock.
    """
    ledger, state = {"Fn::GetAtt": "LedgerTable.Arn"}, {"Fn::GetAtt": "StateTable.Arn"}
    named = {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AnchorBucket}/roots/*"}
    anchorage = {"Fn::If": ["HasAnchorBucket", named, {"Fn::Sub": "${Anchorage.Arn}/roots/*"}]}
    assert rights("DigestRole") == {
        **NEWS,
        **TRACE,
        "UseTheKey": TABLES["UseTheKey"],
        "ReadThePolicy": FRONT_DOOR["ReadThePolicy"],
        "ReadWhatHappened": (["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], ledger),
        "FindWhatEnded": (
            "dynamodb:Query",
            [{"Fn::Sub": "${LedgerTable.Arn}/index/by_week"}, {"Fn::Sub": "${StateTable.Arn}/index/open"}],
        ),
        "AppendRoots": ("dynamodb:PutItem", ledger),
        "ReadWhatIsKept": (["dynamodb:BatchGetItem", "dynamodb:GetItem"], state),
        "KeepWhatFollows": (["dynamodb:PutItem", "dynamodb:UpdateItem"], state),
        "Anchor": (["s3:PutObject", "s3:PutObjectRetention"], anchorage),
        "ReadSizesAndUsage": (sorted(set(CAPACITY) - {"ecs:DescribeServices"}), "*"),
        "ReadSizesOfServices": ("ecs:DescribeServices", SERVICES),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "DigestLogs.Arn"}),
    }
    held = {each["Sid"]: each["Condition"] for each in statements("DigestRole") if "Condition" in each}
    assert held["AppendRoots"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [roots.RUN]}}
    kept = [anchors.MARK["key"], "day#*", SENT["key"], "proof#*", VOCABULARY["key"]]
    assert held["KeepWhatFollows"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": kept}}


def test_a_stack_that_sends_no_digest_reads_neither_sizes_nor_quotas() -> None:
    """Nobody would be told."""
    sids = [
        {each["Sid"] for each in statements("DigestRole", DigestDay=day, PolicyParameter="/p")}
        for day in ("MONDAY", "NEVER")
    ]
    assert sids[0] - sids[1] == {"ReadSizesAndUsage", "ReadSizesOfServices"}


def test_the_api_can_do_these_things_and_nothing_else() -> None:
    """What people's policies allow together: it reads the tables, starts and wakes runs, tells. It takes nothing off a
    list but sessions of the console, where there is one, and no role but planners'.
    """
    assert rights("ApiRole") == {
        **TABLES,
        **FRONT_DOOR,
        **NEWS,
        **TRACE,
        "ReadWhatHappened": (["dynamodb:BatchGetItem", "dynamodb:GetItem"], {"Fn::GetAtt": "LedgerTable.Arn"}),
        "FindWhatHappened": ("dynamodb:Query", {"Fn::Sub": "${LedgerTable.Arn}/index/*"}),
        "FindWhatIsOpenOrDue": ("dynamodb:Query", {"Fn::Sub": "${StateTable.Arn}/index/open"}),
        "AnswerRuns": ("lambda:SendDurableExecutionCallbackSuccess", {"Fn::Sub": "${ExecutorFunction.Arn}:*"}),
        "PlanAsThePlanner": ("sts:AssumeRole", PLANNER),
        "PlanAsThePlannerOfMembers": ("sts:AssumeRole", PLANNER_ABROAD),
        "PlanAsThePlannerOfTheOrganization": ("sts:AssumeRole", PLANNER_ABROAD),
        "KeepSessions": (
            ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
            {"Fn::GetAtt": "StateTable.Arn"},
        ),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "ApiLogs.Arn"}),
    }


def test_the_chat_can_do_these_things_and_nothing_else() -> None:
    """It reads a run and what it asks, writes a decision and nothing else of the state, wakes the run, tells channels.
    It starts nothing, and appends nothing to the ledger.
    """
    state = {"Fn::GetAtt": "StateTable.Arn"}
    assert rights("ChatRole") == {
        **TRACE,
        "UseTheKey": TABLES["UseTheKey"],
        "TellChannels": NEWS["TellChannels"],
        "TakeFromTheQueue": (
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            {"Fn::GetAtt": "ChatQueue.Arn"},
        ),
        "ReadTheRun": (["dynamodb:GetItem", "dynamodb:Query"], {"Fn::GetAtt": "LedgerTable.Arn"}),
        "ReadWhatItAsks": ("dynamodb:GetItem", state),
        "Decide": ("dynamodb:UpdateItem", state),
        "AnswerRuns": ("lambda:SendDurableExecutionCallbackSuccess", {"Fn::Sub": "${ExecutorFunction.Arn}:*"}),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "ChatLogs.Arn"}),
    }
    held = {each["Sid"]: each["Condition"] for each in statements("ChatRole") if "Condition" in each}
    assert held["Decide"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["approval#*"]}}


@pytest.mark.parametrize("autonomy", ["observe", "suggest"])
def test_a_stack_that_only_observes_can_change_nothing_outside_nightcrew(autonomy: str) -> None:
    """Whatever policy says, and whoever starts a run: each right of each role that is there then reads, or is about
    something of Nightcrew's own. To observe is the default.
    """
    roles = [
        role for role in of_type("AWS::IAM::Role") if there(role, Autonomy=autonomy, PolicyParameter="/p", Chat="on")
    ]
    assert set(roles) == {*DOORS.values(), "Planner", "ChannelRole"}
    assert template()["Parameters"]["Autonomy"]["Default"] == "observe"
    outside = [
        (role, action, resource)
        for role in roles
        for statement in statements(
            role, Autonomy=autonomy, PolicyParameter="/p", MemberAccounts="1", OrganizationId="o-1", Chat="on"
        )
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if statement["Effect"] == "Allow"
        and not (reads(action) or ours(action, resource) or is_taken_to_read(resource))
    ]
    assert outside == []


@pytest.mark.parametrize("autonomy", ["approve", "auto"])
def test_a_stack_that_acts_has_remediators(autonomy: str) -> None:
    """Else the sentence above would hold for a stack that can do nothing at all."""
    assert all(there(role, Autonomy=autonomy) for role in REMEDIATORS.values())
    can = [each["Sid"] for each in statements("ExecutorRole", Autonomy=autonomy)]
    assert "ActAsARemediator" in can
    assert "ActAsARemediator" not in [each["Sid"] for each in statements("ExecutorRole", Autonomy="suggest")]


def is_taken_to_read(resource: object) -> bool:
    """Whether a right is about the planner, which is among the roles here, or roles of other accounts that plan or ask:
    what these may do, tests/test_member.py says.
    """
    return resource in [*READER[1], PLANNER, PLANNER_ABROAD]


def reads(action: str) -> bool:
    """As IAM classifies it (Service Authorization Reference)."""
    service, _, name = action.partition(":")
    (found,) = get_action_data(service, name)[service][:1]
    return found["access_level"] in {"Read", "List"}


def ours(action: str, resource: object) -> bool:
    """Whether a right is about something of the stack itself: a store, a queue, a topic, the executor and its runs."""
    if action.startswith("xray:"):
        return True  # a trace of its own
    if not isinstance(resource, dict):
        return False
    ((_, named),) = resource.items()
    about = str(named).removeprefix("${").split(".")[0]
    kind = template()["Resources"].get(about, {}).get("Type")
    return kind in OURS or (kind == "AWS::Serverless::Function" and action.startswith("lambda:"))


def test_the_executor_can_do_these_things_and_nothing_else() -> None:
    """Its tables, its runs, its news, its own log; for everything else it takes a remediator's role."""
    durable = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
    own_runs = {"Fn::Sub": "${ExecutorFunction.Arn}:*"}
    assert rights("ExecutorRole") == {
        **TABLES,
        **NEWS,
        **TRACE,
        **READERS,
        "ActAsRemediatorsOfMembers": REMEDIATORS_ABROAD,
        "ActAsRemediatorsOfTheOrganization": REMEDIATORS_ABROAD,
        "ReadThePolicy": FRONT_DOOR["ReadThePolicy"],
        "ReadWhatWasAdmitted": (["dynamodb:BatchGetItem", "dynamodb:GetItem"], {"Fn::GetAtt": "LedgerTable.Arn"}),
        "FindTheLikesOfIt": (
            "dynamodb:Query",
            [{"Fn::Sub": f"${{LedgerTable.Arn}}/index/{name}"} for name in RECALLED],
        ),
        "AskWhetherTheAlarmIsOk": ("cloudwatch:DescribeAlarms", "*"),
        "AskHowLargeAGroupIs": (list(GROUP_SIZES), "*"),
        "KeepFailedStarts": ("sqs:SendMessage", {"Fn::GetAtt": "RunDeadLetters.Arn"}),
        "Checkpoint": (durable, own_runs),
        "AnswerItsOwnRuns": ("lambda:SendDurableExecutionCallbackSuccess", own_runs),
        "ActAsARemediator": ("sts:AssumeRole", [{"Fn::GetAtt": f"{role}.Arn"} for role in REMEDIATORS.values()]),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "ExecutorLogs.Arn"}),
    }


def test_the_executor_changes_nothing_outside_nightcrew_by_itself() -> None:
    """It asks whether an alarm is OK and how large a group is, and takes a remediator's role for everything else."""
    on_any = {
        action for each in statements("ExecutorRole") if each["Resource"] == "*" for action in listed(each["Action"])
    }
    asks = {*GROUP_SIZES, "cloudwatch:DescribeAlarms"}
    assert on_any == {*asks, "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
    by_sid = {each["Sid"]: each for each in statements("ExecutorRole")}
    assert by_sid["Checkpoint"]["Resource"] == {"Fn::Sub": "${ExecutorFunction.Arn}:*"}
    assert by_sid["Checkpoint"]["Action"] == ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
    assert by_sid["ActAsARemediator"]["Resource"] == [{"Fn::GetAtt": f"{role}.Arn"} for role in REMEDIATORS.values()]
    assert by_sid["KeepFailedStarts"]["Resource"] == {"Fn::GetAtt": "RunDeadLetters.Arn"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_a_role_that_the_executor_alone_can_take(family: str) -> None:
    """And finds by name: a family's name stands in NIGHTCREW_REMEDIATORS where the executor fills it in."""
    role = properties(REMEDIATORS[family])
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": "ExecutorRole.Arn"}},
        "Action": "sts:AssumeRole",
    }
    pattern = properties("ExecutorFunction")["Environment"]["Variables"]["NIGHTCREW_REMEDIATORS"]["Fn::Sub"]
    arn, place = filled(pattern).format(family=family), filled(role["RoleName"]["Fn::Sub"])
    assert arn == f"arn:aws:iam::123456789012:role/{place}"
    assert len(place) <= 64


def filled(text: str) -> str:
    """What CloudFormation makes of it, in the Region with the longest name."""
    values = {
        "Partition": "aws",
        "AccountId": "123456789012",
        "StackName": "nightcrew",
        "Region": "ap-southeast-1",
    }
    for name, value in values.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    assert "${" not in text
    return text


@pytest.mark.parametrize("family", FAMILIES)
def test_a_remediator_may_do_what_its_runbooks_declare_and_what_that_depends_on(family: str, catalog: Catalog) -> None:
    allowed = {
        action
        for each in statements(REMEDIATORS[family])
        if each["Effect"] == "Allow"
        for action in listed(each["Action"])
    }
    assert catalog.broken == {}
    assert allowed == set(actions_of(family, catalog.values())), "write the roles anew: make roles"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_remediator_can_touch_nightcrew_itself(family: str) -> None:
    """Whatever is tagged, and however a table is called."""
    denied = [each for each in statements(REMEDIATORS[family]) if each["Effect"] == "Deny"]
    assert [each["Action"] for each in denied] == ["*"]
    assert denied[0]["Resource"] == [
        {"Fn::GetAtt": "LedgerTable.Arn"},
        {"Fn::Sub": "${LedgerTable.Arn}/*"},
        {"Fn::GetAtt": "StateTable.Arn"},
        {"Fn::Sub": "${StateTable.Arn}/*"},
        {"Fn::Sub": "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:${AWS::StackName}-*"},
    ]


def test_the_planner_reads_what_runbooks_read_and_the_api_alone_can_take_it(catalog: Catalog) -> None:
    """And none of it is a change, neither as the runbooks' wall has it nor as IAM classifies it."""
    (trust,) = properties("Planner")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Fn::GetAtt": "ApiRole.Arn"}}
    allows = {
        action for each in statements("Planner") if each["Effect"] == "Allow" for action in listed(each["Action"])
    }
    assert allows == set(reads_of(catalog.values())), "write the roles anew: make roles"
    assert [action for action in allows if not reads(action)] == []
    assert properties("Planner")["ManagedPolicyArns"] == [{"Ref": "HandsOffNightcrew"}]
    assert properties("ApiFunction")["Environment"]["Variables"]["NIGHTCREW_REMEDIATORS"] == PLANNER


def test_no_role_is_allowed_a_pattern_of_actions() -> None:
    """Each stands by its own name, so that a review sees it."""
    assert [
        (role, action)
        for role, statement in every_statement()
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        if "*" in action
    ] == []


def test_every_role_is_known_here() -> None:
    """A new one must be thought about: the sentences above hold for all that there are."""
    assert set(of_type("AWS::IAM::Role")) == {*DOORS.values(), *REMEDIATORS.values(), "Planner", "ChannelRole"}
    shared = {"TableRights", "FrontDoorRights", "NewsRights", "HandsOffNightcrew", "ChannelRights"}
    people = {"ViewerAccess", "AuditorAccess", "OperatorAccess", "ApproverAccess"}  # tests/cli/test_people.py
    assert set(of_type("AWS::IAM::ManagedPolicy")) == shared | people
    abroad = {"ReaderRights", "RemediatorRightsAbroad", "PlannerRightsAbroad"}
    own = {
        "AnchorRights",
        "CapacityRights",
        "ConsoleRights",
        "ExecutorRights",
        "KeyRights",
        "PlannerRights",
        "PolicyRights",
        "RemediatorRights",
    }
    assert set(of_type("AWS::IAM::Policy")) == own | abroad


def test_each_condition_of_a_remediator_is_told_by_a_word() -> None:
    """To YAML ``Null`` is nothing, unless it is quoted; and a statement without a condition is a wide one."""
    for role in REMEDIATORS.values():
        for policy in properties(role)["Policies"]:
            for each in policy["PolicyDocument"]["Statement"]:
                assert all(isinstance(operator, str) for operator in each.get("Condition", {})), each["Sid"]


def test_each_remediators_policy_fits_into_its_role() -> None:
    """10,240 characters of inline policies, without white space (IAM user guide, "IAM and STS quotas")."""
    for role in (*REMEDIATORS.values(), "Planner"):
        text = json.dumps([each["PolicyDocument"] for each in properties(role)["Policies"]], separators=(",", ":"))
        for variable, value in PSEUDO_PARAMETERS.items():
            text = text.replace(f"${{AWS::{variable}}}", value)
        assert len(text) < 10_240, role
