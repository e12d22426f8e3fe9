"""Follows a run by the API: the same lines as if it ran here, as they are written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nightcrew.cli.asked import Asked
from nightcrew.cli.carrying import Carried
from nightcrew.cli.following import leaving_it, retell, shown
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.signing import segment
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.rows import RUNNING

SOON, SELDOM = timedelta(seconds=0.1), timedelta(seconds=4)
"""Between questions: soon after something happened, then half as often each time. The API serves all callers together,
and only so many a second.
"""


def last_of(api: Api, run: str) -> int:
    """The number of a run's last entry."""
    return max((int(each["number"]) for each in api.get(f"/runs/{segment(run)}")["entries"]), default=-1)


def follow(api: Api, run: str, asked: Asked, *, after: int = -1) -> Carried:
    """Show a run's entries from ``after`` on, until it has ended, or waits for a person. Who stops following stops
    nothing.
    """
    with shown(asked) as view, leaving_it(run, asked):
        pause = SOON
        while True:
            told = api.get(f"/runs/{segment(run)}")
            for entry in entries_of(told):
                if entry.number > after:
                    retell(entry, view)
                    after, pause = entry.number, SOON
            if told["outcome"] != RUNNING:
                return Carried(run, str(told["outcome"]), str(told.get("words") or ""), seen=True)
            waits = next((each for each in api.get("/approvals") if each["run"] == run), None)
            if waits is not None:
                words = f"waiting for approval, until {whole(moment(str(waits['deadline'])))}"
                return Carried(run, "waiting", words, after="approve")
            if told.get("lease") and moment(str(told["lease"])) < api.clock.now():
                return Carried(run, RUNNING, "its lease is over, and nobody closed it: the sweeper will")
            api.clock.sleep(pause.total_seconds())
            pause = min(pause * 2, SELDOM)


def entries_of(told: Mapping[str, Any]) -> list[Entry]:
    """A run's entries out of the API's answer."""
    return [
        Entry(
            str(told["run"]),
            int(each["number"]),
            str(each["kind"]),
            moment(str(each["at"])),
            each["body"],
            str(each["previous"]),
        )
        for each in told["entries"]
    ]
