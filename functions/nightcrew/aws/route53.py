"""Route 53: hosted zones, weighted records, and whether health checks reach what they check.

Sources: Route 53 API reference (ResourceRecordSet, GetChange, GetHealthCheckStatus, HealthCheckConfig) and developer
guide, "Weighted routing".
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of

_route53 = calls("route53")

HEAVIEST = 255
"""The largest weight that a record may have."""

ALIAS_TTL = 60
"""Seconds: an alias has no TTL of its own, but that of what it points to, which is 60 s for a load balancer."""

_ASKS_AN_ENDPOINT = frozenset({"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"})


def weighted(answer: Any, name: str, kind: str) -> dict[str, Any]:
    """The weighted records of this name and type by their identifiers, each whole, as Route 53 has it.

    From a ListResourceRecordSets answer that begins at the name. Names are the same in any case, with or without the
    last dot.
    """
    return {
        str(each["SetIdentifier"]): each
        for each in answer["ResourceRecordSets"]
        if _same(each["Name"], name) and each["Type"] == kind and "Weight" in each
    }


def change_id(answer: Any) -> dict[str, str]:
    """``{"id"}`` by which GetChange knows a change, from the answer to it."""
    return {"id": str(answer["ChangeInfo"]["Id"]).rsplit("/", 1)[-1]}


def in_sync(answer: Any) -> bool:
    """Whether all of Route 53's servers answer by the change, from a GetChange answer."""
    return bool(answer["ChangeInfo"]["Status"] == "INSYNC")


def tells_health(answer: Any) -> bool:
    """Whether a health check's own observations say how healthy it is, from a GetHealthCheck answer.

    They do not where it is calculated, follows an alarm, is turned around, or is switched off and so always healthy.
    """
    config = answer["HealthCheck"]["HealthCheckConfig"]
    return bool(config["Type"] in _ASKS_AN_ENDPOINT and not config.get("Inverted") and not config.get("Disabled"))


def checkers(answer: Any) -> dict[str, int]:
    """How many checkers reach the endpoint: ``{"reach", "of"}``, from a GetHealthCheckStatus answer."""
    said = [str(each.get("StatusReport", {}).get("Status", "")) for each in answer["HealthCheckObservations"]]
    return {"reach": sum(each.startswith("Success") for each in said), "of": len(said)}


def healthy(seen: Any) -> bool:
    """Whether more than half of the checkers reach it: Route 53 itself is content with 18 %."""
    return bool(seen["reach"] * 2 > seen["of"])


def _same(one: str, other: str) -> bool:
    return one.rstrip(".").lower() == other.rstrip(".").lower()


HostedZoneId = Annotated[
    str,
    ResourceName(
        # Hosted zones are in no Region; the ARN has that of the run all the same, which is where its policy looks.
        "route53",
        "hostedzone/{}",
        pattern=r"[A-Z0-9]{1,32}",
        example="Z1D633PJN98FT9",
        lookup=Lookup(
            "route53:ListTagsForResource",
            lambda name: _route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=name),
            lambda answer: Surroundings(tags=tags_of(answer["ResourceTagSet"].get("Tags"))),
        ),
    ),
]
"""The id of a Route 53 hosted zone."""
