"""``nightcrew drill``: how the restore drills stand; ``nightcrew drill NAME`` runs one now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from nightcrew.admission.drill import Drill
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.cloud import CallFailed, ClientMaker, Cloud
from nightcrew.aws.drills import PREFIX
from nightcrew.cli import options
from nightcrew.cli.account import Account, Who, spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands import run as running
from nightcrew.cli.commands.run import catalog_in
from nightcrew.cli.place import catalog_of, installation_of, looked_at, policy_of
from nightcrew.cli.reviewing.drills import show
from nightcrew.dispatch.drills import next_start, wrong_in
from nightcrew.errors import BadInput
from nightcrew.knowledge.drills.report import Report, lines_of
from nightcrew.knowledge.drills.restore_testing import PERMISSIONS, RestoreTest, restore_tests
from nightcrew.knowledge.drills.result import latest, result_of
from nightcrew.ledger.history import entries

LOOKS_BACK = timedelta(days=365)
TESTED_SINCE = timedelta(days=90)


class Drills(click.Group):
    """One command for each drill of the catalog."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in catalog_in(ctx) if name.startswith(PREFIX)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _command(catalog_in(ctx)[cmd_name])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Drills"):
            formatter.write_dl([(name, catalog_in(ctx)[name].title) for name in self.list_commands(ctx)])


@click.command(cls=Drills, invoke_without_command=True, subcommand_metavar="[NAME [PARAMETERS]...]")
@json_option
@click.pass_context
def command(ctx: click.Context) -> int | None:
    """Say how each restore drill of policy stands: its last RTO and RPO against their targets, and when the next one
    is; and beside them what AWS Backup's own restore testing found. Or run the drill NAME now.

    What is not typed of a drill's parameters comes from policy, where one of its drills is like it. The exit code is 1
    where a drill misses a target or fails.

    AWS Backup is read with your own rights (backup: ListRestoreTestingPlans, ListRestoreJobs).
    """
    if ctx.invoked_subcommand is not None:
        return None
    asked = ctx.ensure_object(Asked)
    catalog = catalog_of(asked)
    policy = policy_of(asked, catalog)
    wrong = wrong_in(policy, catalog)
    if wrong:
        raise wrong[0]
    report = _report(asked, catalog, policy)
    if asked.output.json:
        asked.output.data(report.to_dict())
    else:
        show(report, asked.output)
    return None


def _report(asked: Asked, catalog: Catalog, policy: Policy) -> Report:
    place, clients, now = looked_at(asked)
    who = place.who if place else Account(asked.region, asked.profile).who()
    of_policy = [(each, _resource(each, catalog, who)) for each in policy.drills]
    found, unread = _tested(clients, now)
    if place is None:
        return Report(now, lines_of(of_policy, (), {}), found, unread)
    names = [name for name in catalog if name.startswith(PREFIX)]
    starts = {each.key: next_start(place.store, each) for each in policy.drills}
    results = latest(place.store, now, names, LOOKS_BACK)
    return Report(now, lines_of(of_policy, results, starts), found, unread)


def _tested(clients: ClientMaker, now: datetime) -> tuple[list[RestoreTest], str]:
    """What AWS Backup tested; or why that is not known: the drills are told all the same."""
    try:
        with spoken():
            return restore_tests(Cloud(clients, PERMISSIONS, "drill"), now, TESTED_SINCE), ""
    except CallFailed as failed:
        return [], f"{failed.code}: {failed.message}"


def _resource(drill: Drill, catalog: Catalog, who: Who) -> str:
    """The ARN that it holds."""
    runbook = catalog[drill.runbook]
    checked = runbook.form.validate(drill.given)
    return runbook.arn(checked, account=drill.account or who.account, region=drill.region or who.region)


def _command(runbook: Runbook) -> click.Command:
    @click.pass_context
    def drill(ctx: click.Context, /, reason: str, detach: bool, **values: Any) -> int:
        asked: Asked = ctx.obj
        if detach and asked.stack is None:
            raise click.UsageError("--detach goes with --stack: here nobody else would carry the drill on")
        place = installation_of(asked, "to drill in")
        catalog = catalog_in(ctx)
        typed = options.given(values)
        like = _like(policy_of(asked, catalog), runbook, typed)
        given = {**(like.given if like else {}), **typed}
        elsewhere = {"account": like.account, "in_region": like.region} if like else {}

        def measured(run: str) -> Mapping[str, Any]:
            found = result_of(entries(place.store, run))
            return {"drill": found.to_dict() if found else None}

        where = {name: value for name, value in elsewhere.items() if value}
        return running.start(asked, runbook, catalog, given, reason, where, detach=detach, more=measured)

    made = click.Command(
        runbook.name,
        callback=json_option(drill),
        params=[
            *options.options(runbook.form),
            click.Option(["--reason"], metavar="TEXT", default="", help="Why, for those who read the ledger."),
            click.Option(["--detach"], is_flag=True, help="In a stack: start it, and do not follow it to its end."),
        ],
        help=f"{runbook.title}\n\n{runbook.page}",
        short_help=runbook.title,
    )
    made.params += getattr(made.callback, "__click_params__", [])
    return made


def _like(policy: Policy, runbook: Runbook, typed: Mapping[str, Any]) -> Drill | None:
    """The drill of policy that is meant: of this runbook, and of the resource that was typed, if one was. Whatever else
    was typed goes before what policy says. Raises BadInput where there are several.
    """
    of = runbook.resource
    found = [
        each
        for each in policy.drills
        if each.runbook == runbook.name and (of not in typed or each.parameters.get(of) == typed[of])
    ]
    if len(found) > 1:
        raise BadInput(f"--{of.replace('_', '-')}", typed.get(of), f"one of policy's: {', '.join(map(str, found))}")
    return found[0] if found else None
