"""Game days in policy: what may stand there, and what is refused with its line and what is allowed."""

from datetime import timedelta

import pytest

from nightcrew.admission.policy import GameDay
from nightcrew.admission.policy_compiled import compiled, from_compiled
from nightcrew.admission.policy_file import load
from nightcrew.errors import BadPolicy

GOOD = """game_days:
  - name: web stops
    fault: {stop-instance: i-0abc1234def567890}
    expects: {alarm: web-1-status, runbook: restart-ec2-instance, outcome: succeeded, within: 20m}
    blocking: [checkout-5xx, checkout-latency]
    account: "123456789012"
    region: eu-west-1
"""
EXPECTS = "{alarm: web-1-status, runbook: restart-ec2-instance, outcome: succeeded, within: 20m}"


def test_all_of_it_is_read() -> None:
    [found] = load(GOOD).game_days
    assert (str(found.fault), found.alarm, found.runbook, found.outcome) == (
        *("stop-instance i-0abc1234def567890", "web-1-status"),
        *("restart-ec2-instance", "succeeded"),
    )
    assert (found.within, found.blocking) == (timedelta(minutes=20), ("checkout-5xx", "checkout-latency"))
    assert (found.account, found.region, found.line) == ("123456789012", "eu-west-1", 2)


def test_what_need_not_be_said() -> None:
    """Cured, within half an hour, in any Region, stopped by no alarm."""
    text = GOOD.replace(", outcome: succeeded, within: 20m", "").partition("    blocking")[0]
    [found] = load(text + '    account: "123456789012"\n').game_days
    assert (found.outcome, found.within, found.region, found.blocking) == ("cured", timedelta(minutes=30), None, ())


@pytest.mark.parametrize(
    ("old", "new", "field", "allowed"),
    [
        ("{stop-instance: i-0abc1234def567890}", "{stop-instance: web-1}", "fault", "an instance's id"),
        ("{stop-instance: i-0abc1234def567890}", "{fis: EXT-1}", "fault", "experiment template"),
        ("{stop-instance: i-0abc1234def567890}", "{burn: down}", "fault", "one of stop-instance"),
        ("{stop-instance: i-0abc1234def567890}", "stop-instance", "fault", "one of stop-instance"),
        ("{stop-instance: i-0abc1234def567890}", "{set-alarm: a, fis: EXT12345}", "fault", "one of stop-instance"),
        ("outcome: succeeded", "outcome: healed", "expects.outcome", "one of"),
        ("within: 20m", "within: 20s", "expects.within", "a minute or more"),
        ("within: 20m", "when: 20m", "expects.when", "within"),
        (EXPECTS, "{runbook: restart-ec2-instance}", "expects.alarm", "it must be there"),
        ("[checkout-5xx,", "[web-1-status,", "blocking", "another alarm than the one that is to fire"),
        ('"123456789012"', "home", "account", "twelve digits"),
        ('    account: "123456789012"\n', "", "account", "it must be there"),
        ("name: web stops", 'name: "--yes"', "name", "a few words"),
        ("blocking:", "stops:", "stops", "one of"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, field: str, allowed: str) -> None:
    """File, line, field, and what would be right."""
    assert old in GOOD
    with pytest.raises(BadPolicy) as bad:
        load(GOOD.replace(old, new))
    assert bad.value.field == f"game_days[0].{field}"
    assert allowed in bad.value.allowed
    assert bad.value.line >= 2


def test_a_name_stands_once() -> None:
    with pytest.raises(BadPolicy, match="it may stand once"):
        load(GOOD + GOOD.removeprefix("game_days:\n"))


def test_a_runbook_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadPolicy, match="restart-ec2-instance") as bad:
        load(GOOD).check_against(["reboot-ec2-instance"])
    assert bad.value.field == "game_days[0].expects.runbook"


def test_compiled_and_read_back_it_is_the_same() -> None:
    policy = load(GOOD)
    again: tuple[GameDay, ...] = from_compiled(compiled(policy)).game_days
    assert again == policy.game_days
