"""One runbook as a part of another: its verbs are those of the whole run, with its name before each title.

So a plan shows its changes among the others, the ledger is one chain, and the undos are run in reverse over both.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.endings import Failed
from nightcrew.authoring.run import ENDS_THE_RUN, TEN_MINUTES, Answer, Run, TookEffect, Undo
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.calls import Call


def carry_out(whole: Run, part: Runbook, parameters: Mapping[str, Any]) -> str:
    """Run ``part`` within ``whole``; returns its words. Raises BadParameter, and each ending as its own verbs do."""
    checked = part.form.validate(dict(parameters))
    _, _, _, region, account, _ = whole.resource.split(":", 5)
    about = part.arn(checked, account=account, region=region)
    if about != whole.resource:
        raise Failed(f"{part.name} would be about {about}: a part must be about the run's own resource")
    return str(part.function(Part(whole, part.name), **checked) or "")


class Part(Run):
    """The verbs of the whole, for one part of it."""

    def __init__(self, whole: Run, name: str) -> None:
        self.id = whole.id
        self._whole = whole
        self._name = name

    @property
    def resource(self) -> str:
        return self._whole.resource

    @property
    def now(self) -> datetime:
        return self._whole.now

    def token(self, title: str) -> str:
        return self._whole.token(self._of(title))

    def read(
        self,
        title: str,
        call: Call,
        *,
        pick: Callable[[Answer], Answer] | None = None,
        missing: Answer = ENDS_THE_RUN,
    ) -> Answer:
        return self._whole.read(self._of(title), call, pick=pick, missing=missing)

    def require(self, title: str, held: object) -> None:
        self._whole.require(self._of(title), held)

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
        return self._whole.change(
            self._of(title),
            call,
            undo=undo,
            irreversible=irreversible,
            took_effect=took_effect,
            once=once,
            pick=pick,
        )

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
        instead = (self._of(or_else[0]), or_else[1]) if or_else is not None else None
        return self._whole.wait_until(
            *(self._of(title), call, holds),
            within=within,
            or_else=instead,
            missed=missed,
            missing=missing,
            pick=pick,
        )

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
        return self._whole.prove(self._of(title), call, holds, within=within, missing=missing, pick=pick)

    def approve(self, title: str, *, within: timedelta | None = None, wanted: int = 1) -> tuple[str, ...]:
        return self._whole.approve(self._of(title), within=within, wanted=wanted)

    def later(self, title: str, runbook: str, parameters: Mapping[str, Any], *, after: timedelta) -> None:
        self._whole.later(self._of(title), runbook, parameters, after=after)

    def wait(self, title: str, length: timedelta) -> None:
        self._whole.wait(self._of(title), length)

    def runbook(self, part: Runbook, **parameters: Any) -> str:
        return carry_out(self, part, parameters)

    def _of(self, title: str) -> str:
        return f"{self._name}: {title}"
