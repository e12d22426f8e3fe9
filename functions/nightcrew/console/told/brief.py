"""A run in a few words: what it changed, what was proved, and whether the alarm went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightcrew.knowledge.postmortem.moment import IN_TIME, OK_WITHIN, STILL
from nightcrew.knowledge.story.step import OPEN, Step
from nightcrew.ledger.chain import Chain


@dataclass(frozen=True)
class Fact:
    """``mood`` is good, bad, care or empty; ``words`` say the same without the colour."""

    label: str
    words: str
    mood: str = ""


def brief(chain: Chain, steps: Sequence[Step]) -> list[Fact]:
    """What a person asks first. Of what was refused before it began there is nothing to tell."""
    if not chain.entries or chain.entries[0].kind == "refusal":
        return []
    told = [_changed([step for step in steps if step.verb == "change"], chain)]
    undone = [step for step in steps if step.verb == "undo"]
    if undone:
        failed = sum(step.state == "failed" for step in undone)
        more = f", {failed} failed" if failed else ""
        told.append(Fact("Taken back", f"{_count(len(undone), 'change')}{more}", "bad" if failed else "care"))
    left = chain.closing.body.get("not_undone") if chain.closing is not None else None
    if isinstance(left, list) and left:
        told.append(Fact("Not taken back", ", ".join(_title(each) for each in left), "bad"))
    told.append(_proved([step for step in steps if step.verb == "prove"], chain))
    return [*told, *_alarm(steps, chain)]


def _changed(changes: Sequence[Step], chain: Chain) -> Fact:
    if not changes:
        return Fact("Changed", "nothing" if chain.closing is not None else "nothing yet")
    failed, at_work = (sum(step.state == state for step in changes) for state in ("failed", OPEN))
    more = [f"{failed} failed"] if failed else []
    if at_work:
        more.append(f"{at_work} under way" if chain.closing is None else f"of {at_work} nobody knows the end")
    return Fact("Changed", ", ".join([_count(len(changes), "change"), *more]), "bad" if failed else "")


def _proved(proofs: Sequence[Step], chain: Chain) -> Fact:
    met = sum(step.state == "done" for step in proofs)
    if not proofs:
        return Fact("Proved", "nothing" if chain.closing is not None else "nothing yet")
    return Fact("Proved", f"{met} of {_count(len(proofs), 'proof')}", "good" if met == len(proofs) else "bad")


def _alarm(steps: Sequence[Step], chain: Chain) -> list[Fact]:
    """What the alarm itself said last; of an event, and of what people started, nothing."""
    alarm = chain.opening.get("alarm")
    if not isinstance(alarm, Mapping) or alarm.get("event"):
        return []
    said = [step for step in steps if step.verb == "read" and step.title in (IN_TIME, STILL)]
    if said:
        well = said[-1].value == "OK"
        held = ", and it held" if said[-1].title == STILL else ""
        return [Fact("Alarm", f"OK{held}", "good") if well else Fact("Alarm", _said(said[-1]), "bad")]
    if any(step.title.startswith(OK_WITHIN) for step in steps if step.verb == "pause"):
        return [Fact("Alarm", "its OK is waited for" if chain.closing is None else "was not asked")]
    return []


def _said(step: Step) -> str:
    return str(step.value) if step.value is not None else "; ".join(step.result) or "it said nothing"


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _title(left: object) -> str:
    return str(left.get("title", "?")) if isinstance(left, Mapping) else str(left)
