"""Moves out of a dead-letter queue, which moto 5.2.5 lacks, answered as AWS would where nothing goes wrong.

All messages are moved at once. A move that takes its time, or fails, is for a test to script. (SQS API reference,
StartMessageMoveTask and ListMessageMoveTasks.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse

from nightcrew.clock import SystemClock
from nightcrew.demo.completing import with_methods

_MOVES = "nightcrew_moves"
"""Where a queue keeps its moves, the newest first."""


@contextmanager
def whole_queues() -> Iterator[None]:
    """For as long as the block lasts, moto's dead-letter queues give their messages back."""
    ours: dict[str, Any] = {"start_message_move_task": _start, "list_message_move_tasks": _list}
    with with_methods(SQSResponse, ours):
        yield


def _start(self: SQSResponse) -> ActionResult:
    arn = str(self._get_param("SourceArn"))
    dead = _queue(self, arn)
    letters = list(dead.messages)
    for source in self.sqs_backend.queues.values():
        if (source.redrive_policy or {}).get("deadLetterTargetArn") == arn:
            for letter in letters:
                source.add_message(letter)
            letters = []
    dead._messages = letters  # noqa: SLF001  moto has no way to take some out
    moved: list[dict[str, Any]] = getattr(dead, _MOVES, [])
    started = int(SystemClock().now().timestamp() * 1000) + len(moved)
    setattr(dead, _MOVES, [{"Status": "COMPLETED", "SourceArn": arn, "StartedTimestamp": started}, *moved])
    return ActionResult({"TaskHandle": f"move-{len(moved) + 1}"})


def _list(self: SQSResponse) -> ActionResult:
    most = int(self._get_param("MaxResults") or 1)
    return ActionResult({"Results": getattr(_queue(self, str(self._get_param("SourceArn"))), _MOVES, [])[:most]})


def _queue(self: SQSResponse, arn: str) -> Any:
    return self.sqs_backend.get_queue(arn.rsplit(":", 1)[-1])
