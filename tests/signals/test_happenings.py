"""Events beyond alarms: what is read of them, what is not kept, and when two of them are one."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.errors import BadEvent
from nightcrew.signals import Happening, signal_from
from nightcrew.signals.happening import DEEPEST, MOST

Event = Callable[[str], Any]


def of(event: Any) -> Happening:
    """What an event says."""
    found = signal_from(event).happening
    assert found is not None
    return found


@pytest.fixture
def stopped(event: Event) -> Any:
    """An instance stopped."""
    return event("ec2-instance-stopped")


def test_texts_are_found_by_their_path_and_lists_on_the_way_are_passed_over(event: Event) -> None:
    values = of(event("ecs-task-out-of-memory")).values
    assert values["group"] == ("service:checkout",)
    assert values["containers.name"] == ("checkout", "envoy")
    assert values["containers.reason"] == ("OutOfMemoryError: Container killed due to memory usage",)
    assert values["overrides.containerOverrides.name"] == ("checkout", "envoy")


def test_the_resources_are_beside_the_detail(event: Event) -> None:
    """Where a service names what it is about only there."""
    assert of(event("ecs-placement-failure")).values["$.resources"] == (
        "arn:aws:ecs:eu-west-1:123456789012:service/shop/checkout",
    )


def test_a_text_that_stands_there_twice_is_there_once(stopped: Any) -> None:
    stopped["detail"]["affected"] = [{"id": "i-1"}, {"id": "i-2"}, {"id": "i-1"}]
    assert of(stopped).values["affected.id"] == ("i-1", "i-2")


@pytest.mark.parametrize("unfit", [None, 7, 1.5, True, "", "i-1\n", "\ud800", "x" * 3_000, {}, [[]]])
def test_what_is_no_name_of_anything_is_not_kept(stopped: Any, unfit: Any) -> None:
    stopped["detail"]["instance-id"] = unfit
    assert "instance-id" not in of(stopped).values


def test_a_name_with_a_dot_in_it_passes_for_no_path(stopped: Any) -> None:
    stopped["detail"] = {"a.b": "forged", "a": {"b": "real"}}
    assert of(stopped).values["a.b"] == ("real",)


def test_nothing_in_the_detail_passes_for_the_resources(stopped: Any) -> None:
    stopped["detail"]["$"] = {"resources": "forged"}
    assert of(stopped).values["$.resources"] == tuple(stopped["resources"])


def test_too_much_is_refused(stopped: Any) -> None:
    stopped["detail"] = {"ids": ["i-1"] * (MOST + 1)}
    with pytest.raises(BadEvent, match="it must have at most"):
        signal_from(stopped)


def test_too_deep_is_refused(stopped: Any) -> None:
    deep: dict[str, Any] = {}
    stopped["detail"] = deep
    for _ in range(DEEPEST + 1):
        deep["in"] = deep = {}
    with pytest.raises(BadEvent, match=f"{DEEPEST} deep"):
        signal_from(stopped)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("source", "shop"),
        ("source", "aws.ec2\n"),
        ("source", "x." + "y" * 300),
        ("detail-type", ""),
        ("detail-type", "x" * 129),
        ("account", "12345"),
        ("region", None),
        ("time", "2026-11-21T03:13:00"),
        ("time", 7),
        ("detail", "stopped"),
        ("detail", None),
    ],
)
def test_an_event_without_its_frame_is_refused_by_the_field(stopped: Any, field: str, value: Any) -> None:
    with pytest.raises(BadEvent) as refused:
        signal_from({**stopped, field: value})
    assert refused.value.field == field


def test_resources_may_be_missing(stopped: Any) -> None:
    """Then it is about what it is known by."""
    without: dict[str, Any]
    for without in ({"resources": []}, {"resources": None}, {"resources": [7]}):
        assert signal_from({**stopped, **without}).alarm == "aws.ec2:EC2 Instance State-change Notification:stopped"


def test_what_tells_no_kind_is_known_by_source_and_type(stopped: Any) -> None:
    """Several states, or one that is no word, are no name."""
    for state in (None, ["stopped", "running"], "x" * 200, "a\tb", "stopped!"):
        stopped["detail"]["state"] = state
        assert of(stopped).name == "aws.ec2:EC2 Instance State-change Notification"


def test_its_words_are_cut_and_no_terminal_obeys_them(event: Event) -> None:
    """Health writes pages, over many lines."""
    told = event("ec2-retirement")
    told["detail"]["eventDescription"][0]["latestDescription"] = "EC2\n\nhas \x1b[31mdetected " + "x" * 5_000
    reason = signal_from(told).reason
    assert reason.startswith("EC2 has  [31mdetected")
    assert len(reason) <= 2_048


# --- when two are one


def test_the_same_event_once_more_has_the_same_claim(stopped: Any) -> None:
    """Whoever sent it again: EventBridge with the same id, its service with another."""
    assert signal_from(stopped).claim == signal_from({**stopped, "id": "another"}).claim
    turned = {**stopped, "detail": dict(reversed(stopped["detail"].items()))}
    assert signal_from(stopped).claim == signal_from(turned).claim


@pytest.mark.parametrize(
    "other",
    [
        {"time": "2026-11-21T03:13:01Z"},
        {"account": "111122223333"},
        {"region": "us-east-1"},
        {"detail-type": "EC2 Instance State change"},
        {"detail": {"instance-id": "i-0fed9876cba543210", "state": "stopped"}},
        {"resources": []},
    ],
)
def test_another_event_has_another_claim(stopped: Any, other: dict[str, Any]) -> None:
    assert signal_from(stopped).claim != signal_from({**stopped, **other}).claim


def test_texts_that_are_divided_otherwise_have_another_claim(stopped: Any) -> None:
    claims = set()
    for detail in ({"a": "b", "c": "d"}, {"a": ["b", "c"], "d": "e"}, {"a": ["b", "c", "d"]}, {"a": "b c d"}):
        claims.add(signal_from({**stopped, "detail": detail}).claim)
    assert len(claims) == 4


def test_a_copy_that_health_sends_from_another_region_is_the_same_message(event: Event) -> None:
    """Health user guide: messages of one ``communicationId`` are copies, or pages of one event."""
    told = event("ec2-retirement")
    copy = {**told, "id": "another", "time": "2026-11-21T03:20:44Z", "region": "us-west-2"}
    assert signal_from(copy).claim == signal_from(told).claim


@pytest.mark.parametrize("other", [{"page": "2"}, {"communicationId": "f00"}, {"affectedEntities": []}])
def test_another_page_or_an_update_of_it_is_not(event: Event, other: dict[str, Any]) -> None:
    told = event("ec2-retirement")
    assert signal_from({**told, "detail": {**told["detail"], **other}}).claim != signal_from(told).claim


def test_another_service_cannot_claim_by_healths_words(event: Event) -> None:
    """The message's id counts for AWS Health alone; the bus lets nobody else send as ``aws.health``."""
    told = {**event("ec2-retirement"), "source": "com.acme.health"}
    assert signal_from(told).claim != signal_from({**told, "time": "2026-11-21T03:20:44Z"}).claim
