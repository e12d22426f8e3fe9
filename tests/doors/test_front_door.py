"""The deployed front door: the policy of the moment, trouble with it said aloud, answers to runs, and calendars."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import executor
import intake
from nightcrew.admission.alarms import awaiting
from nightcrew.admission.policy import Level
from nightcrew.admission.policy_source import KEPT
from nightcrew.admission.request import AlarmSeen
from nightcrew.clock import SkippingClock, StoppedClock
from nightcrew.demo.scripted import Refusal, Sent
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine import deployed
from nightcrew.engine.deployed import house as deployed_house
from nightcrew.engine.installation import nobody
from nightcrew.engine.metrics import through_log
from nightcrew.engine.packaged import packaged_policy
from nightcrew.errors import Unknown
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Tables
from tests.doors.conftest import ALIAS, Context, Lines
from tests.doors.test_intake import alarm, failed, instance, message
from tests.house import House

Event = Callable[[str], dict[str, Any]]
AUTO = "rules:\n  - {when: {family: restart}, autonomy: auto}\n"
BAD = "rules:\n  - {when: {family: restart}, autonomie: auto}\n"
ENVIRONMENT = {
    "NIGHTCREW_LEDGER": Tables().ledger,
    "NIGHTCREW_STATE": Tables().state,
    "NIGHTCREW_EXECUTOR": ALIAS,
}
SEND = ("lambda", "SendDurableExecutionCallbackSuccess")


@pytest.fixture
def house(on_tables: House) -> House:
    """As it is deployed, with the tables."""
    return on_tables


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    """Time for what is deployed, until a test moves it: as late as it is, since the tables are shared."""
    clock = StoppedClock(SkippingClock().now())
    monkeypatch.setattr(deployed, "SystemClock", lambda: clock)
    return clock


def put(house: House, name: str, text: str) -> None:
    """A team puts a policy into its parameter."""
    house.crew.client("ssm").put_parameter(Name=name, Value=text, Type="String", Overwrite=True)


def asked(house: House, operation: str) -> list[Sent]:
    return [each for each in house.scripted.sent if each.operation == operation]


# --- policy


def test_a_changed_policy_decides_a_minute_later_in_a_warm_environment(
    house: House, event: Event, clock: StoppedClock, context: Context, intake_log: Lines
) -> None:
    """And each entry has the version that decided it."""
    house.scripted.answer("lambda", "Invoke", {"StatusCode": 202})
    put(house, "/front/changed", "{}")
    door = front_door({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/changed"}, nobody, house.scripted)
    handler = intake.answering(door)

    def arrives(name: str) -> str:
        sent = alarm(house, event, instance(name))
        sent["detail"]["state"]["timestamp"] = sent["time"] = clock.now().isoformat()
        handler({"Records": [message("m", sent)]}, context)
        line = intake_log()[-1]
        (entry,) = house.entries(line["run"])
        return f"{line['message']} {entry.body['policy']}"

    first = arrives("observed by policy")
    put(house, "/front/changed", AUTO)
    still = arrives("observed by policy still")
    clock.sleep(KEPT.total_seconds())
    last = arrives("let by policy")
    assert first == still
    assert (first.split()[0], last.split()[0]) == ("refused", "admitted")
    assert first.split()[1] != last.split()[1]
    assert len(asked(house, "GetParameter")) == 2


def test_trouble_with_the_policy_is_said_aloud_and_told_to_people_once(
    house: House, clock: StoppedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line and a metric in each environment, each minute that it lasts; one piece of news for a bad version."""
    house.scripted.script("sns", "Publish", lambda _: {"MessageId": "m"})
    put(house, "/front/bad", AUTO)
    told: list[tuple[str, Any]] = []
    bad = f"{BAD}# {clock.now()}\n"
    wanted = {**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/bad", "NIGHTCREW_TOPIC": "arn:topic"}
    meter = through_log("night")
    houses = [deployed_house(wanted, lambda *what: told.append(what), house.scripted, meter) for _ in range(2)]
    good = {each().policy.version for each in houses}
    put(house, "/front/bad", bad)
    for _ in range(2):
        clock.sleep(KEPT.total_seconds())
        assert {each().policy.version for each in houses} == good
    assert [kind for kind, _ in told] == ["policy refused"] * 4
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["PolicyTrouble"] for each in metrics] == [[1.0]] * 4
    assert {each["_aws"]["CloudWatchMetrics"][0]["Namespace"] for each in metrics} == {"Nightcrew"}
    (news,) = asked(house, "Publish")
    assert news.parameters["Subject"] == "POLICY not valid: Nightcrew"
    assert "ssm:/front/bad:2: rules[0].autonomie" in news.parameters["Message"]


