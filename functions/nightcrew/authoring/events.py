"""Which events beyond alarms a runbook can answer: triggers, and the index that finds them.

An event is what AWS, or a team's own system, puts on the bus: an instance stopped, a retirement is scheduled, a
database is full. As with alarms, a trigger says what a runbook *can* answer; policy says what it *does*.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple

from nightcrew.errors import BadDeclaration
from nightcrew.signals import RESOURCES, Happening

MOST = 20
"""Of one event's candidates so many are made: an event about more resources than that starts nothing anyway."""

_SOURCE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
_PATH = re.compile(r"[^.\s]+(\.[^.\s]+)*")


@dataclass(frozen=True)
class After:
    """What stands in a text after a marker: the ``shop`` of ``arn:aws:ecs:…:cluster/shop`` after ``cluster/``."""

    marker: str
    path: str

    def taken(self, text: str) -> str | None:
        _, found, rest = text.partition(self.marker)
        return rest if found and rest else None

    def __str__(self) -> str:
        return f"{self.path} after {self.marker}"


def after(marker: str, path: str) -> After:
    """For a parameter of an ``Event``: what follows ``marker`` in the text at ``path``. Where the marker is not in it,
    the trigger does not answer.
    """
    return After(marker, path)


@dataclass(frozen=True, init=False)
class Event:
    """A trigger: an event of this source and detail-type can be answered by the runbook that declares it.

    >>> trigger = Event("aws.ec2", "EC2 Instance State-change Notification", where={"state": "stopped"},
    ...                 instance_id="instance-id")
    >>> str(trigger)
    'aws.ec2 EC2 Instance State-change Notification, state is stopped'

    Keyword arguments map a parameter of the runbook to the path in ``detail`` whose text fills it; ``after(…)`` takes a
    part of the text, and ``"$.resources"`` is the event's list of ARNs. ``where`` says what must stand at a path: a
    text, several of which one will do, or the beginning of one with a ``*`` at its end. Lists on the way are passed
    over: any of their items will do. Raises BadDeclaration with the caller's file and line. (A parameter that is itself
    called ``where`` cannot be mapped.)
    """

    source: str
    kind: str
    parameters: Mapping[str, str | After] = field(hash=False)
    where: Mapping[str, tuple[str, ...]] = field(hash=False)

    def __init__(
        self,
        source: str,
        kind: str,
        /,
        *,
        where: Mapping[str, str | Sequence[str]] | None = None,
        **parameters: str | After,
    ) -> None:
        wanted = {path: (texts,) if isinstance(texts, str) else tuple(texts) for path, texts in (where or {}).items()}
        _check(source, kind, wanted, parameters)
        for name, value in (("source", source), ("kind", kind), ("parameters", parameters), ("where", wanted)):
            object.__setattr__(self, name, value)

    def mismatch(self, happening: Happening) -> str | None:
        """Why this trigger does not answer that event, in words; None where it does."""
        if (happening.source, happening.kind) != (self.source, self.kind):
            return f"it answers {self.source} {self.kind}"
        for path, wanted in self.where.items():
            there = happening.values.get(path, ())
            if not any(_fits(text, each) for text in there for each in wanted):
                return f"it wants {path} to be {_either(wanted)}, and it is {_either(there) or 'not there'}"
        missing = [str(path) for path in self.parameters.values() if not _texts(path, happening)]
        return f"the event does not tell {missing[0]}" if missing else None

    def take(self, happening: Happening) -> list[dict[str, str]]:
        """The runbook's parameters, as text, out of an event that it answers: once for each resource that it names."""
        texts = [_texts(path, happening) for path in self.parameters.values()]
        return [dict(zip(self.parameters, each, strict=True)) for each in islice(product(*texts), MOST)]

    @property
    def about(self) -> str:
        """``aws.ec2 EC2 Instance State-change Notification``."""
        return f"{self.source} {self.kind}"

    def __str__(self) -> str:
        return ", ".join([self.about, *(f"{path} is {_either(wanted)}" for path, wanted in self.where.items())])

    @property
    def shortly(self) -> str:
        """The same for a list: of many texts that will do only the first."""
        few = {
            path: wanted if len(wanted) < 3 else (wanted[0], f"{len(wanted) - 1} others")
            for path, wanted in self.where.items()
        }
        return ", ".join([self.about, *(f"{path} is {_either(wanted)}" for path, wanted in few.items())])


