"""Undo as first class: what takes each change back, run in reverse."""

from collections.abc import Callable
from typing import Any

from nightcrew.authoring.endings import Ending
from nightcrew.authoring.run import Undo
from nightcrew.aws.calls import Call


def undo_words(undo: Undo | None, *, irreversible: bool) -> str:
    """How a change is taken back, in the words of the ledger and of a plan."""
    if irreversible:
        # An undo beside it only stops what still goes on: what was done by then stays.
        return "irreversible"
    if undo is None:
        return "none"
    return str(undo) if isinstance(undo, Call) else undo.__name__.replace("_", " ")


class Undos:
    """The undos of the changes made so far, the last one on top."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, Undo]] = []
        self.running = False

    def push(self, title: str, undo: Undo) -> None:
        """Remember what takes ``title`` back. What an undo itself changes has no undo."""
        if not self.running:
            self._stack.append((title, undo))

    @property
    def left(self) -> list[str]:
        """The changes that have not been taken back."""
        return [title for title, _ in self._stack]

    def run(self, change: Callable[[str, Call], object], begin: Callable[[], None]) -> dict[str, Any]:
        """Take everything back, the last change first. Returns ``{"undone": […], "not_undone": [{"title", "words"}]}``.

        ``change`` sends a call that is an undo; ``begin`` is called before each: how the one before ended is no matter.
        """
        undone: list[str] = []
        failed: list[dict[str, str]] = []
        self.running = True
        while self._stack:
            title, undo = self._stack.pop()
            begin()
            try:
                if isinstance(undo, Call):
                    change(f"undo: {title}", undo)
                else:
                    undo()
                undone.append(title)
            except Ending as end:
                failed.append({"title": title, "words": end.words})
            except Exception as error:  # noqa: BLE001  an author's slip in an undo must not hide the first error
                failed.append({"title": title, "words": f"{type(error).__name__}: {error}"})
        self.running = False
        return {"undone": undone, "not_undone": failed}
