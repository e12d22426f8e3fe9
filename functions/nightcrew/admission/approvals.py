"""Approvals: what waits for a person, and what a person may decide.

One item in ``state`` for each run that asks. It stands in the ``open`` index by its deadline while nobody has
decided. The requester cannot approve, by none of their names (``persons``); risk *data-loss* wants two different
people; deciding late, twice, or on another plan is a clear error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.persons import NAMELESS, person, same_person
from nightcrew.admission.request import Request, lock_key
from nightcrew.clock import Clock, moment, stamp
from nightcrew.errors import BadInput, Conflict, Refused, Unknown
from nightcrew.ledger.conditions import Absent, AtLeast, Condition, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

KEPT_DAYS = 30


@dataclass(frozen=True)
class Approval:
    """What waits for a person."""

    run: str
    runbook: str
    resource: str
    requester: str
    deadline: datetime
    hash: str
    wanted: int
    approvers: tuple[str, ...]
    question: Mapping[str, Any]
    callback: str
    decided: Mapping[str, Any] | None


@dataclass(frozen=True)
class Decided:
    """What was decided, and where the answer goes; ``callback`` is None while another person must approve too."""

    callback: str | None
    value: dict[str, Any]


class ApprovalDesk:
    """Implements what a run asks of a desk."""

    def __init__(
        self, request: Request, store: Store, clock: Clock, tell: Callable[[str, Mapping[str, Any]], object]
    ) -> None:
        self._request = request
        self._tell = tell
        self._store = store
        self._clock = clock

    def ask(self, callback: str, question: dict[str, Any]) -> None:
        """Put the question; a second round replaces the first, and its approvals. The same one again leaves it."""
        request = self._request
        sets = {
            "owner": request.run,
            "runbook": request.runbook,
            "resource": request.resource,
            "symptom": request.symptom,
            "actor": request.actor,
            "started": stamp(request.at),
            "open": "approval",
            "lease": question["deadline"],
            "callback": callback,
            "hash": question["hash"],
            "wanted": question["wanted"],
            "question": question,
            "expires": int(self._clock.now().timestamp()) + KEPT_DAYS * 86_400,
        }
        removes = ("approvers", "decided")
        before = find(self._store, request.run)
        if before is None or before.callback != callback:
            piece = Piece(table="state", key=_key(request.run), gate="approval", sets=sets, removes=removes)
            self._store.transact([piece])
        told = {name: sets[name] for name in ("runbook", "resource", "actor", "hash", "wanted")}
        words = "; ".join(filter(None, [question["title"], question.get("known", {}).get("words")]))
        shown = {name: question[name] for name in ("lines", "seen") if question.get(name)}
        about = {"run": request.run, "words": words, "deadline": question["deadline"]}
        self._tell("approval wanted", {**about, **shown, **told})

    def decision(self, hash_: str) -> dict[str, Any] | None:
        """What was decided about the question of that hash, as it was put: by enough people, none of them who asked."""
        asked = find(self._store, self._request.run)
        if asked is None or asked.decided is None or asked.decided.get("hash") != hash_:
            return None
        people = {person(each) for each in asked.decided["by"]}
        approved = asked.decided["decision"] == "approved"
        if approved and (person(self._request.actor) in people or len(people) < asked.wanted):
            return None
        return dict(asked.decided)


def waiting(store: Store, now: datetime) -> list[Approval]:
    """What waits for a person now, the nearest deadline first."""
    in_time = Equals("open", "approval") & AtLeast("lease", stamp(now))
    found = store.every("state", in_time, index="open")
    asked = [approval for item in found if (approval := find(store, str(item["owner"]))) is not None]
    return [each for each in asked if each.decided is None and still_waits(store, each)]


def still_waits(store: Store, asked: Approval) -> bool:
    """Whether the run that asked is still there to hear the answer: it has its resource, and nobody cancelled it."""
    item = store.get("state", {"key": lock_key(asked.resource)}) or {}
    return item.get("owner") == asked.run and "cancel" not in item


def find(store: Store, run: str) -> Approval | None:
    """What a run asks, decided or not; None if it never asked."""
    item = store.get("state", _key(run))
    if item is None:
        return None
    return Approval(
        run=run,
        runbook=str(item["runbook"]),
        resource=str(item["resource"]),
        requester=str(item["actor"]),
        deadline=moment(str(item["lease"])),
        hash=str(item["hash"]),
        wanted=int(item["wanted"]),
        approvers=tuple(sorted(item.get("approvers", ()))),
        question=item["question"],
        callback=str(item["callback"]),
        decided=item.get("decided"),
    )


def decide(
    store: Store, run: str, *, by: str, approve: bool, now: datetime, reason: str = "", plan: str | None = None
) -> Decided:
    """Approve or decline. ``plan`` is the hash that the person saw (its beginning is enough).

    Raises Unknown (the run asks nothing), BadInput (another plan), Refused (the requester, twice, late, decided
    already), Conflict. Deciding the same once more gives the same answer: the first answer may not have arrived.
    """
    asked = find(store, run)
    if asked is None:
        raise Unknown(f"run {run} asks for no approval")
    wish = "approved" if approve else "declined"
    if asked.decided is not None:
        if asked.decided["decision"] == wish and by in asked.decided["by"]:
            return Decided(asked.callback, dict(asked.decided))
        deciders = " and ".join(asked.decided["by"])
        raise Refused("approval", f"run {run} was {asked.decided['decision']} already, by {deciders}")
    if now > asked.deadline:
        raise Refused("approval", f"its time was over at {stamp(asked.deadline)}: the run counts as declined")
    if not still_waits(store, asked):
        raise Refused("approval", f"run {run} asks no more: it is over, or was cancelled")
    if plan is not None and not asked.hash.startswith(plan):
        raise BadInput("plan", plan, f"the run asks about the plan {asked.hash[:12]} now: look at it again")
    if approve and same_person(by, asked.requester):
        raise Refused("approval", f"{_who(by, asked.requester)} asked for it: another person must approve")
    before = next((each for each in asked.approvers if same_person(by, each)), None) if approve else None
    if before is not None:
        raise Refused("approval", f"{_who(by, before)} approved it already: another person must approve too")
    people = sorted({*asked.approvers, by}) if approve else [by]
    value = {"decision": wish, "by": people, "hash": asked.hash, "reason": reason, "at": stamp(now)}
    enough = not approve or len(people) >= asked.wanted
    _write(store, asked, by, value if enough else None)
    return Decided(asked.callback if enough else None, value)


def _who(by: str, before: str) -> str:
    """Who is refused, and as whom they came before."""
    if by == before:
        return by
    why = " (a session that nobody named can be anybody's: set role_session_name)" if person(by) == NAMELESS else ""
    return f"{before}, who counts as the same person as {by}{why},"


def _write(store: Store, asked: Approval, by: str, decided: dict[str, Any] | None) -> None:
    """On the condition that nothing has moved since it was read: two people may decide at the same moment."""
    before: Condition = Equals("approvers", set(asked.approvers)) if asked.approvers else Absent("approvers")
    unmoved = before & Absent("decided") & Equals("callback", asked.callback)
    sets = {"decided": decided} if decided else {}
    adds = {} if decided else {"approvers": {by}}
    removes = ("open",) if decided else ()
    piece = Piece(
        table="state", key=_key(asked.run), gate="approval", condition=unmoved, sets=sets, adds=adds, removes=removes
    )
    try:
        store.transact([piece])
    except ConditionFailed as failed:
        raise Conflict(f"somebody else decided on run {asked.run} at the same moment: look again") from failed


def _key(run: str) -> dict[str, str]:
    return {"key": f"approval#{run}"}
