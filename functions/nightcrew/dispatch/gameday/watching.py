"""What follows a fault, as the account and the ledger tell it: read, and nothing written but the note's own lease."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nightcrew.admission.alarms import alarm_key, changes_of
from nightcrew.admission.gates.claim import claim_key
from nightcrew.clock import moment
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.gameday import note
from nightcrew.dispatch.gameday.alarms import alarms, changed
from nightcrew.dispatch.gameday.allowed import Ready
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries_after
from nightcrew.signals.signal import claim_of

WELL = ("cured", "succeeded")
_EARLY = timedelta(seconds=2)
"""By which CloudWatch's clock may be behind ours."""


@dataclass
class Seen:
    """What was seen until now. ``gate`` refused, at admission or as the run took hold of its resource."""

    since: datetime
    fired: datetime | None = None
    run: str | None = None
    runbook: str | None = None
    decided: datetime | None = None
    gate: str | None = None
    words: str = ""
    outcome: str | None = None
    ended: datetime | None = None
    ok: datetime | None = None
    stopped: str | None = None
    entries: int = -1
    state: str = ""
    told: set[str] = field(default_factory=set)

    @property
    def over(self) -> bool:
        """Whether nothing more is to come: it was stopped or refused, or the run has ended, and if well the alarm."""
        if self.stopped or self.gate:
            return True
        return self.outcome is not None and (self.outcome not in WELL or self.ok is not None)


def watch(ground: Ground, ready: Ready, mine: note.Note, seen: Seen) -> None:
    """Look until it is over, or its time is. ``seen`` is filled as it goes: who is interrupted has what there was."""
    lease, pause, before = mine.lease, ground.soon, _steps(seen)
    while True:
        now = ground.clock.now()
        if lease - now < note.LEASE / 2:
            if not note.renew(ground.store, mine, now):
                seen.stopped = "somebody else took it back"
                return
            lease = now + note.LEASE
        _look(ground, ready, seen)
        if seen.over:
            return
        if now - seen.since >= ready.game_day.within:
            seen.stopped = "its time was over"
            return
        ground.pause(pause.total_seconds())
        pause, before = (min(pause * 2, ground.seldom) if _steps(seen) == before else ground.soon), _steps(seen)


def _steps(seen: Seen) -> tuple[int, int]:
    return len(seen.told), seen.entries


def _look(ground: Ground, ready: Ready, seen: Seen) -> None:
    game_day = ready.game_day
    found = alarms(ground.cloud, (game_day.alarm, *game_day.blocking))
    loud = [name for name in game_day.blocking if name not in found or found[name].described["StateValue"] == "ALARM"]
    if loud:
        seen.stopped = f"{loud[0]} {'is in ALARM' if loud[0] in found else 'is gone'}: it blocks"
        return
    alarm = found.get(game_day.alarm)
    if alarm is not None:
        _alarm(ground, alarm, seen)
    if seen.run is not None:
        _entries(ground, seen)


def _alarm(ground: Ground, alarm: RecordedAlarm, seen: Seen) -> None:
    """Whether it fired, what was decided about that, and whether it is OK again."""
    seen.state = str(alarm.described["StateValue"])
    times = [at for at in changed(alarm) if at >= seen.since - _EARLY]
    if seen.fired is None and seen.state == "ALARM" and times:
        _fired(ground, seen, alarm, times[0])
    if seen.run is None:
        _decided(ground, alarm, seen, times)
    if seen.fired is not None and seen.state == "OK" and times and times[0] > seen.fired:
        seen.ok = times[0]
        _once(ground, seen, "cleared", alarm=alarm.name, after=(seen.ok - seen.since).total_seconds())


def _fired(ground: Ground, seen: Seen, alarm: RecordedAlarm, at: datetime) -> None:
    seen.fired = at
    _once(ground, seen, "fired", alarm=alarm.name, after=(at - seen.since).total_seconds())


def _decided(ground: Ground, alarm: RecordedAlarm, seen: Seen, times: list[datetime]) -> None:
    """By the claim of its change of state: the times that CloudWatch tells, and those that the ledger has counted."""
    counted = changes_of(ground.store.get("state", alarm_key(alarm.arn, None)))
    asked = list(dict.fromkeys([*times, *(at for at in counted if at >= seen.since - _EARLY)]))
    if not asked:
        return
    claims = ground.store.get_all("state", [claim_key(claim_of(alarm.arn, None, at)) for at in asked])
    for at, claim in zip(asked, claims, strict=True):
        if claim is not None:
            if seen.fired is None:  # it fired, and was OK again, between two looks
                _fired(ground, seen, alarm, at)
            seen.run, seen.decided = str(claim["run"]), moment(str(claim["at"]))
            return


def _entries(ground: Ground, seen: Seen) -> None:
    """What stands in the ledger about it."""
    for entry in entries_after(ground.store, str(seen.run), seen.entries):
        seen.entries = entry.number
        _entry(seen, entry)
        if entry.number == 0:
            _once(ground, seen, "chosen", runbook=seen.runbook, gate=seen.gate, run=seen.run, words=seen.words)
        ground.entry(entry)


def _entry(seen: Seen, entry: Entry) -> None:
    if entry.number == 0:
        seen.runbook = str(entry.body["runbook"])
    if entry.kind == "refusal":
        seen.gate, seen.words, seen.outcome = str(entry.body["gate"]), str(entry.body["words"]), "refused"
        seen.ended = seen.decided  # equal refusals share an entry, which may be an older one
    elif entry.kind == "closing":
        seen.outcome, seen.words, seen.ended = str(entry.body["outcome"]), str(entry.body["words"]), entry.at
        if entry.body.get("gate"):
            seen.gate = str(entry.body["gate"])


def _once(ground: Ground, seen: Seen, kind: str, **what: object) -> None:
    if kind not in seen.told:
        seen.told.add(kind)
        ground.tell(kind, **what)
