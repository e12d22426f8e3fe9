"""What people may do in a deployed stack is what their commands ask of AWS, no less; and who may act may not decide."""

import json
from typing import Any

import pytest

from nightcrew.aws.kinds import is_read
from nightcrew.ledger.history import entries
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import Seen, typed
from tests.cli.rights import Need, refused, statements
from tests.doors.asked import OF
from tests.stack import listed

RUNBOOK = "restart-ec2-instance"
ASK = "rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: approve}"
VIEWER, OPERATOR, APPROVER = "ViewerAccess", "OperatorAccess", "ApproverAccess"


def said(person: dict[str, Any], *words: str, code: int = 0) -> Seen:
    """A command of somebody's, which must end so."""
    seen = typed("--stack", NAME, *words, **person)
    assert seen.code == code, seen.err
    return seen


@pytest.fixture
def waits(deployed: Deployed, request: pytest.FixtureRequest) -> tuple[dict[str, Any], str]:
    """Somebody's run that waits for an approval."""
    deployed.policy(ASK)
    someone = deployed.person(f"people-{request.node.name[-40:]}")
    instance = deployed.demo.instance()
    run = said(someone, "run", RUNBOOK, "--instance-id", instance, "--json", code=6).json["run"]
    return someone, run


def test_an_operator_starts_cancels_halts_and_sets_free(deployed: Deployed) -> None:
    ada = deployed.person("people-ada")
    run = said(ada, "run", RUNBOOK, "--instance-id", deployed.demo.instance(), "--json").json["run"]
    said(ada, "halt", "--reason", "look first")
    said(ada, "run", RUNBOOK, "--instance-id", deployed.demo.instance(), code=3)
    said(ada, "halt", "--lift")
    deployed.policy(ASK)
    waiting = said(ada, "run", RUNBOOK, "--instance-id", deployed.demo.instance(), "--json", code=6).json["run"]
    said(ada, "cancel", waiting, "--reason", "never mind")
    said(ada, "show", run)
    for name, body in (("alarm", "{}"), ("run", json.dumps({"run": run}))):
        queue = deployed.demo.client("sqs").get_queue_url(QueueName=f"nightcrew-{name}-letters")["QueueUrl"]
        deployed.demo.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    said(ada, "redrive")
    needs = deployed.executor.requests.of(ada)
    assert refused([VIEWER, OPERATOR], needs) == []
    assert {"sqs:StartMessageMoveTask", "sqs:DeleteMessage"} <= {each.action for each in needs}
    assert {"lambda:InvokeFunction", "lambda:SendDurableExecutionCallbackSuccess"} <= {each.action for each in needs}
    topics = {str(each.resource) for each in needs if each.action == "sns:Publish"}
    assert topics == {str({"Ref": "NewsTopic"})}, "though the stack tells channels"
    assert refused([VIEWER], needs), "who only looks could not have done this"
    assert refused([VIEWER, APPROVER], needs), "nor could who only decides"


def test_an_approver_decides_and_could_start_nothing(deployed: Deployed, waits: tuple[dict[str, Any], str]) -> None:
    someone, run = waits
    bob = deployed.person("people-bob")
    said(bob, "approvals")
    said(bob, "approve", run, "--plan", "")
    needs = deployed.executor.requests.of(bob)
    assert refused([VIEWER, APPROVER], needs) == []
    assert Need("dynamodb:UpdateItem", OF["state"], (f"approval#{run}",)) in needs
    assert refused([VIEWER, OPERATOR], needs) == [Need("dynamodb:UpdateItem", OF["state"], (f"approval#{run}",))], (
        "who may act may not decide"
    )
    assert refused([VIEWER, APPROVER], deployed.executor.requests.of(someone))


def test_declining_takes_no_more_than_approving(deployed: Deployed, waits: tuple[dict[str, Any], str]) -> None:
    _, run = waits
    cyd = deployed.person("people-cyd")
    said(cyd, "decline", run, "--reason", "not now")
    assert refused([VIEWER, APPROVER], deployed.executor.requests.of(cyd)) == []


