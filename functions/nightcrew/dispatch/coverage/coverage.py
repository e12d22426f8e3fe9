"""An account's coverage: every alarm with what would answer it and what is wrong with it, and what is lacking."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.admission.settings import Settings
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import stamp
from nightcrew.dispatch.backtest.recorded import Change, Recorded, RecordedAlarm
from nightcrew.dispatch.coverage.lacking import Lacking, lacking
from nightcrew.dispatch.coverage.marks import Mark, Marked, marks
from nightcrew.dispatch.coverage.standing import Kind, Standing, standing


@dataclass(frozen=True)
class Alarmed:
    """One alarm of the account. ``fired`` is how often it went into ALARM in the time that was looked at."""

    standing: Standing
    marks: tuple[Marked, ...]
    fired: int

    def has(self, mark: Mark) -> bool:
        """Whether it bears this mark."""
        return any(each.mark is mark for each in self.marks)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**self.standing.to_dict(), "fired": self.fired, "marks": [each.to_dict() for each in self.marks]}


@dataclass(frozen=True)
class Coverage:
    """``unknown`` says what could not be looked at, for people."""

    since: datetime
    until: datetime
    alarms: tuple[Alarmed, ...]
    lacking: tuple[Lacking, ...]
    unknown: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Alarmed]:
        """The alarms that stand so, those that fired most first."""
        return [each for each in self.alarms if each.standing.kind == kind]

    def marked(self, mark: Mark) -> list[Alarmed]:
        """The alarms that bear this mark."""
        return [each for each in self.alarms if each.has(mark)]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "since": stamp(self.since),
            "until": stamp(self.until),
            "counts": {
                "alarms": len(self.alarms),
                **Counter(each.standing.kind for each in self.alarms),
                **{str(mark): len(self.marked(mark)) for mark in Mark if self.marked(mark)},
                "lacking": len(self.lacking),
            },
            "alarms": [each.to_dict() for each in self.alarms],
            "lacking": [each.to_dict() for each in self.lacking],
            "unknown": list(self.unknown),
        }


def coverage(
    recorded: Recorded,
    catalog: Catalog,
    policy: Policy,
    *,
    muted: Mapping[str, str] | None,
    managed: Sequence[str] | None,
    only: Collection[str] = (),
    home: str | None = None,
) -> Coverage:
    """Of what was read. ``muted`` and ``managed`` are None where they could not be read; ``only`` of these runbooks.
    ``home`` is Nightcrew's own account; without it the one that was read is taken for it.
    """
    changes: dict[str, list[Change]] = {}
    for change in recorded.changes:
        changes.setdefault(change.alarm, []).append(change)
    found = [
        _alarmed(alarm, changes.get(alarm.name, []), recorded, catalog, policy, (muted or {}).get(alarm.name), home)
        for alarm in recorded.alarms.values()
    ]
    kept = [each for each in found if not only or {each.standing.runbook, *each.standing.others} & {*only}]
    return Coverage(
        recorded.since,
        recorded.until,
        tuple(sorted(kept, key=lambda each: (-each.fired, each.standing.alarm))),
        tuple(lacking(managed or (), list(recorded.alarms.values()), catalog, only)),
        tuple(_unknown(recorded, muted, managed)),
    )


def _alarmed(
    alarm: RecordedAlarm,
    changes: Sequence[Change],
    recorded: Recorded,
    catalog: Catalog,
    policy: Policy,
    muted: str | None,
    home: str | None,
) -> Alarmed:
    stands = standing(alarm, recorded.until, catalog, policy, home=home)
    settings = _settings(policy, stands, catalog, alarm)
    found = marks(
        alarm,
        changes,
        recorded,
        most_changes=settings.flap_changes.value,
        within=settings.flap_within.value,
        muted=muted,
    )
    return Alarmed(stands, tuple(found), sum(change.state == "ALARM" for change in changes))


def _settings(policy: Policy, stands: Standing, catalog: Catalog, alarm: RecordedAlarm) -> Settings:
    """The flap gate's limits as they hold for it; of an alarm without a runbook, policy's defaults."""
    runbook = catalog.get(stands.runbook) if stands.runbook else None
    about = (runbook.name, runbook.family, runbook.risk) if runbook else ("", "", "")
    account = stands.account or alarm.account
    return policy.settings_for(*about, alarm_tags=alarm.tags or {}, region=alarm.region, account=account)


def _unknown(recorded: Recorded, muted: Mapping[str, str] | None, managed: Sequence[str] | None) -> list[str]:
    said = []
    if muted is None:
        said.append("mute rules: you may not read them (cloudwatch:ListAlarmMuteRules)")
    if managed is None:
        said.append("what is lacking: you may not list tagged resources (tag:GetResources)")
    elif not managed:
        said.append("what is lacking: nothing in this Region is tagged nightcrew=managed")
    if recorded.gone:
        said.append(f"{len(recorded.gone)} alarms that have a history and are no longer there")
    return said
