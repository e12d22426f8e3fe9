"""``nightcrew coverage`` on the demo's fleet, as people and programs see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from nightcrew.aws.cloud import READING
from nightcrew.demo.embedded import IMAGE
from tests.cli.cloud import Demo
from tests.cli.desk import typed

INSTANCE = "i-0abc1234def567890"


@pytest.fixture
def alarmed(demo: Demo) -> Iterator[str]:
    """A demo whose cloud has an alarm that a runbook answers, one that none knows, and a managed instance, which is
    named, without any.
    """
    cloudwatch = demo.clients("cloudwatch", READING)
    for name, namespace, metric, dimension in (
        ("coverage-web-ill", "AWS/EC2", "StatusCheckFailed_Instance", "InstanceId"),
        ("coverage-queue-long", "Shop", "QueueLength", "Queue"),
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": dimension, "Value": INSTANCE}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=2,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="ignore",
        )
    ec2 = demo.clients("ec2", READING)
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.create_tags(Resources=[made], Tags=[{"Key": "nightcrew", "Value": "managed"}])
    yield made
    cloudwatch.delete_alarms(AlarmNames=["coverage-web-ill", "coverage-queue-long"])
    ec2.terminate_instances(InstanceIds=[made])


def test_what_is_answered_and_what_is_not(alarmed: str) -> None:
    """As JSON: the runbook and its resource, what policy lets it do, what is wrong, and what is lacking."""
    told = typed("--demo", "coverage", "--json").json
    alarms = {each["alarm"]: each for each in told["alarms"]}
    ill = alarms["coverage-web-ill"]
    assert (ill["kind"], ill["runbook"], ill["autonomy"]["level"]) == ("answered", "restart-ec2-instance", "auto")
    assert [each["mark"] for each in ill["marks"]] == ["no OK path"]
    assert alarms["coverage-queue-long"]["kind"] == "none"
    lacking = [each for each in told["lacking"] if each["resource"].endswith(alarmed)]
    assert "restart-ec2-instance" in {each["runbook"] for each in lacking}
    assert told["counts"]["lacking"] == len(told["lacking"])


@pytest.mark.parametrize("columns", [80, 120, None])
def test_people_see_it_in_tables(alarmed: str, columns: int | None) -> None:
    """As wide as the terminal; piped, a line for each alarm."""
    shown = typed("--demo", "coverage", columns=columns)
    assert shown.code == 0
    assert "coverage-web-ill" in shown.out
    assert "no OK path" in shown.out
    assert "stays in ALARM, cured or not" in " ".join(shown.out.split())
    assert alarmed in shown.out
    assert columns is None or shown.widest <= columns


def test_the_alarms_that_are_lacking_are_a_template(alarmed: str, tmp_path: Path) -> None:
    """In a file, or on stdout alone."""
    file = tmp_path / "alarms.yaml"
    asked = ("--demo", "coverage", "--runbook", "restart-ec2-instance", "--cloudformation")
    assert typed(*asked, str(file)).code == 0
    made = yaml.safe_load(file.read_text(encoding="utf-8"))
    dimensions = [each["Properties"]["Dimensions"] for each in made["Resources"].values()]
    assert [{"Name": "InstanceId", "Value": alarmed}] in dimensions
    assert yaml.safe_load(typed(*asked, "-").out) == made
    nowhere = typed(*asked, str(tmp_path / "no" / "folder.yaml"))
    assert (nowhere.code, "a file that can be written" in " ".join(nowhere.err.split())) == (2, True)


def test_nothing_lacking_is_no_template(alarmed: str, tmp_path: Path) -> None:
    """An empty one would take away what an earlier one made."""
    file = tmp_path / "alarms.yaml"
    del alarmed
    seen = typed("--demo", "coverage", "--runbook", "set-routing-control", "--cloudformation", str(file))
    assert seen.code == 2
    assert "nothing is lacking" in seen.err
    assert not file.exists()


@pytest.mark.parametrize("words", [("--runbook", "restart-ec2"), ("--since", "yesterday-ish")])
def test_what_is_not_allowed_says_what_is(demo: Demo, words: tuple[str, ...]) -> None:
    """A runbook that there is not, and a time that is none."""
    del demo
    place = ("--demo",) if words[0] == "--runbook" else ("--region", "eu-west-1")
    seen = typed(*place, "coverage", *words)
    assert seen.code == 2
    assert words[1] in seen.err
