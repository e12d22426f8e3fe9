"""`nightcrew run`: by hand, in the demo that is served; and plans, there and in the caller's own account."""

import signal
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import IMAGE
from nightcrew.ledger.history import entries, history, running
from tests.cli.cloud import Demo
from tests.cli.desk import process, seen, typed

NAME = "restart-ec2-instance"


def status(client: Any, instance: str) -> str:
    """What the instance is doing."""
    found = client.describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def launched(client: Any, instance: str) -> str:
    """Why its state changed last: empty while nobody stopped it."""
    found = client.describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0].get("StateTransitionReason", ""))


@pytest.fixture
def mine(clients: ClientMaker) -> tuple[Any, str]:
    """An EC2 client of the account that the caller's configuration leads to, and an instance there."""
    client = clients("ec2", READING)
    made = client.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
    return client, str(made["Instances"][0]["InstanceId"])


def test_a_run_shows_its_steps_and_ends_well(demo: Demo) -> None:
    """Plain lines without a terminal; what to look at next is the last of them."""
    result = typed("--demo", "run", NAME, "--instance-id", demo.instance())
    assert result.code == 0
    assert result.err == ""
    for words in ("find the instance", "stop it", "start it", "both status checks pass", "succeeded"):
        assert words in result.out
    assert "\x1b" not in result.out
    assert "nightcrew --demo show 20" in result.out.splitlines()[-1]


def test_who_asked_and_why_stand_in_the_ledger(demo: Demo) -> None:
    result = typed("--demo", "run", NAME, "--instance-id", demo.instance(), "--reason", "hangs", "--json", USER="ada")
    opening = entries(demo.store, result.json["run"])[0].body
    assert opening["reason"] == "hangs"
    assert opening["by"] == "person"
    assert opening["actor"].startswith("arn:aws:iam::123456789012:user/")


def test_json_is_one_document_with_the_outcome(demo: Demo) -> None:
    instance = demo.instance()
    result = typed("--demo", "run", NAME, "--instance-id", instance, "--json")
    assert result.code == 0
    assert result.json["outcome"] == "succeeded"
    assert result.json["resource"] == demo.arn(instance)
    assert instance in result.json["words"]


def test_a_refusal_names_gate_and_until_and_exits_with_3(demo: Demo) -> None:
    """The resource was changed just now."""
    words = ["--demo", "run", NAME, "--instance-id", demo.instance()]
    assert typed(*words).code == 0
    refused = typed(*words)
    assert refused.code == 3
    assert "cool-down" in refused.out
    assert "until" in refused.out
    told = typed(*words, "--json")
    assert told.code == 3
    assert (told.json["outcome"], told.json["gate"]) == ("refused", "cool-down")
    assert told.json["figures"]["cool_down_seconds"] == 900


def test_what_does_not_exist_is_not_applicable_and_exits_with_4(demo: Demo) -> None:
    """The read that found out is told."""
    result = typed("--demo", "run", NAME, "--instance-id", "i-0123456789abcdef0")
    assert result.code == 4
    assert "find the instance" in result.out
    assert "does not exist" in result.out
    assert [run["outcome"] for run in typed("--demo", "history", "--json").json["runs"]] == ["not_applicable"]
    del demo


def test_a_wrong_parameter_starts_nothing(demo: Demo) -> None:
    result = typed("--demo", "run", NAME, "--instance-id", "web-1")
    assert result.code == 2
    assert running(demo.store) == []
    assert typed("--demo", "history", "--json").json["runs"] == []


def test_a_plan_in_the_account_reads_and_changes_nothing(mine: tuple[Any, str]) -> None:
    """With the caller's ordinary configuration, and without tables."""
    client, instance = mine
    result = typed("--region", "eu-west-1", "run", NAME, "--instance-id", instance, "--plan")
    assert result.code == 0
    assert "2 changes would be made; nothing was changed" in result.out
    assert f"ec2:StopInstances InstanceIds=[{instance}]" in result.out
    assert "undo: wait until it can be started; start it again" in result.out
    assert status(client, instance) == "running"
    assert launched(client, instance) == ""


