"""The sweeper, each minute: follow-ups and drills that are due, second tries, and runs that nobody closes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nightcrew.admission.abandon import abandon
from nightcrew.admission.follow_ups import TELL, Due, due_now, keep, named, take
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.request import SECOND, AlarmSeen, Request
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.drills import SCHEDULE, Here, is_in_policy, schedule
from nightcrew.engine.installation import Installation
from nightcrew.engine.news import kind_of_end, of_end
from nightcrew.engine.trying_again import FOR_PEOPLE
from nightcrew.errors import Conflict, NightcrewError, Unknown, Unreachable
from nightcrew.ledger.history import Row, opening, running, tail

GRACE = timedelta(minutes=1)
TOLD_WITHIN = timedelta(days=1)

AlarmState = Callable[[str, str], str | None]
"""An alarm's state now, by its ARN and name; None where it cannot be told."""

Over = Callable[[Sequence[Row]], Mapping[str, str]]
"""Of these open runs those whose execution is over all the same, each with how it ended, in words."""


@dataclass(frozen=True)
class Swept:
    """What a sweep did: ids of runs that it closed, and what became of what was due. ``left`` is for the next one.

    ``open`` were open when it looked; ``overdue`` of them have outlived their lease, and are open still.
    """

    closed: tuple[str, ...]
    started: tuple[Answer, ...]
    dropped: tuple[str, ...]
    left: int = 0
    open: int = 0
    overdue: int = 0


def sweep(
    dispatcher: Dispatcher,
    state_of: AlarmState,
    *,
    over: Over = lambda open_runs: {},
    more: Callable[[], bool] = lambda: True,
    here: Here | None = None,
) -> Swept:
    """One sweep. What cannot be done now is done by the next one; ``more`` is asked before each thing to do. Drills are
    scheduled where it is known where ``here`` is.
    """
    installation = dispatcher.installation
    now = installation.clock.now()
    if here is not None:
        schedule(installation, here, now)
    open_runs = running(installation.store)
    overdue = {row.run: "its lease ended" for row in open_runs if row.lease is not None and row.lease + GRACE < now}
    dead = {**_over(installation, over, open_runs), **overdue}
    dues = [*due_now(installation.store, "later", now), *due_now(installation.store, "retry", now)]
    closed: list[str] = []
    answers: list[Answer] = []
    dropped: list[str] = []
    left = len(dead) + len(dues)

    def swept() -> Swept:
        stay = len(overdue.keys() - set(closed))
        return Swept(tuple(closed), tuple(answers), tuple(dropped), left, len(open_runs), stay)

    for run, why in dead.items():
        if not more():
            return swept()
        left -= 1
        if _close(installation, run, why):
            closed.append(run)
    for due in due_now(installation.store, TELL, installation.clock.now()):
        if more():
            _tell(installation, due, now)
    for due in dues:
        if not more():
            break
        left -= 1
        try:
            answer = _start(dispatcher, due, state_of)
        except (Conflict, Unreachable) as passing:
            installation.tell("not swept", {**_about(due), "words": f"{due.name}: {passing}"})
        except Exception as slip:  # noqa: BLE001  one that nobody foresaw must not stop what is due after it
            installation.tell("not swept", {**_about(due), "words": f"{due.name}: {type(slip).__name__}: {slip}"[:500]})
        else:
            if answer is None:
                dropped.append(due.name)
            else:
                answers.append(answer)
    return swept()


def _about(due: Due) -> dict[str, str]:
    """The run that it comes from, where it comes from one."""
    return {"run": str(due.what["run"])} if due.what.get("run") else {}


def _over(installation: Installation, over: Over, open_runs: Sequence[Row]) -> dict[str, str]:
    """Where Lambda cannot be asked, a stopped run is closed when its lease ends."""
    if not open_runs:
        return {}
    try:
        return dict(over(open_runs))
    except Unreachable as error:
        installation.tell("not swept", {"words": f"executions: {error}"})
        return {}


def _close(installation: Installation, run: str, why: str) -> bool:
    try:
        abandon(run, installation.store, installation.clock, f"{why}, and nobody closed it")
    except (Conflict, Unreachable, Unknown) as error:
        # Unknown: a lock whose run has no ledger. It must not stop the others.
        installation.tell("not swept", {"run": run, "words": f"{run}: {error}"})
        return False
    return True


def _tell(installation: Installation, due: Due, now: datetime) -> None:
    """Tell people of a run that was abandoned, and take it off the list once they are told, or have been tried for a
    day.
    """
    run = str(due.what["run"])
    closing = tail(installation.store, run)
    if closing is None or closing.kind != "closing":
        return
    told = installation.tell_people(kind_of_end(closing.body), of_end(run, closing.body))
    if told or now - due.due > TOLD_WITHIN:
        take(installation.store, due.name)


