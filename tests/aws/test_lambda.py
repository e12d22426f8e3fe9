"""Lambda functions: answers in AWS's shapes, and what is read out of them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.lambda_ import (
    FunctionName,
    all_provisioned,
    configuration,
    newest_before,
    of_alias,
    only_alias,
    provisioned,
    reserved,
    unreserved,
)

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"
MARKER: Any = get_args(FunctionName)[1]


def test_a_functions_arn_is_the_one_that_aws_gives_it_and_its_tags_are_asked_by_it() -> None:
    assert MARKER.arn("checkout", account="123456789012", region="eu-west-1") == ARN
    call = MARKER.lookup.call(ARN)
    assert (call.action, call.reads, call.parameters) == (MARKER.lookup.action, True, {"Resource": ARN})
    around = MARKER.lookup.read({"Tags": {"stage": "prod"}})
    assert (around.groups, around.tags) == ((), {"stage": "prod"})
    assert MARKER.lookup.read({}).tags == {}


@pytest.mark.parametrize("name", ["checkout", "Checkout_2-live", "x" * 64])
def test_names_that_aws_allows_are_taken(name: str) -> None:
    assert re.fullmatch(MARKER.pattern, name)


@pytest.mark.parametrize("name", ["", "checkout:live", "a b", "web-*", "x" * 65])
def test_what_would_be_another_resource_is_not(name: str) -> None:
    """With its alias it would have another lock."""
    assert not re.fullmatch(MARKER.pattern, name)


def test_an_alias_is_its_version_and_what_others_get() -> None:
    answer = {"FunctionVersion": "7", "RevisionId": "r-1", "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}}
    assert only_alias(answer) == {"version": "7", "weights": {"8": 0.1}, "revision": "r-1"}
    assert only_alias({"FunctionVersion": "7"}) == {"version": "7", "weights": {}, "revision": None}


@pytest.mark.parametrize(
    ("versions", "before"),
    [(["$LATEST", "1", "2", "10", "9"], "9"), (["$LATEST", "10"], None), (["$LATEST", "2", "11"], "2")],
    ids=["the newest of them", "none", "a later one does not count"],
)
def test_the_version_before_is_found_by_number_and_not_by_order(versions: list[str], before: str | None) -> None:
    """As text, 9 would come after 10."""
    page = newest_before("10")({"Versions": [{"Version": each} for each in versions], "NextMarker": "more"})
    assert page == {"version": before, "more": "more"}
    assert newest_before("10")({"Versions": []}) == {"version": None, "more": None}


def test_a_configuration_is_read_without_its_environment() -> None:
    """What stands there may be secret, and the ledger keeps what was read."""
    environment = {"Variables": {"PASSWORD": "open sesame"}}
    seen = configuration({"State": "Inactive", "LastUpdateStatus": "Successful", "Environment": environment})
    assert seen == {"state": "Inactive", "updated": "Successful"}


def test_provisioned_concurrency_is_wanted_and_ready() -> None:
    answer = {
        "RequestedProvisionedConcurrentExecutions": 5,
        "AvailableProvisionedConcurrentExecutions": 2,
        "Status": "IN_PROGRESS",
    }
    assert provisioned(answer) == {"wanted": 5, "ready": 2, "status": "IN_PROGRESS", "why": None}


def test_no_reservation_is_not_a_reservation_of_zero() -> None:
    """A reservation of 0 switches the function off."""
    assert reserved({}) is None
    assert reserved({"ReservedConcurrentExecutions": 0}) == 0
    assert unreserved({"AccountLimit": {"UnreservedConcurrentExecutions": 900}}) == 900


def test_what_is_provisioned_is_told_by_alias_or_version() -> None:
    """An alias that is not listed has nothing, which is ready."""
    counts = (f"{state}ProvisionedConcurrentExecutions" for state in ("Requested", "Available"))
    one = {"FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live", "Status": "IN_PROGRESS"}
    listed = {"ProvisionedConcurrencyConfigs": [{**one, **dict.fromkeys(counts, 5)}], "NextMarker": "more"}
    assert set(all_provisioned(listed)["of"]) == {"live"}
    assert not all_provisioned(listed)["whole"]
    assert of_alias("live", listed) == {"wanted": 5, "ready": 5, "status": "IN_PROGRESS", "why": None, "made": False}
    assert of_alias("beta", listed)["wanted"] == 0
    assert of_alias("beta", listed)["made"]
