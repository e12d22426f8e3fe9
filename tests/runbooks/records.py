"""Weighted records in the embedded cloud, for the tests of the runbook about them."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)


def a_record(house: House, *, tagged: bool = True, weights: tuple[int, int] = (100, 0)) -> dict[str, str]:
    """A hosted zone of a test's own with two weighted records, "blue" and "green", each with a health check.

    Returns what a run of shift-route53-weights takes: from blue to green.
    """
    name, client = f"shop-{next(_numbers)}.example.com", house.crew.client("route53")
    made = client.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"].rsplit("/", 1)[-1]
    if tagged:
        client.change_tags_for_resource(
            ResourceType="hostedzone", ResourceId=made, AddTags=[{"Key": "nightcrew", "Value": "managed"}]
        )
    for number, (which, weight) in enumerate(zip(("blue", "green"), weights, strict=True)):
        check = client.create_health_check(
            CallerReference=f"{name}-{which}",
            HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": f"{which}.example.com", "Port": 443},
        )["HealthCheck"]["Id"]
        record = {
            "Name": name,
            "Type": "A",
            "SetIdentifier": which,
            "Weight": weight,
            "TTL": 30,
            "ResourceRecords": [{"Value": f"192.0.2.{number}"}],
            "HealthCheckId": check,
        }
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=made, ChangeBatch=change)
    return {"hosted_zone": made, "record": name, "away_from": "blue", "to": "green"}


def listed(house: House, given: dict[str, str]) -> list[dict[str, Any]]:
    """The two records as the cloud has them, blue first."""
    answer = house.crew.client("route53").list_resource_record_sets(HostedZoneId=given["hosted_zone"])
    found = [dict(each) for each in answer["ResourceRecordSets"] if "SetIdentifier" in each]
    return sorted(found, key=lambda each: str(each["SetIdentifier"]))


def weights(house: House, given: dict[str, str]) -> list[int]:
    """Blue's and green's."""
    return [each["Weight"] for each in listed(house, given)]
