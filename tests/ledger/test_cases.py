"""A run that was carried out is found as a case by each thing that a later one may share with it."""

from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.ledger.book import Book
from nightcrew.ledger.cases import CASES, INDEXES, case_attributes, kind_of, mark
from nightcrew.ledger.conditions import Equals
from nightcrew.ledger.store import Store

RESOURCE = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc"
GROUP = "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:web"
BODY: dict[str, Any] = {
    "runbook": "restart-ec2-instance",
    "resource": RESOURCE,
    "symptom": "AWS/EC2:StatusCheckFailed_Instance:high",
    "outcome": "failed",
    "words": "no capacity",
    "group": mark(GROUP),
    "error": {"code": "InsufficientInstanceCapacity", "message": "none left", "kind": "refused"},
}


@pytest.mark.parametrize("index", INDEXES)
def test_a_case_is_found_by_each_of_its_marks(index: str, store: Store, clock: StoppedClock, run: str) -> None:
    body = BODY | {"resource": f"{RESOURCE}-{run}", "group": mark(run)}
    Book(store, clock, run, 1, "ab").write("closing", body)
    by = INDEXES[index]
    found = store.query("ledger", Equals(by, case_attributes(body)[by]), index=index, limit=50, newest_first=True)
    mine = next(item for item in found.items if item["run"] == run)
    assert (mine["outcome"], mine["error"], mine["number"]) == ("failed", "InsufficientInstanceCapacity", 2)
    assert mine["cg"] == mark(run)


@pytest.mark.parametrize("outcome", ["refused", "declined", "planned", None, ["cured"]])
def test_what_was_not_carried_out_is_no_case(outcome: object) -> None:
    assert case_attributes(BODY | {"outcome": outcome}) == {}


def test_each_mark_stands_for_one_thing() -> None:
    assert case_attributes(BODY) == {
        "cr": mark(RESOURCE),
        "cg": mark(GROUP),
        "cs": mark("AWS/EC2:StatusCheckFailed_Instance:high"),
        "ce": mark("InsufficientInstanceCapacity"),
        "error": "InsufficientInstanceCapacity",
    }
    assert len({mark(f"i-{number}") for number in range(1000)}) == 1000


def test_what_a_run_does_not_have_has_no_mark() -> None:
    """DynamoDB refuses an empty key of an index."""
    bare = {"outcome": CASES[0], "resource": "", "symptom": None, "group": "", "error": {"title": "no code"}}
    assert case_attributes(bare) == {}


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (RESOURCE, "ec2:instance"),
        (GROUP, "autoscaling:autoScalingGroup"),
        ("arn:aws:rds:eu-central-1:123456789012:db:orders", "rds:db"),
        (
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/b",
            "elasticloadbalancing:loadbalancer",
        ),
        ("arn:aws:sqs:eu-central-1:123456789012:orders", "sqs"),
        ("arn:aws:s3:::bucket", "s3"),
        ("i-0abc", ""),
    ],
)
def test_a_kind_is_service_and_type(arn: str, kind: str) -> None:
    assert kind_of(arn) == kind
