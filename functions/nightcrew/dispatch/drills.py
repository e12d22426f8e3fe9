"""The schedule of restore drills: each drill of policy has its next start among the follow-ups, where people see it,
and may drop it; the sweeper starts it as one, through all gates.

Looked at in each sweep: one read for each drill, and a write when a start has passed. So there is no clock of its own
that could stop unseen, and a drill that was due while nothing swept is made up once, not once for each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.drill import Drill
from nightcrew.admission.follow_ups import Due, keeping, take
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.engine.installation import Installation
from nightcrew.errors import BadParameter, BadPolicy, Unknown
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

SCHEDULE = "schedule"
"""Who starts a drill that is due; and how it came."""


@dataclass(frozen=True)
class Here:
    """Nightcrew's own account and Region: where a drill is that names no other."""

    account: str
    region: str


def next_start(store: Store, drill: Drill) -> datetime | None:
    """When it is started next; None where it never was scheduled."""
    item = store.get("state", _key(drill))
    return None if item is None else moment(str(item["due"]))


def schedule(installation: Installation, here: Here, now: datetime) -> None:
    """Keep the next start of each drill of policy: the first one ``now``, which is the sweep's own moment, so that it
    starts it; then every so often after it. Raises Unreachable.

    One that cannot be started as it stands there is told to people once in each period.
    """
    for drill in installation.policy.drills:
        _keep_next(installation, drill, here, now)


def wrong_in(policy: Policy, catalog: Catalog) -> list[BadPolicy]:
    """Each drill of policy whose parameters its runbook would not take: the first that is wrong with it. The runbooks
    themselves are known (``Policy.check_against``).
    """
    found = []
    for drill in policy.drills:
        try:
            catalog[drill.runbook].form.validate(drill.given)
        except BadParameter as bad:
            place = f"drills[{drill.number}].parameters.{bad.field}"
            found.append(BadPolicy(policy.file, drill.line, place, bad.value, bad.allowed))
    return found


def is_in_policy(installation: Installation, due: Due) -> bool:
    """Whether policy still has the drill that this start is of."""
    return any(each.key == due.what.get("drill") for each in installation.policy.drills)


def _keep_next(installation: Installation, drill: Drill, here: Here, now: datetime) -> None:
    store, every = installation.store, int(drill.every.total_seconds())
    item = store.get("state", _key(drill))
    due = _due(item, now, drill.every)
    if item is not None and moment(str(item["due"])) == due and item["every"] == every:
        return
    try:
        start, trouble = _start(installation, drill, here, due), ""
    except (BadParameter, Unknown) as wrong:
        start, trouble = None, str(wrong)
    seen = Equals("due", item["due"]) & Equals("every", item["every"]) if item is not None else Absent("key")
    kept = Piece(table="state", key=_key(drill), gate="drill", condition=seen, sets={"due": stamp(due), "every": every})
    try:
        store.transact([kept, *([keeping(start)] if start else [])])
    except ConditionFailed:
        return  # another sweep did, at this moment
    if item is not None and moment(str(item["due"])) > now:
        take(store, _name(drill, moment(str(item["due"]))))  # it comes more often, or less: not at that time any more
    if trouble and item is not None:  # the first start is followed by the next one at once: told then, and not twice
        told = {"runbook": drill.runbook, "actor": SCHEDULE, "gate": "drill"}
        installation.tell_people("refused", {**told, "words": f"{drill}: {trouble}"})


def _due(item: Mapping[str, Any] | None, now: datetime, every: timedelta) -> datetime:
    """The next start after ``now``, in step with the last one; the first is at once."""
    if item is None:
        return now
    last = moment(str(item["due"]))
    if last > now:
        return last if item["every"] == int(every.total_seconds()) else min(last, now + every)
    return last + every * ((now - last) // every + 1)


def _start(installation: Installation, drill: Drill, here: Here, due: datetime) -> Due:
    runbook = installation.catalog[drill.runbook]
    checked = runbook.form.validate(drill.given)
    resource = runbook.arn(checked, account=drill.account or here.account, region=drill.region or here.region)
    what = {
        "title": f"restore drill, every {in_words(drill.every)}",
        "parameters": drill.given,
        "resource": resource,
        "run": "",
        "by": SCHEDULE,
        "drill": drill.key,
    }
    return Due(_name(drill, due), "later", due, drill.runbook, SCHEDULE, what)


def _name(drill: Drill, due: datetime) -> str:
    return f"drill#{drill.key}#{stamp(due)}"


def _key(drill: Drill) -> dict[str, str]:
    return {"key": f"drill#{drill.key}"}