class FoundEvent(NamedTuple):
    """A runbook that can answer, the trigger by which, and the parameters that the event gives it."""

    runbook: str
    trigger: Event
    parameters: Mapping[str, str]


class EventIndex:
    """Finds the runbooks that can answer an event."""

    def __init__(self, entries: Iterable[tuple[str, Event]]) -> None:
        self._named: dict[tuple[str, str], list[tuple[str, Event]]] = {}
        for runbook, trigger in entries:
            self._named.setdefault((trigger.source, trigger.kind), []).append((runbook, trigger))

    def find(self, happening: Happening) -> list[FoundEvent]:
        """Every trigger that answers this event, once for each resource that it names."""
        return [
            FoundEvent(runbook, trigger, parameters)
            for runbook, trigger in self._near(happening)
            if trigger.mismatch(happening) is None
            for parameters in trigger.take(happening)
        ]

    def why_not(self, happening: Happening, most: int = 3) -> str:
        """Why nothing was found, in words for people: what the nearest triggers would have wanted."""
        said = [f"{runbook}: {trigger.mismatch(happening)}" for runbook, trigger in self._near(happening)]
        if not said:
            return f"no runbook answers {happening.source} {happening.kind}"
        more = f"; and {len(said) - most} more" if len(said) > most else ""
        return "; ".join(said[:most]) + more

    def _near(self, happening: Happening) -> list[tuple[str, Event]]:
        return self._named.get((happening.source, happening.kind), [])


def path_of(taken: str | After) -> str:
    """The path that a parameter is filled from."""
    return taken.path if isinstance(taken, After) else taken


def _texts(taken: str | After, happening: Happening) -> list[str]:
    texts = happening.values.get(path_of(taken), ())
    if isinstance(taken, After):
        return list(dict.fromkeys(rest for text in texts if (rest := taken.taken(text)) is not None))
    return list(texts)


def _fits(text: str, wanted: str) -> bool:
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def _either(texts: Sequence[str]) -> str:
    return " or ".join(texts)


def _check(
    source: object, kind: object, where: Mapping[str, Sequence[object]], parameters: Mapping[str, object]
) -> None:
    if not isinstance(source, str) or not _SOURCE.fullmatch(source) or source == "aws.cloudwatch":
        raise _bad("source", source, "the source of an event, like aws.ec2; alarms are declared by Alarm")
    if not _is_text(kind):
        raise _bad("detail-type", kind, "an event's detail-type, in printable characters")
    for path, texts in where.items():
        if not _is_path(path):
            raise _bad("where", path, f"a path in the event's detail, like containers.reason, or {RESOURCES}")
        if not texts or not all(_is_text(each) and each != "*" for each in texts):
            raise _bad(
                "where", {path: texts}, "what must stand there: a text, several, or a beginning with a * after it"
            )
    for parameter, taken in parameters.items():
        place, marker = (taken.path, taken.marker) if isinstance(taken, After) else (taken, "any")
        if not _is_path(place) or not _is_text(marker):
            raise _bad(parameter, taken, f"the path in the event's detail that fills it, or {RESOURCES}, or after(…)")


def _is_text(text: object) -> bool:
    return isinstance(text, str) and text != "" and text.isprintable()


def _is_path(path: object) -> bool:
    return isinstance(path, str) and (path == RESOURCES or (path[:1] != "$" and _PATH.fullmatch(path) is not None))


def _bad(field_name: str, value: object, allowed: str) -> BadDeclaration:
    # The trigger does not know its runbook yet; the line that declares it does as well. Frames: _bad, _check, __init__.
    caller = sys._getframe(3)  # noqa: SLF001  what inspect offers for it looks at the source, at each error
    return BadDeclaration(f"{caller.f_code.co_filename}:{caller.f_lineno}", field_name, value, allowed)
