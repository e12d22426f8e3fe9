"""`nightcrew halt`: everything, a runbook or an account is stopped, and set free again."""

import pytest

from nightcrew.ledger.history import running
from tests.cli.cloud import Demo
from tests.cli.desk import typed

NAME = "restart-ec2-instance"


def test_nothing_is_halted(demo: Demo) -> None:
    del demo
    assert typed("--demo", "halt").out == "Nothing is halted.\n"
    assert typed("--demo", "halt", "--json").json == []


def test_a_halt_refuses_the_next_start_and_lifting_lets_it_run(demo: Demo) -> None:
    instance = demo.instance()
    halted = typed("--demo", "halt", "--reason", "change freeze", "--as", "ada")
    assert halted.code == 0
    assert "everything is halted" in halted.out
    refused = typed("--demo", "run", NAME, "--instance-id", instance)
    assert refused.code == 3
    assert "everything is halted by" in refused.out
    assert "change freeze" in refused.out
    assert typed("--demo", "halt", "--lift").out == "everything is free again\n"
    assert typed("--demo", "run", NAME, "--instance-id", instance).code == 0
    assert running(demo.store) == []


@pytest.mark.parametrize("columns", [80, 120])
def test_what_is_halted_is_listed_with_who_and_why(demo: Demo, columns: int) -> None:
    del demo
    assert typed("--demo", "halt", "--runbook", NAME, "--reason", "it loops").code == 0
    assert typed("--demo", "halt", "--account", "210987654321", "--reason", "audit", "--as", "ada").code == 0
    shown = typed("--demo", "halt", columns=columns)
    assert shown.widest <= columns
    for words in (f"runbook {NAME}", "account 210987654321", "it loops", "audit", "user/ada"):
        assert words in shown.out
    told = typed("--demo", "halt", "--json").json
    assert {(each["what"], each["name"]) for each in told} == {("runbook", NAME), ("account", "210987654321")}
    assert typed("--demo", "halt", "--lift", "--runbook", NAME, "--json").json == [told[0]]


def test_a_halt_of_another_runbook_stops_nothing_here(demo: Demo) -> None:
    assert typed("--demo", "halt", "--runbook", "fail-over-aurora-cluster", "--reason", "x").code == 0
    assert typed("--demo", "run", NAME, "--instance-id", demo.instance()).code == 0


def test_lifting_what_is_not_halted_changes_nothing(demo: Demo) -> None:
    del demo
    lifted = typed("--demo", "halt", "--lift")
    assert (lifted.code, lifted.out) == (0, "everything was not halted\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--runbook", NAME], "--reason is missing"),
        (["--runbook", "restart-ec2-instanc", "--reason", "x"], f"did you mean {NAME}?"),
        (["--account", "prod", "--reason", "x"], "12 digits"),
        (["--runbook", NAME, "--account", "123456789012", "--reason", "x"], "one at a time"),
        (["--lift", "--reason", "x"], "cannot be given together"),
        (["--reason", " "], "say why"),
    ],
)
def test_what_is_wrong_halts_nothing(demo: Demo, words: list[str], said: str) -> None:
    del demo
    result = typed("--demo", "halt", *words)
    assert result.code == 2
    assert said in result.err
    assert typed("--demo", "halt", "--json").json == []
