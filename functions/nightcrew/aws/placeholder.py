"""What a plan knows of the result of a change that was not made: where it would come from.

A later call may carry it: ``⟦restore it:TableDescription.TableArn⟧`` stands in the plan, also inside a text. A
runbook that would *decide* on it cannot be planned any further: the plan ends there, and says why.
"""

from collections.abc import Iterator
from typing import NoReturn

OPEN, CLOSE = "⟦", "⟧"


class DecidedOnPlanned(BaseException):
    """A runbook decided on a value that only the real change would give; ``path`` says which. No ``except Exception``
    sees it.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"the next step depends on {path}, which is known only once the change was made")
        self.path = path


class Planned:
    """Stands for a value from a change that was not made; indexing goes deeper, text shows where it comes from."""

    def __init__(self, title: str, path: str = "") -> None:
        self._title = title
        self._path = path

    def __getitem__(self, key: object) -> "Planned":
        return Planned(self._title, f"{self._path}.{key}" if self._path else str(key))

    def get(self, key: object, default: object = None) -> "Planned":
        """As of a dict; the default is never taken, since the answer is not known."""
        del default
        return self[key]

    def __str__(self) -> str:
        return f"{OPEN}{self._title}:{self._path}{CLOSE}" if self._path else f"{OPEN}{self._title}{CLOSE}"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def _decided(self, *_: object) -> NoReturn:
        raise DecidedOnPlanned(str(self))

    def __iter__(self) -> Iterator[object]:
        self._decided()

    __bool__ = __len__ = __int__ = __float__ = __index__ = _decided
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _decided
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _decided
    __hash__ = None  # type: ignore[assignment]


def holds_planned(value: object) -> bool:
    """Whether a value carries a placeholder anywhere."""
    if isinstance(value, Planned):
        return True
    if isinstance(value, str):
        return OPEN in value
    if isinstance(value, dict):
        return any(holds_planned(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_planned(part) for part in value)
    return False
