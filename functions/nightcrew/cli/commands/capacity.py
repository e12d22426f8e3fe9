"""``nightcrew capacity``: what scale-out keeps rescuing, the Min and Max that would be wanted, and quotas that are
close to their limit.
"""

from datetime import timedelta

import click

from nightcrew.aws.cloud import Cloud
from nightcrew.cli.account import spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import catalog_of, looked_at
from nightcrew.cli.reviewing.capacity import show
from nightcrew.cli.times import span
from nightcrew.errors import BadInput
from nightcrew.knowledge.capacity.capacity import PERMISSIONS, RESCUES, SPAN, Terms, capacity
from nightcrew.knowledge.capacity.usage import CLOSE
from nightcrew.knowledge.capacity.wanted import TARGET
from nightcrew.knowledge.statistics.days import days

MOST = timedelta(days=92)
"""A season: what was wanted before says little about what is wanted now."""


@click.command()
@click.option(
    "--since",
    metavar="TIME",
    default=f"{SPAN.days}d",
    show_default=True,
    help="28d (today is one), or 2026-11-01.",
)
@click.option(
    "--rescues",
    metavar="NUMBER",
    type=click.IntRange(1),
    default=RESCUES,
    show_default=True,
    help="So often scaled out counts as rescued.",
)
@click.option(
    "--cpu",
    metavar="PERCENT",
    type=click.IntRange(10, 95),
    default=TARGET,
    show_default=True,
    help="The CPU at which a size is right.",
)
@click.option(
    "--close",
    metavar="PERCENT",
    type=click.IntRange(1, 100),
    default=CLOSE,
    show_default=True,
    help="So much of a quota is close to it.",
)
@json_option
@click.pass_obj
def command(asked: Asked, *, since: str, rescues: int, cpu: int, close: int) -> None:
    """Say which groups scale-out keeps rescuing, which Min and Max their last weeks would want, and which service
    quotas are close to their limit.

    What was rescued is in the ledger of a stack or of the demo; without one quotas are told alone. It reads with your
    own rights (autoscaling:DescribeAutoScalingGroups; ecs:DescribeServices;
    application-autoscaling:DescribeScalableTargets; cloudwatch:GetMetricData; servicequotas:ListServiceQuotas,
    ListAWSDefaultServiceQuotas, ListRequestedServiceQuotaChangeHistory), and says what it may not read.
    """
    catalog = catalog_of(asked)
    place, clients, now = looked_at(asked)
    first, last = span(since, None, now)
    if first > last or last - first >= MOST:
        raise BadInput("--since", since, f"it must be today or before, {MOST.days} days at most")
    with spoken():
        told = capacity(
            Cloud(clients, PERMISSIONS, "capacity"),
            days(place.store, first, last, now=now) if place else None,
            (first, last),
            now,
            families=catalog.families,
            permissions=[action for _, runbook in catalog.items() for action in runbook.permissions],
            terms=Terms(rescues, cpu, close),
        )
    if asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output)
