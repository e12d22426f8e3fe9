"""News for people and other systems: one schema, and no trouble with it ends a run."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.halting import halt_name, lift_halt, set_halt
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import moment
from nightcrew.demo.scripted import Refusal
from nightcrew.engine.news import FIELDS, KINDS, SOURCE, VERSION, AwsNews, piece
from nightcrew.engine.news_text import SUBJECT, subject, text
from tests.engine.shift import BOB, Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "news.md").read_text(encoding="utf-8")
EXAMPLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[0])
TOPIC = "arn:aws:sns:eu-west-1:123456789012:night"
Event = Callable[[str], dict[str, Any]]


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "set"


def waits(run: Run, queue: Queue) -> str:
    """It could be cancelled meanwhile."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait("a while", timedelta(minutes=10))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "set"


def fails(run: Run, queue: Queue) -> str:
    """It does not go well."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.require("it is well", False)
    return ""


def leaves_something(run: Run, queue: Queue) -> str:
    """One change is taken back, and of another the undo is at a loss."""

    def at_a_loss() -> None:
        raise LookupError("nobody knows how it was")

    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.change("set it higher", hide_for(queue, 62), undo=at_a_loss)
    run.require("it is well", False)
    return ""


class Desk:
    """Keeps what a topic and a bus are sent; or is out of order."""

    def __init__(self, broken: bool = False) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._broken = broken

    def __call__(self, service: str, config: Any) -> Any:
        del config
        return _Client(self, service, self._broken)


class _Client:
    def __init__(self, desk: Desk, service: str, broken: bool) -> None:
        self._desk, self._service, self._broken = desk, service, broken

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**members: Any) -> dict[str, Any]:
            self._desk.sent.append((f"{self._service}.{operation}", members))
            if self._broken:
                raise ConnectionError("the topic is gone")
            return {}

        return call


def sending(shift: Shift, desk: Any) -> AwsNews:
    """The shift tells this desk from now on."""
    news = AwsNews(desk, topic=TOPIC, bus="night")
    installation = shift.crew.installation
    object.__setattr__(installation, "news", news)
    return news


def sent(desk: Desk) -> list[dict[str, Any]]:
    """The pieces that went to the bus."""
    puts = [members for name, members in desk.sent if name == "events.put_events"]
    return [json.loads(entry["Detail"]) for put in puts for entry in put["Entries"]]


# --- the schema


def test_each_piece_of_news_has_the_schema_that_is_written_down(house: House) -> None:
    """Kind, time, run, runbook, resource and words; and no field that is not in it."""
    shift = Shift.build(house, remedy, level="approve")
    sending(shift, desk := Desk())
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run, BOB)
    shift.through(run)
    assert [each["kind"] for each in sent(desk)] == ["opened", "approval wanted", "closed"]
    for told in sent(desk):
        assert told["version"] == VERSION
        assert told.keys() <= set(FIELDS)
        assert moment(told["at"]).tzinfo is not None
        assert all(isinstance(told[name], str) for name in ("words", "run", "runbook", "resource", "account", "region"))
    assert sent(desk)[-1]["outcome"] == "succeeded"


@pytest.mark.parametrize(("ending", "kinds"), [(remedy, ["opened", "closed"]), (fails, ["opened", "failed"])])
def test_a_run_ends_with_one_piece(house: House, ending: Callable[..., str], kinds: list[str]) -> None:
    shift = Shift.build(house, ending)
    shift.through(shift.by_hand())
    assert shift.kinds() == kinds


def test_a_run_that_took_its_changes_back_says_so(house: House) -> None:
    """It did not fail: somebody cancelled it."""
    shift = Shift.build(house, waits)
    run = shift.by_hand()
    shift.on(run)
    shift.cancel(run)
    shift.through(run)
    assert shift.kinds() == ["opened", "undone"]
    assert (shift.news[-1][1]["outcome"], shift.news[-1][1]["undone"]) == ("cancelled", ["set it"])


def test_people_are_told_of_equal_refusals_once(house: House, event: Event) -> None:
    """A storm of alarms on a halted resource is one message; each signal is decided all the same."""
    shift = Shift.build(house, remedy)
    name = halt_name(runbook="remedy")
    set_halt(shift.crew.store, name, by="ada", reason="the network", now=shift.now())
    for _ in range(3):
        shift.pass_time(1)
        assert shift.fires(shift.event(event("ec2-status-check"))).gate == "halt"
    lift_halt(shift.crew.store, name)
    assert shift.kinds() == ["refused"]


def test_a_chain_of_remedies_that_did_not_help_is_told_to_people(house: House, event: Event) -> None:
    """With the gate, and the figures by which it was decided."""
    shift = Shift.build(house, remedy, more="chain: 1, chain_within: 6h")
    first = shift.event(event("ec2-status-check"), state="ALARM")
    run = shift.fires(first).run
    assert run is not None
    assert shift.through(run)["outcome"] == "ineffective"
    shift.pass_time(1200)
    assert shift.fires(shift.event(event("ec2-status-check"))).gate == "chain"
    kind, what = shift.news[-1]
    told = piece(kind, what)
    assert (told["kind"], told["gate"]) == ("refused", "chain")
    assert told["figures"]
    assert subject(told).startswith("refused by chain: remedy on ")
    assert text(told).splitlines()[-1] == f"nightcrew why {told['resource']}"


def test_a_runs_parameters_are_no_news(house: House) -> None:
    """A runbook may declare some of them secret, and news goes to more people than the ledger."""
    told = piece("opened", {"run": "r-1", "parameters": {"password": "hunter2"}, "why": "started by hand"})
    assert "hunter2" not in json.dumps(told)
    assert told["words"] == "started by hand"


def test_what_is_no_json_is_told_as_text() -> None:
    """Figures come from everywhere."""
    told = piece("refused", {"words": "x", "figures": {"within": timedelta(hours=6)}})
    assert told["figures"] == {"within": "6:00:00"}


# --- the document


def test_the_document_names_every_field_and_every_kind() -> None:
    rows = re.findall(r"^\| (`.+?) \|", DOCUMENT, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([a-z_ ]+)`", row)]
    assert [name for name in named if name != "kind"][: len(KINDS)] == list(KINDS)
    assert set(named) == {*KINDS, *FIELDS}


def test_the_example_in_the_document_is_what_is_sent(house: House) -> None:
    """Field by field, each of the same type; and the message beside it is that of the example."""
    shift = Shift.build(house, leaves_something)
    sending(shift, desk := Desk())
    shift.through(shift.by_hand())
    told = sent(desk)[-1]
    assert {name: type(value) for name, value in told.items()} == {name: type(each) for name, each in EXAMPLE.items()}
    assert list(told) == list(EXAMPLE)
    assert told["not_undone"][0].keys() == EXAMPLE["not_undone"][0].keys()
    assert piece(EXAMPLE["kind"], EXAMPLE) == EXAMPLE
    (message,) = re.findall(r"```text\n(.*?)\n```", DOCUMENT, re.DOTALL)
    assert text(EXAMPLE) == message


# --- on its way


def test_it_goes_to_the_bus_as_an_event_and_to_the_topic_as_text() -> None:
    """Each can be filtered there: by detail type and resource, by attributes."""
    desk = Desk()
    AwsNews(desk, topic=TOPIC, bus="night")("failed", EXAMPLE)
    (bus, put), (topic, published) = desk.sent
    assert (bus, topic) == ("events.put_events", "sns.publish")
    (entry,) = put["Entries"]
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (SOURCE, "Nightcrew failed", "night")
    assert entry["Resources"] == [EXAMPLE["resource"]]
    assert json.loads(entry["Detail"]) == EXAMPLE
    assert published["Message"] == text(EXAMPLE)
    filters = {name: each["StringValue"] for name, each in published["MessageAttributes"].items()}
    assert filters == {name: EXAMPLE[name] for name in ("kind", "runbook", "outcome", "account")}


def test_a_subject_is_one_line_of_plain_letters() -> None:
    """Whatever is in the names: SNS would refuse the message."""
    told = piece("closed", {"runbook": "démarrage\n" * 30, "resource": "arn:aws:ec2:r:a:x/é", "outcome": "cured"})
    assert len(subject(told)) <= SUBJECT
    assert re.fullmatch(r"[ -~]+", subject(told))


def test_a_run_under_break_glass_says_so_first() -> None:
    """Whoever reads only the subject must know."""
    told = piece("opened", {**EXAMPLE, "kind": "opened", "break_glass": "DynamoDB is down"})
    assert subject(told).startswith("BREAK-GLASS, started: restart-ec2-instance on ")
    assert told["break_glass"] == "DynamoDB is down"


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_begins_with_what_happened_and_ends_with_what_to_type(kind: str) -> None:
    """Where there is a run; and is short enough for a phone."""
    told = piece(kind, {**EXAMPLE, "deadline": "2026-11-21T03:30:00.000Z", "gate": "chain", "kind": kind})
    lines = text(told).splitlines()
    assert lines[:2] == [subject(told), EXAMPLE["words"]]
    assert lines[-1].startswith("nightcrew ")
    assert len(lines) <= 16


def test_what_the_bus_does_not_take_is_told_and_the_topic_gets_it_all_the_same(house: House) -> None:
    """A bus answers with 200, and says in the answer what it did not take."""
    shift = Shift.build(house, remedy)
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}]}
    house.scripted.answer("events", "PutEvents", *[refused] * 2)
    house.scripted.answer("sns", "Publish", *[{"MessageId": "m"}] * 2)
    sending(shift, house.scripted)
    assert shift.through(shift.by_hand())["outcome"] == "succeeded"
    failed = [what["words"] for kind, what in shift.house.told if kind == "news failed"]
    assert failed == ["Unreachable: bus night: ThrottlingException: later"] * 2
    assert [each.operation for each in house.scripted.sent if each.service == "sns"] == ["Publish"] * 2


@pytest.mark.parametrize(
    "refusal", [Refusal("AuthorizationError", status=403), Refusal("NotFound", status=404), Refusal("Throttled")]
)
def test_a_topic_that_refuses_ends_no_run(house: House, refusal: Refusal) -> None:
    """Nor does it keep the bus from its piece."""
    shift = Shift.build(house, remedy)
    house.scripted.answer("events", "PutEvents", *[{"FailedEntryCount": 0, "Entries": []}] * 2)
    house.scripted.answer("sns", "Publish", *[refusal] * 8)
    sending(shift, house.scripted)
    assert shift.through(shift.by_hand())["outcome"] == "succeeded"
    assert [kind for kind, _ in shift.house.told].count("news failed") == 2
    assert [each.operation for each in house.scripted.sent if each.service == "events"] == ["PutEvents"] * 2


@pytest.mark.parametrize(("topic", "bus", "sent"), [(None, None, []), ("t", None, ["sns"]), (None, "b", ["events"])])
def test_a_topic_or_a_bus_that_is_not_there_is_not_asked(topic: str | None, bus: str | None, sent: list[str]) -> None:
    """Either may be missing."""
    desk = Desk()
    AwsNews(desk, topic, bus)("opened", {"run": "r-1"})
    assert [name.split(".")[0] for name, _ in desk.sent] == sent


def test_trouble_with_a_topic_ends_no_run(house: House) -> None:
    """It is told to whoever watches, and the run goes its way."""
    shift = Shift.build(house, remedy)
    sending(shift, Desk(broken=True))
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "succeeded"
    failed = [what for kind, what in shift.house.told if kind == "news failed"]
    assert [what["kind"] for what in failed] == ["opened", "closed"]
    assert "the topic is gone" in failed[0]["words"]


def test_what_the_cloud_refuses_ends_no_run_either(house: House, clients: ClientMaker) -> None:
    """A topic that does not exist."""
    shift = Shift.build(house, remedy)
    sending(shift, clients)
    assert shift.through(shift.by_hand())["outcome"] == "succeeded"
    assert [kind for kind, _ in shift.house.told].count("news failed") == 2


@pytest.mark.parametrize("outcome", ["suggest", "observe"])
def test_a_suggestion_is_told_and_an_observation_only_written(house: House, event: Event, outcome: str) -> None:
    """To suggest is to tell people."""
    shift = Shift.build(house, remedy, level=outcome)
    answer = shift.fires(shift.event(event("ec2-status-check")))
    assert answer.gate == "autonomy"
    told: list[Mapping[str, Any]] = [what for kind, what in shift.news if kind == "refused"]
    assert [what["gate"] for what in told] == (["autonomy"] if outcome == "suggest" else [])


def test_an_installation_without_news_tells_nobody(house: House) -> None:
    """As on a laptop."""
    shift = Shift.build(house, remedy)
    silent = replace(shift.crew.installation, news=lambda kind, what: None)
    silent.tell_people("opened", {"run": "r-1"})
    assert shift.news == []
