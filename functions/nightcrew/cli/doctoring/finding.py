"""What a check found: in words, and what to do about it."""

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["ok", "warning", "problem", "unknown"]
"""``unknown``: it could not be looked at, which says nothing about it."""


DEPLOY = "sam deploy, with the template of this version"
"""Where the stack is another version's."""

PUT_BACK = "put it back by a change set that reverts drift: docs/operate.md, Put it back (CloudTrail knows who)"
"""Where somebody changed by hand what the template has: an ordinary deployment sees no difference."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check says. ``advice`` is what to do, a line each; a command in it can be copied."""

    state: State
    words: str
    advice: tuple[str, ...] = ()
    check: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"check": self.check, "state": self.state, "words": self.words, "advice": list(self.advice)}


def ok(words: str) -> Finding:
    """It is as it should be."""
    return Finding("ok", words)


def warning(words: str, *advice: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding("warning", words, advice)


def problem(words: str, *advice: str) -> Finding:
    """It does not work, or what protects it is gone."""
    return Finding("problem", words, advice)


def unknown(words: str, *advice: str) -> Finding:
    """It could not be looked at."""
    return Finding("unknown", words, advice)
