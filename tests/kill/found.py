"""What is there after a run's last life: in the ledger, in the cloud's log, and left over in the state table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from nightcrew.admission.follow_ups import TELL
from nightcrew.clock import SystemClock, stamp
from nightcrew.engine.local import Journal
from nightcrew.knowledge.statistics.days import recount
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.store import Store, Tables
from nightcrew.ledger.values import plain_item
from nightcrew.ledger.verify import verify
from tests.kill.cloud import Seen
from tests.kill.life import Told
from tests.kill.lives import RIVAL
from tests.kill.night import run_id

LOOKED, CALLED, NOT_CALLED = "looked: it had taken effect", "looked: it had not; called", "looked: it had not"
REPEATED, UNKNOWN = "repeated", "unknown"


@dataclass(frozen=True)
class Change:
    """A change as the ledger tells it: its entry, and what came of it. ``how`` is empty where nothing was told.

    ``interrupted`` is how often the one who was to find out about it died over that.
    """

    title: str
    how: str
    refused: bool
    interrupted: int = 0

    def __str__(self) -> str:
        return f"{self.how}, interrupted {self.interrupted} times" if self.interrupted else self.how

    @property
    def at_most(self) -> int:
        """How often the ledger says that the cloud may have made it."""
        if self.how == REPEATED:
            return 2 + self.interrupted
        if self.how == NOT_CALLED or (self.refused and self.how not in {UNKNOWN, ""}):
            return 0
        return 1

    @property
    def exactly(self) -> bool:
        """Whether the ledger claims to know how often."""
        return self.how in {"once", LOOKED, CALLED, NOT_CALLED}


@dataclass(frozen=True)
class Found:
    """All that one kill is judged by: the chains in the order in which they begin, a rival's, and the resource itself
    ``afterwards``.

    ``tallies`` are all that the state table counts; ``to_come`` is what it keeps to be started later; ``news`` is what
    people were told, in all lives.
    """

    chains: Sequence[Sequence[Entry]]
    rival: Sequence[Entry]
    breaks: Sequence[str]
    sent: Sequence[Seen]
    left_over: Sequence[str]
    tallies: Mapping[str, int]
    to_come: Sequence[str]
    news: Counter[str]
    afterwards: Any

    @property
    def entries(self) -> list[Entry]:
        """All of the runs' entries."""
        return [entry for chain in self.chains for entry in chain]

    @property
    def outcome(self) -> str:
        """How each run ended."""
        return ", ".join(outcome(chain) for chain in self.chains)

    @property
    def words(self) -> str:
        """Why they ended so."""
        return "; ".join(str(chain[-1].body.get("words", "")) for chain in self.chains)

    def row(self) -> dict[str, Any]:
        """Its part of a row of the report."""
        return {
            "changes": {**{change.title: 0 for change in self.changes}, **self.accepted},
            "recorded": {change.title: str(change) for change in self.changes},
            "outcome": self.outcome,
            "chain": "; ".join(self.breaks) or "consistent",
        }

    @property
    def changes(self) -> list[Change]:
        """The run's changes as its ledger tells them, in order."""
        facts = [fact for entry in self.entries for fact in entry.body.get("facts", ()) if "changed" in fact]
        told = {str(fact["changed"]): fact for fact in facts}
        made = [str(entry.body["title"]) for entry in self.entries if entry.kind == "change"]
        return [_change(title, told.get(title, {})) for title in made]

    def requests(self) -> Iterator[tuple[int, str, Seen]]:
        """Each request of the run's own to change something that reached the cloud: its place in the log, and the
        title of the entry before it.
        """
        title = ""
        for place, each in enumerate(self.sent):
            if each.life == RIVAL:
                continue
            if each.entry is not None and each.entry["kind"] == "change":
                title = each.entry["title"]
            elif each.changes:
                yield place, title, each

    @property
    def accepted(self) -> Counter[str]:
        """How often the cloud made each change of the run."""
        return Counter(title for _, title, sent in self.requests() if sent.accepted)

    def wrongs(self) -> list[str]:
        """What holds whatever was killed, and did not: in words, empty if all is well."""
        found = [*self.breaks, *self.left_over]
        for chain in self.chains:
            kinds = [entry.kind for entry in chain]
            if kinds != ["refusal"] and (
                kinds.count("opening") != 1 or kinds.count("closing") != 1 or kinds[-1:] != ["closing"]
            ):
                found.append(f"the chain is {kinds}")
        told = {change.title: change for change in self.changes}
        for title, times in self.accepted.items():
            if title not in told:
                found.append(f"{title!r} was made {times} times, and no entry came before it")
            elif times > told[title].at_most:
                found.append(f"{title!r} was made {times} times; the ledger says {told[title].how!r}")
        for change in self.changes:
            if change.exactly and self.accepted[change.title] != change.at_most:
                times = self.accepted[change.title]
                found.append(f"{change.title!r} was made {times} times, not as told: {change.how!r}")
        return found