def test_where_the_parameter_cannot_be_read_nothing_runs_by_itself(
    house: House, event: Event, clock: StoppedClock, context: Context, intake_log: Lines
) -> None:
    """Nor does a message come again for it: the refusal is written, with the policy by which it was decided."""
    house.scripted.answer("ssm", "GetParameter", Refusal("AccessDeniedException"))
    door = front_door({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/none"}, nobody, house.scripted)
    batch = {"Records": [message("m", alarm(house, event, instance("without a policy")))]}
    assert failed(intake.answering(door)(batch, context)) == []
    (line,) = intake_log()
    assert (line["message"], line["gate"]) == ("refused", "autonomy")
    (entry,) = house.entries(line["run"])
    assert entry.body["policy"] == f"packaged-{packaged_policy().version}"


@pytest.mark.parametrize(("stack", "holds"), [("observe", Level.OBSERVE), ("approve", Level.APPROVE), ("auto", None)])
def test_a_stack_lets_no_more_run_than_it_was_deployed_for(house: House, stack: str, holds: Level | None) -> None:
    """Whatever the team's policy says; and a parameter that says less wins."""
    put(house, "/front/auto", AUTO)
    wanted = {**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/auto", "NIGHTCREW_AUTONOMY": stack}
    policy = deployed_house(wanted, nobody, house.scripted)().policy
    settings = policy.settings_for("x", "restart", "low", alarm_tags={}, region="eu-west-1", account="1")
    assert settings.autonomy.value is (holds or Level.AUTO)
    assert ("the stack is deployed with Autonomy" in settings.autonomy.because) == (holds is not None)


def test_a_level_that_there_is_not_stops_the_function(house: House) -> None:
    """At its first message, with what is allowed: no alarm is decided on a guess."""
    with pytest.raises(Unknown, match="observe, suggest, approve, auto"):
        deployed_house({**ENVIRONMENT, "NIGHTCREW_AUTONOMY": "automatic"}, nobody, house.scripted)


def test_without_a_parameter_none_is_read(house: House, event: Event, context: Context) -> None:
    """A cold start has no client of SSM then, nor of SNS, nor of EventBridge."""
    made: list[str] = []

    def clients(service: str, config: Any) -> Any:
        made.append(service)
        return house.scripted(service, config)

    door = front_door(ENVIRONMENT, nobody, clients)
    intake.answering(door)({"Records": [message("m", alarm(house, event, instance("plain")))]}, context)
    assert made == ["dynamodb"]
    assert door() is door()


# --- calendars


def test_a_closed_calendar_refuses_and_only_a_policy_that_names_one_asks(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """At the moment of the start."""
    house.scripted.answer("ssm", "GetCalendarState", {"State": "CLOSED", "NextTransitionTime": "2099-01-01T00:00:00Z"})
    put(house, "/front/calendar", f"{AUTO}freezes:\n  - {{name: the sale, calendar: ops}}\n")
    door = front_door({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/calendar"}, nobody, house.scripted)
    intake.answering(door)({"Records": [message("m", alarm(house, event, instance("frozen")))]}, context)
    (line,) = intake_log()
    assert (line["gate"], line["until"]) == ("freeze", "2099-01-01T00:00:00.000Z")
    assert len(asked(house, "GetCalendarState")) == 1


def test_a_low_error_budget_asks_a_person_and_only_a_policy_that_names_one_asks(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """At the moment of the start: the run opens, waits for an approval, and its entry says why."""
    report = {"Arn": "a", "Name": "checkout", "BudgetStatus": "WARNING"}
    spent = {**report, "TotalBudgetSeconds": 100, "BudgetSecondsRemaining": 5}
    ask = "BatchGetServiceLevelObjectiveBudgetReport"
    answer = {"Timestamp": "2026-11-21T03:00:00Z", "Reports": [spent], "Errors": []}
    house.scripted.answer("application-signals", ask, answer)
    house.scripted.script("lambda", "Invoke", lambda _: {"StatusCode": 202})
    put(house, "/front/budget", f"{AUTO}error_budgets:\n  - {{slo: checkout, below: 20%, autonomy: approve}}\n")
    door = front_door({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/budget"}, nobody, house.scripted)
    intake.answering(door)({"Records": [message("m", alarm(house, event, instance("budget")))]}, context)
    (line,) = intake_log()
    autonomy = opening(house.crew.store, line["run"])
    assert autonomy is not None
    assert autonomy.body["autonomy"][0] == "approve"
    assert "5 % left, below 20 %" in autonomy.body["autonomy"][1]
    assert len(asked(house, ask)) == 1


# --- answers to runs


def test_an_alarms_ok_answers_the_run_that_waits_for_it(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """By its callback. Where Lambda does not take the answer the message comes again, and answers again."""
    house.scripted.script("lambda", "Invoke", lambda _: {"StatusCode": 202})
    house.scripted.answer(*SEND, Refusal("AccessDeniedException"), {})
    put(house, "/front/ok", AUTO)
    door = front_door({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/ok"}, nobody, house.scripted)
    handler = intake.answering(door)
    sent = alarm(house, event, instance("turns ok"))
    handler({"Records": [message("m", sent)]}, context)
    seen = AlarmSeen(sent["resources"][0], "x", StoppedClock().now(), "c", "")
    house.crew.store.transact([awaiting(seen, "Y2FsbGJhY2s=")])
    ok = alarm(house, event, instance("turns ok"))
    ok["detail"]["state"]["value"] = "OK"
    batch = {"Records": [message("ok", ok)]}
    assert [failed(handler(batch, context)) for _ in range(2)] == [["ok"], []]
    answers = [each.parameters for each in house.scripted.sent if each.operation == SEND[1]]
    assert {each["CallbackId"] for each in answers} == {"Y2FsbGJhY2s="}
    assert [json.loads(each["Result"]) for each in answers] == [{"ok": True}] * 2
    assert [line["message"] for line in intake_log()] == ["admitted", "to be tried again", "left"]


def test_an_executor_answers_its_own_runs_and_logs_what_was_not_delivered(
    environment: pytest.MonkeyPatch, executor_log: Lines
) -> None:
    """The embedded cloud has no callbacks."""
    assert executor.installation().answer("Y2FsbGJhY2s=", {"ok": True}) is False
    (line,) = executor_log()
    assert line["message"] == "answer not delivered"


# --- news


def test_news_that_could_not_be_sent_is_logged_by_the_door(
    environment: pytest.MonkeyPatch, event: Event, house: House, context: Context, intake_log: Lines
) -> None:
    """And the message is done with: the run that it is about was admitted."""
    environment.setenv("NIGHTCREW_TOPIC", "arn:aws:sns:eu-west-1:123456789012:gone")
    environment.setenv("NIGHTCREW_POLICY_PARAMETER", "/front/suggest")
    put(house, "/front/suggest", AUTO.replace("auto}", "suggest}"))
    sent = alarm(house, event, instance("suggested"))
    assert failed(intake.handler({"Records": [message("m", sent)]}, context)) == []
    messages = [(line["level"], line["message"]) for line in intake_log()]
    assert messages == [("WARNING", "news failed"), ("INFO", "refused")]


def test_a_house_keeps_its_tables_and_clients_when_its_policy_changes(house: House, clock: StoppedClock) -> None:
    put(house, "/front/kept", AUTO)
    current = deployed_house({**ENVIRONMENT, "NIGHTCREW_POLICY_PARAMETER": "/front/kept"}, nobody, house.scripted)
    before = current()
    put(house, "/front/kept", f"{AUTO}defaults: {{cool_down: 1h}}\n")
    clock.sleep(60)
    after = current()
    assert current() is after
    assert after.policy != before.policy
    assert replace(after, policy=before.policy) == before
