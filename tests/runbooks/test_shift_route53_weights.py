"""shift-route53-weights: what it promises at night."""

import itertools
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.records import a_record, listed, weights

NAME = "shift-route53-weights"
MOVE = "move the weight of blue to green"


def health(house: House, *said: str) -> None:
    """What each checker says from now on. Texts as in the API reference, GetHealthCheckStatus."""
    seen = [{"StatusReport": {"Status": text}} for text in said]
    house.scripted.script("route53", "GetHealthCheckStatus", lambda _: {"HealthCheckObservations": seen})


def pending(house: House, *, looks: int) -> None:
    """Not all of Route 53 has it yet, for so many looks after a change (API reference, GetChange)."""
    counted = itertools.count()
    info = {"Id": "/change/C2682N5HXP0BZ4", "Status": "PENDING", "SubmittedAt": "2026-11-21T03:00:00Z"}
    house.scripted.script("route53", "GetChange", lambda _: {"ChangeInfo": info} if next(counted) < looks else None)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, **a_record(house))
    assert ended["outcome"] == "succeeded"


def test_the_whole_weight_moves_in_one_request_and_nothing_else_of_the_records(house: House) -> None:
    given = a_record(house, weights=(70, 30))
    before = listed(house, given)
    run, ended = house.start(NAME, **given)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["route53:ChangeResourceRecordSets"]
    assert listed(house, given) == [{**before[0], "Weight": 0}, {**before[1], "Weight": 100}]
    saved = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "save the records")
    assert [saved[which] for which in ("blue", "green")] == before
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "the weights are those",
        "most checkers reach green with the load",
    ]


def test_a_weight_is_never_above_the_heaviest(house: House) -> None:
    given = a_record(house, weights=(200, 200))
    _, ended = house.start(NAME, **given)
    assert ended["outcome"] == "succeeded"
    assert weights(house, given) == [0, 255]


def test_it_waits_until_all_of_route_53_has_it_and_then_for_the_ttl(house: House) -> None:
    given = a_record(house)
    pending(house, looks=2)
    run, ended = house.start(NAME, **given, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if "waited" in fact] == [3]
    waits = [entry.body for entry in house.entries(run) if entry.body.get("title") == "let resolvers forget"]
    assert [wait["within"] for wait in waits] == ["30s"]


def test_a_plan_changes_nothing_and_shows_both_records_and_the_old_ones_as_its_undo(house: House) -> None:
    given = a_record(house)
    planned = house.plan(NAME, **given)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    shown = [each["ResourceRecordSet"]["Weight"] for each in line["parameters"]["ChangeBatch"]["Changes"]]
    undone = [each["ResourceRecordSet"] for each in line["undo"][0]["parameters"]["ChangeBatch"]["Changes"]]
    assert (shown, undone) == ([0, 100], listed(house, given))
    assert house.scripted.changes() == []
    assert weights(house, given) == [100, 0]


def not_applicable(house: House, why: str, **given: str) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = house.start(NAME, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_zone_without_the_tag_is_not_touched(house: House) -> None:
    """IAM cannot say so: a hosted zone has no tags for it."""
    not_applicable(house, "the hosted zone is tagged", **a_record(house, tagged=False))


def test_a_record_without_weight_has_moved_already(house: House) -> None:
    not_applicable(house, "blue has weight to give", **a_record(house, weights=(0, 100)))


@pytest.mark.parametrize("otherwise", [{"to": "red"}, {"record": "other.example.com"}, {"kind": "AAAA"}])
def test_a_record_that_is_not_there_is_not_applicable(house: House, otherwise: dict[str, str]) -> None:
    not_applicable(house, "are two weighted records", **(a_record(house) | otherwise))


def test_the_two_must_be_two(house: House) -> None:
    not_applicable(house, "they are two", **(a_record(house) | {"to": "blue"}))


def test_a_record_that_nobody_checks_gets_no_traffic(house: House) -> None:
    given = a_record(house)
    bare = [{key: value for key, value in each.items() if key != "HealthCheckId"} for each in listed(house, given)]
    house.scripted.script(
        "route53",
        "ListResourceRecordSets",
        lambda _: {"ResourceRecordSets": bare, "IsTruncated": False, "MaxItems": "300"},
    )
    not_applicable(house, "green has a health check", **given)


@pytest.mark.parametrize("config", [{"Type": "CALCULATED"}, {"Type": "HTTPS", "Inverted": True}])
def test_a_check_that_does_not_tell_health_by_itself_is_no_ground(house: House, config: dict[str, Any]) -> None:
    given = a_record(house)
    check = {"Id": "c", "CallerReference": "c", "HealthCheckConfig": config, "HealthCheckVersion": 1}
    house.scripted.script("route53", "GetHealthCheck", lambda _: {"HealthCheck": check})
    not_applicable(house, "it asks an endpoint", **given)


def test_an_ill_target_gets_no_traffic(house: House) -> None:
    given = a_record(house)
    health(house, "Failure: Connection timed out.", "Failure: Connection timed out.", "Success: HTTP Status Code 200")
    not_applicable(house, "most checkers reach green", **given)


def test_a_change_that_does_not_come_through_is_taken_back_whole(house: House) -> None:
    """The deadline passed: some of Route 53 answers so, some as before."""
    given = a_record(house, weights=(70, 30))
    before = listed(house, given)
    info = {"Id": "/change/C2682N5HXP0BZ4", "Status": "PENDING", "SubmittedAt": "2026-11-21T03:00:00Z"}
    house.scripted.script(
        "route53", "GetChange", lambda _: {"ChangeInfo": info} if len(house.scripted.changes()) < 2 else None
    )
    run, ended = house.start(NAME, **given, within="1m")
    assert ended["outcome"] == "failed"
    assert "all of Route 53 answers so: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == [MOVE]
    assert listed(house, given) == before


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    given = a_record(house)
    house.scripted.answer("route53", "ChangeResourceRecordSets", Refusal("InvalidChangeBatch"))
    run, ended = house.start(NAME, **given)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidChangeBatch"
    assert "undone" not in house.closing(run)
    assert weights(house, given) == [100, 0]


def test_a_zone_that_is_busy_is_asked_again(house: House) -> None:
    """Route 53 refuses while an earlier change is on its way (API reference, PriorRequestNotComplete)."""
    given = a_record(house)
    house.scripted.answer("route53", "ChangeResourceRecordSets", Refusal("PriorRequestNotComplete"), None)
    run, ended = house.start(NAME, **given)
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if "changed" in fact] == [2]


def test_a_lost_reply_is_repeated_since_it_says_the_same(house: House) -> None:
    """Only an answer has the id by which Route 53 says whether all servers have it."""
    given = a_record(house)
    house.scripted.lose_reply("route53", "ChangeResourceRecordSets")
    run, ended = house.start(NAME, **given)
    assert ended["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["repeated"]
    assert weights(house, given) == [0, 100]


def test_a_target_that_falls_ill_under_the_load_is_no_cure_and_the_weights_stay(house: House) -> None:
    given = a_record(house)
    ill = {"HealthCheckObservations": [{"StatusReport": {"Status": "Failure: Connection timed out."}}]}
    house.scripted.script("route53", "GetHealthCheckStatus", lambda _: ill if house.scripted.changes() else None)
    _, ended = house.start(NAME, **given, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "most checkers reach green with the load" in ended["words"]
    assert weights(house, given) == [0, 100]


def test_no_alarm_finds_it(house: House) -> None:
    """An alarm on a health check names no record. A binding can."""
    assert house.crew.installation.catalog[NAME].triggers == ()
