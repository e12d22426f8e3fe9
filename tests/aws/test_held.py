"""A run's session is held to its own resource wherever that can be said, and never so that what it declares fails."""

from datetime import timedelta

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.ec2 import InstanceId
from nightcrew.aws.held import HELD, NOT_HELD, as_iam_names, own, resources
from nightcrew.aws.iam import role_statements, session_document, session_statements
from nightcrew.aws.limit import LOOK, TAG, TAGGED, VALUE
from nightcrew.aws.limits import LIMITS, limits_of
from nightcrew.errors import BadDeclaration, Forbidden
from tests.house import House
from tests.iam import allowed, resource_kinds

ACCOUNT, REGION = "123456789012", "eu-west-1"
ACCESS_POINTS = "accesspointobject"  # a runbook names buckets
INSTANCE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
PACKED = 2048
"""Characters of a session policy (STS API reference, AssumeRole)."""

ec2 = calls("ec2")


def arn_of(found: Runbook, change: str = "{}") -> str:
    """The ARN of a resource of its kind: the example's, or one with another name."""
    values = {name: marker.example for name, marker in found.form.resources.items()}
    values[found.resource] = change.format(values[found.resource])
    return found.arn(values, account=ACCOUNT, region=REGION)


# --- the table ---


@pytest.mark.parametrize("action", sorted(HELD))
def test_what_an_action_is_held_to_is_what_iam_knows_of_it(action: str) -> None:
    """Each type of resource that the action can be about is of one of the kinds, and none is made up."""
    known = {kind for name, kind in resource_kinds(action).items() if name != ACCESS_POINTS}
    assert {kind for kind in known if not kind.startswith(HELD[action])} == set()
    assert {kind for kind in HELD[action] if not any(each.startswith(kind) for each in known)} == set()


def test_every_action_on_what_is_tagged_is_held_or_has_a_reason() -> None:
    """A new one must be thought about."""
    tagged = {action for action, limits in LIMITS.items() if TAGGED in limits}
    assert tagged <= HELD.keys() | NOT_HELD.keys()
    assert HELD.keys() & NOT_HELD.keys() == set()
    assert NOT_HELD.keys() <= tagged
    assert all(LOOK not in limits_of(action) for action in HELD)


# --- every runbook ---


@pytest.mark.parametrize("name", sorted(Catalog.load()))
def test_a_session_may_do_what_its_runbook_declares_on_its_own_resource(name: str, catalog: Catalog) -> None:
    found = catalog[name]
    arn = arn_of(found)
    statements = session_statements(found.actions, found.own(arn))
    for each in as_iam_names(arn):
        assert [action for action in found.actions if not allowed(statements, action, each)] == []


@pytest.mark.parametrize("name", sorted(Catalog.load()))
def test_a_session_may_not_do_it_to_another_of_the_same_kind(name: str, catalog: Catalog) -> None:
    """What is held. What is not stays as wide as the role."""
    found = catalog[name]
    mine, others = found.own(arn_of(found)), as_iam_names(arn_of(found, "x{}"))
    statements = session_statements(found.actions, mine)
    can = {action for action in found.actions for each in others if allowed(statements, action, each)}
    assert can == set(found.actions) - mine.actions


@pytest.mark.parametrize("name", sorted(Catalog.load()))
def test_a_session_may_touch_whatever_else_its_calls_may_name(name: str, catalog: Catalog) -> None:
    """A snapshot, a parameter group, a restored table: by IAM's own list, of what each held action is about besides."""
    found = catalog[name]
    arn = arn_of(found)
    mine = found.own(arn)
    statements = session_statements(found.actions, mine)
    for action in mine.actions:
        for kind in {each for name, each in resource_kinds(action).items() if name != ACCESS_POINTS}:
            service, _, path = kind.partition(":")
            if not kind.startswith(HELD[action][0]):
                assert allowed(statements, action, f"arn:aws:{service}:{REGION}:{ACCOUNT}:{path}any"), (action, kind)


@pytest.mark.parametrize("name", sorted(Catalog.load()))
def test_a_session_policy_fits_also_where_the_name_is_as_long_as_can_be(name: str, catalog: Catalog) -> None:
    """255 characters are the longest that any of them may have; plain, and STS packs it further."""
    found = catalog[name]
    assert len(session_document(found.actions, found.own(arn_of(found)))) <= PACKED
    mine = found.own(arn_of(found))
    long = own(found.permissions, found.form.resources[found.resource].kind, mine.arn + "x" * 255, found.elsewhere)
    assert len(session_document(found.actions, long)) <= PACKED


def test_most_runbooks_are_held(catalog: Catalog) -> None:
    """Else all of the above could hold of nothing. Those that are not have no changes that could be, or say why."""
    free = {name for name, found in catalog.items() if not found.own(arn_of(found)).actions}
    changing = {name for name in free if any(action in HELD for action in catalog[name].permissions)}
    assert len(catalog) - len(free) >= 38
    for name in changing:
        kinds = [marker.kind for marker in catalog[name].form.resources.values()]
        mine = catalog[name].form.resources[catalog[name].resource].kind
        others = {HELD[action][0] for action in catalog[name].permissions if action in HELD} - {mine}
        assert kinds.count(mine) > 1 or catalog[name].elsewhere or others or not mine, name


# --- the rule ---


def test_the_role_is_a_wall_besides() -> None:
    """What a session allows and the role does not is not allowed: an instance without the tag stays out of reach."""
    role = role_statements(["ec2:StopInstances"])
    assert allowed(role, "ec2:StopInstances", INSTANCE, {f"aws:ResourceTag/{TAG}": VALUE})
    assert not allowed(role, "ec2:StopInstances", INSTANCE, {f"aws:ResourceTag/{TAG}": "else"})
    assert not allowed(role, "ec2:StopInstances", INSTANCE)


