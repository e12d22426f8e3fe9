"""``Run``: what a runbook may do. The verbs, their words and what they promise; live and plan mode implement them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.calls import Call

Answer = Any
"""What AWS answered, as plain JSON-like values (times as text); typed ``Any`` because each operation has its own
shape.
"""

Undo = Call | Callable[[], object]
"""A call that takes a change back, or a function of further steps that does."""

TookEffect = tuple[Call, Callable[[Answer], bool]]
"""A read, and what its answer looks like once the change has taken effect."""

TEN_MINUTES = timedelta(minutes=10)

ENDS_THE_RUN: Any = object()
"""What ``read`` does about something that does not exist, unless its author says what to take instead."""


class Run(ABC):
    """One run of a runbook. Each verb takes a title first: a few words that people read at night."""

    id: str
    """The run's id: never used again, owner of its locks, name of its execution."""

    @property
    @abstractmethod
    def resource(self) -> str:
        """The ARN of what the run is about, and holds."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The time of the last thing that the run recorded: the same at replay. UTC."""

    @abstractmethod
    def token(self, title: str) -> str:
        """A client token that belongs to this run and title: the same at replay, 32 characters."""

    @abstractmethod
    def read(
        self,
        title: str,
        call: Call,
        *,
        pick: Callable[[Answer], Answer] | None = None,
        missing: Answer = ENDS_THE_RUN,
    ) -> Answer:
        """Read something. ``pick`` takes what matters from the answer: at most 16 KB, and it stands in the ledger.

        Retried. A resource that does not exist ends the run: as not applicable before the first change, as failed
        after it; or ``missing`` is the answer, where it is given (a JSON value): to ask whether something exists.
        """

    @abstractmethod
    def require(self, title: str, held: object) -> None:
        """Go on only if ``held`` is true. Before the first change the run ends as not applicable, after it as
        failed.
        """

    @abstractmethod
    def change(
        self,
        title: str,
        call: Call,
        *,
        undo: Undo | None = None,
        irreversible: bool = False,
        took_effect: TookEffect | None = None,
        once: bool = False,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        """Change something: its intent is in the ledger before the call, its result after.

        ``undo`` takes it back should the run fail later. An outcome that a crash or a lost reply left unknown is
        looked at with ``took_effect``; without one the call is repeated, and the ledger says so; with ``once=True``
        the run stops for a person.
        """

    @abstractmethod
    def wait_until(
        self,
        title: str,
        call: Call,
        holds: Callable[[Answer], object],
        *,
        within: timedelta = TEN_MINUTES,
        or_else: tuple[str, Call] | None = None,
        missed: Answer = ENDS_THE_RUN,
        missing: Answer = ENDS_THE_RUN,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        """Poll a read until ``holds``; returns what ``pick`` took of the answer then. A missed deadline is an error:
        undo, failed; or ``missed`` is the answer, where it is given (a JSON value): to go on to something stronger.
        ``missing`` is what ``holds`` gets of something that does not exist, where it is given: to wait for its end.

        ``or_else`` is a change that is tried at the deadline, before a second one of the same length. Throttling and
        other passing faults do not end it. ``holds`` gets what ``pick`` returned, where there is one.
        """

    @abstractmethod
    def prove(
        self,
        title: str,
        call: Call,
        holds: Callable[[Answer], object],
        *,
        within: timedelta = TEN_MINUTES,
        missing: Answer = ENDS_THE_RUN,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        """A ``wait_until`` that counts as evidence. A missed one ends the run as ineffective: nothing more is
        changed.
        """

    @abstractmethod
    def approve(self, title: str, *, within: timedelta | None = None, wanted: int = 1) -> tuple[str, ...]:
        """Ask a person, and wait without compute; returns who approved.

        ``within`` is how long they have, else what policy says. No answer in time counts as declined: what was
        changed is undone.
        """

    @abstractmethod
    def later(self, title: str, runbook: str, parameters: Mapping[str, Any], *, after: timedelta) -> None:
        """Have a runbook started ``after`` a time, through all gates, as a run of its own: put the capacity back
        tomorrow.
        """

    @abstractmethod
    def wait(self, title: str, length: timedelta) -> None:
        """Wait, without compute."""

    @abstractmethod
    def runbook(self, part: Runbook, **parameters: Any) -> str:
        """Run another runbook as a part of this one: its steps are this run's, with its name before their titles, in
        one ledger and with one undo path. It must be about the run's own resource, and stand in ``parts=``.
        """
