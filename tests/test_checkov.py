"""What checkov must not say of the templates is written down, each with its reason."""

import re

import yaml

from tests.stack import ROOT, loaded

CONFIG = ROOT / ".checkov.yaml"
EXCEPTION = re.compile(r"  - (CKV2?_AWS_\d+)( # .+)?")


def test_each_exception_has_a_reason() -> None:
    """Beside it, in a sentence: what is checked, and why it does not hold here."""
    exceptions = [EXCEPTION.fullmatch(line) for line in CONFIG.read_text().splitlines() if line.startswith("  - ")]
    assert all(each is not None and each[2] and ": " in each[2] for each in exceptions)
    assert [each[1] for each in exceptions if each] == yaml.safe_load(CONFIG.read_text())["skip-check"]


def test_every_queue_is_encrypted_all_the_same() -> None:
    """That check knows keys only."""
    for file in ROOT.glob("template*.yaml"):
        queues = [each for each in loaded(file)["Resources"].values() if each["Type"] == "AWS::SQS::Queue"]
        assert queues
        assert all("SqsManagedSseEnabled" in queue["Properties"] for queue in queues)


def test_make_validate_runs_it_by_these() -> None:
    """Over each template, and without asking anybody for anything."""
    assert ".venv-checkov/bin/checkov --config-file .checkov.yaml" in (ROOT / "Makefile").read_text()
    assert yaml.safe_load(CONFIG.read_text())["skip-download"] is True
