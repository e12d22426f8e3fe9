"""Exit codes: what a script learns of a command without reading its words."""

from nightcrew.errors import BadInput, NightcrewError, Refused, Unknown

WELL = 0
"""It ended well, or was planned."""
NOT_CURED = 1
"""It did not cure: ineffective, worse, failed, cancelled; a broken chain; something that could not be reached."""
USAGE = 2
"""The command was given something wrong, or there is nothing here to act on. Nothing was started."""
REFUSED = 3
NOT_APPLICABLE = 4
"""The runbook does not fit what is there; or no runbook is chosen for an event."""
DECLINED = 5
WAITING = 6
"""It has not ended: it waits for somebody, or another process carries it on."""
INTERRUPTED = 130
"""Ctrl-C, as shells have it."""

_OUTCOMES = {
    "cured": WELL,
    "succeeded": WELL,
    "planned": WELL,
    "refused": REFUSED,
    "not_applicable": NOT_APPLICABLE,
    "declined": DECLINED,
    "waiting": WAITING,
    "running": WAITING,
}


class NotHere(NightcrewError):
    """There is nothing here that the command could act on: no installation, no credentials, no Region.

    ``hints`` say what to do about it.
    """

    def __init__(self, line: str, *hints: str) -> None:
        super().__init__(line)
        self.hints = hints


def of_outcome(outcome: str) -> int:
    """The exit code for how a run ended."""
    return _OUTCOMES.get(outcome, NOT_CURED)


def of_error(error: NightcrewError) -> int:
    """The exit code for an error."""
    if isinstance(error, BadInput | Unknown | NotHere):
        return USAGE
    return REFUSED if isinstance(error, Refused) else NOT_CURED
