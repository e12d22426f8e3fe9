"""What worked in an incident, and what did not: each sentence follows from an entry, and names what was done, never
who is to blame.
"""

from collections.abc import Iterator
from datetime import datetime

from nightcrew.durations import in_words
from nightcrew.knowledge.names import short
from nightcrew.knowledge.postmortem.incident import Incident
from nightcrew.knowledge.postmortem.moment import STILL
from nightcrew.knowledge.postmortem.told import Told
from nightcrew.knowledge.saying import Name, Said, listed, say
from nightcrew.ledger.cases import HELPED

OTHERS_WORK = ("lock", "claim")
"""Gates whose refusal keeps runs out of each other's way; that of any other leaves a trouble to people."""

STEPS = ("made", "unknown", "waited", "proved", "read", "decided")


def worked(incident: Incident) -> Iterator[Said]:
    """What went as it was meant to."""
    for run in incident.runs:
        name, resource = Name(run.runbook), Name(short(run.resource))
        if run.outcome in HELPED and run.ended is not None:
            spent = in_words(run.ended - run.sounded)
            yield say(
                "{} ended as {} on {}, {} after it was asked for: {}.", name, run.outcome, resource, spent, run.words
            )
        proofs = list(dict.fromkeys(each.title for each in run.of("proved") if each.good))
        if proofs:
            yield say("It was proved of {}: {}.", resource, listed(proofs, "; "))
        if any(each.title == STILL and each.good for each in run.of("read")):
            yield say("The OK of {} held.", Name(run.alarm or "the alarm"))
        for each in run.of("decided"):
            if each.good:
                yield say("{} approved what {} planned, within {}.", each.who, name, _answered(run, each.at))
        if run.undone:
            yield say("What {} had changed on {} was taken back: {}.", name, resource, listed(run.undone, "; "))
        if run.gate in OTHERS_WORK:
            yield say("The gate {} kept {} away from {}: {}.", run.gate, name, resource, run.words)


def did_not(incident: Incident) -> Iterator[Said]:
    """What did not."""
    for run in incident.runs:
        name, resource = Name(run.runbook), Name(short(run.resource))
        if run.gate and run.gate not in OTHERS_WORK:
            yield say("{} was not carried out on {}: the gate {} refused it ({}).", name, resource, run.gate, run.words)
        elif run.closing is not None and run.outcome not in (*HELPED, "refused"):
            ended = run.outcome.replace("_", " ")
            yield say("{} on {} ended as {}: {}.", name, resource, ended, run.words)
        for each in run.of(*STEPS):
            if each.good is False and each.title not in run.ending:  # else the run's end says it
                yield say("At {:%H:%M:%S}: {}.", each.at, each.what)
        for left in run.left:
            yield say("What was changed on {} was not taken back: {}.", resource, left)


def _answered(run: Told, at: datetime) -> str:
    asked = [each.at for each in run.of("asked") if each.at <= at]
    return in_words(at - asked[-1]) if asked else "its time"
