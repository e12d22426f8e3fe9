"""One runbook as a part of another: its verbs are those of the whole run, with its name before each title.

So a plan shows its changes among the others, the ledger is one chain, and the undos are run in reverse over both.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.endings import Failed
from nightcrew.authoring.run import Answer, Run
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
    """The verbs of the whole, for one part of it. What they are told besides, ``Run`` says."""

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

    def read(self, title: str, call: Call, **how: Any) -> Answer:
        return self._whole.read(self._of(title), call, **how)

    def require(self, title: str, held: object) -> None:
        self._whole.require(self._of(title), held)

    def change(self, title: str, call: Call, **how: Any) -> Answer:
        return self._whole.change(self._of(title), call, **how)

    def wait_until(
        self,
        title: str,
        call: Call,
        holds: Callable[[Answer], object],
        *,
        or_else: tuple[str, Call] | None = None,
        **how: Any,
    ) -> Answer:
        instead = (self._of(or_else[0]), or_else[1]) if or_else is not None else None
        return self._whole.wait_until(self._of(title), call, holds, or_else=instead, **how)

    def prove(self, title: str, call: Call, holds: Callable[[Answer], object], **how: Any) -> Answer:
        return self._whole.prove(self._of(title), call, holds, **how)

    def approve(self, title: str, **how: Any) -> tuple[str, ...]:
        return self._whole.approve(self._of(title), **how)

    def later(self, title: str, runbook: str, parameters: Mapping[str, Any], *, after: timedelta) -> None:
        self._whole.later(self._of(title), runbook, parameters, after=after)

    def wait(self, title: str, length: timedelta) -> None:
        self._whole.wait(self._of(title), length)

    def runbook(self, part: Runbook, **parameters: Any) -> str:
        return carry_out(self, part, parameters)

    def _of(self, title: str) -> str:
        return f"{self._name}: {title}"
