"""What somebody wants to find in the history: a question that stands in an address, so that it can be sent on."""

from collections.abc import Mapping
from dataclasses import dataclass

from nightcrew.api.asked import LONGEST
from nightcrew.api.runs import Wanted
from nightcrew.console.asked import Asked
from nightcrew.console.words import address
from nightcrew.errors import BadInput

AT = "/console/history"
FILTERS = ("words", "runbook", "resource", "symptom", "outcome", "person", "since", "until")
LOOKED_BACK = 8
"""Pages before this one to which the way is kept; more would make the address too long."""


@dataclass(frozen=True)
class Question:
    """``typed`` has what was given, by the names of ``FILTERS``. ``after`` is the cursor of the page before this one,
    ``back`` are those of the pages before that, the oldest first.
    """

    typed: Mapping[str, str]
    after: str | None = None
    back: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: Asked) -> "Question":
        """As the address has it."""
        typed = {name: text for name in FILTERS if (text := asked.wanted(name)) is not None}
        return cls(typed, asked.wanted("after"), tuple(asked.query.get("back", ()))[-LOOKED_BACK:])

    def wanted(self, limit: int, after: str | None = None) -> Wanted:
        """As the ledger is asked; words and times stand apart. Raises BadInput where a name is longer than any key."""
        for name, text in self.typed.items():
            if len(text) > LONGEST:
                raise BadInput(name, text, f"it must have {LONGEST} characters at most")
        given = self.typed.get
        return Wanted(
            given("resource"),
            given("runbook"),
            given("symptom"),
            given("outcome"),
            person=given("person"),
            limit=limit,
            after=after,
        )

    def at(self, path: str = AT) -> str:
        """Its address, of the newest page."""
        return address(path, **self.typed)

    def older(self, after: str) -> str:
        """The page after this one."""
        back = (*self.back, *((self.after,) if self.after is not None else ()))[-LOOKED_BACK:]
        return address(AT, **self.typed, after=after, back=back)

    def newer(self) -> str | None:
        """The page before this one; None where the way is not known, or it is the newest."""
        return address(AT, **self.typed, after=self.back[-1], back=self.back[:-1]) if self.back else None

    def without(self, name: str) -> str:
        """The same without one of its filters."""
        return address(AT, **{each: text for each, text in self.typed.items() if each != name})
