"""Carries a run through in this process, with somebody watching. Neither who watches nor who leaves can do harm to
it.
"""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rich.text import Text

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked
from nightcrew.cli.live import watcher
from nightcrew.cli.place import Working, Workshop
from nightcrew.cli.times import whole
from nightcrew.engine.installation import Watch, nobody
from nightcrew.engine.local import Ended, Journal
from nightcrew.engine.local.worker import Means
from nightcrew.engine.local.worker import carry as as_far_as_it_goes


@dataclass(frozen=True)
class Carried:
    """Where a run stands now: an outcome, or ``waiting`` or ``running`` where it has none yet; None where the engine
    gave up.

    ``seen``: whoever watched saw it end. ``after``: the command that comes next, where it is not the usual one.
    """

    run: str
    outcome: str | None
    words: str
    seen: bool = False
    after: str | None = None

    @property
    def code(self) -> int:
        """The exit code that tells the same."""
        return exits.NOT_CURED if self.outcome is None else exits.of_outcome(self.outcome)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"run": self.run, "outcome": self.outcome, "words": self.words}

    def tell(self, asked: Asked) -> None:
        """What the watcher did not tell, and what to do next."""
        output = asked.output
        if not self.seen:
            output.print(Text.assemble(output.mark(self.outcome or "failed"), f"  {self.run}: {self.words}"))
        after = self.after or ("resume" if self.outcome in (None, "waiting") else "show")
        output.hint(f"  {asked.command} {after} {self.run}")


@contextmanager
def watched(demo: Workshop, asked: Asked, catalog: Catalog) -> Iterator[Working]:
    """The crew, with its doings shown while the block lasts; the demo's time is left as the block leaves it."""
    with ExitStack() as stack:
        stack.callback(demo.settle)
        stack.enter_context(leaving(f"\ninterrupted: {asked.command} resume   carries on what was started\n", demo))
        view = nobody if asked.output.json else watcher(asked.output)
        if isinstance(view, AbstractContextManager):
            stack.enter_context(view)
        seen = steady(view)

        def watch(kind: str, what: Mapping[str, Any]) -> None:
            seen(kind, what)
            demo.settle()

        yield demo.crew(asked, catalog, watch)


def carry(crew: Working, run: str, asked: Asked, demo: Workshop) -> Carried:
    """Drive a run until it has ended, or waits for somebody. Ctrl-C leaves it as a crash would: ``resume`` goes on."""
    word = leaving(f"\ninterrupted: {asked.command} resume {run}   carries it on\n", demo)
    with word, closing(Journal(demo.journal, demo.clock)) as journal:
        stands = as_far_as_it_goes(Means(crew.engine, journal, crew.store, demo.clock), run)
        if stands.approval is not None:
            words = f"waiting for approval, until {whole(stands.approval.deadline)}"
            return Carried(run, "waiting", words, after="approve")
        return carried(run, stands.ended)


def carried(run: str, ended: Ended) -> Carried:
    """What the engine says, in our words."""
    if ended.status == "SUCCEEDED":
        return Carried(run, str(ended.result["outcome"]), str(ended.result["words"]), seen=True)
    if ended.status == "FAILED":
        return Carried(run, None, f"the engine gave up: {ended.error}")
    if ended.status == "SUPERSEDED":
        return Carried(run, "running", "another process carries it on")
    return Carried(run, "waiting", "it waits for an answer")


def steady(watch: Watch) -> Watch:
    """The same, but a view that fails goes dark: it is called in the middle of steps, and must not fail one."""
    dark = False

    def told(kind: str, what: Mapping[str, Any]) -> None:
        nonlocal dark
        if not dark:
            try:
                watch(kind, what)
            except Exception:  # noqa: BLE001  whatever breaks a view, the run is what counts
                dark = True

    return told


@contextmanager
def leaving(words: str, demo: Workshop) -> Iterator[None]:
    """While it lasts, Ctrl-C says ``words`` and ends the process at once.

    To unwind would not do: the handler runs in a thread of the SDK's, which would go on making changes behind our back
    while we wait for it. A process that is gone makes none, and its journal is made for that.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        del number, frame
        demo.settle()
        if os.isatty(2):
            os.write(2, b"\x1b[?25h")  # a live view may have hidden the cursor
        os.write(2, words.encode())
        os._exit(exits.INTERRUPTED)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals
        return
    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
