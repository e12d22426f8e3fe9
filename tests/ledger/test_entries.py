"""An entry has one text and one hash, and says in the indexes what it says itself."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nightcrew.errors import BadInput, BrokenChain
from nightcrew.ledger.entries import KINDS, MOST_BYTES, Entry, canonical
from nightcrew.ledger.rows import MOST_ACTOR, MOST_WORDS, week

AT = datetime(2026, 11, 21, 3, 9, 30, 250_999, tzinfo=UTC)
TEXT = some.text(some.characters(codec="utf-8"))
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner),
    max_leaves=8,
)
CLOSING = {
    "runbook": "restart-ec2-instance",
    "resource": "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0",
    "symptom": "AWS/EC2:StatusCheckFailed_Instance:high",
    "outcome": "cured",
    "started": "2026-11-21T03:00:00.000Z",
    "actor": "alarm",
    "words": "i-0123456789abcdef0 came back on other hardware",
}


def entry(kind: str = "change", body: Any = None, number: int = 3, at: datetime = AT) -> Entry:
    return Entry("20261121-030000-k3f9qa", number, kind, at, {} if body is None else body, "ab" * 32)


# --- canonical JSON ------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(JSON)
def test_the_text_reads_back_as_the_value_and_writes_again_as_the_text(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@settings(max_examples=25)
@given(some.dictionaries(TEXT, JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_it_is_compact_and_plain_unicode() -> None:
    assert canonical({"z": [1, 2.5, (None, True)], "ä": "🙂\n"}) == '{"z":[1,2.5,[null,true]],"ä":"🙂\\n"}'


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"reads": [{"at": AT}]}, "$.reads[0].at"),
        ({"n": float("nan")}, "$.n"),
        ([1, float("inf")], "$[1]"),
        ({"ids": {"a", "b"}}, "$.ids"),
        ({"a": {1: "one"}}, "$.a"),
        ({"a": "\ud800"}, "$.a"),
        ({"blob": b"\x00"}, "$.blob"),
    ],
)
def test_what_is_not_json_is_refused_with_its_path(value: Any, path: str) -> None:
    with pytest.raises(BadInput) as refused:
        canonical(value)
    assert refused.value.field == path


# --- entries -------------------------------------------------------------------------------------------------------


def test_the_hash_is_sha256_over_all_the_fields() -> None:
    text = (
        '{"at":"2026-11-21T03:09:30.250Z","body":{"title":"stop it"},"kind":"change","number":3,'
        f'"previous":"{"ab" * 32}","run":"20261121-030000-k3f9qa"}}'
    )
    assert entry(body={"title": "stop it"}).hash == hashlib.sha256(text.encode()).hexdigest()


@settings(max_examples=25)
@given(some.dictionaries(TEXT, JSON, max_size=3), some.sampled_from(KINDS), some.datetimes(timezones=some.just(UTC)))
def test_an_entry_reads_back_as_it_was_written(body: dict[str, Any], kind: str, at: datetime) -> None:
    written = entry(kind, body, at=at.replace(year=2028))
    read = Entry.from_item(written.to_item())
    assert read == written
    assert read.hash == written.hash == written.to_item()["hash"]
    assert read.same_as(written)


def test_the_same_thing_said_later_is_the_same_entry_with_another_hash() -> None:
    early, late = entry(), entry(at=AT + timedelta(minutes=1))
    assert early.same_as(late)
    assert early.hash != late.hash


def test_lists_and_tuples_say_the_same() -> None:
    assert entry(body={"ids": ("a",)}).same_as(entry(body={"ids": ["a"]}))


@pytest.mark.parametrize(
    "other",
    [entry(body={"n": 1.0}), entry(body={"n": True}), entry("wait", {"n": 1}), entry(body={"n": 1}, number=4)],
)
def test_anything_else_is_another_entry(other: Entry) -> None:
    assert not entry(body={"n": 1}).same_as(other)


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="opening, change, wait, closing, refusal"):
        entry("remark")


def test_a_body_that_no_item_could_hold_is_refused() -> None:
    with pytest.raises(BadInput, match="350000 bytes"):
        entry(body={"read": "x" * MOST_BYTES})


def test_an_item_is_terse() -> None:
    """What is there beside the body is paid for with each entry."""
    item = entry(body=CLOSING).to_item()
    assert item.keys() == {"run", "number", "kind", "at", "body", "previous", "hash"}
    assert sum(len(name) + len(str(value)) for name, value in item.items()) - len(item["body"]) < 250


@pytest.mark.parametrize(
    "damage", [{"body": "{"}, {"body": "[]"}, {"body": 1}, {"at": "now"}, {"kind": "x"}, {"run": 1}, {"number": "x"}]
)
def test_an_item_that_holds_no_entry_is_a_broken_chain(damage: dict[str, Any]) -> None:
    with pytest.raises(BrokenChain, match="cannot be read"):
        Entry.from_item(entry().to_item() | damage)
    with pytest.raises(BrokenChain, match="cannot be read"):
        Entry.from_item({name: value for name, value in entry().to_item().items() if name not in damage})


# --- what the indexes hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["opening", "change", "wait"])
def test_only_an_ending_is_in_the_indexes(kind: str) -> None:
    assert not entry(kind, CLOSING).to_item().keys() & {"ended", "week", "resource", "runbook", "symptom"}


def test_a_closing_carries_what_the_indexes_hold() -> None:
    item = entry("closing", CLOSING).to_item()
    copied = {name: value for name, value in CLOSING.items() if name not in ("started", "words")}
    assert item.items() >= copied.items()
    assert CLOSING["words"].startswith(item["words"].rstrip("…"))
    assert item["took"] == 570.25
    assert item["week"] == "2026-W47"
    assert item["ended"] == "2026-11-21T03:09:30.250Z#k3f9qa"
    assert "gate" not in item


def test_what_a_closing_does_not_know_is_left_out() -> None:
    item = entry(
        "closing", {"outcome": "failed", "symptom": None, "resource": "", "started": "?", "actor": 7}
    ).to_item()
    assert item.keys() - entry().to_item().keys() == {"outcome", "week", "ended"}


def test_long_words_and_actors_are_cut_to_their_bytes() -> None:
    actor = "arn:aws:sts::123456789012:assumed-role/operator/anna"
    item = entry("closing", CLOSING | {"words": "ü" * 80, "actor": actor}).to_item()
    assert item["words"] == "ü" * 17 + "…"
    assert item["actor"] == "…:assumed-role/operator/anna"
    assert len(item["words"].encode()) <= MOST_WORDS
    assert len(item["actor"].encode()) <= MOST_ACTOR


def test_weeks_are_those_of_utc() -> None:
    assert week(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)) == "2026-W53"
    assert week(datetime.fromisoformat("2027-01-04T00:30:00+01:00")) == "2026-W53"
    assert week(datetime(2027, 1, 4, tzinfo=UTC)) == "2027-W01"
