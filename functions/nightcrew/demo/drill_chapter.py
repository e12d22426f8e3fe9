"""The demo's restore drill as a chapter of its night: what policy names is run as ``nightcrew drill`` runs it."""

from pathlib import Path

from nightcrew.demo.fleet import TABLE
from nightcrew.demo.stage import Played, Stage
from nightcrew.dispatch.answer import Answer

REASON = "a restore that was never tried is a hope"


def drilled(stage: Stage, events: Path) -> Played:
    """Ada has the restore of the orders drilled: it is measured against policy's targets, and leaves nothing."""
    del events
    drills = stage.crew.installation.policy.drills
    if not drills:
        return Played("left", Answer("left", "policy names no drill"))
    stage.fleet.have(TABLE)
    return stage.person(drills[0].runbook, drills[0].given, REASON)
