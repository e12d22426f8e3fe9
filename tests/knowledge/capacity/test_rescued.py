"""What scale-out keeps rescuing, by the ledger's counts."""

import pytest

from nightcrew.knowledge.capacity.rescued import Rescued, rescued
from nightcrew.knowledge.statistics.day import Count

GROW, SHRINK = "scale-out-auto-scaling-group", "put-back-auto-scaling-sizes"


def count(number: int = 1, outcome: str = "cured", *, resource: str = "web", **about: str) -> Count:
    told = {"runbook": GROW, "family": "scale-out", **about}
    return Count(told["runbook"], told["family"], resource, "AWS/EC2:CPUUtilization:high", outcome, "", number)


def found(*counts: Count, at_least: int = 3) -> list[Rescued]:
    return rescued(counts, {GROW: "scale-out", "restart-ec2-instance": "restart"}, at_least)


def test_three_rescues_are_one_too_many() -> None:
    """Of several runbooks and days together; twice may be chance."""
    counts = [count(2), count(1, "succeeded", runbook="raise-auto-scaling-maximum"), count(2, resource="worker")]
    assert found(*counts) == [Rescued("web", 3)]


def test_the_most_often_rescued_comes_first() -> None:
    """And by name, where it is as often."""
    told = found(count(3, resource="b"), count(5, resource="c"), count(3, resource="a"))
    assert [each.resource for each in told] == ["c", "a", "b"]


@pytest.mark.parametrize("outcome", ["failed", "ineffective", "worse", "refused", "cancelled", "planned"])
def test_what_did_not_help_is_no_rescue(outcome: str) -> None:
    assert found(count(9, outcome)) == []


def test_what_puts_back_is_no_rescue_and_is_told_beside_it() -> None:
    """It is of the same family, and takes away what the other gave."""
    assert found(count(3), count(2, "succeeded", runbook=SHRINK)) == [Rescued("web", 3, 2)]
    assert found(count(9, runbook=SHRINK)) == []


def test_other_families_are_left_out() -> None:
    """A restart rescues, too, and more capacity would not help there."""
    assert found(count(9, runbook="restart-ec2-instance", family="restart")) == []


def test_a_family_that_the_ledger_does_not_say_is_the_catalogs() -> None:
    """Of older entries; a runbook that is gone is of none."""
    assert found(count(3, family="")) == [Rescued("web", 3)]
    assert found(count(3, family="", runbook="gone")) == []


def test_a_run_about_nothing_rescues_nothing() -> None:
    assert found(count(9, resource="")) == []
