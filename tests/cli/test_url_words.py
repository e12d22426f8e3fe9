"""`nightcrew --url` says what the same command says with a stack: to programs and to people."""

import json
from pathlib import Path
from typing import Any

from nightcrew.ledger.history import entries
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import Seen, typed
from tests.cli.gateway import Gateway
from tests.cli.over_url import RUNBOOK, Person, asked, person, started

__all__ = ["person"]

SHORTLY = ("--since", "2d")
"""Days that few requests count; that the usual ones are the same here and there, the first test says."""


def test_its_json_is_what_the_same_command_says_with_a_stack(
    deployed: Deployed, gateway: Gateway, person: Person
) -> None:
    """Of each command that only looks, once something happened."""
    ada = person("ada")
    run = started(gateway, ada, deployed, "--json").json["run"]
    asked(gateway, ada, "learn", run, "look", "at", "the", "disk")
    asked(gateway, ada, "halt", "--reason", "look first", "--runbook", RUNBOOK)
    for words in (
        ("history",),
        ("history", "--runbook", RUNBOOK, "--outcome", "succeeded", "--since", "1h"),
        ("approvals",),
        ("halt",),
        ("learn", "--list"),
        ("learn", "--list", run),
        ("recall", "--run", run),
        ("search", "disk"),
        ("stats",),
        ("why", str(entries(deployed.demo.store, run)[0].body["resource"])),
    ):
        through = asked(gateway, ada, *words, "--json").json
        there = typed("--stack", NAME, *words, "--json", **ada).json
        for each in (through, there):
            if isinstance(each, dict):
                each.pop("searched", None)
                for stands in each.get("now", ()):
                    stands.pop("words")  # they say how long ago something was
        assert through == there, words
    told, shown = asked(gateway, ada, "show", run, "--json").json, typed("--stack", NAME, "show", run, "--json", **ada)
    assert {name: told[name] for name in shown.json} == shown.json


def test_people_see_the_same_things_in_words(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    ada = person("ada")
    run = started(gateway, ada, deployed, "--json").json["run"]
    asked(gateway, ada, "learn", run, "look at the disk")
    for words, told in (
        (("history",), "succeeded"),
        (("recall", "--run", run), "What people learned"),
        (("search", "disk"), "lesson"),
        (("halt",), "Nothing is halted."),
        (("approvals",), "Nothing waits for an approval."),
        (("learn", "--list"), "look at the disk"),
    ):
        assert told in asked(gateway, ada, *words).out, words
    page = asked(gateway, ada, "show", run).out
    assert "look at the disk" in page
    assert "consistent" in page
    assert page.count("\n") > 10


def test_tables_and_pages_are_the_same_words_as_with_a_stack(
    deployed: Deployed, gateway: Gateway, person: Person, tmp_path: Path
) -> None:
    """Once something was done, and something is in the way."""
    ada = person("ada")
    run = started(gateway, ada, deployed, "--json").json["run"]
    resource = str(entries(deployed.demo.store, run)[0].body["resource"])
    asked(gateway, ada, "run", RUNBOOK, "--instance-id", resource.split("/")[1], code=3)
    asked(gateway, ada, "halt", "--reason", "look first", "--runbook", RUNBOOK)
    for words in (
        ("runbooks",),
        ("runbooks", RUNBOOK),
        ("runbooks", "run-ssm-automation"),
        ("stats", "--by", "week", *SHORTLY),
        ("stats", "--csv", *SHORTLY),
        ("why", resource),
        ("why", "no such alarm"),
    ):
        through, there = asked(gateway, ada, *words), typed("--stack", NAME, *words, **ada)
        assert told(through, f"--url {gateway.url}") == told(there, f"--stack {NAME}"), words
        assert len(told(there, "")) > 0
    asked(gateway, ada, "stats", *SHORTLY, "--svg", str(tmp_path / "weeks.svg"))
    assert "<svg" in (tmp_path / "weeks.svg").read_text(encoding="utf-8")


def test_an_answer_may_have_more_than_this_command_knows(deployed: Deployed, gateway: Gateway, person: Person) -> None:
    """A later installation's: what is known of it is shown."""
    ada = person("ada")
    started(gateway, ada, deployed, "--json")
    for words in (("stats", *SHORTLY), ("why", "no such alarm"), ("runbooks", RUNBOOK), ("history",)):
        answer = asked(gateway, ada, *words, "--json").json
        gateway.instead = [(200, {"content-type": "application/json"}, json.dumps(with_more(answer)).encode())]
        assert told(asked(gateway, ada, *words), "") == told(asked(gateway, ada, *words), "")


def with_more(value: Any) -> Any:
    """Each record with a member more. What is named by other things than ourselves has none."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {"outcomes", "people_sources", "refused_by_gate", "figures"}
    return {name: each if name in named else with_more(each) for name, each in value.items()} | {"newly": 1}


def told(seen: Seen, place: str) -> list[str]:
    """What was printed, but where it acts, and lines that say how long ago something was."""
    return [line for line in seen.out.replace(place, "PLACE").splitlines() if " ago" not in line]