def test_a_plan_as_json_has_the_exact_parameters_and_the_hash(mine: tuple[Any, str]) -> None:
    _, instance = mine
    result = typed("--region", "eu-west-1", "run", NAME, "--instance-id", instance, "--plan", "--json")
    changes = [line for line in result.json["lines"] if line["verb"] == "change"]
    assert [line["parameters"] for line in changes] == [{"InstanceIds": [instance]}] * 2
    assert len(result.json["hash"]) == 64
    assert result.json["resource"] == f"arn:aws:ec2:eu-west-1:123456789012:instance/{instance}"


def test_a_plan_for_what_does_not_exist_exits_with_4(cloud: None) -> None:
    del cloud
    result = typed("--region", "eu-west-1", "run", NAME, "--instance-id", "i-0123456789abcdef0", "--plan")
    assert result.code == 4
    assert "nothing was changed" in result.out


def test_a_plan_in_the_demo_leaves_no_trace(demo: Demo) -> None:
    instance = demo.instance()
    assert typed("--demo", "run", NAME, "--instance-id", instance, "--plan").code == 0
    assert status(demo.client("ec2"), instance) == "running"
    assert typed("--demo", "history", "--json").json == {"running": [], "runs": [], "after": None}


def test_a_run_beside_it_is_refused_and_a_reader_that_leaves_does_not_stop_it(
    demo: Demo,
) -> None:
    """Two terminals, one instance: its lock holds. In the first, `| head -1`: the pipe is closed in the middle of the
    run, which is carried to its end.
    """
    instance = demo.instance()
    demo.stall.on("Action=StopInstances")
    child = process("--demo", "run", NAME, "--instance-id", instance)
    assert child.stdout is not None
    child.stdout.readline()
    assert demo.stall.reached.wait(30)
    child.stdout.close()
    refused = typed("--demo", "run", NAME, "--instance-id", instance, "--json")
    demo.stall.off()
    assert child.wait(60) == 0
    assert child.stderr is not None
    assert child.stderr.read() == ""
    child.stderr.close()
    assert (refused.code, refused.json["gate"]) == (3, "lock")
    ended = {run["run"]: run["outcome"] for run in typed("--demo", "history", "--json").json["runs"]}
    assert ended.pop(refused.json["run"]) == "succeeded"
    assert set(ended.values()) <= {"refused"}


def test_ctrl_c_says_how_to_go_on_and_ends_at_once(demo: Demo) -> None:
    """The process is caught while AWS has its request; `resume` finds what it left without being told, sees what came
    of the request, and goes on. No change is made twice without the ledger saying so, and the chain is whole.
    """
    instance = demo.instance()
    demo.stall.on("Action=StartInstances")
    child = process("--demo", "run", NAME, "--instance-id", instance)
    assert demo.stall.reached.wait(30)
    child.send_signal(signal.SIGINT)
    interrupted = seen(child, 10)
    demo.stall.off()
    (run,) = [row.run for row in running(demo.store)]
    assert interrupted.code == 130
    assert f"nightcrew --demo resume {run}" in interrupted.err
    assert "Traceback" not in interrupted.err
    resumed = typed("--demo", "resume", "--json")
    assert resumed.code == 0
    assert [(each["run"], each["outcome"]) for each in resumed.json] == [(run, "succeeded")]
    facts = [fact for entry in entries(demo.store, run) for fact in entry.body.get("facts", ()) if "changed" in fact]
    assert [fact["changed"] for fact in facts] == ["stop it", "start it"]
    assert facts[1]["how"].startswith("looked")
    assert status(demo.client("ec2"), instance) == "running"
    assert typed("--demo", "verify", run).code == 0
    assert running(demo.store) == []


def test_waits_that_were_skipped_are_not_in_the_next_commands_future(demo: Demo) -> None:
    """A long wait passes at once; the ledger's times still only go forward from one command to the next."""
    first, second = demo.instance(), demo.instance()
    runs = [typed("--demo", "run", NAME, "--instance-id", each, "--json").json["run"] for each in (first, second)]
    ends = [entries(demo.store, run) for run in runs]
    assert ends[0][-1].at <= ends[1][0].at
    page = history(demo.store, now=ends[1][-1].at)
    assert [row.run for row in page.rows] == list(reversed(runs))
