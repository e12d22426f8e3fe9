"""What may have contributed to an incident: what its resources and symptoms had behind them, and what was unusual."""

from collections.abc import Iterator, Mapping

from nightcrew.durations import in_words
from nightcrew.knowledge.amounts import times
from nightcrew.knowledge.names import person, short
from nightcrew.knowledge.postmortem.earlier import Earlier
from nightcrew.knowledge.postmortem.incident import Incident
from nightcrew.knowledge.saying import Name, Said, listed, say


def conditions(incident: Incident, before: Earlier) -> Iterator[Said]:
    """What was there before, and what was different from a usual run."""
    for came in before.came:
        here = say("{} on {}", Name(came.symptom), Name(short(came.resource)))
        if came.before:
            week = f", {len(came.week)} of them in the 7 days before" if came.week else ""
            yield say(f"{{}} was remedied {{}} before{week}.", here, times(len(came.before)))
        elif came.elsewhere:
            yield say("{} had not been remedied before; it was elsewhere, {}.", here, times(len(came.elsewhere)))
        else:
            yield say("{} had not been remedied before.", here)
    for case in before.lately:
        ago = in_words(incident.began - case.ended)
        words = say("{} had ended as {} on {}", Name(case.runbook), case.outcome, Name(short(case.resource)))
        yield say("{} {} before it began ({}).", words, ago, Name(case.run))
    policies = list(dict.fromkeys(str(run.opening["policy"]) for run in incident.runs if run.opening.get("policy")))
    if len(policies) > 1:
        yield say("The policy changed in between: {}.", listed([Name(each) for each in policies], ", then "))
    for run in incident.runs:
        glass = run.opening.get("break_glass")
        if isinstance(glass, Mapping):
            asked = glass.get("not_asked")
            missed = ", ".join(map(str, asked)) if isinstance(asked, list) else "what the ledger knows"
            yield say(
                "{} ran under break-glass ({}); not asked: {}.", Name(run.run), str(glass.get("trouble", "?")), missed
            )
    for lesson in before.known:
        about = Name(lesson.symptom or "")
        yield say("What was known of {}, by {}: {}", about, person(lesson.author), lesson.words)
