"""`nightcrew evidence`: what an auditor asks for, and whether it is as it was."""

import csv
import io
import json
from pathlib import Path

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import StoppedClock, SystemClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.dispatch.break_glass import files
from nightcrew.knowledge.evidence import artifact
from nightcrew.ledger.canonical import canonical
from nightcrew.ledger.disk import DiskStore
from tests.cli.deployed import NAME as STACK
from tests.cli.deployed import Deployed
from tests.cli.desk import Seen, typed
from tests.cli.rights import refused
from tests.ledger.days import Days


def gathered(out: Path, *more: str) -> Seen:
    return typed("--demo", "evidence", "--since", "1h", "--out", str(out), *more)


def test_evidence_is_written_and_is_as_it_was(night: dict[str, str], tmp_path: Path) -> None:
    """What was made tells the hash that must be kept elsewhere, and how to check it."""
    made = gathered(tmp_path / "e")
    assert made.code == 0, made.err
    first, second, *_, hint = made.out.splitlines()
    assert first.endswith("e: 2 runs, 2 changes, 1 refusal, 0 approvals, 1 policy version, 0 versions of lessons")
    assert second == "✓ consistent: 3 runs and refusals, 9 entries"
    checked = typed(*hint.split()[1:])
    assert (checked.code, checked.out) == (0, "✓ as it was: 12 files\n")
    assert night["succeeded"] in (tmp_path / "e" / "runs.csv").read_text()
    changes = list(csv.DictReader(io.StringIO((tmp_path / "e" / "changes.csv").read_text())))
    assert [(row["run"], row["title"], row["call"], row["result"]) for row in changes] == [
        (night["succeeded"], "stop it", "ec2:StopInstances", "made"),
        (night["succeeded"], "start it", "ec2:StartInstances", "made"),
    ]
    assert changes[0]["parameters"] == canonical({"InstanceIds": [night["instance"]]})


def test_evidence_names_the_line_that_was_touched(night: dict[str, str], tmp_path: Path) -> None:
    """And exits with 1; where the manifest was written anew, the expected hash tells."""
    del night
    made = gathered(tmp_path / "e", "--json").json
    file = tmp_path / "e" / "runs.csv"
    file.write_text(file.read_text().replace("succeeded", "cured"))
    told = typed("evidence", "--check", str(tmp_path / "e"))
    assert (told.code, told.out) == (1, "✗ runs.csv, line 2: was edited\n")
    manifest = tmp_path / "e" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"form": 1', '"form":  1'))
    told = typed("evidence", "--check", str(tmp_path / "e"), "--expect", made["sha256"], "--json")
    assert told.code == 1
    assert [(each["file"], each["line"]) for each in told.json["touched"]] == [("manifest.json", None), ("runs.csv", 2)]


def test_evidence_can_be_verified_without_the_demo(night: dict[str, str], tmp_path: Path) -> None:
    del night
    gathered(tmp_path / "e")
    assert typed("verify", "--export", str(tmp_path / "e")).out == "✓ consistent: 3 runs and refusals, 9 entries\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "1h"), "--out"),
        (("--out", "e"), "--since"),
        (("--since", "1h", "--until", "2h", "--out", "e"), "--until"),
        (("--since", "2020-01-01", "--until", "2090-01-01", "--out", "e"), "a time that has come"),
        (("--since", "2090-01-01", "--out", "e"), "--since: '2090-01-01'"),
        (("--since", "1h", "--until", "soon", "--out", "e"), "--until: 'soon'"),
        (("--since", "1h", "--out", "e", "--expect", "0"), "--expect is for --check"),
        (("--check", "."), "--check: '.'"),
        (("--check", ".", "--out", "e"), "--expect alone"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    night: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    del night
    monkeypatch.chdir(tmp_path)
    seen = typed("--demo", "evidence", *words)
    assert seen.code == 2
    assert told in seen.err
    assert not (tmp_path / "e").exists()


def test_a_viewer_gathers_evidence_of_a_stack(deployed: Deployed, tmp_path: Path) -> None:
    """With the policy's text. AWS Artifact's list takes a right of its own; where it cannot be had, that is noted."""
    eve = deployed.person("evidence-eve")
    seen = typed("--stack", STACK, "evidence", "--since", "1d", "--out", str(tmp_path / "e"), **eve)
    assert seen.code == 0, seen.err
    assert (tmp_path / "e" / "policy.yaml").read_text() == "rules: []"
    noted = json.loads((tmp_path / "e" / "aws-artifact.json").read_text())
    assert noted["reports"] is None
    assert "ListReports" in noted["trouble"]
    needs = refused(["ViewerAccess"], deployed.executor.requests.of(eve))
    assert {each.action.split(":")[0] for each in needs} == {"artifact"}


def test_what_break_glass_keeps_can_be_gathered(tmp_path: Path, state: Path) -> None:
    """On the laptop, before it is uploaded."""
    del state
    entries, _ = files(tmp_path)
    days = Days(DiskStore(entries), StoppedClock(SystemClock().now()))
    days.ran("20261121-030000-aaaaaa")
    made = typed("--files", str(tmp_path), "evidence", "--since", "1h", "--out", str(tmp_path / "e"), "--json")
    assert made.code == 0, made.err
    assert (made.json["runs"], made.json["verification"]["verdict"]) == (1, "consistent")


def test_the_list_of_aws_artifact_is_attached(scripted: Scripted, clients: ClientMaker) -> None:
    """AWS Artifact API reference, ListReports: page by page; what is denied is said, and no error."""
    del clients
    scripted.reset()
    client = scripted("artifact", READING)
    soc = {"id": "report-1", "version": 3, "name": "SOC 2", "state": "PUBLISHED", "description": "long"}
    iso = {"id": "report-2", "version": 1, "name": "ISO 27001", "state": "PUBLISHED"}
    scripted.answer("artifact", "ListReports", {"reports": [soc], "nextToken": "2"}, {"reports": [iso]})
    found = artifact.reports(client)
    assert [row["name"] for row in found["reports"]] == ["ISO 27001", "SOC 2"]
    assert found["reports"][1] == {"id": "report-1", "version": 3, "name": "SOC 2", "state": "PUBLISHED"}
    scripted.answer("artifact", "ListReports", Refusal("AccessDeniedException", "not you", status=403))
    assert "not you" in artifact.reports(client)["trouble"]
