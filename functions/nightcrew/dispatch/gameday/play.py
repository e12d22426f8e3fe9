"""Play one: the note first, then the fault, then watching; in the end, whatever happened, the fault is taken back."""

from dataclasses import replace
from datetime import datetime

from botocore.exceptions import BotoCoreError

from nightcrew.aws.cloud import CallFailed
from nightcrew.dispatch.gameday import note
from nightcrew.dispatch.gameday.allowed import Ready
from nightcrew.dispatch.gameday.faults import KINDS
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.dispatch.gameday.report import Report, keep, report
from nightcrew.dispatch.gameday.watching import Seen, watch
from nightcrew.dispatch.ids import new_run_id
from nightcrew.errors import NightcrewError

INTERRUPTED = "interrupted"
_TRIES = 3
_BETWEEN = 5.0


def play(ground: Ground, ready: Ready) -> Report:
    """Raises Refused where another is played; what went wrong afterwards stands in the report."""
    game_day, now = ready.game_day, ground.clock.now()
    mine = note.Note(
        new_run_id(now), game_day.name, game_day.fault, ground.actor, now, now + note.LEASE, dict(ready.kept)
    )
    note.write(ground.store, mine)
    seen = Seen(ground.clock.now())
    taken: tuple[str | None, str | None] = (None, None)
    try:
        mine = _put(ground, mine)
        watch(ground, ready, mine, seen)
    except KeyboardInterrupt:
        seen.stopped = INTERRUPTED
    except (NightcrewError, BotoCoreError) as error:
        seen.stopped = f"it could not be watched: {error}" if seen.told else f"the fault could not be put: {error}"
    finally:
        # Also for what nobody foresaw: it passes on, and the fault does not stay.
        taken = take_back(ground, mine)
    told = report(ready, seen, ground.actor, _end(ground, seen), *taken)
    try:
        keep(ground.store, told)
    except NightcrewError as error:
        told = replace(told, notes=(*told.notes, f"this report could not be kept: {error}"))
    ground.tell("played", **told.to_dict())
    return told


def take_back(ground: Ground, mine: note.Note) -> tuple[str | None, str | None]:
    """Take back what a note says, of this process or of one that died: how that was done, and why it could not be. It
    stays noted until it is done.
    """
    fault, left = mine.fault, ""
    for attempt in range(_TRIES):
        if attempt:
            ground.pause(_BETWEEN)
        try:
            done = KINDS[fault.kind].take_back(ground.cloud, fault.target, mine.kept, mine.token, ground.pause)
        except (NightcrewError, BotoCoreError) as error:  # also where the caller's credentials have expired meanwhile
            left = str(error)
            if isinstance(error, CallFailed) and error.kind == "refused":
                break
            continue
        note.strike(ground.store, mine)
        ground.tell("taken_back", words=done, fault=str(fault))
        return done, None
    note.let_go(ground.store, mine, ground.clock.now())
    ground.tell("not_taken_back", words=left, fault=str(fault))
    return None, left


def abandoned(ground: Ground, *, now: bool = False) -> tuple[note.Note, str | None, str | None] | None:
    """What somebody left: its note, and what became of its fault. None where nothing was left, or it is played still;
    ``now``: take it back in any case.
    """
    found = note.find(ground.store)
    if found is None or not (now or found.over(ground.clock.now())):
        return None
    return found, *take_back(ground, found)


def _put(ground: Ground, mine: note.Note) -> note.Note:
    fault = mine.fault
    kept = KINDS[fault.kind].put(ground.cloud, fault.target, mine.token)
    ground.tell("fault", words=str(fault), name=mine.name)
    return note.add(ground.store, mine, kept)


def _end(ground: Ground, seen: Seen) -> datetime:
    return max(filter(None, (seen.ended, seen.ok)), default=ground.clock.now())
