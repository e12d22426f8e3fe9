"""A secret that a run hands on, and what a terminal shows of that: every command that tells of runs, and every file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightcrew.authoring.catalog import ENTRY_POINTS
from tests.cli.cloud import REGION, Demo
from tests.cli.conftest import tables
from tests.cli.desk import typed

HIDDEN = "hunter2-in-the-vault"
PACKAGE = "secretive_shift"
SOURCE = '''"""Label a queue with what is kept in a vault, which nobody would do."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.kept import SecretRef, kept
from tests.queues import Queue

sqs = calls("sqs")


@runbook(
    family="restart",
    risk="low",
    by_hand=timedelta(minutes=1),
    permissions=["secretsmanager:GetSecretValue", "sqs:ListQueueTags", "sqs:TagQueue", "sqs:UntagQueue"],
    secret=["key"],
)
def label_queue(run: Run, queue: Queue, password: SecretRef) -> str:
    """Puts a label on the queue."""
    at = f"https://sqs.REGION.amazonaws.com/123456789012/{queue}"
    labels, off = sqs.list_queue_tags(QueueUrl=at), sqs.untag_queue(QueueUrl=at, TagKeys=["key"])
    run.change("label it", sqs.tag_queue(QueueUrl=at, Tags={"key": kept(password)}), undo=off)
    run.prove("it has the label", labels, lambda answer: "Tags" in answer, pick=lambda answer: answer)
    return f"labelled with {password}"
'''


@pytest.fixture(autouse=True)
def team_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Installed beside Nightcrew: a package with the runbook. Nothing of it stays."""
    record, place = tmp_path / "installed" / f"{PACKAGE}-1.dist-info", tmp_path / "installed" / PACKAGE
    record.mkdir(parents=True)
    place.mkdir()
    (record / "METADATA").write_text(f"Name: {PACKAGE}\nVersion: 1\n")
    (record / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nnight = {PACKAGE}\n")
    (place / "__init__.py").touch()
    (place / "label_queue.py").write_text(SOURCE.replace("REGION", REGION))
    monkeypatch.syspath_prepend(tmp_path / "installed")
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """By which somebody must agree."""
    file = tmp_path / "careful.yaml"
    file.write_text("rules:\n  - {when: {family: restart}, autonomy: approve}\n")
    return str(file)


@pytest.fixture
def given(demo: Demo, request: pytest.FixtureRequest) -> list[str]:
    """A queue of this test's own, and where the secret is kept."""
    name = f"nowhere-{request.node.name.replace('_', '-')}"[:60]
    demo.client("sqs").create_queue(QueueName=name)
    made = demo.client("secretsmanager").create_secret(Name=name, SecretString=HIDDEN)
    return ["--queue", name, "--password", str(made["ARN"])]


def url(queue: str) -> str:
    """The queue's address."""
    return f"https://sqs.{REGION}.amazonaws.com/123456789012/{queue}"


def files(under: Path) -> dict[str, str]:
    """All that was written on this machine."""
    found = (file for file in under.rglob("*") if file.is_file() and "installed" not in file.parts)
    return {str(file.relative_to(under)): file.read_bytes().decode(errors="replace") for file in found}


def said(*words: str, code: int = 0, **environment: Any) -> str:
    """What a command writes."""
    done = typed(*words, **environment)
    assert done.code == code, (words, done)
    return done.out + done.err


def test_no_command_and_no_file_has_the_secret(demo: Demo, given: list[str], policy: str, tmp_path: Path) -> None:
    """From the plan and the question to the digest and the evidence, in words and for programs."""
    demo_, reference = ["--demo", "--policy", policy], given[-1]
    shown = {"plan": said(*demo_, "run", "label-queue", *given, "--plan")}
    shown["plan --json"] = said(*demo_, "run", "label-queue", *given, "--plan", "--json")
    shown["run"] = said(*demo_, "run", "label-queue", *given, "--reason", "it is", "--json", code=6)
    run = str(json.loads(shown["run"])["run"])
    for words in ("approvals", "approvals --json", "history", f"show {run}"):
        shown[f"waiting: {words}"] = said("--demo", *words.split())
    shown["approve"] = said(*demo_, "approve", run, "--as", "bob")
    assert demo.client("sqs").list_queue_tags(QueueUrl=url(given[1]))["Tags"] == {"key": HIDDEN}
    arn = f"arn:aws:sqs:{REGION}:123456789012:{given[1]}"
    reading = [f"show {run}", f"show {run} --json", f"postmortem {run}", "history", f"recall --run {run} --json"]
    reading += ["search label", "stats", "digest", "verify", f"why {arn}", "follow-ups"]
    for words in reading:
        shown[words] = said("--demo", *words.split())
    shown["evidence"] = said("--demo", "evidence", "--since", "1d", "--out", str(tmp_path / "evidence"))
    shown |= files(tmp_path) | {name: str(table.items) for name, table in tables().items()}
    assert [name for name, text in shown.items() if HIDDEN in text] == []
    for name in ("plan --json", f"show {run}", f"show {run} --json", "nightcrew-ledger"):
        assert reference in shown[name], name
    assert any(reference in text for name, text in shown.items() if name.startswith("evidence/"))
    assert any(reference in text for name, text in shown.items() if "journal" in name)


def test_a_secret_itself_is_not_taken_and_not_said_back(
    given: list[str], policy: str, tmp_path: Path, cut: dict[str, Any]
) -> None:
    """Neither for a plan, nor for a run, nor under break-glass; and nothing of it stays."""
    place, wrong = ["--demo", "--policy", policy], ["run", "label-queue", *given[:2], "--password", HIDDEN]
    glass = ["--break-glass", "--yes", "--reason", "the Region is down"]
    words = [said(*place, *wrong, "--plan", code=2), said(*place, *wrong, code=2), said(*wrong, *glass, code=2, **cut)]
    for each in words:
        assert "it must say where the secret is kept, and not the secret" in each
    kept = dict(enumerate(words)) | files(tmp_path) | {name: str(table.items) for name, table in tables().items()}
    assert [name for name, text in kept.items() if HIDDEN in text] == []


def test_under_break_glass_nothing_on_this_machine_has_it(
    given: list[str], cut: dict[str, Any], tmp_path: Path, policy: str
) -> None:
    """Where ledger, state and journal are files."""
    Path(policy).write_text("rules:\n  - {when: {family: restart}, autonomy: auto}\n")
    options = ["--break-glass", "--yes", "--reason", "the Region is down"]
    words = said("--policy", policy, "run", "label-queue", *given, *options, **cut)
    assert "succeeded" in words
    kept = files(tmp_path)
    assert [name for name, text in {**kept, "said": words}.items() if HIDDEN in text] == []
    assert len([name for name, text in kept.items() if given[-1] in text]) >= 2
