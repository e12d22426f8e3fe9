"""Answers what a run waits for, on AWS: that its alarm is OK, what a person decided, that it is cancelled.

A run waits in a durable callback of its execution; whoever has the callback's id, and the right
``lambda:SendDurableExecutionCallbackSuccess`` on the executor, can answer it.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.engine.installation import Watch
from nightcrew.errors import Denied, Unreachable

ANSWERING = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=1, read_timeout=3)
"""An answer may be repeated: the second one finds the callback closed, and changes nothing."""

OVER = ("CallbackTimeoutException", "ResourceNotFoundException", "InvalidParameterValueException")
"""The callback timed out, was answered, or went with its execution (Lambda API reference,
SendDurableExecutionCallbackSuccess)."""

NOT_ALLOWED = "AccessDeniedException"


class Callbacks:
    """Answers a callback by its id, with a JSON value of at most 256 KB. The client is made at the first answer."""

    def __init__(self, clients: ClientMaker) -> None:
        self._clients = clients
        self._client: Any = None

    def __call__(self, callback: str, value: Any) -> bool:
        """False where nobody waits there any more, which is no failure of who answers. Raises Unreachable."""
        if self._client is None:
            self._client = self._clients("lambda", ANSWERING)
        result = json.dumps(value, allow_nan=False).encode()
        try:
            self._client.send_durable_execution_callback_success(CallbackId=callback, Result=result)
        except ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code", "Unknown"))
            if code in OVER:
                return False
            if code == NOT_ALLOWED:
                words = f"callback {callback[:12]}… was not answered: not allowed ({code}: {said.get('Message')})"
                raise Denied(words) from error
            raise Unreachable(f"callback {callback[:12]}… was not answered: {code}") from error
        except BotoCoreError as error:
            raise Unreachable(f"callback {callback[:12]}… was not answered: {error}") from error
        return True


class OwnCallbacks:
    """As the executor answers its own runs: what cannot be delivered is told to ``watch``, and ends no run.

    A run that gets no answer goes on by itself: when its time is over it asks CloudWatch, and before its next change
    it sees a cancel.
    """

    def __init__(self, answer: Callable[[str, Any], object], watch: Watch) -> None:
        self._answer = answer
        self._watch = watch

    def __call__(self, callback: str, value: Any) -> bool:
        """Whether somebody heard it."""
        try:
            return bool(self._answer(callback, value))
        except Unreachable as error:
            self._watch("answer not delivered", {"words": str(error)})
            return False
