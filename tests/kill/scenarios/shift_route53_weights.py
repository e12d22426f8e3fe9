"""A name with two weighted records, one of them without weight; a person moves all to it."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

RECORD = "shop.example.com"


def arrange(cloud: Arranging) -> Start:
    route53 = cloud.client("route53")
    made = route53.create_hosted_zone(Name=RECORD, CallerReference=RECORD)["HostedZone"]["Id"].rsplit("/", 1)[-1]
    route53.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=made, AddTags=[{"Key": "nightcrew", "Value": "managed"}]
    )
    check = route53.create_health_check(
        CallerReference=RECORD,
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "green.example.com", "Port": 443},
    )["HealthCheck"]["Id"]
    for which, weight, value in (("blue", 100, "192.0.2.1"), ("green", 0, "192.0.2.2")):
        record = {
            "Name": RECORD,
            "Type": "A",
            "SetIdentifier": which,
            "Weight": weight,
            "TTL": 30,
            "ResourceRecords": [{"Value": value}],
            "HealthCheckId": check,
        }
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=made, ChangeBatch=change)
    return Start(parameters={"hosted_zone": made, "record": RECORD, "away_from": "blue", "to": "green"})


def afterwards(cloud: Arranging) -> Any:
    route53 = cloud.client("route53")
    made = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    found = route53.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]
    return sorted((each["SetIdentifier"], each["Weight"]) for each in found if "SetIdentifier" in each)


SCENARIO = Scenario("shift-route53-weights", arrange, afterwards, "succeeded")
