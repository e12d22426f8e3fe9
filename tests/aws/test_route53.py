"""Route 53: what is read from its answers."""

from typing import Any

import pytest

from nightcrew.authoring.form import Form
from nightcrew.aws.route53 import HostedZoneId, change_id, checkers, healthy, in_sync, tells_health, weighted

BLUE = {"Name": "shop.example.com.", "Type": "A", "SetIdentifier": "blue", "Weight": 100, "TTL": 60}


def test_weighted_records_are_of_one_name_and_type_and_come_whole() -> None:
    """They are sent back as they are: an undo restores every member."""
    others = [
        {**BLUE, "Type": "AAAA"},
        {**BLUE, "Name": "www.shop.example.com."},
        {"Name": "shop.example.com.", "Type": "A", "TTL": 60},
    ]
    assert weighted({"ResourceRecordSets": [BLUE, *others]}, "shop.example.com", "A") == {"blue": BLUE}


@pytest.mark.parametrize("name", ["shop.example.com", "shop.example.com.", "Shop.Example.COM"])
def test_a_name_is_the_same_in_any_case_and_with_its_dot(name: str) -> None:
    assert weighted({"ResourceRecordSets": [BLUE]}, name, "A") == {"blue": BLUE}


def test_a_change_has_an_id_and_is_in_sync_or_not() -> None:
    info = {"Id": "/change/C2682N5HXP0BZ4", "Status": "PENDING"}
    assert change_id({"ChangeInfo": info}) == {"id": "C2682N5HXP0BZ4"}
    assert not in_sync({"ChangeInfo": info})
    assert in_sync({"ChangeInfo": {**info, "Status": "INSYNC"}})


@pytest.mark.parametrize(
    ("config", "tells"),
    [
        ({"Type": "HTTPS"}, True),
        ({"Type": "TCP", "Inverted": False, "Disabled": False}, True),
        ({"Type": "CALCULATED"}, False),
        ({"Type": "CLOUDWATCH_METRIC"}, False),
        ({"Type": "HTTP", "Inverted": True}, False),
        ({"Type": "HTTP", "Disabled": True}, False),
    ],
)
def test_only_a_check_of_an_endpoint_as_it_stands_tells_health(config: dict[str, Any], tells: bool) -> None:
    assert tells_health({"HealthCheck": {"HealthCheckConfig": config}}) is tells


def test_it_is_healthy_where_more_than_half_of_the_checkers_reach_it() -> None:
    """None that said anything is not healthy."""
    said = [
        {"StatusReport": {"Status": text}}
        for text in ("Success: HTTP Status Code 200, OK", "Failure: Connection timed out.")
    ]
    assert checkers({"HealthCheckObservations": [*said, {}]}) == {"reach": 1, "of": 3}
    assert not healthy({"reach": 1, "of": 2})
    assert not healthy({"reach": 0, "of": 0})
    assert healthy({"reach": 2, "of": 3})


def test_a_hosted_zones_tags_are_looked_up() -> None:
    def runs(run: object, zone: HostedZoneId) -> None:
        """Takes one."""

    lookup = Form(runs).resources["zone"].lookup
    assert lookup is not None
    assert lookup.call("Z1D633PJN98FT9").parameters == {"ResourceType": "hostedzone", "ResourceId": "Z1D633PJN98FT9"}
    assert lookup.read({"ResourceTagSet": {"Tags": [{"Key": "team", "Value": "shop"}]}}).tags == {"team": "shop"}
