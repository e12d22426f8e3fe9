"""Break-glass: a person runs a runbook on their own machine, with their own rights, while the ledger is out of reach.

Everything is as ever but where it is kept: the same gates, body and entries, over two SQLite files in a directory of
the person's own. What only the team's tables know (halts, other runs' locks, cool-downs, chains, breakers, budgets)
cannot be asked; the opening entry says so, and by which words the ledger did not answer. ``upload`` takes the entries
to the ledger later.

No run under break-glass makes what needs another person's agreement: risk *data-loss*, a change that is irreversible,
a runbook that asks. Where policy says ``approve``, the person's own confirmation of the plan stands in, and the opening
entry says that, too.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nightcrew.admission.approvals import decide, find
from nightcrew.admission.policy import Policy
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.plan import Plan
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.cloud import ClientMaker, Cloud
from nightcrew.clock import Clock
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.out_of_reach import NAME
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.installation import Installation, Watch, nobody
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.errors import Refused
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.history import opening
from nightcrew.ledger.rows import BREAK_GLASS
from nightcrew.ledger.store import Store

NOT_ASKED = ("halts", "locks of other runs", "cool-down", "chain", "breaker", "budgets")
CALENDARS = "change calendars"
BUDGETS = "error budgets"


@dataclass(frozen=True)
class Reason:
    """Why the glass is broken, for the opening entry.

    ``by`` is the caller's ARN where STS answered (``verified``), else a name. ``trouble`` is how the ledger did not
    answer, ``plan`` the hash of the plan that the caller confirmed. ``clock_off`` is how many seconds the machine's
    clock is ahead of the service's, where that is known and too many.
    """

    reason: str
    by: str
    verified: bool
    trouble: str
    plan: str
    clock_off: int = 0


@dataclass(frozen=True)
class Alone:
    """A whole Nightcrew on one machine: its installation, engine and front door; ``journal`` is the engine's."""

    installation: Installation
    engine: LocalEngine
    dispatcher: Dispatcher
    journal: Journal

    @property
    def store(self) -> Store:
        """The two tables, on this machine."""
        return self.installation.store


def files(directory: Path) -> tuple[Path, Path]:
    """The ledger's file and the journal's."""
    return directory / "ledger.sqlite", directory / "journal.sqlite"


def make_directory(directory: Path) -> None:
    """Make it, for nobody else to look into; one that is there is left as it is."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


def alone(
    directory: Path,
    policy: Policy,
    catalog: Catalog,
    clients: Callable[[str], ClientMaker],
    clock: Clock,
    *,
    watch: Watch = nobody,
    news: Watch = nobody,
) -> Alone:
    """Wire it over the files of a directory. ``clients`` makes those of a Region, with the caller's own rights."""
    ledger, kept = files(directory)
    store, journal = DiskStore(ledger), Journal(kept, clock)

    def clouds(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
        del family
        return Cloud(clients(resource.split(":")[3]), permissions, who)

    def answer(callback: str, value: Any) -> bool:
        return engine.answer(callback, value)

    def told(kind: str, what: Mapping[str, Any]) -> None:
        if kind == "approval wanted":
            _decline(store, str(what["run"]), clock, answer)
        else:
            news(kind, _told(store, what))

    installation = Installation(store, catalog, policy, clouds, clock, watch, answer=answer, news=told)
    engine = LocalEngine(durable_handler(lambda: installation), journal, clock)

    def started(run: str) -> None:
        engine.start(run, {"run": run})

    # A calendar counts as closed where it cannot be asked, and a budget as spent; under break-glass they are named
    # among what was not asked.
    dispatcher = Dispatcher(installation, started, calendar=lambda *_: None, budgets=lambda *_: 1.0)
    return Alone(installation, engine, dispatcher, journal)


def start(
    dispatcher: Dispatcher, runbook: Runbook, parameters: Mapping[str, Any], why: Reason, *, account: str, region: str
) -> Answer:
    """Admit a run by the gates of this machine, and record it to be driven. Raises BadParameter."""
    asked = dispatcher.asked_by_person(
        runbook.name, parameters, actor=why.by, account=account, region=region, reason=why.reason
    )
    return dispatcher.admit(marked(asked, why, dispatcher.installation.policy))


def refuse_what_needs_others(runbook: Runbook, plan: Plan | None = None) -> None:
    """Raises Refused for what another person must agree to: nobody can be asked."""
    if runbook.risk == "data-loss":
        words = "its risk is data-loss, which two other people must agree to, and none can be asked"
        raise Refused(NAME, f"{words}; --plan shows the calls")
    for line in plan.lines if plan is not None else ():
        if line["verb"] == "approve" or line.get("undo") == "irreversible":
            words = "needs another person's approval" if line["verb"] == "approve" else "cannot be taken back"
            raise Refused(NAME, f"“{line['title']}” {words}, and nobody can be asked; --plan shows the calls")


def not_asked(policy: Policy) -> tuple[str, ...]:
    """What could not be asked."""
    calendars = (CALENDARS,) if any(each.calendar for each in policy.freezes) else ()
    return (*NOT_ASKED, *calendars, *((BUDGETS,) if policy.error_budgets else ()))


def marked(asked: Request, why: Reason, policy: Policy) -> Request:
    """The request, marked in its symptom and in what the opening entry says."""
    autonomy = asked.settings.autonomy
    mark: dict[str, Any] = {
        "reason": why.reason,
        "by": why.by,
        "verified": why.verified,
        "trouble": why.trouble,
        "not_asked": list(not_asked(policy)),
        "plan": why.plan,
    }
    if why.clock_off:
        mark["clock_off"] = why.clock_off
    if autonomy.value is Level.APPROVE:
        mark["approval"] = f"nobody could be asked; policy wants it ({autonomy.because})"
        settled = Setting(Level.AUTO, f"{NAME}: who asked confirmed the plan")
        asked = replace(asked, settings=replace(asked.settings, autonomy=settled))
    return replace(asked, symptom=f"{BREAK_GLASS}{asked.runbook}", why=f"under {NAME}", break_glass=mark)


def _told(store: Store, what: Mapping[str, Any]) -> dict[str, Any]:
    """News with the mark: the team's own ledger does not know the run yet."""
    first = opening(store, str(what.get("run", "")))
    mark = first.body.get("break_glass") if first is not None else None
    if not mark:
        return dict(what)
    words = "it runs on one person's machine, since the ledger cannot be reached: leave the resource alone"
    return {"words": words, **what, "break_glass": mark["reason"]}


def _decline(store: Store, run: str, clock: Clock, answer: Callable[[str, Any], bool]) -> None:
    """Nobody else will: the run need not wait for them until its deadline."""
    if find(store, run) is not None:
        reason = "under break-glass nobody else can be asked"
        decided = decide(store, run, by=NAME, approve=False, now=clock.now(), reason=reason)
        if decided.callback is not None:
            answer(decided.callback, decided.value)
