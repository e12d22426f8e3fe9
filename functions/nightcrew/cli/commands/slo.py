"""``nightcrew slo``: what is left of error budgets, how fast they burn, and what remediation gave back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.cli import templates
from nightcrew.cli.account import spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Place, catalog_of, looked_at, policy_of
from nightcrew.cli.reviewing.objectives import Told, show
from nightcrew.errors import BadInput
from nightcrew.knowledge.objectives.burn_alarms import template, windows_lacking
from nightcrew.knowledge.objectives.gave_back import GaveBack, gave_back
from nightcrew.knowledge.objectives.objective import PERMISSIONS, Objective, objectives
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.people import People
from nightcrew.knowledge.statistics.statistics import LOOKS_BACK


@click.command()
@click.argument("names", nargs=-1, metavar="[SLO]...")
@templates.option("Write multi-window burn-rate alarms")
@json_option
@click.pass_obj
def command(asked: Asked, names: tuple[str, ...], file: Path | None) -> None:
    """Say what is left of the error budgets of this account's service level objectives, and how fast they burn; and,
    with a ledger, what remediation gave back to those that policy names.

    It reads with your own rights (application-signals: ListServiceLevelObjectives, GetServiceLevelObjective,
    BatchGetServiceLevelObjectiveBudgetReport; cloudwatch:GetMetricData).
    """
    catalog = catalog_of(asked)
    policy = policy_of(asked, catalog)
    place, clients, now = looked_at(asked)
    with spoken():
        found = objectives(Cloud(clients, PERMISSIONS, "slo"), now, names)
    lost = [name for name in names if not any(name in (each.name, each.arn) for each in found)]
    if lost:
        raise BadInput("SLO", lost[0], "the name or the ARN of a service level objective of this Region")
    if file is not None:
        _write(asked, found, file)
        return
    told = Told(now, found, policy, _given_back(place, found, policy, catalog, now))
    if asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output)


def _given_back(
    place: Place | None, found: Sequence[Objective], policy: Policy, catalog: Catalog, now: datetime
) -> Mapping[str, GaveBack]:
    """By the objective's ARN: for those of which policy says what they are about. Each day is read once."""
    about = {
        each.arn: patterns
        for each in found
        if (patterns := [p for b in policy.error_budgets if b.slo in (each.name, each.arn) for p in b.resources])
    }
    if place is None or not about:
        return {}
    longest = max(each.interval for each in found if each.arn in about)
    first = (now - longest).date()
    read = list(days(place.store, min(first, (now - LOOKS_BACK).date()), now.date(), now=now))
    people = People(read, by_hand=catalog.by_hand)
    return {
        each.arn: gave_back((day for day in read if day.day >= (now - each.interval).date()), about[each.arn], people)
        for each in found
        if each.arn in about
    }


def _write(asked: Asked, found: Sequence[Objective], file: Path) -> None:
    nothing = "there is no objective whose budget could have such an alarm"
    templates.write(asked, template(found), file, "nightcrew-burn-alarms", lacking=nothing)
    for each in found:
        lacking = windows_lacking(each)
        if lacking:
            minutes = ", ".join(str(int(window.total_seconds() // 60)) for window in lacking)
            words = f"{each.name} keeps no burn rate over {minutes} minutes yet: add these look-back windows to it"
            asked.output.note(f"note: {words}")
