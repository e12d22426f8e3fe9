"""A past for a page to show: runs and refusals as the executor would have written them, without the work."""

from datetime import timedelta
from typing import Any

from nightcrew.clock import StoppedClock, stamp
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.ledger.book import Book
from tests.console.reader import Newsroom

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
RUNBOOK = "restart-ec2-instance"
SYMPTOM = "AWS/EC2:StatusCheckFailed_Instance:high"


def ended(room: Newsroom, run: str, ago: timedelta = timedelta(minutes=1), **body: Any) -> str:
    """A run that took half a minute, and ended so long ago."""
    clock = StoppedClock(room.house.crew.installation.clock.now() - ago - timedelta(seconds=30))
    book = Book(room.house.crew.store, clock, run)
    usual = {"runbook": RUNBOOK, "resource": arn("i-0abc1234def567890"), "symptom": SYMPTOM, "actor": "alarm: disk"}
    full = {**usual, "started": stamp(clock.now()), "outcome": "cured", "words": "it came back", **body}
    book.write("opening", full)
    clock.sleep(30)
    book.write("closing", full)
    return run


def refused(room: Newsroom, run: str, gate: str, words: str, **body: Any) -> str:
    """A refusal of that gate, a minute ago."""
    clock = StoppedClock(room.house.crew.installation.clock.now() - timedelta(minutes=1))
    usual = {"runbook": RUNBOOK, "resource": arn("i-0abc1234def567890"), "symptom": SYMPTOM, "actor": "alarm: disk"}
    full = {**usual, "outcome": "refused", "gate": gate, "words": words, **body}
    Book(room.house.crew.store, clock, f"refused-{run}").write("refusal", full)
    return f"refused-{run}"


def arn(instance: str) -> str:
    """Of an instance here."""
    return f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{instance}"
