"""The page of a run: what it changed and whether it helped, why it was let, and the same once more."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nightcrew.clock import SkippingClock
from nightcrew.demo.house import House
from nightcrew.ledger.memory import MemoryStore
from tests.console.conftest import ADA, signed_in
from tests.console.looking import looking
from tests.console.past import RUNBOOK, arn, ended, refused
from tests.console.reader import Newsroom, Opened, Reader
from tests.knowledge.incidents import THREE, Ledger, cured, undone


def ledger(room: Newsroom) -> Ledger:
    """The room's, to write runs into."""
    store = room.house.crew.store
    assert isinstance(store, MemoryStore)
    return Ledger(store)


def begun(room: Newsroom, instance: str, reason: str = "it hangs") -> str:
    """A run of Ada's, admitted."""
    told = room.door.person(
        RUNBOOK, {"instance_id": instance}, actor=ADA, account="123456789012", region="eu-west-1", reason=reason
    )
    assert told.run is not None
    return told.run


def at(reader: Reader, run: str, **query: Any) -> Opened:
    return reader.open(f"/console/runs/{run}", **query)


def test_one_sees_what_was_changed_and_that_it_helped(reader: Reader, room: Newsroom, instance: str) -> None:
    """Each change with its call and its parameters to the letter, what AWS answered, and the proofs."""
    run = begun(room, instance)
    room.carry(run)
    page = at(reader, run)
    assert page.status == 200
    for words in (
        f"✓ succeeded {RUNBOOK} on {instance}",
        "Asked by ada (“it hangs”)",
        "Changed 2 changes",
        "changes stop it – made ec2:StopInstances " + f'{{"InstanceIds": ["{instance}"]}}',
        "What AWS answered",
        "Undo: bring it back",
        "closed ✓ succeeded",
        "each chained to the one before it: consistent",
        "Its last hash is",
    ):
        assert words in page.words, words
    assert re.search(r"Proved ✓ (\d+) of \1 proof", page.words)
    assert len(page.text.encode()) < 100_000


def test_an_alarms_run_tells_why_it_was_admitted(reader: Reader, room: Newsroom) -> None:
    """The alarm, the rule that let it, the gates that were asked; and that the OK came and held."""
    cured(ledger(room))
    page = at(reader, "20261121-030004-cured1")
    for words in (
        "Asked by alarm: web-1-status",
        "alarm web-1-status since 2026-11-21 02:59:56 Threshold Crossed: 1 datapoint [1.0]",
        "autonomy auto rules[0] (family: restart)",
        "✓ cool-down",
        "another one holds now",
        "Alarm ✓ OK, and it held",
        "proves both status checks pass · 2 min",
        "looked: 1 read, 2 requirements – all well",
    ):
        assert words in page.words, words
    assert "5 min later" not in page.words  # the hold says itself how long it is


def test_settings_come_with_the_line_of_policy_that_says_them(reader: Reader, room: Newsroom, instance: str) -> None:
    """As long as policy is the one that let it."""
    run = begun(room, instance)
    words = at(reader, run).words
    assert "cool down 15m built in" in words
    assert "another one holds now" not in words


def test_before_and_after_are_put_side_by_side(reader: Reader, room: Newsroom) -> None:
    """What the same probe saw before the first change and last: only what is different."""
    chain = ledger(room).opened("20261121-030004-sizes1", THREE)
    small, large = {"desired": 2, "max": 4}, {"desired": 3, "max": 4}
    seen = {"read": "find it", "call": "autoscaling:DescribeAutoScalingGroups", "value": small, "at": chain.at(1)}
    chain.change(2, "raise it", "autoscaling:UpdateAutoScalingGroup", [seen])
    proved = {"proved": "3 serve", "met": True, "tries": 1, "value": large, "since": chain.at(3), "at": chain.at(9)}
    chain.close(10, "succeeded", "it has 3", [{"changed": "raise it", "how": "once", "at": chain.at(3)}, proved])
    assert "What Before After desired 2 3 What happened" in at(reader, "20261121-030004-sizes1").words


def test_what_failed_and_what_was_not_taken_back_stands_out(reader: Reader, room: Newsroom) -> None:
    """A change that AWS refused, and an undo of which nobody knows the end."""
    undone(ledger(room))
    page = at(reader, "20261121-040004-undone")
    for words in (
        "✗ 2 changes, 1 failed",
        "Taken back ✗ 1 change, 1 failed",
        "Not taken back ✗ stop it",
        "approve the plan · 3 min",
        "approved by carol@example.com (OnCall)",
        "VcpuLimitExceeded: no <room> | here (request q-9)",
        "a person must look: AWS did not answer 4 times",
        "its outcome was unknown: looked at, and it had taken effect",
    ):
        assert words in page.words, words


def test_the_same_again_is_planned_first(reader: Reader, room: Newsroom, instance: str) -> None:
    """The form of its runbook, filled in as it was: nothing starts by a link."""
    run = begun(room, instance)
    room.carry(run)
    link = urlsplit(at(reader, run).links["Plan it again …"])
    assert link.path == f"/console/runbooks/{RUNBOOK}/run"
    assert parse_qs(link.query)["instance_id"] == [instance]
    form = reader.open(f"{link.path}?{link.query}").form(f"/console/runbooks/{RUNBOOK}/plan")
    assert form.fields["instance_id"] == instance


