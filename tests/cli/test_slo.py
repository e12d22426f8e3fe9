"""``nightcrew slo`` on the demo's own objective."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from nightcrew.aws.cloud import READING
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.demo.objectives import ObjectiveBackend, have_objective, objective_backends
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed

NAME = "checkout-commits"


@pytest.fixture
def shop(demo: Demo) -> Iterator[ObjectiveBackend]:
    """A demo whose objective lost half an hour, a day ago."""
    now = SkippingClock().now()
    have_objective(ACCOUNT, REGION, now)
    demo.clients("cloudwatch", READING).put_metric_alarm(
        AlarmName="slo-writer-slow",
        Namespace="AWS/RDS",
        MetricName="CommitLatency",
        Dimensions=[{"Name": "DBClusterIdentifier", "Value": "checkout-db"}, {"Name": "Role", "Value": "WRITER"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.05,
        ComparisonOperator="GreaterThanThreshold",
    )
    backend = objective_backends[ACCOUNT][REGION]
    backend.began("slo-writer-slow", now - timedelta(days=1))
    backend.ended("slo-writer-slow", now - timedelta(days=1) + timedelta(minutes=30))
    yield backend
    backend.spells.clear()
    backend.objectives.clear()
    demo.clients("cloudwatch", READING).delete_alarms(AlarmNames=["slo-writer-slow"])


def test_what_is_left_and_what_follows(shop: ObjectiveBackend) -> None:
    """As JSON: half an hour of 3 h 22 min is spent; policy's limit does not hold yet; nothing was given back."""
    del shop
    [told] = typed("--demo", "slo", "--json").json["objectives"]
    assert (told["name"], told["total"], told["remaining"]) == (NAME, 12096, 12096 - 1800)
    assert told["limits"] == [
        {"because": f"error_budgets[0] ({NAME})", "below": 20, "autonomy": "approve", "holds": False}
    ]
    assert told["gave_back"]["runs"] == 0


@pytest.mark.parametrize("columns", [80, 120, None])
def test_people_see_it_in_a_table(shop: ObjectiveBackend, columns: int | None) -> None:
    """As wide as the terminal."""
    del shop
    shown = typed("--demo", "slo", columns=columns)
    assert shown.code == 0
    assert NAME in shown.out
    assert "85 %" in shown.out
    assert columns is None or shown.widest <= columns


def test_a_low_budget_says_which_limit_holds(shop: ObjectiveBackend) -> None:
    """What runs less by itself now, and by which line."""
    now = SkippingClock().now()
    shop.began("slo-writer-slow", now - timedelta(hours=3))
    shop.ended("slo-writer-slow", now)
    shown = typed("--demo", "slo")
    assert f"so at most approve (error_budgets[0] ({NAME}))" in shown.out


def test_its_alarms_are_a_template(shop: ObjectiveBackend, tmp_path: Path) -> None:
    """And the windows are named that the objective does not keep yet."""
    del shop
    file = tmp_path / "burns.yaml"
    seen = typed("--demo", "slo", "--cloudformation", str(file))
    assert seen.code == 0
    kinds = [each["Type"] for each in yaml.safe_load(file.read_text(encoding="utf-8"))["Resources"].values()]
    assert kinds.count("AWS::CloudWatch::CompositeAlarm") == 2
    assert f"{NAME} keeps no burn rate over 5, 30, 360 minutes yet" in " ".join(seen.err.split())
    assert f"aws cloudformation deploy --template-file {file} --stack-name nightcrew-burn-alarms" in seen.out + seen.err


def test_no_objective_is_no_template(demo: Demo, tmp_path: Path) -> None:
    """An empty one would take away what an earlier one made."""
    del demo
    file = tmp_path / "burns.yaml"
    seen = typed("--demo", "slo", "--cloudformation", str(file))
    assert (seen.code, file.exists()) == (2, False)
    assert "there is no objective" in seen.err


def test_an_objective_that_there_is_not_is_named(shop: ObjectiveBackend) -> None:
    """With what is allowed."""
    del shop
    seen = typed("--demo", "slo", "checkout-comits")
    assert seen.code == 2
    assert "checkout-comits" in seen.err


def test_a_region_without_any_says_so(demo: Demo) -> None:
    """And is no error."""
    del demo
    shown = typed("--demo", "slo")
    assert (shown.code, "There is no service level objective" in shown.out) == (0, True)
