"""Lambda functions: how they are named, and what their answers say of versions, aliases and concurrency.

Names: Lambda API reference, CreateFunction. Versions and aliases: Lambda developer guide, "Manage Lambda function
versions" and "Create an alias for a Lambda function".
"""

from collections.abc import Callable
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls

_lambda = calls("lambda")

LEFT_TO_OTHERS = 100
"""What Lambda keeps for functions without a reservation (API reference, PutFunctionConcurrency)."""


def only_alias(answer: Any) -> dict[str, Any]:
    """A GetAlias answer: ``{"version", "weights", "revision"}``; ``weights`` is version → part of the calls, for those
    that another version gets. The revision changes with each update.
    """
    routing = answer.get("RoutingConfig") or {}
    return {
        "version": str(answer["FunctionVersion"]),
        "weights": dict(routing.get("AdditionalVersionWeights") or {}),
        "revision": answer.get("RevisionId"),
    }


def newest_before(version: str) -> Callable[[Any], dict[str, Any]]:
    """For a page of ListVersionsByFunction: ``{"version", "more"}``.

    ``version`` is the newest one published before that one, None where the page has none; ``more`` is the marker of the
    next page. Numbers only grow, and a deleted one is not used again.
    """

    def page(answer: Any) -> dict[str, Any]:
        numbers = [int(each["Version"]) for each in answer["Versions"] if each["Version"] != "$LATEST"]
        older = [number for number in numbers if number < int(version)]
        return {"version": str(max(older)) if older else None, "more": answer.get("NextMarker") or None}

    return page


def configuration(answer: Any) -> dict[str, Any]:
    """A GetFunctionConfiguration answer: ``{"state", "updated"}``, and nothing of its environment, which may hold
    secrets.
    """
    return {"state": answer.get("State", "Active"), "updated": answer.get("LastUpdateStatus", "Successful")}


def provisioned(answer: Any) -> dict[str, Any]:
    """A GetProvisionedConcurrencyConfig answer: ``{"wanted", "ready", "status", "why"}``."""
    return {
        "wanted": answer.get("RequestedProvisionedConcurrentExecutions", 0),
        "ready": answer.get("AvailableProvisionedConcurrentExecutions", 0),
        "status": answer.get("Status"),
        "why": answer.get("StatusReason"),
    }


def all_provisioned(answer: Any) -> dict[str, Any]:
    """A ListProvisionedConcurrencyConfigs answer: ``{"of": {alias or version: as of ``provisioned``}, "whole"}``;
    ``whole`` is whether there is no other page.
    """
    listed = answer["ProvisionedConcurrencyConfigs"]
    found = {str(each["FunctionArn"]).rsplit(":", 1)[-1]: provisioned(each) for each in listed}
    return {"of": found, "whole": not answer.get("NextMarker")}


def of_alias(name: str, answer: Any) -> dict[str, Any]:
    """What one alias or version has of such an answer, and whether it is ``made``; nothing, and READY, where it is not
    in it.
    """
    nothing = {"wanted": 0, "ready": 0, "status": "READY", "why": None}
    found = all_provisioned(answer)["of"].get(name, nothing)
    return {**found, "made": found["status"] == "READY"}


def reserved(answer: Any) -> int | None:
    """The reserved concurrency of a GetFunctionConcurrency answer; None where nothing is reserved."""
    found = answer.get("ReservedConcurrentExecutions")
    return None if found is None else int(found)


def unreserved(answer: Any) -> int:
    """What a GetAccountSettings answer says is left, in this Region, for the functions without a reservation."""
    return int(answer["AccountLimit"]["UnreservedConcurrentExecutions"])


def _surroundings(answer: Any) -> Surroundings:
    return Surroundings(tags={str(name): str(value) for name, value in (answer.get("Tags") or {}).items()})


FunctionName = Annotated[
    str,
    ResourceName(
        "lambda",
        "function:{}",
        pattern=r"[A-Za-z0-9_-]{1,64}",
        example="checkout",
        lookup=Lookup("lambda:ListTags", lambda arn: _lambda.list_tags(Resource=arn), _surroundings, by_arn=True),
    ),
]
"""The name of a Lambda function, without alias or version."""
