"""invoke-lambda: what it promises at night."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.own import (
    HARMLESS,
    MANAGED,
    a_published_function,
    a_target,
    a_target_group,
    an_alarm,
    turns_ok,
)

NAME = "invoke-lambda"
INVOKE = "lambda:Invoke"
LOST = Refusal("ServiceException", status=500)


def start(house: House, function: str, *, helps: bool = True, **given: Any) -> tuple[str, dict[str, Any]]:
    """A person starts a function whose owner says that it is harmless, with an undo function: nobody is asked."""
    undo = {} if "undo_function" in given else {"undo_function": a_published_function(house)}
    called = {"target": a_target(house), "family": "restart", "risk": "disruptive", "qualifier": "1", "within": "1m"}
    if "alarm_ok" not in given:
        called["alarm_ok"] = an_alarm(house)
        if helps:
            turns_ok(house, called["alarm_ok"], "lambda", "Invoke")
    return house.start(NAME, function=function, **{**called, **undo, **given})


def invoked(house: House, function: str) -> list[dict[str, Any]]:
    """With what it was invoked."""
    sent = [dict(each.parameters) for each in house.scripted.sent if each.operation == "Invoke"]
    return [each for each in sent if each["FunctionName"] == function]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    function = a_published_function(house, retries=0)
    given: dict[str, Any] = {
        "alarm_ok": an_alarm(house),
        "healthy_targets": a_target_group(house),
        "asynchronous": True,
    }
    _, ended = start(house, function, qualifier="live", undo_qualifier="1", within="1s", **given)
    assert ended["outcome"] == "ineffective"


def test_one_version_is_invoked_and_what_the_caller_named_proves_it(house: House) -> None:
    """Through an alias too: the version behind it is what is invoked."""
    function, group = a_published_function(house, 3), a_target_group(house)
    run, ended = start(house, function, qualifier="live", undo_qualifier="1", payload='{"a": 1}', healthy_targets=group)
    assert ended["outcome"] == "succeeded"
    (sent,) = invoked(house, function)
    assert (sent["Qualifier"], sent["InvocationType"], sent["LogType"]) == ("3", "RequestResponse", "None")
    assert sent["Payload"] == '{"a": 1}'
    proofs = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert [each.split()[-1] for each in proofs] == ["one", "OK"]


def test_a_plan_changes_nothing_and_shows_the_undo_function(house: House) -> None:
    function, back = a_published_function(house), a_published_function(house)
    about = {"target": a_target(house), "family": "restart", "risk": "disruptive", "alarm_ok": an_alarm(house)}
    planned = house.plan(NAME, function=function, qualifier="1", undo_function=back, **about)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert (line["call"], line["unknown"]) == (INVOKE, "stopped for a person")
    assert [step["parameters"]["FunctionName"] for step in line["undo"] if step["verb"] == "change"] == [back]
    assert house.scripted.changes() == []


def test_without_an_undo_function_a_person_approves_it(house: House) -> None:
    function, alarm = a_published_function(house), an_alarm(house)
    turns_ok(house, alarm, "lambda", "Invoke")
    about: dict[str, Any] = {"target": a_target(house), "family": "restart", "risk": "disruptive", "within": "1m"}
    run, ended = start_decided(house, NAME, function=function, qualifier="1", alarm_ok=alarm, **about)
    assert ended["outcome"] == "succeeded"
    asked = next(fact for fact in house.facts(run) if "asked" in fact)
    assert (asked["asked"], asked["decision"]) == (f"approve: invoke {function}", "approved")


def not_applicable(house: House, function: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = start(house, function, **given)
    assert (ended["outcome"], why in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        (MANAGED, "say the same as the call"),
        ({**HARMLESS, "nightcrew:family": "failover"}, "say the same as the call"),
        ({**HARMLESS, "nightcrew": "no"}, "it is tagged nightcrew=managed"),
    ],
)
def test_nobody_makes_a_function_harmless_by_saying_so(house: House, tags: dict[str, str], why: str) -> None:
    not_applicable(house, a_published_function(house, tags=tags), why)


def test_code_that_may_change_is_left_alone(house: House) -> None:
    """What was approved is what is invoked."""
    function = a_published_function(house)
    house.scripted.after("lambda", "GetAlias", lambda _, answer: answer.update(FunctionVersion="$LATEST"))
    not_applicable(house, function, "a published version is named", qualifier="live", undo_qualifier="1")


def test_an_alias_between_two_versions_is_left_alone(house: House) -> None:
    function = a_published_function(house, 2)
    routing = {"AdditionalVersionWeights": {"1": 0.1}}
    house.scripted.after("lambda", "GetAlias", lambda _, answer: answer.update(RoutingConfig=routing))
    not_applicable(house, function, "gives all its calls to one version", qualifier="live", undo_qualifier="1")


def test_a_function_that_is_not_there_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody", "the tags of nobody")


def test_a_function_that_may_outlast_the_wait_is_left_alone(house: House) -> None:
    """A call that nobody can wait for would end as an unknown outcome."""
    not_applicable(house, a_published_function(house, timeout=900), "it ends within 50 s by its own timeout")


def test_lambda_must_not_call_it_again_behind_the_runs_back(house: House) -> None:
    """Twice more after an error, unless it is told otherwise."""
    function = a_published_function(house, timeout=900)
    why = "Lambda does not call it again by itself"
    not_applicable(house, function, why, asynchronous=True)
    _, ended = start(house, function, asynchronous=True, idempotent=True)
    assert ended["outcome"] == "succeeded"
    assert invoked(house, function)[0]["InvocationType"] == "Event"


def test_without_a_proof_it_is_not_invoked(house: House) -> None:
    not_applicable(house, a_published_function(house), "it is said what proves it", alarm_ok=None)


def test_an_alarm_that_is_ok_already_proves_nothing(house: House) -> None:
    """Already healthy."""
    not_applicable(house, a_published_function(house), "is not OK already", alarm_ok=an_alarm(house, "OK"))


def test_what_does_not_help_in_time_is_ineffective(house: House) -> None:
    """The deadline passed."""
    function = a_published_function(house)
    _, ended = start(house, function, helps=False, within="1s")
    assert (ended["outcome"], len(invoked(house, function))) == ("ineffective", 1)


def test_a_function_that_ends_with_an_error_is_taken_back(house: House) -> None:
    """Neither what it gave back nor its log is in the ledger."""
    function, back = a_published_function(house), a_published_function(house)

    def fails(asked: Any, answer: dict[str, Any]) -> None:
        if asked["FunctionName"] == function:
            answer |= {"FunctionError": "Unhandled", "LogResult": "aHVudGVyMg=="}

    house.scripted.after("lambda", "Invoke", fails)
    run, ended = start(house, function, undo_function=back, undo_payload='{"back": true}')
    assert ended["outcome"] == "failed"
    assert f"{function} ended without an error (Unhandled; its own log says more)" in ended["words"]
    assert [each["Payload"] for each in invoked(house, back)] == ['{"back": true}']
    assert house.closing(run)["undone"] == [f"invoke {function}"]
    assert "aHVudGVyMg" not in str([entry.body for entry in house.entries(run)])


def test_an_undo_function_that_fails_calls_a_person(house: House) -> None:
    house.scripted.after("lambda", "Invoke", lambda _, answer: answer.update(FunctionError="Unhandled"))
    run, ended = start(house, a_published_function(house))
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert "the undo function ended without an error (Unhandled" in left["words"]


def test_a_refused_call_leaves_nothing_to_undo(house: House) -> None:
    """Lambda API reference, Invoke: ResourceConflictException."""
    house.scripted.script("lambda", "Invoke", lambda _: Refusal("ResourceConflictException", status=409))
    run, ended = start(house, a_published_function(house))
    assert (ended["outcome"], house.closing(run)["error"]["code"]) == ("failed", "ResourceConflictException")
    assert "undone" not in house.closing(run)


def test_a_lost_reply_stops_the_run_for_a_person(house: House) -> None:
    """Twice might be worse than once."""
    function = a_published_function(house)
    house.scripted.script("lambda", "Invoke", lambda _: LOST)
    _, ended = start(house, function, helps=False)
    assert (ended["outcome"], len(invoked(house, function))) == ("failed", 1)
    assert "it may or may not have been made" in ended["words"]


def test_a_lost_reply_of_one_that_is_idempotent_is_no_matter(house: House) -> None:
    function = a_published_function(house)
    house.scripted.answer("lambda", "Invoke", LOST)
    run, ended = start(house, function, idempotent=True)
    assert (ended["outcome"], len(invoked(house, function))) == ("succeeded", 2)
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["repeated"]


def test_a_secret_is_refused_before_anything_is_written(house: House) -> None:
    """The opening entry keeps the payload for ever."""
    with pytest.raises(BadParameter) as wrong:
        start(house, "checkout", payload='{"db": {"password": "hunter2"}}', undo_function="checkout", alarm_ok="x")
    assert (wrong.value.field, "hunter2" in str(wrong.value)) == ("payload", False)


def test_a_payload_has_an_end(house: House) -> None:
    with pytest.raises(BadParameter, match="8192 characters at most"):
        start(house, "checkout", payload=f'{{"a": "{"-" * 9000}"}}', undo_function="checkout", alarm_ok="x")


def test_it_has_no_trigger_and_its_family_is_the_calls(house: House) -> None:
    found = house.crew.installation.catalog[NAME]
    assert (found.triggers, found.called({"family": "failover", "risk": "low"}).family) == ((), "failover")
