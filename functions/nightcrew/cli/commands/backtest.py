"""``nightcrew backtest``: what would have happened, from the alarms' own history. Writes nothing anywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import click

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.cli.account import Account, spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.backtested import show
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.exits import NotHere
from nightcrew.cli.output import Output
from nightcrew.cli.place import catalog_of, policy_of
from nightcrew.cli.times import since as moment_of
from nightcrew.clock import SystemClock
from nightcrew.dispatch.backtest.account import KEPT, PERMISSIONS, from_account
from nightcrew.dispatch.backtest.exported import from_file
from nightcrew.dispatch.backtest.figures import figures
from nightcrew.dispatch.backtest.narrowed import narrowed
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Lifted, heard, play
from nightcrew.dispatch.backtest.supposing import Supposed
from nightcrew.dispatch.backtest.told import Backtest
from nightcrew.durations import duration
from nightcrew.errors import BadInput

USUAL = "14d"
Progress = Callable[[str], None]


@click.command()
@click.option(
    "--since", metavar="TIME", help=f"24h, 14d, 2026-11-21 or 2026-11-21T03:00 (UTC); else {USUAL}, or the whole file."
)
@click.option(
    "--history",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An exported history, instead of the account's own.",
)
@click.option(
    "--policy",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy to try; else the packaged one.",
)
@click.option("--runbook", "only", metavar="NAME", multiple=True, shell_complete=names, help="Tell only of this one.")
@click.option(
    "--suppose",
    type=click.Choice(["cured", "ineffective"]),
    default="cured",
    show_default=True,
    help="How each run would have ended.",
)
@click.option(
    "--takes", metavar="DURATION", help="How long each run would have taken; else its author's by-hand estimate."
)
@click.option("--decisions", is_flag=True, help="List each decision, too.")
@json_option
@click.pass_obj
def command(
    asked: Asked,
    *,
    since: str | None,
    file: Path | None,
    policy: Path | None,
    only: tuple[str, ...],
    suppose: str,
    takes: str | None,
    decisions: bool,
) -> None:
    """Say what would have happened: replay the history of this account's alarms through matching, policy and gates.

    It reads with your own rights (cloudwatch:DescribeAlarms, DescribeAlarmHistory, ListTagsForResource), needs no
    deployment, and writes nothing anywhere.
    """
    asked = asked if policy is None else replace(asked, policy=policy)
    catalog = catalog_of(asked)
    by = policy_of(asked, catalog)
    for name in only:
        catalog[name]  # Unknown, where there is none of that name
    supposed = Supposed("cured" if suppose == "cured" else "ineffective", _length(takes))
    with _progress(asked.output) as progress:
        recorded = _recorded(asked, since, file, progress)
        told = _play(recorded, catalog, by, supposed, progress)
    told = narrowed(told, only, catalog) if only else told
    if asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output, decisions=decisions)


def _play(recorded: Recorded, catalog: Catalog, policy: Policy, supposed: Supposed, progress: Progress) -> Backtest:
    signals = heard(recorded)

    def playing(what: str) -> Callable[[int], None]:
        return lambda count: progress(f"playing {what}: {count} of {len(signals)} changes")

    by_policy = play(recorded, signals, catalog, policy, supposed, playing("policy"))
    if_auto = play(recorded, signals, catalog, Lifted.of(policy), supposed, playing("the gates alone"))
    counted = figures(recorded, by_policy, if_auto, catalog, supposed)
    return Backtest(recorded, policy, supposed, by_policy, if_auto, counted)


def _recorded(asked: Asked, since: str | None, file: Path | None, progress: Progress) -> Recorded:
    now = SystemClock().now()
    if file is not None:
        progress(f"reading {file}")
        try:
            span = None if since is None else duration(since)
        except (ValueError, OverflowError):
            return from_file(file, moment_of(since, now))
        return from_file(file, span)
    if asked.demo:
        hint = "nightcrew --demo backtest --history FILE plays a file by the demo's policy"
        raise NotHere("the demo's cloud keeps no history of its alarms", hint)
    begin = moment_of(since or USUAL, now)
    if begin is None or begin >= now:
        raise BadInput("--since", since, "it must be in the past")
    if now - begin > KEPT:
        asked.output.note(f"note: CloudWatch keeps alarm history for {KEPT.days} days")
    account = Account(asked.region, asked.profile)
    with spoken():
        cloud = Cloud(cache(account), PERMISSIONS, "a backtest")
        return from_account(cloud, begin, now, lambda what, count: progress(f"reading {what}: {count}"))


def _length(text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        return duration(text)
    except (ValueError, OverflowError) as error:
        raise BadInput("--takes", text, "it must be a duration like 90s, 10m or 1h") from error


@contextmanager
def _progress(output: Output) -> Iterator[Progress]:
    """A line on stderr that says how far it is, where somebody watches it."""
    if not output.beside.is_terminal or output.beside.is_dumb_terminal:
        yield lambda words: None
        return
    with output.beside.status("", spinner="dots", spinner_style="dim") as status:
        yield status.update
