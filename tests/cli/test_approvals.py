"""`nightcrew approvals`, `approve` and `decline`: a run that waits for a person, and what follows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.approvals import decide, find
from nightcrew.cli.output import Output
from nightcrew.clock import SystemClock
from nightcrew.demo import served
from nightcrew.demo.embedded import IMAGE
from nightcrew.ledger.history import entries, running
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import Demo
from tests.cli.desk import Seen, typed

NAME = "restart-ec2-instance"


@pytest.fixture
def careful(tmp_path: Path) -> str:
    """A policy by which two people must agree on a restart."""
    file = tmp_path / "careful.yaml"
    file.write_text(
        f"rules:\n  - when: {{runbook: {NAME}}}\n    autonomy: approve\n"
        "  - when: {family: scale-out}\n    autonomy: approve\n",
        encoding="utf-8",
    )
    return str(file)


def asked(demo: Demo, policy: str, *words: str, instance: str | None = None) -> Seen:
    """A run that asks for an approval."""
    given = ["--instance-id", instance or demo.instance(), "--reason", "it hangs", *words]
    return typed("--demo", "--policy", policy, "run", NAME, *given)


def waits(demo: Demo, policy: str, instance: str | None = None) -> str:
    """Its id."""
    told: Any = asked(demo, policy, "--json", instance=instance).json
    return str(told["run"])


def test_a_run_that_wants_an_approval_stops_there_and_says_so(demo: Demo, careful: str) -> None:
    """Its time to approve is not skipped: it waits, exits with 6, and nothing was changed."""
    result = asked(demo, careful)
    assert result.code == 6
    assert "waiting for approval" in result.out
    (run,) = [row.run for row in running(demo.store)]
    assert result.out.splitlines()[-1] == f"  nightcrew --demo --policy {careful} approve {run}"
    assert [entry.kind for entry in entries(demo.store, run)] == ["opening", "wait"]


def test_a_run_that_waits_can_be_looked_at_again(demo: Demo, careful: str) -> None:
    """`resume` finds it waiting, and does not skip its time."""
    run = waits(demo, careful)
    assert typed("--demo", "resume", run).code == 6
    assert running(demo.store)


@pytest.mark.parametrize("columns", [80, 120])
def test_approvals_show_what_waits_and_what_it_would_do(demo: Demo, careful: str, columns: int) -> None:
    instance = demo.instance()
    run = waits(demo, careful, instance)
    shown = typed("--demo", "approvals", columns=columns)
    assert shown.widest <= columns or f"approve {run}" in max(shown.out.splitlines(), key=len)
    for words in (run, NAME, instance, "user/", "in 29 min", "ec2:StopInstances", "stop it", "start it"):
        assert words in shown.out
    (told,) = typed("--demo", "approvals", "--json").json
    assert (told["run"], told["resource"]) == (run, demo.arn(instance))
    assert [line["title"] for line in told["lines"]] == ["stop it", "start it"]


def test_nothing_waits(demo: Demo) -> None:
    del demo
    assert typed("--demo", "approvals").out == "Nothing waits for an approval.\n"
    assert typed("--demo", "approvals", "--json").json == []


def test_the_requester_cannot_approve(demo: Demo, careful: str) -> None:
    """It is refused with words, and the run waits on."""
    run = waits(demo, careful)
    result = typed("--demo", "approve", run)
    assert result.code == 3
    assert "another person must approve" in result.err
    assert f"approve {run} --as NAME" in result.out
    assert [row.run for row in running(demo.store)] == [run]


def test_an_approval_shows_the_plan_and_carries_the_run_on(demo: Demo, careful: str) -> None:
    """The plan, its hash, the history and the deadline come first; then the run goes on to its end."""
    instance = demo.instance()
    run = waits(demo, careful, instance)
    question = find(demo.store, run)
    assert question is not None
    result = typed("--demo", "approve", run, "--as", "bob", columns=120)
    assert result.code == 0
    for words in (
        question.hash[:12],
        "it hangs",
        "deadline",
        "ec2:StopInstances",
        "lately",
        "approved by",
        "succeeded",
    ):
        assert words in result.out
    assert result.widest <= 120
    assert running(demo.store) == []
    assert "user/bob" in str([entry.body for entry in entries(demo.store, run)])


def test_deciding_twice_or_on_another_plan_is_a_clear_error(demo: Demo, careful: str) -> None:
    run = waits(demo, careful)
    other = typed("--demo", "approve", run, "--as", "bob", "--plan", "0123")
    assert other.code == 2
    assert "look at it again" in other.err
    plan = typed("--demo", "approvals", "--json").json[0]["hash"][:8]
    assert typed("--demo", "approve", run, "--as", "bob", "--plan", plan).code == 0
    twice = typed("--demo", "decline", run, "--reason", "no", "--as", "eve")
    assert twice.code == 3
    assert "was approved already" in twice.err
    late = typed("--demo", "approve", run, "--as", "eve")
    assert late.code == 3
    assert typed("--demo", "approve", "20260101-000000-nobody").code == 2


def test_declined_is_declined_and_nothing_is_changed(demo: Demo, careful: str) -> None:
    run = waits(demo, careful)
    result = typed("--demo", "decline", run, "--reason", "not at noon", "--as", "bob", "--json")
    assert result.code == 0
    assert (result.json["outcome"], result.json["decided"]["reason"]) == ("declined", "not at noon")
    closing = entries(demo.store, run)[-1].body
    assert "not at noon" in closing["words"]
    assert closing["changes"] == 0
    assert typed("--demo", "decline", run, "--as", "bob").code == 2


def test_what_is_gone_when_it_is_approved_is_not_applicable(demo: Demo, careful: str) -> None:
    """The instance was terminated meanwhile: the plan is made again, and nothing is left to do."""
    instance = demo.instance()
    run = waits(demo, careful, instance)
    demo.client("ec2").terminate_instances(InstanceIds=[instance])
    assert typed("--demo", "approve", run, "--as", "bob").code == 4
    assert running(demo.store) == []


def test_a_world_that_moved_is_asked_about_again_with_the_difference(demo: Demo, careful: str) -> None:
    """The group wants more than it did: the plan is another one, and the approver sees what changed."""
    ec2, groups = demo.client("ec2"), demo.client("autoscaling")
    image = {"ImageId": IMAGE, "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="moved", LaunchTemplateData=image)
    groups.create_auto_scaling_group(
        AutoScalingGroupName="moved",
        MinSize=1,
        MaxSize=8,
        DesiredCapacity=2,
        AvailabilityZones=["eu-central-1a"],
        LaunchTemplate={"LaunchTemplateName": "moved"},
    )
    policy = ["--demo", "--policy", careful]
    run = typed(*policy, "run", "scale-out-auto-scaling-group", "--group", "moved", "--json").json["run"]
    groups.set_desired_capacity(AutoScalingGroupName="moved", DesiredCapacity=3)
    again = typed("--demo", "approve", run, "--as", "bob", "--json")
    assert (again.code, again.json["outcome"]) == (6, "waiting")
    (told,) = typed("--demo", "approvals", "--json").json
    assert told["seen"] == ["no longer: raise it from 2 to 3", "new: raise it from 3 to 4"]
    result = typed("--demo", "approve", run, "--as", "bob")
    assert result.code == 0
    assert "What changed since people looked at it" in result.out
    assert "no longer: raise it from 2 to 3" in result.out
    assert running(demo.store) == []


def test_where_two_must_approve_one_is_not_enough(demo: Demo, careful: str) -> None:
    """The first approval is kept, and counts once; the second one lets the run go on."""
    run = waits(demo, careful)
    demo.store.transact([Piece(table="state", key={"key": f"approval#{run}"}, gate="", sets={"wanted": 2})])
    first = typed("--demo", "approve", run, "--as", "bob", "--json")
    assert (first.code, first.json["outcome"]) == (6, "waiting")
    again = typed("--demo", "approve", run, "--as", "bob")
    assert (again.code, "another person must approve too" in again.err) == (3, True)
    assert "1 of 2 have approved" in typed("--demo", "approvals").out
    assert typed("--demo", "approve", run, "--as", "eve").code == 0
    assert running(demo.store) == []


def test_an_approval_that_comes_late_is_refused_and_the_run_counts_as_declined(demo: Demo, careful: str) -> None:
    run = waits(demo, careful)
    served.moved(timedelta(minutes=40).total_seconds())
    late = typed("--demo", "approve", run, "--as", "bob")
    assert (late.code, "its time was over" in late.err) == (3, True)
    assert typed("--demo", "approvals", "--json").json == []
    resumed = typed("--demo", "resume", run)
    assert resumed.code == 5
    assert "nobody approved it" in resumed.out


def test_an_answer_that_did_not_arrive_is_sent_again(demo: Demo, careful: str) -> None:
    """Whoever approved died right after it was written: approving once more carries the run on."""
    run = waits(demo, careful)
    bob = "arn:aws:iam::123456789012:user/bob"
    decide(demo.store, run, by=bob, approve=True, now=SystemClock().now())
    assert typed("--demo", "approve", run, "--as", "bob").code == 0
    assert running(demo.store) == []


def test_on_a_terminal_it_asks_and_a_no_decides_nothing(
    demo: Demo, careful: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan was shown before; the run waits on."""
    run = waits(demo, careful)
    monkeypatch.setattr(Output, "live", property(lambda output: True))
    result = typed("--demo", "approve", run, "--as", "bob", given="n\n")
    assert result.code == 6
    assert "Nothing was decided" in result.out
    assert [row.run for row in running(demo.store)] == [run]
    asked = find(demo.store, run)
    assert asked is not None
    assert asked.decided is None
