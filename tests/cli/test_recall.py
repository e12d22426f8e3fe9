"""`nightcrew recall`: what helped the last times; and the same beside a question to people."""

from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from nightcrew.cli.output import Output
from nightcrew.cli.reviewing.recall import recorded
from nightcrew.clock import SystemClock
from nightcrew.demo.embedded import Crew
from nightcrew.knowledge.lessons import learn
from nightcrew.knowledge.recall.recall import MOST_READS
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed
from tests.cli.night import NAME, alarmed
from tests.knowledge.casebook import CHECK, GROW, NO_ROOM, Casebook

BY_HAND = f"by hand:{NAME}"


def test_it_tells_what_happened_the_last_times_and_what_helped(night: dict[str, str]) -> None:
    result = typed("--demo", "recall", "--resource", night["instance"], "--symptom", BY_HAND)
    assert result.code == 0
    assert "What helped" in result.out
    assert f"{NAME}  1 of 1" in result.out
    assert night["succeeded"] in result.out
    assert "same resource, same symptom" in result.out
    assert result.out.splitlines()[-1] == f"  nightcrew --demo show {night['succeeded']}"


def test_in_json_it_is_whole(night: dict[str, str]) -> None:
    told = typed("--demo", "recall", "--run", night["succeeded"], "--json").json
    assert told["question"]["symptom"] == BY_HAND
    assert [case["run"] for case in told["cases"]] == [night["not_applicable"]]
    assert told["cases"][0]["why"] == ["same kind", "same symptom"]
    assert (told["records"], told["suggestion"]) == ([], None)
    assert told["reads"] <= MOST_READS


def test_a_resource_that_nobody_knows_has_the_past_of_its_kind(night: dict[str, str]) -> None:
    """By its ARN, since a name that nobody knows could be anything."""
    arn = f"arn:aws:ec2:{REGION}:123456789012:instance/i-0aaaaaaaaaaaaaaaa"
    told = typed("--demo", "recall", "--resource", arn, "--json").json
    assert {case["run"] for case in told["cases"]} == {night["succeeded"], night["not_applicable"]}
    unknown = typed("--demo", "recall", "--resource", "i-0aaaaaaaaaaaaaaaa")
    assert unknown.code == 2
    assert "give the ARN" in unknown.err


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_a_terminal(demo: Demo, columns: int) -> None:
    """With all that there is to say, and words that somebody made long."""
    book = Casebook(demo.store)
    now = SystemClock().now()
    for number in range(8):
        ended = now - timedelta(hours=number + 1)
        book.case("failed" if number else "cured", error=NO_ROOM, words="no room " * 30, ended=ended)
        book.case(runbook=GROW, ended=ended, took=timedelta(hours=3, minutes=20))
    learn(
        demo.store,
        SystemClock(),
        "lesson-cli",
        "look at the disk " * 12,
        author="arn:aws:iam::1:user/ada",
        symptom=CHECK,
    )
    result = typed("--demo", "recall", "--symptom", CHECK, columns=columns)
    assert result.code == 0
    assert result.widest <= columns
    assert f"suggested: {GROW} helped" in result.out
    assert f"{GROW}  8 of 8  █████" in result.out
    assert "look at the disk" in result.out


def test_nothing_is_remembered_of_what_never_was(demo: Demo) -> None:
    result = typed("--demo", "recall", "--symptom", "nobody-5xx")
    assert (result.code, result.out.splitlines()[-1]) == (0, "No past run is like it.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a --resource, a --symptom, a --run or an --error"),
        (["--run", "nobodys"], "there is no run nobodys"),
        (["--run", "nobodys", "--symptom", ""], "--symptom: ''"),
        (["--resource", "what is this"], "it must be an ARN"),
        (["--symptom", "x", "--limit", "21"], "1<=x<=20"),
    ],
)
def test_what_cannot_be_asked_says_what_can(demo: Demo, words: list[str], said: str) -> None:
    result = typed("--demo", "recall", *words)
    assert result.code == 2
    assert said in result.err


def test_what_people_wrote_cannot_steer_a_terminal(demo: Demo) -> None:
    """Nor what an alarm is called."""
    book, now = Casebook(demo.store), SystemClock().now()
    book.case(symptom="evil \x1b[31m5xx", words="\x1b[2Jgone", ended=now - timedelta(hours=1))
    result = typed("--demo", "recall", "--symptom", "evil-5xx", columns=80)
    assert "gone" in result.out
    assert "\x1b[2J" not in result.out
    assert "\x1b[31m" not in result.out


