"""shift-zone: what it promises at night."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.balancers import ZONES, Zonal, a_balancer, healthy

NAME = "shift-zone"
ZONE = "eu-west-1b"
SHIFT = f"shift traffic away from {ZONE}"

Event = Callable[[str], dict[str, Any]]


def start(zonal: Zonal, **given: Any) -> tuple[str, dict[str, Any]]:
    """A person starts it about this balancer and the zone in the middle."""
    return zonal.house.start(NAME, balancer=zonal.balancer, zone=ZONE, **given)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(a_balancer(house))[1]["outcome"] == "succeeded"
    zonal = a_balancer(house)
    zonal.stuck = True
    _, ended = start(zonal, within="1s")
    assert ended["outcome"] == "failed"


@pytest.mark.parametrize("kind", ["instance", "ip"])
def test_traffic_leaves_the_zone_and_the_others_bear_it(house: House, kind: str) -> None:
    """ARC names zones by their ids: a name is another zone in each account."""
    zonal = a_balancer(house, kind=kind)
    healthy(zonal, ZONE)
    run, ended = start(zonal, expires="90m")
    assert ended["outcome"] == "succeeded"
    (shift,) = zonal.active
    assert (shift["awayFrom"], shift["comment"]) == (ZONES[ZONE], f"nightcrew:run {run}")
    sent = next(each for each in house.scripted.sent if each.operation == "StartZonalShift")
    assert sent.parameters["expiresIn"] == "90m"
    name = zonal.balancer.split("/")[1]
    assert [fact["waited"] for fact in house.facts(run) if "waited" in fact] == [
        f"{ZONE} gets no new traffic",
        f"{name} bears it in the other zones",
    ]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [f"{ZONE} still gets none"]


def test_a_plan_changes_nothing_and_shows_the_shift_and_its_cancelling(house: House) -> None:
    zonal = a_balancer(house)
    planned = house.plan(NAME, balancer=zonal.balancer, zone=ZONE)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["awayFrom"] == ZONES[ZONE]
    assert [step["verb"] for step in line["undo"]] == ["wait until", "change", "wait until"]
    assert (house.scripted.changes(), zonal.shifts) == ([], [])


def not_applicable(zonal: Zonal, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = start(zonal, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert zonal.house.scripted.changes() == []


def test_without_room_in_the_other_zones_traffic_stays(house: House) -> None:
    """Six targets, two of them in the zone; half of six must be healthy elsewhere, and two are."""
    zonal = a_balancer(house)
    healthy(zonal, "eu-west-1c")
    not_applicable(zonal, "has 3 of 6 healthy in other zones")


def test_how_much_room_is_enough_is_the_callers_to_say(house: House) -> None:
    not_applicable(a_balancer(house), "has 6 of 6 healthy in other zones", keep=100)


def test_a_balancer_without_targets_is_left_alone(house: House) -> None:
    not_applicable(a_balancer(house, each=0), "it has targets")


def test_what_is_shifted_already_stays_as_it_is(house: House) -> None:
    """By AWS: a shift of ours would take precedence, and bring traffic back to where AWS took it from."""
    zonal = a_balancer(house)
    zonal.autoshifts.append({"appliedStatus": "APPLIED", "awayFrom": "euw1-az2", "startTime": "2026-11-21T02:00:00Z"})
    not_applicable(zonal, "no shift or autoshift holds already")


def test_a_zone_that_somebody_shifted_away_from_needs_no_second_shift(house: House) -> None:
    zonal = a_balancer(house)
    zonal.start({"resourceIdentifier": zonal.arn, "awayFrom": ZONES[ZONE], "expiresIn": "2h", "comment": "by hand"})
    not_applicable(zonal, "no shift or autoshift holds already")


def test_a_balancer_that_zonal_shift_does_not_know_is_not_applicable(house: House) -> None:
    """It is off where nobody turned it on."""
    zonal = a_balancer(house)
    zonal.house.scripted.script(
        "arc-zonal-shift", "GetManagedResource", lambda _: Refusal("ResourceNotFoundException", status=404)
    )
    not_applicable(zonal, "see what is shifted")


def test_another_balancer_of_that_name_is_not_it(house: House) -> None:
    """It was made anew since: the alarm is about the old one."""
    zonal = a_balancer(house)
    before, name, _ = zonal.balancer.split("/")
    _, ended = house.start(NAME, balancer=f"{before}/{name}/0123456789abcdef", zone=ZONE)
    assert ended["outcome"] == "not_applicable"
    assert "it is that one" in ended["words"]


def test_a_zone_that_it_does_not_serve_is_not_applicable(house: House) -> None:
    _, ended = house.start(NAME, balancer=a_balancer(house).balancer, zone="eu-west-1z")
    assert ended["outcome"] == "not_applicable"
    assert "it serves eu-west-1z" in ended["words"]


def test_a_shift_is_for_72_hours_at_most(house: House) -> None:
    not_applicable(a_balancer(house), "72 h at most", expires="73h")


def test_a_shift_that_does_not_take_hold_is_cancelled(house: House) -> None:
    """The deadline passed."""
    zonal = a_balancer(house)
    zonal.stuck = True
    run, ended = start(zonal, within="10s")
    assert ended["outcome"] == "failed"
    assert f"{ZONE} gets no new traffic: not within" in ended["words"]
    assert house.closing(run)["undone"] == [SHIFT]
    assert zonal.active == []


def test_where_the_others_break_down_under_the_load_traffic_comes_back(house: House) -> None:
    zonal = a_balancer(house)
    healthy(zonal, "eu-west-1a", after=1)
    run, ended = start(zonal, within="10s")
    assert ended["outcome"] == "failed"
    assert "bears it in the other zones: not within" in ended["words"]
    assert house.closing(run)["undone"] == [SHIFT]
    assert zonal.active == []
    assert house.scripted.changes() == ["arc-zonal-shift:StartZonalShift", "arc-zonal-shift:CancelZonalShift"]


def test_a_refused_shift_leaves_nothing_to_undo(house: House) -> None:
    """Somebody else was quicker (API reference, StartZonalShift: ConflictException)."""
    zonal = a_balancer(house)
    house.scripted.script("arc-zonal-shift", "StartZonalShift", lambda _: Refusal("ConflictException", status=409))
    run, ended = start(zonal)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ConflictException"
    assert "undone" not in house.closing(run)


def test_a_shift_that_cannot_be_cancelled_calls_a_person(house: House) -> None:
    zonal = a_balancer(house)
    zonal.stuck = True
    house.scripted.script("arc-zonal-shift", "CancelZonalShift", lambda _: Refusal("AccessDeniedException", status=403))
    run, ended = start(zonal, within="10s")
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert "AccessDeniedException" in left["words"]


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_lost_reply_is_looked_at(house: House, took_effect: bool) -> None:
    """A second one would be refused; one that never came is sent again."""
    zonal, lost = a_balancer(house), [True]

    def loses(asked: Any) -> Any:
        if not lost:
            return zonal.start(asked)
        lost.clear()
        if took_effect:
            zonal.start(asked)
        return Refusal("InternalServerException", status=500)

    house.scripted.script("arc-zonal-shift", "StartZonalShift", loses)
    run, ended = start(zonal)
    assert ended["outcome"] == "succeeded"
    how = "looked: it had taken effect" if took_effect else "looked: it had not; called"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == [how]
    assert len(zonal.shifts) == 1


@pytest.mark.parametrize(
    "metric", ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"]
)
def test_errors_of_one_zone_find_it_and_the_alarms_ok_is_the_last_proof(
    house: House, event: Event, metric: str
) -> None:
    zonal = a_balancer(house)
    sent = json.loads(json.dumps(event("asg-cpu-high")))
    stat = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    stat |= {"namespace": "AWS/ApplicationELB", "name": metric, "dimensions": {}}
    fired = house.alarmed(sent, {"LoadBalancer": zonal.balancer, "AvailabilityZone": ZONE})
    answer, ended = house.crew.event(fired)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert [each["awayFrom"] for each in zonal.active] == [ZONES[ZONE]]


def test_errors_of_the_whole_balancer_do_not_find_it(house: House, event: Event) -> None:
    """There is no zone to leave."""
    sent = json.loads(json.dumps(event("asg-cpu-high")))
    stat = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    stat |= {"namespace": "AWS/ApplicationELB", "name": "HTTPCode_ELB_5XX_Count", "dimensions": {}}
    fired = house.alarmed(sent, {"LoadBalancer": a_balancer(house).balancer}, state="ALARM")
    assert house.crew.event(fired)[0].kind == "left"