def test_of_another_account_the_same_again_is_there(reader: Reader, room: Newsroom) -> None:
    """It would else be planned on a resource at home that has the same name."""
    there = "arn:aws:ec2:eu-west-2:210987654321:instance/i-0abc1234def567890"
    ledger(room).opened("20261121-030004-there1", THREE, resource=there)
    query = parse_qs(urlsplit(at(reader, "20261121-030004-there1").links["Plan it again …"]).query)
    assert (query["account"], query["region"]) == (["210987654321"], ["eu-west-2"])


def test_who_may_only_look_is_shown_no_way_to_act(room: Newsroom, instance: str) -> None:
    """Neither to cancel nor to write, nor to the form of another run."""
    page = at(looking(room), begun(room, instance))
    assert page.status == 200
    assert not [form for form in page.forms if "/console/runs/" in form.action]
    assert "Plan it again …" not in page.links


def test_a_run_that_waits_for_people_leads_to_them(careful_reader: Reader, careful: Newsroom, instance: str) -> None:
    """Its page says what it waits for, and until when."""
    run = begun(careful, instance)
    careful.until_it_asks(run)
    page = at(careful_reader, run)
    assert page.links["Approve or decline …"] == f"/console/approvals/{run}"
    assert "◌ waiting" in page.words
    assert "asks people approve the plan until" in page.words


def test_a_refusal_has_a_page_too(reader: Reader, room: Newsroom) -> None:
    """The gate, its figures, until when, what has to happen, and how the gates stand now."""
    other = ended(room, "20261121-030004-before")
    figures = {"run": other, "lease": "2026-11-21T04:15:00.000Z"}
    run = refused(room, "lock1", "lock", "another run has it", figures=figures, until="2026-11-21T04:15:00.000Z")
    page = at(reader, run)
    for words in (
        "⊘ refused",
        "Why it was refused",
        "until 2026-11-21 04:15:00",
        "it is over",
        "One run at a time works on a resource",
        "Now no halt, lock, cool-down, chain, breaker or freeze is in the way",
    ):
        assert words in page.words, words
    assert page.links[other] == f"/console/runs/{other}"


def test_a_refusal_tells_what_still_stands_in_the_way(reader: Reader, room: Newsroom) -> None:
    """A start by hand would meet the halt of this moment."""
    run = refused(room, "halt1", "halt", "everything is halted", figures={"halt": "all"})
    reader.submit(reader.open("/console/halt"), "/console/halt", reason="a storm")
    assert "A start by hand would be refused now, too: halt everything is halted by ada" in at(reader, run).words


def test_a_run_that_there_is_not_is_told_how_to_be_found(reader: Reader) -> None:
    """A mistyped id, or one that is not written down yet."""
    page = at(reader, "20261121-030004-nobody")
    assert page.status == 404
    assert "there is no run 20261121-030004-nobody" in page.words
    assert page.links["Search for it by words"] == "/console/history?words=20261121-030004-nobody"
    assert reader.open("/console/runs/20261121-030004-nobody/postmortem").status == 404


def test_what_is_known_of_the_like_stands_beside(reader: Reader, room: Newsroom) -> None:
    """Past runs, each with a way to it, and how often each runbook helped."""
    for number in range(3):
        ended(
            room, f"20261121-03000{number}-like{number}", timedelta(days=1), resource=arn(f"i-0abc1234def56789{number}")
        )
    page = at(reader, ended(room, "20261121-030004-thisone"))
    assert "restart-ec2-instance 3 of 3" in page.words
    assert [to for to in page.links.values() if "/console/runs/20261121-030001-like1" in to]


class Counting(MemoryStore):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def get(self, table: str, key: Any, *, consistent: bool = True) -> Any:
        self.asked += 1
        return super().get(table, key, consistent=consistent)

    def query(self, *args: Any, **how: Any) -> Any:
        self.asked += 1
        return super().query(*args, **how)


@pytest.fixture
def counted(house: House, tmp_path: Path) -> Newsroom:
    crew = house.crew
    catalog, policy = crew.installation.catalog, crew.installation.policy
    return Newsroom.of(
        House.build(crew.clients, house.scripted, catalog, policy, SkippingClock(), Counting()), tmp_path
    )


def test_who_follows_a_run_asks_for_little_each_time(counted: Newsroom, instance: str) -> None:
    """Its chain, whether somebody wants it stopped, and what is halted: what is known of the like stays as it is."""
    reader, store = signed_in(counted), counted.house.crew.store
    assert isinstance(store, Counting)
    for number in range(5):
        ended(counted, f"20261121-03000{number}-many{number}")
    run = begun(counted, instance)
    store.asked = 0
    page = reader.send("GET", f"/console/runs/{run}", headers={"x-live": "1"})
    followed, store.asked = store.asked, 0
    assert page.text.count('data-live=""') == 3
    assert "What is known of the like" not in page.words
    assert "What is known of the like" in at(reader, run).words
    assert followed <= 3
    assert store.asked <= 3 + 24


def test_a_run_that_has_ended_is_followed_no_more(reader: Reader, room: Newsroom, instance: str) -> None:
    """Each of its live parts says that it is over: as many as while it ran."""
    run = begun(room, instance)
    assert at(reader, run).text.count('data-live=""') == 3
    room.carry(run)
    page = at(reader, run)
    assert (page.text.count('data-live=""'), page.text.count('data-live="over"')) == (0, 3)
