"""Run a runbook from its form: what it takes, the plan first, and one start for each plan that is shown."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from nightcrew.admission.halting import set_halt
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.ledger.history import opening, running
from tests.api.desk import RUNBOOK
from tests.console.reader import Newsroom, Opened, Reader
from tests.console.test_approve import Looking

FORM, PLAN, START = (f"/console/runbooks/{RUNBOOK}/{each}" for each in ("run", "plan", "start"))


def planned(reader: Reader, **fields: str) -> Opened:
    return reader.submit(reader.open(FORM), PLAN, **fields)


def parameters(room: Newsroom, run: str) -> dict[str, object]:
    entry = opening(room.house.crew.store, run)
    assert entry is not None
    return dict(entry.body)


def test_an_address_fills_the_form_and_does_nothing(reader: Reader, room: Newsroom, instance: str) -> None:
    """So that one can send it to somebody."""
    page = reader.open(FORM, instance_id=instance, within="20m", reason='it "hangs"', region="eu-central-1")
    assert dict(page.form(PLAN).fields) | {"token": ""} == {
        "token": "",
        "instance_id": instance,
        "within": "20m",
        "reason": 'it "hangs"',
        "account": "",
        "region": "eu-central-1",
    }
    assert room.started == []
    assert room.house.scripted.actions() == set()


def test_what_the_runbook_does_not_know_is_said(reader: Reader) -> None:
    """A mistyped name in an address is not passed over, and stays text."""
    page = reader.open(FORM, **{"<script>alert(1)</script>": "x"})
    assert "does not know" in page.words
    assert "<script>alert(1)</script>" in page.words
    assert "<script>alert" not in page.text


def test_who_may_not_start_sees_who_may(reader: Reader) -> None:
    """Neither form nor plan."""
    reader.console.sign_in = Looking(reader.console.sign_in)
    page = reader.open(FORM)
    assert page.status == 403
    assert "ApiOperators" in page.words


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"instance_id": 'my "machine"'}, "instance_id", "it must be like i-0abc1234def567890"),
        ({"instance_id": ""}, "instance_id", "it is required"),
        ({"within": "soon"}, "within", "it must be a duration like 90s"),
        ({"within": "9" * 30 + "d"}, "within", "it must be a shorter duration"),
        ({"account": "12"}, "account", "of 12 digits"),
        ({"region": "Ireland"}, "region", "like eu-west-1"),
        ({"reason": "x" * 1001}, "reason", "1000 characters at most"),
    ],
)
def test_a_bad_value_is_said_at_its_field(
    reader: Reader, instance: str, typed: dict[str, str], field: str, words: str
) -> None:
    """What was typed stays, and nothing is planned."""
    page = planned(reader, **{"instance_id": instance, **typed})
    assert page.status == 422
    assert words in page.words
    assert re.search(f'aria-invalid="true" aria-describedby="[^"]*wrong-{field}"', page.text)
    assert page.form(PLAN).fields[field] == typed[field]


def test_all_that_is_wrong_is_said_at_once(reader: Reader) -> None:
    """Not one after the other."""
    page = planned(reader, instance_id="machine", within="soon", account="12")
    assert page.text.count('aria-invalid="true"') == 3


def test_a_plan_shows_what_it_would_do_and_changes_nothing(reader: Reader, room: Newsroom, instance: str) -> None:
    """Reads, what it requires, changes with parameters and undo, proofs."""
    page = planned(reader, instance_id=instance)
    for words in (
        "It would make 2 changes.",
        "find the instance",
        "✓ holds",
        "ec2:StopInstances",
        f"[{instance}]",
        "undo",
    ):
        assert words in page.words, words
    assert "both status checks pass" in page.words
    assert room.started == []
    assert room.house.scripted.changes() == []


def test_a_plan_that_comes_to_nothing_offers_no_start(reader: Reader) -> None:
    """It says why."""
    page = planned(reader, instance_id="i-0abc1234def567890")
    assert "there is nothing to start" in page.words
    assert START not in [each.action for each in page.forms]


def test_a_plan_says_who_must_approve(careful_reader: Reader, reader: Reader, instance: str) -> None:
    """Nobody is surprised by it after the start."""
    assert "Another person must approve" in planned(careful_reader, instance_id=instance).words
    assert "It begins at once" in planned(reader, instance_id=instance).words


def test_a_runbook_that_may_lose_data_says_so_before_its_plan(reader: Reader) -> None:
    """And that two people must approve."""
    words = reader.open("/console/runbooks/promote-read-replica/run").words
    assert "Data may be lost" in words
    assert "two people must approve" in words


def test_a_plan_says_which_gate_would_refuse_now(reader: Reader, instance: str) -> None:
    """Another run has the resource."""
    reader.submit(planned(reader, instance_id=instance), START)
    page = planned(reader, instance_id=instance)
    assert "It would be refused now lock" in page.words


def test_a_plan_leads_back_to_the_form_as_it_was_filled(reader: Reader, instance: str) -> None:
    """To change something."""
    page = planned(reader, instance_id=instance, reason="a & b")
    at = urlsplit(page.links["Change what is given"])
    assert at.path == FORM
    assert parse_qs(at.query) == {"instance_id": [instance], "within": ["10m"], "reason": ["a & b"]}


def test_a_start_is_the_executors_with_the_plans_parameters(reader: Reader, room: Newsroom, instance: str) -> None:
    """And leads to the run's page."""
    page = planned(reader, instance_id=instance, within="20m", reason="it hangs")
    sent = reader.send("POST", START, page.form(START).fields)
    (run,) = room.started
    assert sent.status == 303
    assert sent.headers["location"].startswith(f"/console/runs/{run}?said=started.")
    body = parameters(room, run)
    assert body["parameters"] == {"instance_id": instance, "within": "1200s"}
    assert (body["reason"], body["actor"]) == ("it hangs", f"arn:aws:iam::{ACCOUNT}:user/ada")


