"""``nightcrew coverage``: which of an account's alarms have a runbook, and which alarms are lacking."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import click

from nightcrew.aws.cloud import CallFailed, ClientMaker, Cloud
from nightcrew.cli import templates
from nightcrew.cli.account import Account, spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.covered import show
from nightcrew.cli.place import Demo, catalog_of, policy_of
from nightcrew.cli.times import since as moment_of
from nightcrew.clock import SystemClock
from nightcrew.dispatch.backtest import account
from nightcrew.dispatch.backtest.recorded import Recorded, recorded
from nightcrew.dispatch.coverage import lacking, mutes
from nightcrew.dispatch.coverage.cloudformation import template
from nightcrew.dispatch.coverage.coverage import coverage
from nightcrew.errors import BadInput

USUAL = "14d"
PERMISSIONS = (*account.PERMISSIONS, *mutes.PERMISSIONS, *lacking.PERMISSIONS)


def _account(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9]{12}", value):
        raise click.BadParameter(f"{value!r}: it must be an account's id, of 12 digits", ctx, option)
    return value


@click.command()
@click.option("--since", metavar="TIME", help=f"24h, 14d, 2026-11-21 or 2026-11-21T03:00 (UTC); else {USUAL}.")
@click.option("--runbook", "only", metavar="NAME", multiple=True, shell_complete=names, help="Only of this runbook.")
@click.option("--home", metavar="ACCOUNT", callback=_account, help="The account that Nightcrew is in; else this one.")
@templates.option("Write the alarms that are lacking")
@json_option
@click.pass_obj
def command(asked: Asked, since: str | None, only: tuple[str, ...], home: str | None, file: Path | None) -> None:
    """Say which of this account's alarms have a runbook, which nearly have, which can never prove a cure, and which
    alarms runbooks wait for that nobody made.

    It reads with your own rights (cloudwatch:DescribeAlarms, DescribeAlarmHistory, ListTagsForResource,
    ListAlarmMuteRules, GetAlarmMuteRule, tag:GetResources), and writes nothing in the account. A resource counts where
    it is tagged nightcrew=managed. For an account that Nightcrew looks after from another one, --home says from which:
    an alarm there may ask for nothing in a third.
    """
    catalog = catalog_of(asked)
    policy = policy_of(asked, catalog)
    for name in only:
        catalog[name]  # Unknown, where there is none of that name
    now, begin, clients = _where(asked, since)
    with spoken():
        cloud = Cloud(clients, PERMISSIONS, "coverage")
        alarms = _recorded(cloud, begin, now, demo=asked.demo)
        told = coverage(
            alarms,
            catalog,
            policy,
            muted=None if asked.demo else mutes.mutes(cloud),
            managed=_managed(cloud),
            only=only,
            home=home,
        )
    if file is not None:
        nothing = "nothing is lacking: there is no alarm to write down"
        templates.write(asked, template(told.lacking), file, "nightcrew-alarms", lacking=nothing)
    elif asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output)
        if told.lacking:
            asked.output.hint("", f"  {asked.command} coverage --cloudformation alarms.yaml")


def _where(asked: Asked, since: str | None) -> tuple[datetime, datetime, ClientMaker]:
    """Now, since when, and the way to AWS: the demo's, or the caller's account."""
    if asked.demo:
        demo = Demo()
        return demo.clock.now(), demo.clock.now(), demo.clients
    now = SystemClock().now()
    begin = moment_of(since or USUAL, now)
    if begin is None or begin >= now:
        raise BadInput("--since", since, "it must be in the past")
    if now - begin > account.KEPT:
        asked.output.note(f"note: CloudWatch keeps alarm history for {account.KEPT.days} days")
    return now, begin, cache(Account(asked.region, asked.profile))


def _recorded(cloud: Cloud, begin: datetime, now: datetime, *, demo: bool) -> Recorded:
    """The demo's cloud keeps no history of its alarms: there they are as they stand."""
    if demo:
        return recorded("the demo", account.alarms_from(cloud, _quietly), (), since=now, until=now)
    return account.from_account(cloud, begin, now, _quietly)


def _managed(cloud: Cloud) -> Sequence[str] | None:
    """None where the caller may not list them: the rest is told all the same."""
    try:
        return lacking.managed(cloud)
    except CallFailed as failed:
        if failed.kind == "refused":
            return None
        raise


def _quietly(what: str, count: int) -> None:
    del what, count
