"""The request as an opening entry tells it: what the executor, a closing and an abandoned run's end are made from."""

from datetime import timedelta
from typing import Any

from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.admission.settings import FromChat, Level, Setting, Settings
from nightcrew.clock import moment
from nightcrew.ledger.entries import Entry


def request_of(opening: Entry) -> Request:
    """The request that was admitted, read back from its opening entry."""
    body: dict[str, Any] = dict(opening.body)
    level, because = body["autonomy"]
    settings = Settings(
        autonomy=Setting(Level(level), str(because)),
        ok_within=_seconds(body["ok"][0]),
        ok_held=_seconds(body["ok"][1]),
        approval=_seconds(body["approval"]),
        chain_within=_seconds(body["chain_within"]),
        from_chat=Setting(FromChat(body.get("from_chat", Settings().from_chat.value)), "opening entry"),
    )
    alarm = body.get("alarm")
    seen = AlarmSeen.from_dict(alarm) if alarm else None
    return Request(
        run=opening.run,
        runbook=body["runbook"],
        family=body.get("family", ""),
        risk=body.get("risk", ""),
        parameters=body["parameters"],
        resource=body["resource"],
        symptom=body["symptom"],
        by=body["by"],
        actor=body["actor"],
        at=opening.at,
        deadline=timedelta(seconds=int(body["deadline"])),
        lease=moment(body["lease"]) - opening.at,
        settings=settings,
        policy=body["policy"],
        reason=body.get("reason", ""),
        alarm=seen,
        why=body.get("why", ""),
        tags=body.get("tags", {}),
        failures=int(body.get("failures", 0)),
        break_glass=body.get("break_glass"),
    )


def _seconds(count: int) -> Setting[timedelta]:
    return Setting(timedelta(seconds=count), "opening entry")
