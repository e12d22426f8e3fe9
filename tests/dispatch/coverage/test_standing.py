"""What would answer an alarm, and what is missing."""

from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.admission.settings import Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.coverage.coverage import Coverage, coverage
from nightcrew.dispatch.coverage.marks import Mark
from tests.dispatch.backtest.histories import arn, check, history, spell

ABOVE: dict[str, Any] = {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0}
AUTO = "rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: auto}\n"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(AUTO)


def covered(catalog: Catalog, policy: Policy, *alarms: dict[str, Any], tags: Any = None, **more: Any) -> Coverage:
    recorded = history(list(alarms), [], until=60, tags=tags)
    return coverage(recorded, catalog, policy, **{"muted": {}, "managed": [], **more})


def metric(name: str, namespace: str, metric: str, dimensions: dict[str, str], **more: Any) -> dict[str, Any]:
    """An alarm on this metric, when it is too high."""
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return check(name, Namespace=namespace, MetricName=metric, Dimensions=named, **{**ABOVE, **more})


def test_an_alarm_that_a_trigger_knows_is_answered(catalog: Catalog, policy: Policy) -> None:
    """With the runbook, the resource, and what policy lets it do, by which line."""
    [alarm] = covered(catalog, policy, check("web is ill", **ABOVE)).of("answered")
    stands = alarm.standing
    assert (stands.runbook, stands.kind) == ("restart-ec2-instance", "answered")
    assert str(stands.resource).endswith(":instance/i-0abc1234def567890")
    assert stands.autonomy is not None
    assert stands.autonomy.value is Level.AUTO
    assert "restart-ec2-instance" in stands.autonomy.because


def test_answered_under_a_policy_that_lets_nothing_run_says_so(catalog: Catalog) -> None:
    """To have a runbook is not to be let run."""
    [alarm] = covered(catalog, load("rules: []\n"), check("web is ill", **ABOVE)).of("answered")
    assert alarm.standing.autonomy is not None
    assert alarm.standing.autonomy.value is Level.OBSERVE


@pytest.mark.parametrize(
    ("operator", "kind"),
    [
        ("GreaterThanThreshold", "answered"),
        ("GreaterThanOrEqualToThreshold", "answered"),
        ("LessThanThreshold", "nearly"),
        ("LessThanOrEqualToThreshold", "nearly"),
    ],
)
def test_the_operator_tells_the_direction(catalog: Catalog, policy: Policy, operator: str, kind: str) -> None:
    """An alarm on the other side of its threshold is another alarm."""
    told = covered(catalog, policy, check("a", ComparisonOperator=operator, Threshold=1.0))
    assert [each.standing.kind for each in told.alarms] == [kind]


def test_other_dimensions_are_nearly_and_say_what_is_missing(catalog: Catalog, policy: Policy) -> None:
    """The runbook that answers the same metric is named, and by what it wants it."""
    [alarm] = covered(catalog, policy, metric("a", "AWS/EC2", "CPUUtilization", {"InstanceId": "i-0abc"})).of("nearly")
    assert alarm.standing.others == ("scale-out-auto-scaling-group",)
    assert "AutoScalingGroupName" in str(alarm.standing.missing)


def test_a_metric_that_nobody_knows_has_none(catalog: Catalog, policy: Policy) -> None:
    """There the next runbook is to be written."""
    told = covered(catalog, policy, metric("a", "Shop", "Queue", {"Name": "x"}))
    assert [each.standing.kind for each in told.alarms] == ["none"]


def test_a_band_is_nearly(catalog: Catalog, policy: Policy) -> None:
    """Outside of a two-sided band may be too high or too low: which one only the event will tell."""
    band = metric(
        "a",
        "AWS/EC2",
        "StatusCheckFailed_Instance",
        {"InstanceId": "i-0abc1234def567890"},
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
    )
    [alarm] = covered(catalog, policy, band).of("nearly")
    assert "too high or too low" in str(alarm.standing.missing)


def test_a_target_tracking_alarm_is_left_to_its_policy(catalog: Catalog, policy: Policy) -> None:
    """A scaling policy made it and answers it."""
    group = {"AutoScalingGroupName": "web"}
    told = covered(catalog, policy, metric("TargetTracking-web-AlarmHigh-1", "AWS/EC2", "CPUUtilization", group))
    assert [each.standing.kind for each in told.alarms] == ["left"]


def query(text: str, name: str = "fleet") -> dict[str, Any]:
    """An alarm on a Metrics Insights query."""
    metrics = [{"Id": "q1", "Expression": text, "ReturnData": True}]
    return {"AlarmName": name, "AlarmArn": arn(name), "StateValue": "OK", "Metrics": metrics, **ABOVE}


CHECKS = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId)'
CPU = 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/ECS", ClusterName, ServiceName)'


@pytest.mark.parametrize("tail", ["", " ORDER BY MAX() DESC", " LIMIT 20", "\nORDER BY MAX() DESC\nLIMIT 20"])
def test_a_query_is_answered_by_its_series(catalog: Catalog, policy: Policy, tail: str) -> None:
    """What it groups by are the dimensions of each contributor, whose event the dispatcher answers: which one it is
    stands open.
    """
    [alarm] = covered(catalog, policy, query(f"{CHECKS} GROUP BY InstanceId{tail}")).of("answered")
    stands = alarm.standing
    assert (stands.runbook, stands.open) == ("restart-ec2-instance", ("instance_id",))
    assert str(stands.resource).endswith(":123456789012:instance/*")
    assert stands.autonomy is not None
    assert stands.autonomy.value is Level.AUTO
    assert stands.to_dict()["open"] == ["instance_id"]


