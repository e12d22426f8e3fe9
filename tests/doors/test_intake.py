"""Intake: a batch of messages from SQS, each answered by itself."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

import intake
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Refusal
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.invoking import invoker
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Store, client_config
from tests.doors.conftest import ALIAS, Context, Lines
from tests.happenings import happened
from tests.house import House

Event = Callable[[str], dict[str, Any]]


@pytest.fixture
def house(on_tables: House) -> House:
    """As it is deployed, with the tables."""
    return on_tables


@pytest.fixture
def door(house: House) -> intake.Handler:
    """Intake over AWS as it is scripted, its tables among it; the executor can be invoked."""
    house.scripted.answer("lambda", "Invoke", *[{"StatusCode": 202}] * 20)
    store = Store(house.scripted("dynamodb", client_config()), clock=SkippingClock())
    installed = replace(house.crew.installation, store=store)
    dispatcher = Dispatcher(installed, invoker(house.scripted, ALIAS))
    return intake.answering(lambda: dispatcher)


def instance(of: str) -> str:
    """An instance of a test's own: the cloud is shared."""
    return f"i-{hashlib.sha256(of.encode()).hexdigest()[:17]}"


def alarm(house: House, event: Event, about: str) -> dict[str, Any]:
    """An alarm about an instance."""
    return house.alarmed(event("ec2-status-check"), {"InstanceId": about})


def message(name: str, body: Any) -> dict[str, Any]:
    """A message as SQS hands it over."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"messageId": name, "body": text, "attributes": {"ApproximateReceiveCount": "1"}}


def failed(answer: Mapping[str, Any]) -> list[str]:
    """The messages that come again."""
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def starts(house: House) -> list[dict[str, Any]]:
    """The parameters of each invocation of the executor."""
    return [dict(each.parameters) for each in house.scripted.sent if each.operation == "Invoke"]


def refuse_about(house: House, hit: str, refusal: Refusal) -> None:
    """The tables refuse every transaction that names the instance."""

    def script(parameters: Mapping[str, Any]) -> Refusal | None:
        return refusal if hit in json.dumps(parameters, default=str) else None

    house.scripted.script("dynamodb", "TransactWriteItems", script)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Refusal("TransactionConflictException"), "Conflict"),
        (Refusal("ThrottlingException"), "Unreachable"),
        (Refusal("InternalServerError", status=500), "Unreachable"),
        (Refusal("AccessDeniedException"), "Denied"),
    ],
)
def test_only_the_message_whose_table_does_not_answer_comes_again(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines, refusal: Refusal, kind: str
) -> None:
    """A poisoned message, and one that is no alarm, are done with; a good one is answered whoever stands beside it."""
    good, hit = instance(f"good {refusal}"), instance(f"hit {refusal}")
    refuse_about(house, hit, refusal)
    batch = [
        message("poisoned", '{"detail": '),
        message("hit", alarm(house, event, hit)),
        message("no alarm", event("not-an-alarm")),
        message("good", alarm(house, event, good)),
    ]
    assert failed(door({"Records": batch}, context)) == ["hit"]
    assert len(starts(house)) == 1
    assert [(line["message_id"], line["message"]) for line in intake_log()] == [
        ("poisoned", "not an event that can be read"),
        ("hit", "to be tried again"),
        ("no alarm", "not an event that can be read"),
        ("good", "admitted"),
    ]
    assert intake_log()[1]["kind"] == kind


def test_an_event_beyond_alarms_comes_in_the_same_way(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """By the same queue, and once: its second delivery has another id and the same words."""
    about = instance("stopped")
    sent = happened(house, event("ec2-instance-stopped"), {"i-0abc1234def567890": about})
    batch = [message("first", sent), message("again", {**sent, "id": "another"})]
    assert failed(door({"Records": batch}, context)) == []
    assert len(starts(house)) == 1
    first, again = intake_log()
    assert (first["message"], first["runbook"], first["state"]) == ("admitted", "start-ec2-instance", "EVENT")
    assert (again["message"], again["gate"]) == ("refused", "claim")


def test_an_admitted_run_is_started_through_the_alias_under_its_own_name(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """Asynchronously, with its id as payload and nothing else: the same name and payload again starts nothing new."""
    assert failed(door({"Records": [message("m", alarm(house, event, instance("started")))]}, context)) == []
    run = intake_log()[0]["run"]
    assert starts(house) == [
        {
            "FunctionName": ALIAS,
            "InvocationType": "Event",
            "DurableExecutionName": run,
            "Payload": json.dumps({"run": run}).encode(),
        }
    ]
    assert [entry.kind for entry in entries(house.crew.store, run)] == ["opening"]


def test_a_run_that_could_not_be_started_is_started_when_its_message_comes_again(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """It was admitted before; the claim knows its run, and that it never began."""
    batch = {"Records": [message("m", alarm(house, event, instance("started later")))]}
    house.scripted.answer("lambda", "Invoke", Refusal("TooManyRequestsException"), {"StatusCode": 202})
    assert failed(door(batch, context)) == ["m"]
    assert failed(door(batch, context)) == []
    first, second = (each["DurableExecutionName"] for each in starts(house))
    assert first == second == intake_log()[-1]["run"]


def test_a_redelivered_message_starts_nothing_twice(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    again = message("m", alarm(house, event, instance("twice")))
    assert failed(door({"Records": [again, again]}, context)) == []
    assert len(starts(house)) == 1
    assert [(line["message"], line.get("gate")) for line in intake_log()] == [("admitted", None), ("refused", "claim")]


def test_nothing_of_one_message_stands_in_the_log_of_the_next(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """Else whoever is on call reads the wrong alarm's name beside an error."""
    batch = [message("first", alarm(house, event, instance("first"))), message("second", "[]")]
    door({"Records": batch}, context)
    door({"Records": [message("third", "{}")]}, context)
    first, second, third = intake_log()
    assert {"alarm", "state", "event_id", "run"} <= first.keys()
    assert {"alarm", "state", "event_id", "run"} & (second.keys() | third.keys()) == set()
    assert [line["message_id"] for line in (first, second, third)] == ["first", "second", "third"]


