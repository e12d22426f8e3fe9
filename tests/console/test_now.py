"""Now: what waits, what runs, what was suggested, refused or ended lately."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from nightcrew.console.views.now import SHOWN
from nightcrew.demo.embedded import ACCOUNT
from tests.console.conftest import signed_in
from tests.console.looking import looking
from tests.console.past import ADA, RUNBOOK, arn, ended, refused
from tests.console.reader import Newsroom, Opened, Reader

EVIL = "<script>alert(1)</script>"


class Counted:
    """A store that counts what it is asked."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._counting(name, found) if callable(found) else found

    def _counting(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.asked[name] += 1
            return found(*given, **named)

        return counted


def section(page: Opened, heading: str) -> str:
    """The words under a heading, up to the next one."""
    headings = ("Waits for a person", "Runs", "Suggested in the", "Refused in the", "Ended in the", "Times are UTC")
    rest = page.words.split(f" {heading} ")[-1]
    return min((rest.split(f" {other} ")[0] for other in headings if other != heading), key=len)


def test_what_waits_is_told_with_who_asked_and_the_way_to_decide(careful: Newsroom, instance: str) -> None:
    """Whoever asked is told that somebody else must approve; another person gets the way there."""
    run = _asking(careful, instance)
    own = section(signed_in(careful).open("/console"), "Waits for a person")
    assert RUNBOOK in own
    assert instance in own
    assert "Asked for by ada" in own
    assert "somebody else must approve" in own
    others = signed_in(careful, f"arn:aws:iam::{ACCOUNT}:user/bob").open("/console")
    assert others.links[f"Look at the plan and decide on {RUNBOOK} on {instance}"] == f"/console/approvals/{run}"


def test_whoever_asked_is_known_by_another_name_too(careful: Newsroom, instance: str) -> None:
    """In a role, or by a browser: the gate would refuse them, and so nothing leads there."""
    _asking(careful, instance)
    for actor in (f"arn:aws:sts::{ACCOUNT}:assumed-role/leads/ada", "oidc:login.example.com:ada@example.com"):
        assert "somebody else must approve" in signed_in(careful, actor).open("/console").words


def test_a_run_that_waits_stands_once(careful: Newsroom, instance: str) -> None:
    """Under what waits, and not under what runs as well."""
    _asking(careful, instance)
    page = signed_in(careful).open("/console")
    assert "1 waits for a person" in page.words
    assert "0 run " in page.words


def test_a_run_is_told_while_it_runs(room: Newsroom, reader: Reader, instance: str) -> None:
    run = _started(room, instance)
    page = reader.open("/console")
    assert instance in section(page, "Runs")
    assert "by ada" in section(page, "Runs")
    assert page.links[run] == f"/console/runs/{run}"
    room.carry(run)
    page = reader.open("/console")
    assert instance not in section(page, "Runs")
    assert instance in page.words.split("Ended in the")[1]


def test_a_run_whose_lease_is_over_is_told(room: Newsroom, reader: Reader, instance: str) -> None:
    """Nobody carries it any more, and it stands among what runs."""
    _started(room, instance)
    assert "Its lease ended" not in reader.open("/console").words
    room.house.crew.installation.clock.sleep(timedelta(hours=3).total_seconds())
    assert "Its lease ended" in reader.open("/console").words


def test_why_something_was_refused_is_told_in_full(room: Newsroom, reader: Reader) -> None:
    """An index has the beginning of the words; people are called by their names."""
    words = f"everything is halted by {ADA}: the network is being worked on, until the morning"
    refused(room, "a", "halt", words)
    said = section(reader.open("/console"), "Refused in the last 24 hours")
    assert "halt" in said
    assert "everything is halted by ada: the network is being worked on, until the morning" in said


def test_a_suggestion_is_no_refusal(room: Newsroom, reader: Reader) -> None:
    """What nothing answers, and what helped with the like, stands apart, with the way to run it."""
    words = f"nothing answers this alarm; {RUNBOOK} helped with this symptom 4 of 4 times: start it by hand if it fits"
    refused(room, "a", "match", words, actor="alarm: queue-is-full", resource="arn:aws:cloudwatch:x")
    page = reader.open("/console")
    assert words in section(page, "Suggested in the last 24 hours")
    assert "alarm: queue-is-full" in section(page, "Suggested in the last 24 hours")
    assert page.links[f"Run it … {RUNBOOK}"] == f"/console/runbooks/{RUNBOOK}/run"
    assert "0 refused" in page.words


def test_what_ended_more_than_a_day_ago_is_history(room: Newsroom, reader: Reader) -> None:
    ended(room, "lately", timedelta(hours=23), words="lately it came back")
    ended(room, "long-ago", timedelta(hours=25), words="long ago it came back")
    words = reader.open("/console").words
    assert "lately it came back" in words
    assert "long ago" not in words


def test_what_an_alarm_says_is_text(room: Newsroom, reader: Reader) -> None:
    """Whatever a name, a resource or an answer of AWS holds, the page shows it and is not changed by it."""
    refused(room, "a", "match", f"nothing answers {EVIL}", actor=f"alarm: {EVIL}")
    refused(room, "b", "lock", f"\"'><img src=x> {EVIL}", resource='arn:aws:x:y:z:"q" & <b> ')
    ended(room, "c", words=EVIL, resource=arn('"><svg onload=x>'), symptom=EVIL)
    page = reader.open("/console")
    assert page.status == 200
    assert EVIL in page.words
    for mark in ("<script>alert", "<img", "<svg", "<b> "):
        assert mark not in page.text


def test_many_refusals_leave_the_page_short(room: Newsroom, reader: Reader) -> None:
    """It is asked every few seconds; how many there are is told, and the history has all."""
    for number in range(30):
        refused(room, f"r{number}", "cool-down", "it was changed lately")
    page = reader.open("/console")
    assert "30 refused" in page.words
    assert page.words.count("it was changed lately") == SHOWN
    history = reader.open(page.links["All refusals of the last 24 hours"])
    assert history.words.count("it was changed lately") == 25
    assert "Older" in history.links


def test_the_page_that_stays_open_asks_little(room: Newsroom) -> None:
    """Four queries and one request for words, however much happened; the halts are one more."""
    for number in range(5):
        refused(room, f"r{number}", "cool-down", "it was changed lately")
        ended(room, f"e{number}")
    store: Any = Counted(room.house.crew.store)
    room.door = replace(room.door, installation=replace(room.door.installation, store=store))
    reader = signed_in(room)
    store.asked.clear()
    assert reader.open("/console").status == 200
    assert store.asked["get_all"] == 1
    assert store.asked["query"] + store.asked["every"] <= 4
    assert sum(store.asked.values()) <= 6


def test_wherever_a_question_stands_it_says_what_comes_of_no_answer(careful: Newsroom, instance: str) -> None:
    """Whoever is woken decides by it whether it can wait for the morning."""
    run = _asking(careful, instance)
    reader = signed_in(careful)
    for at in ("/console", "/console/approvals", f"/console/approvals/{run}", f"/console/runs/{run}"):
        assert "counts as declined" in reader.open(at).words, at


def test_who_may_not_act_is_shown_no_way_to(careful: Newsroom, instance: str) -> None:
    """A viewer is told who decides, and has no button."""
    _asking(careful, instance)
    page = looking(careful).open("/console")
    assert "An approver must decide." in page.words
    assert "Halt …" not in page.links
    assert not any(each.startswith("Look at the plan") for each in page.links)


def test_the_page_has_an_icon(reader: Reader) -> None:
    """Its address changes with what is in it, so a browser keeps it."""
    page = reader.open("/console")
    at = page.text.partition('<link rel="icon" href="')[2].partition('"')[0]
    icon = reader.open(at)
    assert (icon.status, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert "immutable" in icon.headers["cache-control"]


def _started(room: Newsroom, instance: str) -> str:
    answer = room.door.person(RUNBOOK, {"instance_id": instance}, actor=ADA, account=ACCOUNT, region="eu-west-1")
    assert answer.run is not None
    return answer.run


def _asking(room: Newsroom, instance: str) -> str:
    run = _started(room, instance)
    room.until_it_asks(run)
    return run