def test_a_query_by_several_labels_fills_several_parameters(catalog: Catalog, policy: Policy) -> None:
    """Quoted or not."""
    [alarm] = covered(catalog, policy, query(f'{CPU} GROUP BY "ClusterName", ServiceName')).of("answered")
    assert {*alarm.standing.open} == {"cluster", "service"}
    assert str(alarm.standing.resource).endswith(":service/*/*")


def test_a_query_that_groups_by_something_else_is_nearly(catalog: Catalog, policy: Policy) -> None:
    """Its contributors do not say which instance."""
    [alarm] = covered(catalog, policy, query(f"{CHECKS} GROUP BY InstanceType")).of("nearly")
    assert "restart-ec2-instance" in alarm.standing.others


def test_a_query_that_is_bound_with_what_is_not_allowed_is_nearly(catalog: Catalog) -> None:
    """That a series fills one parameter says nothing of the others."""
    bound = "bindings:\n  - {alarm: fleet, runbook: restart-ec2-instance, parameters: {within: soon}}\n"
    [found] = covered(catalog, load(bound + AUTO), query(f"{CHECKS} GROUP BY InstanceId")).of("nearly")
    assert "within" in str(found.standing.missing)


def watching(other: str) -> dict[str, Any]:
    """An alarm that watches an instance of another account."""
    alarm = check("theirs", **ABOVE)
    metric = {name: alarm.pop(name) for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": metric, "Period": alarm.pop("Period"), "Stat": alarm.pop("Statistic")}
    return {**alarm, "Metrics": [{"Id": "m1", "MetricStat": stat, "AccountId": other, "ReturnData": True}]}


@pytest.mark.parametrize("home", [None, "123456789012"])
def test_an_alarm_at_home_may_watch_another_account(catalog: Catalog, home: str | None) -> None:
    """The run acts there, by what policy says of that account."""
    there = f"{AUTO}  - {{when: {{runbook: restart-ec2-instance, account: '111122223333'}}, autonomy: observe}}\n"
    told = covered(catalog, load(there), watching("111122223333"), check("ours", **ABOVE), home=home)
    found = {each.standing.alarm: each.standing for each in told.of("answered")}
    assert ":111122223333:instance/" in str(found["theirs"].resource)
    assert {name: each.autonomy.value for name, each in found.items() if each.autonomy} == {
        "theirs": Level.OBSERVE,
        "ours": Level.AUTO,
    }


def test_how_often_an_alarm_may_change_is_what_policy_says_of_where_the_run_acts(catalog: Catalog) -> None:
    """As the gate of flaps asks at night."""
    there = f"{AUTO}  - {{when: {{account: '111122223333'}}, flap_changes: 1}}\n"
    changes = [each for minute in range(2) for each in spell("theirs", 5 * minute, 1)]
    recorded = history([watching("111122223333")], changes, until=60)
    [alarm] = coverage(recorded, catalog, load(there), muted={}, managed=[]).alarms
    assert alarm.has(Mark.FLAPS)


def test_a_members_alarm_that_watches_a_third_account_is_nearly(catalog: Catalog, policy: Policy) -> None:
    """At night the dispatcher leaves it: who may make an alarm there could else have something done elsewhere."""
    told = covered(catalog, policy, watching("111122223333"), check("ours", **ABOVE), home="444455556666")
    [alarm] = told.of("nearly")
    assert (alarm.standing.alarm, alarm.standing.runbook) == ("theirs", "restart-ec2-instance")
    assert "in Nightcrew's own account, 444455556666, or in 111122223333" in str(alarm.standing.missing)
    assert [each.standing.alarm for each in told.of("answered")] == ["ours"]


def test_a_tag_that_names_no_runbook_says_which_there_are(catalog: Catalog, policy: Policy) -> None:
    """A slip in the tag would otherwise be found at night."""
    alarm = check("a", **ABOVE, ActionConfiguration={"AlarmTagsPropagation": {"Enabled": True}})
    tags = {arn("a"): {"nightcrew:runbook": "restart-ec2-instanse"}}
    [found] = covered(catalog, policy, alarm, tags=tags).of("nearly")
    assert "restart-ec2-instance" in found.standing.why


def test_an_alarm_that_names_what_is_elsewhere_is_nearly(catalog: Catalog, policy: Policy) -> None:
    """A slip in one alarm's tags hides nothing of the others."""
    alarm = check("a", **ABOVE, ActionConfiguration={"AlarmTagsPropagation": {"Enabled": True}})
    point = "arn:aws:backup:eu-north-1:123456789012:recovery-point:5ce9b4a0-0000-4000-8000-000000000001"
    runbook = {"nightcrew:runbook": "restore-recovery-point", "nightcrew:param:vault": "Default"}
    tags = {arn("a"): {**runbook, "nightcrew:param:point": point}}
    told = covered(catalog, policy, alarm, check("b", **ABOVE), tags=tags)
    [found] = told.of("nearly")
    assert (found.standing.runbook, len(told.of("answered"))) == ("restore-recovery-point", 1)
    assert "where the run acts" in str(found.standing.missing)


def test_only_a_runbooks_own_are_told(catalog: Catalog, policy: Policy) -> None:
    """Those that it answers, and those that it nearly does."""
    told = covered(
        catalog,
        policy,
        check("a", **ABOVE),
        metric("b", "Shop", "Queue", {"Name": "x"}),
        only=["restart-ec2-instance"],
    )
    assert [each.standing.alarm for each in told.alarms] == ["a"]