@pytest.mark.parametrize(
    ("arn", "names"),
    [
        ("arn:aws:s3:eu-west-1:1:shop", ("arn:aws:s3:::shop/*",)),
        ("arn:aws-cn:route53:eu-west-1:1:hostedzone/Z", ("arn:aws-cn:route53:::hostedzone/Z",)),
        (
            "arn:aws:route53-recovery-control:eu-west-1:1:controlpanel/p",
            ("arn:aws:route53-recovery-control::1:controlpanel/p/*",),
        ),
        ("arn:aws:arc-region-switch:eu-west-1:1:plan/p:1", ("arn:aws:arc-region-switch::1:plan/p:1",)),
        ("arn:aws:lambda:eu-west-1:1:function:f", ("arn:aws:lambda:eu-west-1:1:function:f",) * 2),
        ("arn:aws:ecs:eu-west-1:1:service/c/s", ("arn:aws:ecs:eu-west-1:1:service/c/s",) * 2),
        ("arn:aws:rds:eu-west-1:1:db:Shop", ("arn:aws:rds:eu-west-1:1:db:Shop", "arn:aws:rds:eu-west-1:1:db:shop")),
        ("arn:aws:sqs:eu-west-1:1:q", ("arn:aws:sqs:eu-west-1:1:q",)),
    ],
)
def test_a_resource_is_named_as_iam_names_it(arn: str, names: tuple[str, ...]) -> None:
    """Some services know no Region there, and some have two forms."""
    found = as_iam_names(arn)
    if names == (arn, arn):
        suffix = {"lambda": f"{arn}:*", "ecs": "arn:aws:ecs:eu-west-1:1:service/s"}[arn.split(":")[2]]
        names = (arn, suffix)
    assert found == names


def test_what_a_run_makes_itself_stays_allowed_by_its_name() -> None:
    """A restore writes to a table that is not there yet."""
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    held = own(["dynamodb:RestoreTableToPointInTime"], "dynamodb:table/", table)
    assert resources(held) == ["arn:aws:dynamodb:*:123456789012:table/*-restored-*", table]


def test_what_an_action_only_depends_on_is_not_held(catalog: Catalog) -> None:
    """SQS moves messages as the caller: from the dead letters, about which the run is, to another queue."""
    found = catalog["redrive-dead-letters"]
    mine = found.own(arn_of(found))
    assert mine.actions == {"sqs:CancelMessageMoveTask", "sqs:StartMessageMoveTask"}
    elsewhere = "arn:aws:sqs:eu-west-1:123456789012:checkout"
    assert allowed(session_statements(found.actions, mine), "sqs:SendMessage", elsewhere)


def test_a_resource_of_an_unknown_kind_holds_nothing() -> None:
    """One that is given as any ARN: which of its actions are about it nobody knows."""
    assert ResourceName("", "", ".*", "x").kind == ""
    assert own(HELD, "", INSTANCE).actions == frozenset()


# --- the wall in the process ---

HELD_STOP = own(["ec2:StopInstances"], "ec2:instance/", INSTANCE)


def stop(instance: str) -> None:
    """Ask the wall whether this instance may be stopped."""
    cloud = Cloud(lambda *_: None, ["ec2:StopInstances"], "a-runbook").held_to(HELD_STOP)
    cloud.allow(ec2.stop_instances(InstanceIds=[instance]), reading=False)


@pytest.mark.parametrize("other", ["i-0123456789abcdef1", "i-0123456789abcdef", "i-0123456789abcdef0-2"])
def test_a_held_change_of_another_resource_never_leaves_the_process(other: str) -> None:
    """In a test and in a plan as at night: IAM would refuse it there."""
    stop("i-0123456789abcdef0")
    with pytest.raises(Forbidden, match='elsewhere=\\["ec2:StopInstances"\\]'):
        stop(other)


def declared(**more: object) -> Runbook:
    """A runbook that stops an instance beside its own."""

    def stops_another(run: Run, instance_id: InstanceId, also: str = "i-0123456789abcdef9") -> str:
        """Stops the other one."""
        run.change("stop it", ec2.stop_instances(InstanceIds=[also]), irreversible=True)
        return instance_id

    given: dict[str, object] = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1), **more}
    made: Runbook = runbook(permissions=["ec2:DescribeInstances", "ec2:StopInstances"], **given)(stops_another)  # type: ignore[arg-type]
    return made


def test_a_runbook_that_changes_others_too_says_so() -> None:
    assert declared().own(INSTANCE).actions == {"ec2:StopInstances"}
    assert declared(elsewhere=["ec2:StopInstances"]).own(INSTANCE).actions == frozenset()
    with pytest.raises(BadDeclaration, match="elsewhere"):
        declared(elsewhere=["ec2:StartInstances"])


def test_what_a_part_changes_elsewhere_the_whole_does() -> None:
    part = declared(elsewhere=["ec2:StopInstances"])
    assert declared(parts=[part]).own(INSTANCE).actions == frozenset()


def test_a_plan_shows_that_it_would_be_refused(house: House) -> None:
    """Before anybody meets it at night."""
    found = declared()
    wall = Cloud(house.scripted, found.permissions, found.name)
    from nightcrew.authoring.plan import plan

    with pytest.raises(Forbidden, match="does not name the run's resource"):
        plan(
            found,
            found.form.validate({"instance_id": "i-0123456789abcdef0"}),
            INSTANCE,
            wall,
            house.crew.installation.clock,
        )
