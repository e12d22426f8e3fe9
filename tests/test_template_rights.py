"""What each function of the stack may do, and nothing else."""

from nightcrew.authoring.runbook import FAMILIES
from nightcrew.dispatch.daily import SENT
from nightcrew.engine.group_size import PERMISSIONS as GROUP_SIZES
from nightcrew.knowledge.capacity.capacity import PERMISSIONS as CAPACITY
from nightcrew.knowledge.recall.vocabulary import KEY as VOCABULARY
from nightcrew.ledger import anchors, roots
from tests.roles import ABROAD, DOORS, PLANNER, PLANNER_ABROAD, READER, REMEDIATORS
from tests.stack import listed, of_type, properties, statements

STARTING = [{"Ref": name} for name in ("TableRights", "FrontDoorRights", "NewsRights")]
SHARED = {
    "IntakeRole": STARTING,
    "ExecutorRole": [{"Ref": "TableRights"}, {"Ref": "NewsRights"}],
    "SweepRole": STARTING,
    "DigestRole": [{"Ref": "NewsRights"}],
    "ApiRole": STARTING,
    "ChatRole": [],
}


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