def _start(dispatcher: Dispatcher, due: Due, state_of: AlarmState) -> Answer | None:
    """Start it, then take it off the list: who dies in between leaves it there, and it is found started."""
    store = dispatcher.installation.store
    request = _request(dispatcher, due, state_of)
    if request is None:
        take(store, due.name)
        return None
    if due.kind == "later":
        request = replace(request, run=named(store, due.name, request.run))
        if opening(store, request.run) is not None:
            dispatcher.start(request.run)
            take(store, due.name)
            return Answer("admitted", request.why, run=request.run, runbook=due.runbook, resource=request.resource)
    answer = dispatcher.admit(request)
    if due.kind == "later" and answer.kind == "refused":
        _later_again(dispatcher, due, answer)
    take(store, due.name)
    return answer


def _later_again(dispatcher: Dispatcher, due: Due, answer: Answer) -> None:
    """A refused follow-up is tried once more when its gate ends; else people are told."""
    installation = dispatcher.installation
    if answer.until is not None and answer.gate not in FOR_PEOPLE and not due.name.endswith(SECOND):
        keep(installation.store, replace(due, name=f"{due.name}{SECOND}", due=answer.until))
        return
    told = {"runbook": due.runbook, "actor": due.actor, "resource": due.what["resource"], "run": answer.run}
    installation.tell_people("refused", {**told, "gate": answer.gate, "words": answer.words, "figures": answer.figures})


def _request(dispatcher: Dispatcher, due: Due, state_of: AlarmState) -> Request | None:
    if due.what.get("by") == SCHEDULE and not is_in_policy(dispatcher.installation, due):
        return None
    try:
        return _follow_up(dispatcher, due) if due.kind == "later" else _second_try(dispatcher, due, state_of)
    except (Conflict, Unreachable):
        raise
    except NightcrewError as error:
        dispatcher.installation.tell_people(
            "refused", {"runbook": due.runbook, "actor": due.actor, "gate": "follow-up", "words": str(error)}
        )
        return None


def _follow_up(dispatcher: Dispatcher, due: Due) -> Request:
    arn = str(due.what["resource"]).split(":")
    asked = dispatcher.asked_by_person(
        due.runbook,
        due.what["parameters"],
        actor=due.actor,
        account=arn[4],
        region=arn[3],
        reason=str(due.what["title"]),
    )
    if due.what.get("by") == SCHEDULE:
        return replace(asked, by="follow-up", why=f"by schedule: {due.what['title']}")
    # What a person's run has started later is that person's decision; what an alarm's run has, runs by itself.
    by = "person" if due.what.get("by") == "person" else "follow-up"
    return replace(asked, by=by, why=f"follow-up of run {due.what['run']}: {due.what['title']}")


def _second_try(dispatcher: Dispatcher, due: Due, state_of: AlarmState) -> Request | None:
    first = AlarmSeen.from_dict(due.what["alarm"])
    again = f"{first.claim}{SECOND}"
    # One that was decided already, by who died before it was started, is not asked again but finished.
    decided = dispatcher.installation.store.get("state", claim_key(again)) is not None
    # Of an event nobody can be asked whether it still holds: the runbook looks at the real state before it changes it.
    if not decided and first.event is None and state_of(first.arn, first.name) != "ALARM":
        return None
    now = dispatcher.installation.clock.now()
    arn = str(due.what["resource"]).split(":")
    asked = dispatcher.asked_by_person(
        due.runbook, due.what["parameters"], actor=due.actor, account=arn[4], region=arn[3], reason=""
    )
    settings, tags = _settings_again(dispatcher, due, asked, region=arn[3], account=arn[4]), due.what["tags"]
    # It was asked just now, and is in ALARM: the signal is as fresh as that. An event is let in as if it came now.
    seen = replace(first, at=now, claim=again)
    why = f"second try: {due.what['gate']} refused it at {first.at:%H:%M}"
    symptom = str(due.what["symptom"])
    by = "event" if first.event else "alarm"
    return replace(asked, by=by, alarm=seen, symptom=symptom, why=why, settings=settings, tags=tags)


def _settings_again(dispatcher: Dispatcher, due: Due, asked: Request, *, region: str, account: str) -> Settings:
    """Policy as it is now, for this alarm; and never more autonomy than the first time."""
    policy = dispatcher.installation.policy
    asks = due.what["alarm"]
    binding = policy.binding_for(str(asks["name"]), "event" if asks.get("event") else "alarm")
    level, because = due.what["autonomy"]
    return policy.settings_for(
        asked.runbook,
        asked.family,
        asked.risk,
        alarm_tags=due.what["tags"],
        region=region,
        account=account,
        binding=binding if binding is not None and binding.runbook == asked.runbook else None,
        limit=Setting(Level(level), str(because)),
    )
