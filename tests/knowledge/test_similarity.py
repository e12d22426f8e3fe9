"""What is more alike ranks higher, and says why."""

from datetime import datetime, timedelta

import pytest

from nightcrew.knowledge.recall.similarity import Case, Question, rank, score
from nightcrew.ledger.cases import mark
from tests.knowledge.casebook import CHECK, DAY, NO_ROOM, NOW, RESTART, instance, queue

WEB = mark("web")


def case(name: str, *, ended: datetime = NOW - DAY, **more: str | None) -> Case:
    """A case of the check's symptom on an instance of the group, unless it is said otherwise."""
    known: dict[str, str | None] = {"resource": instance("9"), "symptom": CHECK, "error": None, "group": None, **more}
    resource = str(known["resource"])
    return Case(name, 3, RESTART, resource, known["symptom"], "cured", ended, None, known["error"], known["group"])


ASKED = Question(instance("1"), WEB, CHECK, NO_ROOM)

ORDER = [
    case("all of it", resource=instance("1"), group=WEB, error=NO_ROOM),
    case("the same, longer ago", resource=instance("1"), group=WEB, error=NO_ROOM, ended=NOW - 90 * DAY),
    case("group and error", group=WEB, error=NO_ROOM),
    case("resource", resource=instance("1"), group=WEB),
    case("group", group=WEB),
    case("kind", resource=instance("2")),
    case("elsewhere", resource=queue("web")),
    case("other trouble on it", resource=instance("1"), symptom="AWS/EC2:NetworkIn:low"),
    case("other trouble in the group", group=WEB, symptom="AWS/EC2:NetworkIn:low"),
    case("only the kind", symptom="AWS/EC2:NetworkIn:low"),
]


def test_what_has_more_in_common_ranks_higher() -> None:
    ranked = rank(ASKED, reversed(ORDER), NOW, 20)
    assert [each.case.run for each in ranked] == [each.run for each in ORDER]


@pytest.mark.parametrize(
    "symptom",
    ["AWS/EC2:StatusCheckFailed_Instance:low", "AWS/EC2:StatusCheckFailed_System:high", "AWS/RDS:CPUUtilization:high"],
)
def test_a_near_miss_ranks_below_a_paraphrase(symptom: str) -> None:
    """Even where it was on this very resource."""
    asked = Question(instance("1"), symptom="checkout-status-check-prod")
    renamed = case("renamed", symptom="staging: status check of checkout")
    miss = case("miss", resource=instance("1"), symptom=symptom)
    assert [each.case.run for each in rank(asked, [miss, renamed], NOW)] == ["renamed", "miss"]


def test_each_says_why() -> None:
    (found,) = rank(ASKED, [ORDER[0]], NOW)
    assert found.why == ("same resource", "same symptom", "same error")
    assert score(ASKED, ORDER[2], NOW).why == ("same group", "same symptom", "same error")
    assert score(Question(symptom="x-5xx"), case("y", symptom="5xx-x-prod"), NOW).why == ("similar symptom",)


def test_what_has_nothing_in_common_does_not_come() -> None:
    """To have been recent is no likeness."""
    assert rank(Question(symptom="checkout-5xx"), [case("other")], NOW) == ()
    assert rank(Question(resource=queue("orders")), [case("other")], NOW) == ()


def test_a_run_is_no_help_to_itself_and_what_came_later_was_not_known() -> None:
    later = case("later", ended=NOW + timedelta(seconds=1))
    assert rank(Question(symptom=CHECK, run="it"), [case("it"), later, case("other")], NOW)[0].case.run == "other"
    assert len(rank(Question(symptom=CHECK, run="it"), [case("it"), later, case("other")], NOW)) == 1
