"""The digest: what a team should know of a week, in a minute. What ran, what helped, what did not, and what to mend.

It is made from days that are rolled up, so it costs a handful of reads, and the same days give the same digest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.aws.drills import PREFIX
from nightcrew.durations import in_words
from nightcrew.knowledge.amounts import counted
from nightcrew.knowledge.capacity.capacity import Capacity
from nightcrew.knowledge.digest import lines
from nightcrew.knowledge.digest.lines import Line, estimated
from nightcrew.knowledge.lessons import Lesson, changed_since
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.recounting import midnight
from nightcrew.knowledge.statistics.shelf import Shelf
from nightcrew.knowledge.statistics.statistics import LOOKS_BACK, statistics
from nightcrew.ledger.store import Store

MOST_TEXT = 5
"""Lines of a section in a message: who reads it on a phone reads no more."""

MOST = 25
"""Lines of a section in Markdown."""


@dataclass(frozen=True)
class Section:
    """What there is to say about one thing, the most pressing first. ``name`` is for programs, ``title`` for people."""

    name: str
    title: str
    lines: tuple[Line, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON: each line with its words, and the facts that they are made of."""
        return {"name": self.name, "title": self.title, "lines": [each.to_dict() for each in self.lines]}


@dataclass(frozen=True)
class Digest:
    """The days from ``since`` to ``until``, both included. Sections without a line are left out."""

    since: date
    until: date
    total: Figures
    sections: tuple[Section, ...] = ()
    reads: int = field(default=0, compare=False)

    @property
    def quiet(self) -> bool:
        """Whether nothing ran, nothing was refused, nobody wrote a lesson, and no quota is close: then one sentence
        says it all.
        """
        return not self.sections

    @property
    def headline(self) -> str:
        """One sentence that tells it all."""
        if not self.total.runs and not self.total.refused:
            drilled = any(each.name == "drills" for each in self.sections)
            what = "only restores were drilled" if drilled else "nothing ran, and nothing was refused"
            return f"A quiet {self._long}, {self._span}: {what}."
        total = self.total
        parts = [counted(total.runs, "run")]
        parts += [f"{total.helped} of {total.tried} tried helped"] if total.tried else []
        parts += [counted(total.refused, "refusal")] if total.refused else []
        if total.saved is not None and total.saved.net >= 60:
            parts.append(f"about {in_words(timedelta(seconds=total.saved.net))} of toil saved{estimated(total)}")
        return f"{self._span}: {', '.join(parts)}."

    def text(self) -> str:
        """For a phone: the headline, then short lines. A quiet week is one sentence."""
        told = [self.headline]
        for section in self.sections:
            told += ["", section.title.upper(), *(f"- {each.said.plain}" for each in section.lines[:MOST_TEXT])]
            told += _rest(section, MOST_TEXT)
        return "\n".join(told)

    def markdown(self) -> str:
        """For a page: every value from outside is escaped."""
        told = [f"# Nightcrew, {self._span}", "", self.headline]
        for section in self.sections:
            told += ["", f"## {section.title}", "", *(f"- {each.said.markdown}" for each in section.lines[:MOST])]
            told += _rest(section, MOST)
        return "\n".join(told) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """As JSON: version 1. Durations are in seconds, days are UTC days."""
        return {
            "version": 1,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "quiet": self.quiet,
            "headline": self.headline,
            "total": self.total.to_dict(),
            "sections": [each.to_dict() for each in self.sections],
            "reads": self.reads,
        }

    def to_news(self) -> dict[str, Any]:
        """As people and systems are told of it (docs/news.md)."""
        saved = self.total.saved
        figures = {"runs": self.total.runs, "tried": self.total.tried, "helped": self.total.helped}
        figures |= {"refused": self.total.refused, **({"saved_seconds": round(saved.net)} if saved else {})}
        told = {"words": self.headline, "first_day": self.since.isoformat(), "last_day": self.until.isoformat()}
        return {**told, "figures": figures, "text": self.text(), "markdown": self.markdown()}

    @property
    def _long(self) -> str:
        count = (self.until - self.since).days + 1
        return {1: "day", 7: "week"}.get(count, f"{count} days")

    @property
    def _span(self) -> str:
        year = f" {self.since.year}" if self.since.year != self.until.year else ""
        first = f"{self.since.day} {self.since:%b}{year}"
        last = f"{self.until.day} {self.until:%b %Y}"
        return last if self.since == self.until else f"{first} to {last}"


def digest(
    known: Iterable[Day],
    since: date,
    until: date,
    *,
    lessons: Iterable[Lesson] = (),
    families: Mapping[str, str] | None = None,
    by_hand: Mapping[str, timedelta] | None = None,
    report: Capacity | None = None,
) -> Digest:
    """Make it of these days, which should begin as ``looks_back`` says: proofs and records are older than a week.

    ``lessons`` are versions that were written in the span, the oldest first; ``families`` and ``by_hand`` are the
    runbooks of the catalog, with what their authors say; ``report`` is what AWS says of capacity, where it was asked.
    """
    every = list(known)
    figures = statistics(every, since, until, families=families, by_hand=by_hand)
    span = [each for day in every if since <= day.day <= until for each in day.counts]
    drills = [each for each in span if each.runbook.startswith(PREFIX)]
    span = [each for each in span if not each.runbook.startswith(PREFIX)]
    long_ago = [each for day in every if day.day <= until for each in day.counts]
    families = families or {}
    made = (
        ("mend", "Mend at the root", lines.at_the_root(span, families)),
        ("capacity", "What scale-out keeps rescuing", lines.capacity(span, families, report)),
        ("quotas", "Quotas that are close", lines.quotas(report)),
        ("did_not_help", "What did not help", lines.did_not(span)),
        ("helped", "What helped", lines.helped(each for each in figures.groups if not each.name.startswith(PREFIX))),
        ("drills", "Restore drills", lines.drilled(drills)),
        ("suggestions", "Another runbook may be better", lines.better(figures.symptoms, [*span, *drills], long_ago)),
        ("gates", "Gates that refused", lines.gates(figures.gates)),
        ("lessons", "Learnt", lines.learnt(lessons)),
        # Of a quiet week nobody wants to hear which proofs get old: it would be the same each week.
        ("proofs", "Runbooks without a recent proof", () if figures.empty else lines.proofs(figures.proofs)),
    )
    sections = tuple(Section(name, title, found) for name, title, each in made if (found := tuple(each)))
    return Digest(since, until, figures.total, sections, figures.reads)


def digest_of(
    store: Store,
    since: date,
    until: date,
    now: datetime,
    *,
    families: Mapping[str, str],
    by_hand: Mapping[str, timedelta],
    report: Capacity | None = None,
    shelf: Shelf | None = None,
) -> Digest:
    """The same from the ledger: a read for a hundred days that are kept, and one or two of lessons. Raises
    Unreachable.
    """
    known = days(store, looks_back(since, until), until, now=now, shelf=shelf)
    written = lessons_of(store, since, until)
    return digest(known, since, until, lessons=written, families=families, by_hand=by_hand, report=report)


def looks_back(since: date, until: date) -> date:
    """The first day that a digest of these days counts from."""
    return min(since, until - LOOKS_BACK)


def lessons_of(store: Store, since: date, until: date) -> list[Lesson]:
    """The versions that were written on these days, the oldest first: a read or two. Raises Unreachable."""
    end = midnight(until + timedelta(days=1))
    return [each for each in changed_since(store, midnight(since)) if each.at < end]


def _rest(section: Section, most: int) -> Iterator[str]:
    if len(section.lines) > most:
        yield f"- and {len(section.lines) - most} more"
