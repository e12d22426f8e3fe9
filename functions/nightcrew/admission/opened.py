"""The request as an opening entry tells it: what the executor, a closing and an abandoned run's end are made from."""

from datetime import timedelta
from typing import Any

from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.clock import moment
from nightcrew.ledger.entries import Entry


def request_of(opening: Entry) -> Request:
    """The request that was admitted, read back from its opening entry."""
    body: dict[str, Any] = dict(opening.body)
    level, because = body["autonomy"]
    settings = Settings(
        autonomy=Setting(Level(level), str(because)),
        ok_held=Setting(timedelta(seconds=int(body["ok_held"])), "opening entry"),
    )
    alarm = body.get("alarm")
    seen = None
    if alarm:
        seen = AlarmSeen(
            alarm["arn"], alarm["name"], moment(alarm["at"]), alarm["claim"], alarm["reason"], alarm.get("contributor")
        )
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
    )