def test_who_wrote_a_lesson_is_called_as_everywhere_else(demo: Demo) -> None:
    """Of a session its role, too: the name of a session is what its holder made it."""
    author = "arn:aws:sts::1:assumed-role/Admin/ada"
    learn(demo.store, SystemClock(), "lesson-cli", "look at the disk", author=author, symptom=CHECK)
    assert "ada (Admin)" in typed("--demo", "recall", "--symptom", CHECK).out


def test_where_a_terminal_knows_only_ascii_bars_are_too() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    record = {"runbook": NAME, "tried": 2, "cured": 1, "lower": 0.09, "median": None}
    Output(stdout=file).print(recorded([record], Output(stdout=file)))
    file.seek(0)
    assert "1 of 2  #####.....  9 %" in file.read()


def test_who_approves_sees_it_beside_the_plan(demo: Demo, tmp_path: Path) -> None:
    """In `approvals` in a sentence, in `approve` whole."""
    policy = tmp_path / "careful.yaml"
    policy.write_text(f"rules:\n  - {{when: {{runbook: {NAME}}}, autonomy: approve}}\n", encoding="utf-8")
    place = ("--demo", "--policy", str(policy))
    book, now = Casebook(demo.store), SystemClock().now()
    before = book.case("ineffective", symptom=BY_HAND, ended=now - timedelta(hours=2), words="it hung")
    run = typed(*place, "run", NAME, "--instance-id", demo.instance(), "--json").json["run"]
    said = f"{NAME} helped when it was started by hand 0 of 1 times"
    assert said in typed(*place, "approvals").out
    assert typed(*place, "approvals", "--json").json[0]["known"]["words"] == said
    shown = typed(*place, "approve", run, "--plan", "another", columns=80)
    assert "What past runs tell" in shown.out
    assert before in shown.out
    assert shown.widest <= 80


def test_who_approves_sees_lessons_beside_the_plan(demo: Demo, tmp_path: Path) -> None:
    """A question has room for its words and who wrote it, and not for what else it is about."""
    policy = tmp_path / "careful.yaml"
    policy.write_text(f"rules:\n  - {{when: {{runbook: {NAME}}}, autonomy: approve}}\n", encoding="utf-8")
    place = ("--demo", "--policy", str(policy))
    author = "arn:aws:iam::123456789012:user/cyd"
    learn(demo.store, SystemClock(), "lesson-asked", "look at the disk", author=author, symptom=BY_HAND)
    run = typed(*place, "run", NAME, "--instance-id", demo.instance(), "--json").json["run"]
    shown = typed(*place, "approve", run, "--plan", "another")
    assert "look at the disk" in shown.out
    assert "cyd" in shown.out


def test_why_suggests_what_did_better(night: dict[str, str], demo: Demo) -> None:
    """Where the usual runbook has a poor record for what the resource had last."""
    assert "suggested" not in typed("--demo", "why", night["instance"]).out
    book, now = Casebook(demo.store), SystemClock().now()
    for number in range(8):
        book.case("ineffective", symptom=BY_HAND, ended=now - timedelta(hours=number + 1))
        book.case(runbook=GROW, symptom=BY_HAND, ended=now - timedelta(hours=number + 1))
    assert f"suggested: {GROW} helped with this symptom 8 of 8 times" in typed("--demo", "why", night["instance"]).out
    (told,) = typed("--demo", "why", night["instance"], "--json").json["suggestions"]
    assert night["instance"] in told["resource"]


def test_why_tells_what_was_suggested_for_an_alarm_that_nothing_answers(demo: Demo, team: Crew) -> None:
    symptom = "Checkout:StuckOrders:high"
    book, now = Casebook(demo.store), SystemClock().now()
    for number in range(4):
        book.case(symptom=symptom, ended=now - timedelta(hours=number + 1))
    book.day_is_over(now.date())
    run = alarmed(team, "i-0123456789abcdef1", "checkout-is-stuck", metric=("Checkout", "StuckOrders"))
    result = typed("--demo", "why", "checkout-is-stuck")
    assert result.code == 0
    assert str(run) in result.out
    assert "nothing answers this alarm" in result.out
    assert f"{NAME} helped with this symptom 4 of 4 times" in result.out
    assert "checkout-is-stuck" in typed("--demo", "history", columns=120).out
