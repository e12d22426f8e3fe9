"""On an emulator of AWS that has no durable functions: the executor drives its runs itself, on a journal in a file.

``NIGHTCREW_JOURNAL`` in the environment of intake and executor names the file. The template never sets it, and it holds
only where ``AWS_ENDPOINT_URL`` is an address of the machine itself: on AWS it changes nothing, so that nobody takes
durability away by mistake. On a journal an invocation sits through all waits of its run; a run that is still at work
when its invocation ends goes on when Lambda invokes it again.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SystemClock
from nightcrew.engine.callbacks import Callbacks
from nightcrew.errors import Unknown, Unreachable

VARIABLE = "NIGHTCREW_JOURNAL"
_ITSELF = ("127.0.0.1", "::1", "localhost")


def journal_file(environment: Mapping[str, str]) -> str | None:
    """The journal's file; None on AWS, whatever the variable says."""
    file = environment.get(VARIABLE)
    try:
        host = urlsplit(environment.get("AWS_ENDPOINT_URL", "")).hostname
    except ValueError:
        host = None
    return file if file and host in _ITSELF else None


def durable_or_on_a_journal(
    durable: Callable[[Any, Any], Any], environment: Mapping[str, str]
) -> Callable[[Any, Any], Any]:
    """What Lambda invokes: the durable handler, or one that drives it over the journal, from the same payload."""

    def handle(event: dict[str, Any], context: Any) -> Any:
        file = journal_file(environment)
        return durable(event, context) if file is None else _driven(durable, file, str(event["run"]))

    return handle


def answerer(environment: Mapping[str, str], clients: ClientMaker) -> Callable[[str, Any], bool]:
    """Answers a callback of a run by its id: through Lambda, or in the journal."""
    file = journal_file(environment)
    return Callbacks(clients) if file is None else _Answers(file)


class _Answers:
    """Answers in a journal, which whoever drives the run looks at each second."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __call__(self, callback: str, value: Any) -> bool:
        """False where nobody waits there any more."""
        from nightcrew.engine.local import Journal  # SQLite, which nobody needs on AWS

        with closing(Journal(self._file, SystemClock())) as journal:
            try:
                return journal.callback_succeed(callback, json.dumps(value, allow_nan=False))
            except Unknown:
                return False


def _driven(durable: Callable[[Any, Any], Any], file: str, run: str) -> Any:
    """Carry a run out to its end. Raises Unreachable where its execution failed, for the dead letters."""
    from nightcrew.engine.local import Journal, LocalEngine

    clock = SystemClock()
    with closing(Journal(file, clock)) as journal:
        engine = LocalEngine(durable, journal, clock)
        engine.start(run, {"run": run})
        ended = engine.drive(run)
    if ended.status == "FAILED":
        raise Unreachable(f"run {run} was not carried out: {ended.error}")
    return ended.result
