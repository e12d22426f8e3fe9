"""The digest: what a team should know of a week, in a minute. What it says can be looked up where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.statistics import shelf, span
from nightcrew.console.answers import Answer, File, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.words import address, path
from nightcrew.errors import BadInput
from nightcrew.knowledge.digest.digest import MOST, Digest, Section, digest_of
from nightcrew.knowledge.digest.lines import Line

USUAL = "7d"
LONGEST = timedelta(days=366)

SPANS = (("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"))


@dataclass(frozen=True)
class Told:
    """A section: each line with where it leads and what is there, and how many more there are."""

    section: Section
    lines: tuple[tuple[Line, str | None, str], ...]
    more: int


def digest(desk: Desk, asked: Asked) -> Answer:
    """The page."""
    given = {"since": asked.wanted("since") or USUAL, "until": asked.wanted("until")}
    spans = [(words, address("/console/review/digest", since=each), each) for each, words in SPANS]
    values: dict[str, Any] = {"here": "review", "given": given, "spans": spans}
    try:
        made = _made(desk, asked)
    except BadInput as error:
        return Page("digest", "Digest", {**values, "made": None, "wrong": {error.field: error.allowed}}, 422)
    values |= {"made": made, "wrong": {}, "sections": [_told(each, made) for each in made.sections]}
    return Page("digest", "Digest", {**values, "file": address("/console/review/digest.md", **given)})


def markdown(desk: Desk, asked: Asked) -> Answer:
    """The same, to be pasted into a page of the team's own."""
    made = _made(desk, asked)
    return File("text/markdown; charset=utf-8", made.markdown(), f"digest-{made.since}-{made.until}.md")


def _made(desk: Desk, asked: Asked) -> Digest:
    now, catalog, since = desk.clock.now(), desk.catalog, asked.wanted("since") or USUAL
    first, last = span(since, asked.wanted("until"), now, ("since", "until"))
    if last - first > LONGEST:
        raise BadInput("since", since, "it must be within the last year before the last day")
    return digest_of(
        desk.store,
        first,
        last,
        now,
        families=catalog.families,
        by_hand=catalog.by_hand,
        shelf=shelf(desk),
    )


def _told(section: Section, made: Digest) -> Told:
    lines = tuple((each, *_at(each.facts, made)) for each in section.lines[:MOST])
    return Told(section, lines, len(section.lines) - len(lines))


def _at(facts: Mapping[str, Any], made: Digest) -> tuple[str | None, str]:
    """Where a line comes from: the run that it is about, else the history of these days."""
    if facts.get("run"):
        return path("runs", facts["run"]), "the run"
    about = {name: facts[name] for name in ("resource", "symptom", "runbook") if facts.get(name)}
    if "gate" in facts:
        about = {"outcome": "refused"}
    if not about:
        return None, ""
    at = address("/console/history", **about, since=made.since.isoformat(), until=made.until.isoformat())
    return at, "refusals" if "gate" in facts else "runs"


PAGES = (
    At("GET", "/console/review/digest", digest),
    At("GET", "/console/review/digest.md", markdown),
)