def test_a_plan_starts_once_however_often_it_is_sent(reader: Reader, room: Newsroom, instance: str) -> None:
    """A double click, a reload, an answer that was lost."""
    fields = planned(reader, instance_id=instance).form(START).fields
    first = reader.send("POST", START, fields)
    room.carry(room.started[0])
    second = reader.send("POST", START, fields)
    assert (first.status, second.status) == (303, 303)
    assert urlsplit(first.headers["location"]).path == urlsplit(second.headers["location"]).path
    assert len(room.started) == 1


def test_each_plan_has_its_own_start(reader: Reader, instance: str) -> None:
    """Whoever plans again may start again."""
    keys = {planned(reader, instance_id=instance).form(START).fields["key"] for _ in range(2)}
    assert len(keys) == 2


def test_a_start_without_a_plan_is_none(reader: Reader, room: Newsroom, instance: str) -> None:
    """The key comes from a plan's page."""
    token = reader.open(FORM).form(PLAN).fields["token"]
    assert reader.send("POST", START, {"token": token, "instance_id": instance}).status == 422
    assert room.started == []


def test_a_key_that_stood_for_another_start_starts_nothing(reader: Reader, room: Newsroom, instance: str) -> None:
    """Two tabs, one of them changed by hand."""
    fields = planned(reader, instance_id=instance).form(START).fields
    reader.send("POST", START, fields)
    page = reader.send("POST", START, {**fields, "instance_id": "i-0abc1234def567890"})
    assert page.status == 409
    assert "Plan it anew" in page.words
    assert len(room.started) == 1


def test_a_refusal_says_which_gate_until_when_and_what_to_do(reader: Reader, room: Newsroom, instance: str) -> None:
    """And leads to the run that stands in the way."""
    reader.submit(planned(reader, instance_id=instance), START)
    page = reader.submit(planned(reader, instance_id=instance), START)
    (run,) = room.started
    assert page.status == 409
    assert "lock" in page.words
    assert "wait for the other one's end" in page.words
    assert "Until" in page.words
    assert page.links[run] == f"/console/runs/{run}"


def test_a_refused_start_may_be_sent_again(reader: Reader, room: Newsroom, instance: str) -> None:
    """When the halt is lifted."""
    installation = room.house.crew.installation
    set_halt(installation.store, "all", by="ada", reason="<i>storm</i>", now=installation.clock.now())
    page = reader.submit(planned(reader, instance_id=instance), START)
    assert page.status == 409
    assert "<i>storm</i>" in page.words
    assert "<i>" not in page.text
    reader.submit(reader.open("/console"), "/console/halt/lift")
    assert reader.submit(page, START).status != 409
    assert len(running(room.house.crew.store)) == 1


def test_a_page_that_was_sent_leads_back_to_the_form(reader: Reader) -> None:
    """Whoever opens its address anew."""
    assert reader.open(PLAN).path == reader.open(START).path == FORM
