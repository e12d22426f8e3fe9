"""Starts a run on AWS: the executor's alias is invoked with the run's id as the name of the durable execution."""

import json
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.errors import Denied, Unreachable

STARTING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)
"""Unlike a change of a runbook, a start may be repeated, and a message that waits for it has seconds, not minutes."""

STARTED = "DurableExecutionAlreadyStartedException"
NOT_ALLOWED = "AccessDeniedException"


def invoker(clients: ClientMaker, executor: str) -> Callable[[str], None]:
    """A starter. ``executor`` is the alias's ARN: a running execution stays on its version (AWS Lambda developer
    guide).

    Asynchronous, since a synchronous invocation ends after 15 minutes. The payload is the run's id only: an equal
    name with an equal payload starts nothing new, so a run can be started again after a lost reply. The starter raises
    Unreachable where it could not be started.
    """
    made: list[Any] = []

    def start(run: str) -> None:
        if not made:
            made.append(clients("lambda", STARTING))
        payload = json.dumps({"run": run}).encode()
        try:
            made[0].invoke(FunctionName=executor, InvocationType="Event", DurableExecutionName=run, Payload=payload)
        except ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code", "Unknown"))
            if code == NOT_ALLOWED:
                raise Denied(f"run {run} was not started: not allowed ({code}: {said.get('Message')})") from error
            if code != STARTED:
                raise Unreachable(f"run {run} was not started: {code}") from error
        except BotoCoreError as error:
            raise Unreachable(f"run {run} was not started: {error}") from error

    return start