def test_what_fails_is_logged_with_its_alarm(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """And with Lambda's request id, under which the platform logs too."""
    refuse_about(house, instance("throttled"), Refusal("ThrottlingException"))
    sent = alarm(house, event, instance("throttled"))
    door({"Records": [message("m", sent)]}, context)
    (line,) = intake_log()
    assert line["alarm"] == sent["resources"][0]
    assert line["function_request_id"] == context.aws_request_id
    assert "throttled" in line["problem"]


def test_a_slip_of_our_own_costs_one_message_only(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """An error that nobody foresaw is logged with its traceback; the message comes again, then to the dead letters."""
    refuse_about(house, instance("slip"), Refusal("ValidationException"))
    batch = [
        message("slip", alarm(house, event, instance("slip"))),
        message("good", alarm(house, event, instance("beside a slip"))),
    ]
    assert failed(door({"Records": batch}, context)) == ["slip"]
    assert "ValidationException" in intake_log()[0]["exception"]


def test_a_message_for_which_no_time_is_left_comes_again_untouched(
    house: House, door: intake.Handler, event: Event, intake_log: Lines
) -> None:
    """A time-out would bring the answered ones again as well, until they are dead letters."""
    batch = [
        message("in time", alarm(house, event, instance("in time"))),
        message("late", alarm(house, event, instance("late"))),
    ]
    late = Context([30_000, intake.RESERVE - 1])
    assert failed(door({"Records": batch}, late)) == ["late"]
    assert len(starts(house)) == 1
    assert not any(
        instance("late") in str(each.parameters) for each in house.scripted.sent if each.service == "dynamodb"
    )
    assert "are left" in intake_log()[1]["problem"]


def test_a_runs_parameters_stay_out_of_the_log(
    house: House, door: intake.Handler, event: Event, context: Context, intake_log: Lines
) -> None:
    """A runbook may declare some of them secret; the resource is named, and the ledger has the rest."""
    door({"Records": [message("m", alarm(house, event, instance("secret")))]}, context)
    (line,) = intake_log()
    assert "parameters" not in line
    assert line["resource"].endswith(instance("secret"))


def test_as_it_is_deployed_it_starts_nothing_until_a_team_says_so(
    environment: pytest.MonkeyPatch, house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """The packaged policy only observes: the refusal is written with its gate, and the message is done with."""
    del environment
    assert failed(intake.handler({"Records": [message("m", alarm(house, event, instance("observed")))]}, context)) == []
    (line,) = intake_log()
    assert (line["message"], line["gate"]) == ("refused", "autonomy")
    assert [entry.kind for entry in entries(house.crew.store, line["run"])] == ["refusal"]


def test_a_function_without_its_settings_loses_no_message(
    environment: pytest.MonkeyPatch, event: Event, context: Context, intake_log: Lines
) -> None:
    """They come again, and the log names what is missing."""
    environment.delenv("NIGHTCREW_EXECUTOR")
    assert failed(intake.handler({"Records": [message("m", event("ec2-status-check"))]}, context)) == ["m"]
    assert "NIGHTCREW_EXECUTOR" in intake_log()[0]["exception"]
