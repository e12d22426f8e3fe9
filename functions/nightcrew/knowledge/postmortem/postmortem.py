"""A draft of a post-mortem, from the ledger's entries alone: blameless, and the same however often it is made.

What depends on other runs is as of the last closing; only while a run is open does a draft depend on when it is made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.durations import in_words
from nightcrew.errors import BadInput
from nightcrew.knowledge.names import short
from nightcrew.knowledge.postmortem.conditions import conditions
from nightcrew.knowledge.postmortem.earlier import Earlier, earlier
from nightcrew.knowledge.postmortem.findings import did_not, worked
from nightcrew.knowledge.postmortem.incident import Incident, read
from nightcrew.knowledge.postmortem.moments import by
from nightcrew.knowledge.postmortem.open_ends import actions, questions
from nightcrew.knowledge.postmortem.told import Told
from nightcrew.knowledge.saying import Name, Said, Strong, say
from nightcrew.ledger.store import Store

MOST_RUNS = 50


@dataclass(frozen=True)
class Point:
    """One moment of the impact window: what, when, and so long after its beginning. ``at`` is None where no entry says
    it; ``note`` tells what stands behind it.
    """

    what: str
    at: datetime | None
    note: Said


@dataclass(frozen=True)
class Draft:
    """The parts of a post-mortem."""

    incident: Incident
    earlier: Earlier
    title: Said
    summary: tuple[Said, ...]
    window: tuple[Point, ...]
    unknown: tuple[Said, ...]
    worked: tuple[Said, ...]
    did_not: tuple[Said, ...]
    conditions: tuple[Said, ...]
    questions: tuple[Said, ...]
    actions: tuple[Said, ...]

    def to_json(self) -> dict[str, Any]:
        """The parts, in plain words; lengths in seconds."""
        incident = self.incident
        lasted = incident.lasted
        return {
            "title": self.title.plain,
            "runs": [_run(run) for run in incident.runs],
            "open": [run.run for run in incident.open],
            "as_of": incident.as_of,
            "summary": _plain(self.summary),
            "impact": {
                "began": incident.began,
                "first_change": incident.first_change,
                "over": incident.over,
                "seconds": lasted.total_seconds() if lasted is not None else None,
                "unknown": _plain(self.unknown),
            },
            "timeline": [
                {
                    "at": each.at,
                    "run": each.run,
                    "kind": each.kind,
                    "who": each.who,
                    "what": each.what.plain,
                    "more": _plain(each.more),
                }
                for each in incident.timeline
            ],
            "worked": _plain(self.worked),
            "did_not": _plain(self.did_not),
            "conditions": _plain(self.conditions),
            "earlier": [_alike(each) for each in self.earlier.alike],
            "records": [
                {"symptom": helped.symptom, **each.to_dict()}
                for helped in self.earlier.helped
                for each in helped.records
            ],
            "questions": _plain(self.questions),
            "actions": _plain(self.actions),
        }


def draft(store: Store, runs: Sequence[str], now: datetime) -> Draft:
    """Draft the post-mortem of one incident; in which order its runs are named does not matter.

    Raises BadInput (none, or more than MOST_RUNS), Unknown, BrokenChain, Unreachable.
    """
    if not 1 <= len(set(runs)) <= MOST_RUNS:
        raise BadInput("RUN", len(set(runs)), f"an incident has 1 to {MOST_RUNS} runs")
    incident = read(store, runs, now)
    before = earlier(store, incident)
    return Draft(
        incident,
        before,
        _title(incident),
        tuple(_summary(incident)),
        tuple(_window(incident)),
        tuple(_unknown(incident)),
        _once(worked(incident)),
        _once(did_not(incident)),
        _once(conditions(incident, before)),
        _once(questions(incident, before)),
        _once(actions(incident, before)),
    )


def _title(incident: Incident) -> Said:
    first = incident.runs[0]
    about = first.alarm or short(first.resource)
    others = len({run.trouble for run in incident.runs}) - 1
    more = f" and {others} more" if others else ""
    return say(f"{{}}{more}, {{:%Y-%m-%d %H:%M}} UTC", about, incident.began)


def _summary(incident: Incident) -> Iterator[Said]:
    for run in incident.runs:
        yield say("{} {}", _asked(run), _came_to(run))
    if incident.open:
        yield say("It is still going on: this is how it stood at {:%Y-%m-%d %H:%M:%S}.", incident.as_of)


def _asked(run: Told) -> Said:
    name, resource = Name(run.runbook), Name(short(run.resource))
    at = run.sounded
    if run.gate and run.closing is not None and run.closing.kind == "refusal":
        asked = f"the {'alarm' if run.alarm else 'event'} {{}}"
        who = say(asked, Name(run.alarm or run.event or "")) if run.alarm or run.event else say("{}", by(run.opening))
        return say("At {:%H:%M:%S} {} asked for {} on {}.", at, who, name, resource)
    if run.alarm:
        return say("At {:%H:%M:%S} the alarm {} turned, and {} was started on {}.", at, Name(run.alarm), name, resource)
    if run.event:
        return say("At {:%H:%M:%S} the event {} came, and {} was started on {}.", at, Name(run.event), name, resource)
    return say("At {:%H:%M:%S} {} started {} on {}.", at, by(run.opening), name, resource)


def _came_to(run: Told) -> Said:
    if run.closing is None or run.ended is None:
        return say("It has not ended.")
    if run.gate:
        return say("The gate {} refused it: {}.", run.gate, run.words)
    changes = run.of("change")
    verb = "made" if all(each.good for each in changes) else "tried"
    did = f"It {verb} {len(changes)} change{'s' if len(changes) > 1 else ''}" if changes else "It changed nothing"
    undos = len(run.of("undo"))
    did += f" and {undos} undo{'s' if undos > 1 else ''}" if undos else ""
    spent = in_words(run.ended - run.began)
    return say(f"{did}, and ended as {{}} after {{}}: {{}}.", Strong(run.outcome.replace("_", " ")), spent, run.words)


def _window(incident: Incident) -> Iterator[Point]:
    first = min(incident.runs, key=lambda run: (run.sounded, run.run))
    yield Point("it began", incident.began, say(_sign(first)))
    if incident.first_change is not None:
        yield Point("the first change was sent", incident.first_change, say("by {}", _first_changed(incident)))
    for run in incident.last.values():
        about = Name(run.alarm or short(run.resource))
        if run.over is None:
            yield Point("it was over", None, say("{}: no entry says so", about))
        else:
            seen = "its OK" if run.of("ok") else "the last proof" if run.of("proved") else "the run's end"
            yield Point("it was over", run.over, say(f"{{}}: {seen}", about))


def _sign(run: Told) -> str:
    return "the alarm turned" if run.alarm else "the event came" if run.event else "somebody asked for a run"


def _first_changed(incident: Incident) -> Name:
    changed = [run for run in incident.runs if run.of("change")]
    return Name(min(changed, key=lambda run: run.of("change")[0].at).runbook)


def _unknown(incident: Incident) -> Iterator[Said]:
    if any(run.alarm for run in incident.runs):
        yield say("When the trouble began: an alarm turns only after its periods are over.")
    yield say("Who noticed, and how much: the ledger knows resources, not the people who use them.")
    if incident.over is None:
        yield say("Until when it lasted.")
    else:
        yield say("The very second in which it was over: what is told is when it was seen.")


def _once(said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple({each.plain: each for each in said}.values())


def _plain(said: Iterable[Said]) -> list[str]:
    return [each.plain for each in said]


def _run(run: Told) -> dict[str, Any]:
    return {
        "run": run.run,
        "runbook": run.runbook,
        "resource": run.resource,
        "symptom": run.symptom,
        "outcome": run.outcome,
        "began": run.began,
        "ended": run.ended,
        "consistent": not run.breaks,
    }


def _alike(each: Any) -> dict[str, Any]:
    case = each.case
    return {
        "run": case.run,
        "runbook": case.runbook,
        "resource": case.resource,
        "symptom": case.symptom,
        "outcome": case.outcome,
        "ended": case.ended,
        "why": list(each.why),
    }
