"""Follows a run that somebody else carries out, by its ledger: the same lines as if it ran here, as they appear."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from nightcrew.admission.approvals import find, still_waits
from nightcrew.cli.asked import Asked
from nightcrew.cli.carrying import Carried
from nightcrew.cli.live import Live
from nightcrew.cli.stack import Stack
from nightcrew.cli.times import whole
from nightcrew.clock import moment, stamp
from nightcrew.durations import duration
from nightcrew.engine.installation import Watch, nobody
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.history import entries_after, opening

SOON, SELDOM = timedelta(seconds=0.1), timedelta(seconds=2)
"""Between looks at the ledger, each of which is one query: soon after something happened, then half as often each time,
until it is seldom.
"""


def follow(stack: Stack, run: str, asked: Asked, *, after: int = -1) -> Carried:
    """Show a run's entries from ``after`` on, until it has ended, or waits for a person.

    Who stops following stops nothing.
    """
    with shown(asked) as view, leaving_it(run, asked):
        lease: datetime | None = None
        pause = SOON
        while True:
            for entry in entries_after(stack.store, run, after):
                retell(entry, view)
                after, pause = entry.number, SOON
                if entry.kind in ENDINGS:
                    return Carried(run, str(entry.body["outcome"]), str(entry.body["words"]), seen=True)
            question = find(stack.store, run)
            if question is not None and question.decided is None and still_waits(stack.store, question):
                words = f"waiting for approval, until {whole(question.deadline)}"
                return Carried(run, "waiting", words, after="approve")
            lease = lease if lease is not None else _lease(stack, run)
            if lease is not None and lease < stack.clock.now():
                return Carried(run, "running", "its lease is over, and nobody closed it: the sweeper will")
            stack.clock.sleep(pause.total_seconds())
            pause = min(pause * 2, SELDOM)


def _lease(stack: Stack, run: str) -> datetime | None:
    first = opening(stack.store, run)
    return moment(str(first.body["lease"])) if first is not None and "lease" in first.body else None


@contextmanager
def shown(asked: Asked) -> Iterator[Watch]:
    """A view of what happens, for people; for programs there is none."""
    if asked.output.json:
        yield nobody
        return
    with Live(asked.output) as live:
        yield live


@contextmanager
def leaving_it(run: str, asked: Asked) -> Iterator[None]:
    """Who stops following is told how to see the rest."""
    try:
        yield
    except KeyboardInterrupt:
        asked.output.note(f"{run} goes on by itself: {asked.command} show {run}")
        raise


def retell(entry: Entry, view: Watch) -> None:
    """What an entry says, as whoever watches the run in its own process is told it."""
    body, at = entry.body, stamp(entry.at)
    for fact in body.get("facts", ()):
        view("require" if "require" in fact else "fact", {"at": at, **fact})
    if entry.kind == "change":
        view("change", {"at": at, **body})
    elif entry.kind == "wait":
        within = int(duration(str(body["within"])).total_seconds())
        view("wait", {"at": at, "title": body["title"], "within": within, "pause": "call" not in body})
    elif entry.kind == "closing":
        view("closed", {"at": at, **body})
