"""What policy says about a runbook on a resource: each setting, its value, and the rule that it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.freeze import Freeze
from nightcrew.admission.policy import Policy, Settings, Subject
from nightcrew.api.desk import Desk
from nightcrew.api.resources import arns_of
from nightcrew.api.standing import freezes_now
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadInput


@dataclass(frozen=True)
class Explained:
    """``binding`` is what policy gives an alarm of this name to, in words; ``freezes`` are those that cover it now,
    with their ends.
    """

    runbook: str
    resource: str
    alarm: str | None
    file: str
    version: str
    binding: str | None
    settings: Settings
    freezes: tuple[tuple[Freeze, datetime | None], ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "runbook": self.runbook,
            "resource": self.resource,
            "alarm": self.alarm,
            "policy": {"file": self.file, "version": self.version},
            "binding": self.binding,
            "settings": self.settings.facts(),
            "freezes": [
                {"name": each.name, "until": until, "calendar": each.calendar, "because": str(each)}
                for each, until in self.freezes
            ],
            "notes": list(self.notes),
        }


def explained(
    desk: Desk,
    runbook: str,
    resource: str,
    *,
    alarm: str | None = None,
    alarm_tags: Mapping[str, str] | None = None,
    resource_tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """By the policy that holds now; a resource may be its name. Raises Unknown, BadInput."""
    chosen = desk.catalog[runbook]
    arn = arns_of(resource, desk.catalog, desk.who, runbook, field="resource")[0]
    told = explain(
        desk.policy, chosen, arn, desk.clock.now(), alarm, alarm_tags or {}, resource_tags or {}, field="resource"
    )
    return told.to_dict()


def explain(
    policy: Policy,
    runbook: Runbook,
    arn: str,
    now: datetime,
    alarm: str | None,
    alarm_tags: Mapping[str, str],
    resource_tags: Mapping[str, str],
    *,
    field: str = "RESOURCE",
) -> Explained:
    """As an alarm of this name with these tags would start it, or by hand where none is named. Raises BadInput."""
    if arn.count(":") < 5:
        raise BadInput(field, arn, "it must be an ARN, or a name that the runbook takes")
    binding = (policy.binding_for(alarm) or policy.binding_for(alarm, "event")) if alarm is not None else None
    fits = binding if binding is not None and binding.runbook == runbook.name else None
    parts = arn.split(":", 5)
    settings = policy.settings_for(
        runbook.name,
        runbook.family,
        runbook.risk,
        alarm_tags=alarm_tags,
        resource_tags=resource_tags or None,
        region=parts[3],
        account=parts[4],
        binding=fits,
    )
    notes = [*_notes(runbook, settings, alarm), *_budgets(policy, runbook, arn, settings, alarm_tags)]
    if binding is not None and fits is None:
        notes.append(f"{binding} gives the alarm to {binding.runbook}: {runbook.name} is not what answers it")
    return Explained(
        runbook.name,
        arn,
        alarm,
        policy.file,
        policy.version,
        str(binding) if binding is not None else None,
        settings,
        tuple(freezes_now(policy, runbook, arn, now, alarm_tags)),
        tuple(notes),
    )


def _budgets(
    policy: Policy, runbook: Runbook, arn: str, settings: Settings, alarm_tags: Mapping[str, str]
) -> list[str]:
    """What would limit it further, were an error budget low: how much is left is asked at a start."""
    subject = Subject.at_admission(runbook.name, runbook.family, runbook.risk, arn, alarm_tags)
    return [
        f"Below {each.below} % of the error budget of {each.slo} it may do no more than {each.autonomy} ({each})."
        for each in policy.error_budgets
        if each.autonomy < settings.autonomy.value and each.covers(subject)
    ]


def _notes(runbook: Runbook, settings: Settings, alarm: str | None) -> list[str]:
    """What follows from the autonomy: for a person, and for an alarm."""
    by_alarm = {
        "run": "an alarm starts it by itself",
        "ask": "an alarm starts it, and it waits for an approval",
        "suggest": "an alarm only makes it suggested",
        "write down": "an alarm only has it written down",
    }[settings.autonomy.value.start()]
    asks = settings.autonomy.value.start(by_person=True) == "ask"
    by_person = "a person's run waits for another person's approval" if asks else "a person may start it"
    told = [f"So {by_alarm}." if alarm else f"So {by_alarm}; {by_person}."]
    if runbook.said_at_call:
        said = " and its ".join(runbook.said_at_call)
        told.append(f"Each call says its {said}: this is what holds for {runbook.family} and {runbook.risk}.")
    if runbook.risk == "data-loss":
        told.append("Its risk is data-loss: two people must approve, whoever starts it.")
    return told