def test_a_viewer_sees_everything(deployed: Deployed, waits: tuple[dict[str, Any], str]) -> None:
    _, run = waits
    eve = deployed.person("people-eve")
    for words in (
        ("history",),
        ("history", "--runbook", RUNBOOK),
        ("show", run),
        ("recall", "--run", run),
        ("verify", run),
        ("approvals",),
        ("follow-ups",),
        ("halt",),
        ("why", str(entries(deployed.demo.store, run)[0].body["resource"])),
    ):
        said(eve, *words)
    needs = deployed.executor.requests.of(eve)
    assert refused([VIEWER], needs) == []
    assert {"dynamodb:Query", "dynamodb:GetItem", "ssm:GetParameter"} <= {each.action for each in needs}
    said(eve, "cancel", run, "--reason", "the test is over")


def test_an_operator_learns_and_whoever_looks_can_search(deployed: Deployed) -> None:
    ada = deployed.person("people-learning")
    lesson = said(ada, "learn", "--symptom", "people:learning:high", "look at the zeppelin", "--json").json["id"]
    needs = deployed.executor.requests.of(ada)
    assert refused([VIEWER, OPERATOR], needs) == []
    assert refused([VIEWER], needs) == [Need("dynamodb:PutItem", OF["ledger"], (lesson,))]
    eve = deployed.person("people-searching")
    assert [each["id"] for each in said(eve, "search", "zeppelin", "--json").json["found"]] == [lesson]
    said(eve, "learn", "--list")
    assert refused([VIEWER], deployed.executor.requests.of(eve)) == []


@pytest.mark.parametrize("policy", [VIEWER, OPERATOR, APPROVER])
def test_nobody_may_change_or_delete_what_stands_in_the_ledger(policy: str) -> None:
    for statement in statements(policy):
        if OF["ledger"] in listed(statement["Resource"]):
            changing = {each for each in listed(statement["Action"]) if not each.startswith("dynamodb:Describe")}
            reading = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}
            assert changing <= {*reading, "dynamodb:PutItem"}


@pytest.mark.parametrize("policy", [VIEWER, OPERATOR, APPROVER])
def test_no_policy_of_people_reaches_beyond_nightcrew(policy: str) -> None:
    """A person's run acts in the executor's roles, not in theirs."""
    services = {action.split(":")[0] for each in statements(policy) for action in listed(each["Action"])}
    looking = {"application-signals", "cloudwatch", "iam", "logs"}
    ours = {"cloudformation", "dynamodb", "events", "execute-api", "kms", "lambda", "sns", "sqs", "ssm"}
    assert services - looking <= ours
    for action in (each for statement in statements(policy) for each in listed(statement["Action"])):
        service, _, operation = action.partition(":")
        assert service not in looking or is_read(service, operation)
    assert all(each["Resource"] != "*" for each in statements(policy))


def test_an_auditor_reads_anchors_and_nothing_more() -> None:
    """They are of the stack's own bucket, or of the one that is named; to write there is the day's job's alone."""
    found = statements("AuditorAccess")
    actions = {action for each in found for action in listed(each["Action"])}
    assert actions == {
        *("s3:GetBucketObjectLockConfiguration", "s3:GetObjectRetention", "s3:GetObjectVersion"),
        "s3:ListBucketVersions",
    }
    assert all("AnchorBucket" in str(each["Resource"]) and "Anchorage" in str(each["Resource"]) for each in found)


@pytest.mark.parametrize("policy", [VIEWER, OPERATOR, APPROVER])
def test_a_policy_for_people_is_no_longer_than_iam_allows(policy: str) -> None:
    """6,144 characters without blanks (IAM's quotas), in a stack whose name is as long as its roles' may be."""
    stack = "x" * (64 - len("-remediator-scale-out-ap-southeast-1"))
    arn = "arn:aws-us-gov:cloudformation:ap-southeast-1:123456789012:"
    long = {"Sub": len(arn) + len(stack), "Ref": len(arn) + 2 * len(stack), "GetAtt": len(arn) + len(stack) + 14}

    def filled(value: Any) -> Any:
        if isinstance(value, dict) and len(value) == 1:
            ((kind, what),) = value.items()
            kind = kind.removeprefix("Fn::")
            if kind in long:
                return "x" * (long[kind] + len(what))
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value

    assert len(json.dumps(filled(statements(policy)), separators=(",", ":"))) < 6_144 - 50
