"""May it be played now? By policy, by the alarms that block it, by what answers its alarm, and by every gate that would
decide about the run: what they would refuse would prove nothing but the match.
"""

from dataclasses import dataclass
from typing import Any

from nightcrew.admission.game_day import GameDay
from nightcrew.admission.gates import GATES
from nightcrew.admission.gates.lock import expired
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level
from nightcrew.aws.cloud import CallFailed
from nightcrew.dispatch.backtest.account import has_contributors
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.firing import firing
from nightcrew.dispatch.gameday import note
from nightcrew.dispatch.gameday.alarms import alarms, with_tags
from nightcrew.dispatch.gameday.faults import KINDS
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.errors import BadEvent, BadParameter, Refused
from nightcrew.ledger.transaction import Failure


@dataclass(frozen=True)
class Ready:
    """What may be played: its alarm, the run that it would ask for, and what is remembered to take the fault back.

    ``notes`` are what who plays it should know.
    """

    game_day: GameDay
    alarm: RecordedAlarm
    request: Request
    kept: dict[str, Any]
    notes: tuple[str, ...] = ()


def allowed(ground: Ground, game_day: GameDay) -> Ready:
    """Ask everybody, and change nothing. Raises Refused with who says no; CallFailed, Unreachable."""
    _placed(ground, game_day)
    there = note.find(ground.store)
    if there is not None:
        raise note.held(there.name, there.by)
    found = alarms(ground.cloud, (game_day.alarm, *game_day.blocking))
    _unblocked(game_day, found)
    if game_day.alarm not in found:
        raise Refused("alarm", f"there is no alarm {game_day.alarm}: nothing could fire")
    alarm = with_tags(ground.cloud, found[game_day.alarm])
    if alarm.described["StateValue"] == "ALARM":
        raise Refused("alarm", f"{alarm.name} is in ALARM already: it could not fire, and this is no time to play")
    request = _matched(ground, game_day, alarm)
    _gates(ground, request)
    try:
        kept = KINDS[game_day.fault.kind].before(ground.cloud, game_day.fault.target)
    except CallFailed as failed:
        if failed.kind == "missing":
            raise Refused("fault", f"there is no {game_day.fault.target}: {failed.message}") from failed
        raise
    asks = request.settings.autonomy.value is Level.APPROVE
    notes = ("policy wants a person's approval for the run: `nightcrew approve` it meanwhile",) if asks else ()
    return Ready(game_day, alarm, request, kept, notes)


def _placed(ground: Ground, game_day: GameDay) -> None:
    if (ground.account, ground.region) != (game_day.account, game_day.region or ground.region):
        where = " in ".join(each for each in (game_day.account, game_day.region) if each)
        said = f"policy allows “{game_day.name}” for {where}; you are in {ground.account} in {ground.region}"
        raise Refused("policy", said)


def _unblocked(game_day: GameDay, found: dict[str, RecordedAlarm]) -> None:
    for name in game_day.blocking:
        if name not in found:
            raise Refused(
                "blocking", f"there is no alarm {name}, which is to stop it: it would be played without a stop"
            )
        if found[name].described["StateValue"] == "ALARM":
            raise Refused("blocking", f"{name} is in ALARM: no game day beside real trouble")


def _matched(ground: Ground, game_day: GameDay, alarm: RecordedAlarm) -> Request:
    """The request that the alarm would make if it fired now."""
    if has_contributors(alarm.described):
        raise Refused(
            "match", f"{alarm.name} watches many series, each of which fires for itself: take an alarm of one"
        )
    try:
        signal = firing(alarm, ground.clock.now(), contributors=False)
        found = ground.dispatcher.match(signal)
        if found.runbook != game_day.runbook:
            said = found.runbook or f"none ({found.why})"
            raise Refused("match", f"{alarm.name} is to be answered by {game_day.runbook}, and would be by {said}")
        return ground.dispatcher.foreseen(signal, found)
    except (BadEvent, BadParameter) as bad:
        raise Refused("match", f"{alarm.name} would not be answered: {bad}") from bad


def _gates(ground: Ground, request: Request) -> None:
    """What each gate would say, from what it reads; nobody is asked to write. Raises the first refusal."""
    now = ground.clock.now()
    for gate in GATES:
        refusal = gate.look(request, now)
        for piece in gate.opening(request, now) if refusal is None else ():
            failure = Failure(piece, ground.store.get(piece.table, piece.key))
            if not piece.condition.holds(failure.old) and not (gate.name == "lock" and expired(failure, now)):
                refusal = gate.refused(request, failure, now)
                break
        if refusal is not None:
            words = f"{request.runbook} would be refused, so that only its match would be proved: {refusal.words}"
            raise Refused(refusal.gate, words, figures=refusal.figures, until=refusal.until)
