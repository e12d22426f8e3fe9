"""Events beyond alarms on the stage: what they say comes true, and their runs end by their own proofs."""

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.aws.cloud import READING
from tests.demo.conftest import Build, Own, Told

RUNS = load("rules:\n  - when: {family: restart}\n    autonomy: auto\n")


@pytest.mark.parametrize(
    ("name", "runbook"), [("ec2-retirement", "move-ec2-instance"), ("ec2-instance-stopped", "start-ec2-instance")]
)
def test_what_the_event_says_comes_true_and_is_remedied(
    build: Build, own: Own, told: Told, name: str, runbook: str
) -> None:
    """No alarm goes off, and none is asked: *succeeded* is all that can be known."""
    stage = build(policy=RUNS)
    played = stage.event(own(name))
    assert (played.end, played.answer.runbook) == ("succeeded", runbook)
    assert [what["state"] for what in told.of("signal")] == ["EVENT"]
    assert stage.alarms.sounding == []
    resource = str(played.answer.resource)
    there = stage.estate.plain(resource)("ec2", READING)
    found = there.describe_instances(InstanceIds=[resource.rsplit("/", 1)[-1]])
    assert found["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"


def test_the_same_event_once_more_is_a_redelivery(build: Build, own: Own) -> None:
    stage = build(policy=RUNS)
    assert [stage.event(own("ec2-retirement")).end for _ in range(2)] == ["succeeded", "claim"]
