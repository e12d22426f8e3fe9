"""What an incident leaves open, and what to do about it. Nobody is given an action: that is the team's to decide."""

from collections.abc import Iterator

from nightcrew.knowledge.names import short
from nightcrew.knowledge.postmortem.earlier import Earlier, is_symptom
from nightcrew.knowledge.postmortem.findings import OTHERS_WORK
from nightcrew.knowledge.postmortem.incident import Incident
from nightcrew.knowledge.postmortem.told import Told
from nightcrew.knowledge.saying import Name, Said, say
from nightcrew.ledger.cases import HELPED

OFTEN = 3
"""A symptom that comes so often in a week wants its cause found."""


def questions(incident: Incident, before: Earlier) -> Iterator[Said]:
    """What the entries do not answer."""
    for run in incident.runs:
        yield from _of_its_end(run)
        for each in run.of("later"):
            yield say("“{}” was kept for later ({}): did it happen?", each.title, each.more[0])
    yield from _still_on(incident)
    for came in before.came:
        if came.before and came.before[-1].outcome in HELPED:
            last = came.before[-1]
            yield say(
                "{} was helped on {:%Y-%m-%d %H:%M} ({}) and {} came again: what does the remedy not reach?",
                *(Name(short(came.resource)), last.ended, Name(last.run), Name(came.symptom)),
            )
    symptoms = list(dict.fromkeys(run.symptom for run in incident.runs if is_symptom(run.symptom)))
    for symptom in symptoms:
        yield say("What causes {}? The ledger knows what was done about it, and not why it came.", Name(symptom))
    if not symptoms:
        yield say("What was the cause? The ledger knows what was done, and not why it was needed.")
    if len({run.trouble for run in incident.runs}) > 1:
        yield say("Have these runs one cause? The ledger does not link them.")


def actions(incident: Incident, before: Earlier) -> Iterator[Said]:
    """What to do; each follows from something that the draft says."""
    for came in before.came:
        now = sum(run.symptom == came.symptom and run.resource == came.resource for run in incident.ran)
        if len(came.week) + now >= OFTEN:
            yield say(
                "Find the root cause of {} on {}: it was remedied {} times within 7 days.",
                *(Name(came.symptom), Name(short(came.resource)), len(came.week) + now),
            )
    for helped in before.helped:
        if helped.suggestion is not None:
            yield say("Look whether another runbook is the better remedy: {}.", helped.suggestion.words)
    for run in incident.runs:
        yield from _of_run(run)
    if not incident.lessons:
        yield say(
            "Write down what was learnt: {}", Name(f'nightcrew learn {(incident.ran or incident.runs)[-1].run} "…"')
        )


def _of_its_end(run: Told) -> Iterator[Said]:
    name, resource = Name(run.runbook), Name(short(run.resource))
    for broken in run.breaks:
        yield say("The chain of {} was touched ({}): is it true what it says here?", Name(run.run), str(broken))
    if run.closing is None:
        yield say("{} on {} goes on, or nobody carries it on: how does it end?", name, resource)
        return
    if run.closing.body.get("abandoned"):
        yield say("Nobody carried {} on {} to its end: in which state did it leave it?", name, resource)
    for each in run.of("unknown"):
        yield say("Was “{}” made on {}, or not?", each.title, resource)
    for left in run.left:
        yield say("Is {} still as “{}” left it?", resource, left)
    if run.opening.get("break_glass"):
        yield say("{} ran under break-glass: what would the gates have said that nobody could ask?", name)
    if run.outcome == "ineffective" and not _proved(run):
        yield say("Nothing proves that {} helped {}: did it?", name, resource)


def _of_run(run: Told) -> Iterator[Said]:
    name, resource = Name(run.runbook), Name(short(run.resource))
    for left in run.left:
        yield say("Look at {}: take “{}” back by hand, or decide that it stays.", resource, left)
    for each in run.of("unknown"):
        yield say("Find out whether “{}” was made on {}; finish it, or take it back.", each.title, resource)
    if run.outcome == "ineffective" and not _proved(run):
        yield say("Add a proof to {} that shows whether it helped.", name)
    if run.outcome in ("failed", "worse"):
        yield say("Find out why {} ended as {} on {}, and mend it.", name, run.outcome, resource)
    if run.outcome == "declined" and any(each.who == "nobody" for each in run.of("decided")):
        yield say("See that somebody can answer: nobody did in time, when {} asked.", name)
    if run.gate and run.gate not in OTHERS_WORK:
        yield say("Decide whether the gate {} is set for {} as it should be.", run.gate, name)
    if run.opening.get("break_glass"):
        yield say("Go through what {} did under break-glass.", Name(run.run))
    for each in run.of("later"):
        yield say("See that “{}” happens ({}).", each.title, each.more[0])


def _still_on(incident: Incident) -> Iterator[Said]:
    """Troubles whose end no entry tells."""
    for trouble, run in incident.last.items():
        if run.over is not None or run.closing is None:
            continue
        if run.alarm:
            yield say(
                "Is the alarm {} still on? The ledger has no OK of it since {:%H:%M:%S}.", Name(trouble), run.began
            )
        else:
            yield say("Is {} well by now? The ledger has no proof of it.", Name(short(trouble)))


def _proved(run: Told) -> bool:
    return any(each.good for each in run.of("proved"))