def _change(title: str, told: Mapping[str, Any]) -> Change:
    return Change(title, str(told.get("how", "")), "error" in told, int(told.get("interrupted", 0)))


def outcome(chain: Sequence[Entry]) -> str:
    """How a run ended."""
    return str(chain[-1].body["outcome"]) if chain and chain[-1].kind in ENDINGS else "still open"


def find(client: Any, sent: Sequence[Seen], room: Path, told: Sequence[Told], afterwards: Any) -> Found:
    """Read it all: ``client`` is a DynamoDB client, ``room`` where the journal lies."""
    stored = sorted((plain_item(item) for item in _all(client, Tables().ledger)), key=itemgetter("run", "number"))
    chains = {run: list(chain) for run, chain in groupby(stored, itemgetter("run"))}
    rival = chains.get(run_id(RIVAL), [])
    journal = Journal(room / "journal.db", SystemClock())
    unfinished = [f"the journal has {name} unfinished" for name in journal.unfinished()]
    journal.close()
    state = [plain_item(item) for item in _all(client, Tables().state)]
    mine = [[Entry.from_item(item) for item in chain] for chain in chains.values() if chain is not rival]
    return Found(
        sorted(mine, key=lambda chain: chain[0].at),
        [Entry.from_item(item) for item in rival],
        [str(broken) for chain in chains.values() for broken in verify(chain)],
        sent,
        [*_left_over(state, stamp(told[-1].at)), *unfinished, *_miscounted(Store(client), chains.values())],
        _tallies(state),
        sorted(
            f"{item['open']} {item['runbook']} {item['what']['resource']}"
            for item in state
            # That people are to learn of a run that was abandoned comes of the kill, and is no work to come.
            if "what" in item and item["open"] != TELL
        ),
        Counter(kind for life in told for kind in life.news),
        afterwards,
    )


def _left_over(state: Iterable[Mapping[str, Any]], now: str) -> Iterator[str]:
    for item in state:
        kind = item["key"].partition("#")[0]
        living = [holder for holder in item.get("holders", ()) if holder > now]
        if kind == "res" and (living or item.keys() & {"owner", "lease", "open", "cancel", "waiting", "held", "also"}):
            yield f"{item['key']} is still held: {item}"
        if kind == "approval" and "open" in item and item["lease"] > now:
            yield f"{item['key']} is still asked: {item}"
        if kind == "claim" and "settled" not in item:
            yield f"{item['key']} was never settled"
        if kind == "due" and item["lease"] < now and item["open"] != TELL:
            yield f"{item['key']} is due and was not started"


def _miscounted(store: Store, chains: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Each day's roll-up, beside the last entry of every chain: what ended, and how, whatever was killed on the way."""
    wanted: dict[str, Counter[str]] = {}
    for *_, last in chains:
        if last["kind"] in ENDINGS:
            wanted.setdefault(last["at"][:10], Counter())[Entry.from_item(last).body["outcome"]] += 1
    for day, outcomes in wanted.items():
        found: Counter[str] = Counter()
        for count in recount(store, date.fromisoformat(day)).counts:
            found[count.outcome] += count.number
        if found != outcomes:
            yield f"the roll-up of {day} has {dict(found)}, its entries say {dict(outcomes)}"


def _tallies(state: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Whatever is counted, in numbers or sets; an hour's counter of whichever hour, and an instance's of whichever id:
    each lane's cloud has its own.
    """
    found: Counter[str] = Counter()
    for item in state:
        kind = item["key"].partition("#")[0]
        key = item["key"].rpartition("#")[0] if kind == "hour" else re.sub(r"i-[0-9a-f]{17}", "i-…", item["key"])
        for name, value in item.items():
            if kind in {"res", "hour", "runbook", "alarm"} and name != "expires" and not isinstance(value, str | bool):
                found[f"{key} {name}"] += len(value) if isinstance(value, set) else int(value)
    return dict(found)


def _all(client: Any, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.scan(TableName=table)["Items"]
    return found
