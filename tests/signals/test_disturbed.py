"""Real events, disturbed at random: a Signal comes out, or BadEvent; and what is in the Signal can be relied on."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.errors import BadEvent
from nightcrew.signals import Signal, signal_from

FILES = sorted((Path(__file__).parents[2] / "events").glob("[!h]*.json"))  # without history-sample.json
EVENTS = [json.loads(file.read_text(encoding="utf-8")) for file in FILES]
DEEP = object()

# What fits nowhere.
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 12, 1e308, float("nan"), float("inf"), 10**5_000),
    *("", " ", "ALARM", "OK", "\ud800", "\x00", "x" * 100_000),
    *("{", "[]", "null", '{"triggeringAlarms":[null]}', '{"recentDatapoints":[{}],"threshold":[]}'),
    *("SELECT", 'SELECT MAX(x) FROM "y" GROUP BY z', "ANOMALY_DETECTION_BAND(m1)"),
    *("2026-11-21", "9999-12-31T23:59:59-0100"),
    *([], [[]], [None], {}, {"": ""}, {"a": {}}, {"value": "ALARM"}, {"metric": None}, {5: 5}, DEEP),
]


def junk(number: int) -> Any:
    """One of the values that fit nowhere, always a new one."""
    if JUNK[number] is not DEEP:
        return copy.deepcopy(JUNK[number])
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    return deep


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("number", range(len(JUNK)))
def test_an_error_can_be_shown_and_kept_whatever_the_value_was(event: Callable[[str], Any], number: int) -> None:
    """A list of 5,000 lists has no repr, a number of 5,001 digits no text, and a megabyte is no message."""
    with pytest.raises(BadEvent) as refused:
        signal_from(event("ec2-status-check") | {"source": junk(number)})
    assert len(str(refused.value)) < 500
    assert isinstance(refused.value.value, str | int | float | None)
    assert len(str(refused.value.value)) <= 100


def read(event: Any) -> tuple[Signal | None, BadEvent | None]:
    """What comes out: one of the two. Anything else fails the test."""
    try:
        return signal_from(event), None
    except BadEvent as refused:
        return None, refused


def paths(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document that is not deeper than an event is."""
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if len(way) > 12:
        return
    for key, child in inside:
        yield (*way, key)
        yield from paths(child, (*way, key))


def disturb(document: Any, draw: Callable[..., Any]) -> None:
    """Drop or replace the value at one random place, or one inside the JSON text that is there."""
    places = list(paths(document))
    if not places:
        return
    *way, last = draw(st.sampled_from(places))
    holder = document
    for key in way:
        holder = holder[key]
    value = holder[last]
    how = draw(st.sampled_from(["drop", "junk", "small", "inside"]))
    if how == "inside" and isinstance(value, str) and value.startswith("{"):
        try:
            inner = json.loads(value)
        except ValueError:
            return
        disturb(inner, draw)
        try:
            holder[last] = json.dumps(inner)
        except (RecursionError, ValueError):  # what cannot be written does not come in an event
            holder[last] = "[" * 50_000
    elif how == "drop":
        del holder[last]
    else:
        holder[last] = draw(SMALL) if how == "small" else junk(draw(st.integers(0, len(JUNK) - 1)))


@settings(max_examples=100, deadline=None, database=None)
@given(st.data())
def test_a_real_event_disturbed_anywhere_gives_a_signal_or_a_bad_event(data: st.DataObject) -> None:
    disturbed = copy.deepcopy(EVENTS[data.draw(st.integers(0, len(EVENTS) - 1))])
    for _ in range(data.draw(st.integers(1, 3))):
        disturb(disturbed, data.draw)
    signal, refused = read(disturbed)
    if signal:
        sound(signal)
    else:
        assert refused
        assert refused.field
        assert len(str(refused)) < 1_000


@settings(max_examples=50, deadline=None, database=None)
@given(st.dictionaries(st.text(max_size=8), SMALL, max_size=4))
def test_an_object_that_is_no_event_is_always_refused(thing: dict[str, Any]) -> None:
    with pytest.raises(BadEvent):
        signal_from(thing)


def sound(signal: Signal) -> None:
    """What everything above relies on."""
    assert signal.claim.encode()
    assert signal.claim.count("\t") == 2
    assert signal.at.utcoffset() == timedelta(0)
    assert signal.state in {"ALARM", "OK", "INSUFFICIENT_DATA", "EVENT"}
    assert signal.previous in {"ALARM", "OK", "INSUFFICIENT_DATA", None}
    assert signal.direction in {"high", "low", None}
    assert signal.form in {"metric", "expression", "anomaly", "composite", "query", "contributor", "event"}
    assert (signal.form == "event") == (signal.state == "EVENT") == (signal.happening is not None)
    assert (signal.form == "contributor") == (signal.contributor is not None)
    held = [signal.event, signal.alarm, signal.name, signal.region, signal.reason, *signal.children, *signal.tags]
    for metric in signal.metrics:
        held += [metric.namespace, metric.name, *metric.dimensions, *metric.dimensions.values()]
    if signal.happening:
        held += [*signal.happening.values, *(text for texts in signal.happening.values.values() for text in texts)]
    for text in [*held, *signal.tags.values()]:
        assert len(text) <= 2_048
        assert text.encode().decode() == text
