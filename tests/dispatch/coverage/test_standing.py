"""What would answer an alarm, and what is missing."""

from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.admission.settings import Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.coverage.coverage import Coverage, coverage
from tests.dispatch.backtest.histories import arn, check, history

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


def test_a_query_is_answered_by_its_series(catalog: Catalog, policy: Policy) -> None:
    """What it groups by are the dimensions of each contributor."""
    query = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
    alarm = {
        "AlarmName": "fleet",
        "AlarmArn": arn("fleet"),
        "StateValue": "OK",
        "Metrics": [{"Id": "q1", "Expression": query, "ReturnData": True}],
        **ABOVE,
    }
    [found] = covered(catalog, policy, alarm).alarms
    assert found.standing.kind == "nearly"
    assert found.standing.runbook == "restart-ec2-instance"


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
    runbook = {"nightcrew:runbook": "drill-recovery-point", "nightcrew:param:vault": "Default"}
    tags = {arn("a"): {**runbook, "nightcrew:param:point": point}}
    told = covered(catalog, policy, alarm, check("b", **ABOVE), tags=tags)
    [found] = told.of("nearly")
    assert (found.standing.runbook, len(told.of("answered"))) == ("drill-recovery-point", 1)
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
