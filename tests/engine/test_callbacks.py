"""Answers to what a run waits for, on AWS. Lambda is scripted: the embedded cloud has no durable functions."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.engine.callbacks import OVER, Callbacks, OwnCallbacks
from nightcrew.errors import Unreachable

SEND = ("lambda", "SendDurableExecutionCallbackSuccess")
CALLBACK = "Ab3+/callback=="


@pytest.fixture
def aws(scripted: Scripted) -> Scripted:
    """Nothing said yet."""
    scripted.reset()
    return scripted


def test_an_answer_is_sent_as_json_under_the_callbacks_id(aws: Scripted) -> None:
    """Which the run reads back as it was."""
    aws.answer(*SEND, {})
    assert Callbacks(aws)(CALLBACK, {"decision": "approved", "by": ["bob"]}) is True
    (sent,) = aws.sent
    assert sent.parameters["CallbackId"] == CALLBACK
    assert json.loads(sent.parameters["Result"]) == {"decision": "approved", "by": ["bob"]}


@pytest.mark.parametrize("code", OVER)
def test_a_callback_that_nobody_waits_for_any_more_is_no_failure(aws: Scripted, code: str) -> None:
    """It timed out, was answered, or went with its execution: whoever answers has nothing to do about it."""
    aws.answer(*SEND, Refusal(code))
    assert Callbacks(aws)(CALLBACK, {"ok": True}) is False


@pytest.mark.parametrize("code", ["AccessDeniedException", "ServiceQuotaExceededException"])
def test_an_answer_that_was_not_taken_can_be_sent_again(aws: Scripted, code: str) -> None:
    """An alarm's message goes back to its queue then; a person is told."""
    aws.answer(*SEND, *[Refusal(code)] * 9)
    with pytest.raises(Unreachable, match=code):
        Callbacks(aws)(CALLBACK, {"ok": True})


def silent(service: str, config: Any) -> Any:
    """A Lambda that does not answer."""

    class Client:
        def send_durable_execution_callback_success(self, **members: Any) -> Mapping[str, Any]:
            raise ConnectTimeoutError(endpoint_url="https://lambda")

    return Client()


def test_a_lambda_that_does_not_answer_is_out_of_reach() -> None:
    with pytest.raises(Unreachable, match="Connect timeout"):
        Callbacks(silent)(CALLBACK, {"ok": True})


def test_an_executor_that_cannot_answer_itself_goes_on_and_says_so() -> None:
    """A run of its own waits in vain, then asks CloudWatch: it must not fail for a message that was not delivered."""
    told: list[tuple[str, Mapping[str, Any]]] = []
    own = OwnCallbacks(Callbacks(silent), lambda kind, what: told.append((kind, what)))
    assert own(CALLBACK, {"ok": True}) is False
    ((kind, what),) = told
    assert kind == "answer not delivered"
    assert "Connect timeout" in what["words"]


def test_an_executors_own_answer_arrives_as_any_other(aws: Scripted) -> None:
    aws.answer(*SEND, {}, Refusal("CallbackTimeoutException"))
    own = OwnCallbacks(Callbacks(aws), lambda kind, what: pytest.fail(kind))
    assert [own(CALLBACK, {"ok": True}), own(CALLBACK, {"ok": True})] == [True, False]
