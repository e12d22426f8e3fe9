"""``nightcrew run NAME``: a person starts a runbook, or sees what it would do. Its options are the runbook's own
parameters.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import click

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.cli import exits, options, planned
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import catalog_of, demo_of, planning, stack_of
from nightcrew.dispatch.answer import Answer

_CATALOG = "nightcrew.catalog"
_BREAK_GLASS = "The ledger cannot be reached: run it on this machine, with your own rights (docs/break-glass.md)."
_UNDER_BREAK_GLASS = ("yes", "resume", "account")
_ELSEWHERE = ("account", "in_region")
_ACCOUNT = "In a stack: the account of the resource, if another one. Under break-glass: yours, where STS is down."
_REGION = "In a stack: the Region of the resource, if another one."


class Runbooks(click.Group):
    """One command for each runbook of the catalog."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(catalog_in(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        catalog = catalog_in(ctx)
        if ctx.resilient_parsing and cmd_name not in catalog:
            return None
        return _command(catalog[cmd_name])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Runbooks"):
            formatter.write_dl([(each.name, each.title) for each in catalog_in(ctx).values()])


@click.command(cls=Runbooks, subcommand_metavar="NAME [PARAMETERS]...")
def command() -> None:
    """Run the runbook NAME by hand, or plan it with --plan.

    Its parameters are options: `nightcrew run NAME --help` shows them. A plan reads for real and changes nothing.
    """


def catalog_in(ctx: click.Context) -> Catalog:
    """The catalog, loaded once for all that one command line asks of it."""
    if _CATALOG not in ctx.meta:
        asked = ctx.find_object(Asked)
        ctx.meta[_CATALOG] = catalog_of(asked) if asked else Catalog.load()
    found: Catalog = ctx.meta[_CATALOG]
    return found


def _command(runbook: Runbook) -> click.Command:
    @click.pass_context
    def run(ctx: click.Context, /, plan: bool, reason: str, detach: bool, break_glass: bool, **values: Any) -> int:
        asked: Asked = ctx.obj
        given = options.given(values)
        place = {name: values[name] for name in _ELSEWHERE if values[name]}
        if "in_region" in place and asked.stack is None:
            raise click.UsageError("--in-region goes with --stack; elsewhere --region, before the command, says where")
        if plan and place:
            raise click.UsageError(
                "--plan reads with your own rights: a --profile, and a --region, before run say where"
            )
        if plan:
            return _plan(asked, runbook, given)
        if break_glass:
            return _break_glass(asked, runbook, catalog_in(ctx), given, reason, values)
        for name in _UNDER_BREAK_GLASS:
            if values[name] and not (name in place and asked.stack is not None):
                raise click.UsageError(f"--{name} goes with --break-glass{' or --stack' if name in _ELSEWHERE else ''}")
        if detach and asked.stack is None:
            raise click.UsageError("--detach goes with --stack: here nobody else would carry the run on")
        return start(asked, runbook, catalog_in(ctx), given, reason, place, detach=detach)

    made = click.Command(
        runbook.name,
        callback=json_option(run),
        params=[
            *options.options(runbook.form),
            click.Option(["--plan"], is_flag=True, help="Read, change nothing, and show what would be changed."),
            click.Option(["--reason"], metavar="TEXT", default="", help="Why, for those who read the ledger."),
            click.Option(["--detach"], is_flag=True, help="In a stack: start it, and do not follow it to its end."),
            click.Option(["--break-glass"], is_flag=True, help=_BREAK_GLASS),
            click.Option(["--yes"], is_flag=True, help="Under break-glass: confirm the plan unasked, for scripts."),
            click.Option(["--resume"], is_flag=True, help="Under break-glass: carry on what this command began."),
            click.Option(["--account"], metavar="NUMBER", help=_ACCOUNT, callback=_checked(r"[0-9]{12}", "12 digits")),
            click.Option(
                ["--in-region"],
                metavar="REGION",
                help=_REGION,
                callback=_checked(r"[a-z]{2}(-[a-z]+)+-[0-9]", "like eu-central-1"),
            ),
        ],
        help=f"{runbook.title}\n\n{runbook.page}",
        short_help=runbook.title,
    )
    made.params += getattr(made.callback, "__click_params__", [])
    return made


def _plan(asked: Asked, runbook: Runbook, given: Mapping[str, Any]) -> int:
    checked = runbook.form.validate(given)
    made = planning(asked).plan(runbook, checked)
    if asked.output.json:
        asked.output.data(made.to_dict())
    else:
        planned.show(made, asked.output)
    return exits.of_outcome(made.outcome)


def _checked(pattern: str, allowed: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    def check(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise click.BadParameter(f"{value!r}: it must be {allowed}", ctx, option)
        return value

    return check


More = Callable[[str], Mapping[str, Any]]
"""What else there is to tell of a run that has ended, as JSON, by its id."""


def start(
    asked: Asked,
    runbook: Runbook,
    catalog: Catalog,
    given: Mapping[str, Any],
    reason: str,
    elsewhere: Mapping[str, str],
    *,
    detach: bool,
    more: More = lambda run: {},
) -> int:
    """Start it, and follow it to its end; the exit code that tells the same."""
    runbook.form.validate(given)  # before anything is asked of anybody: what is wrong is told at once
    if asked.stack is not None:
        return _start_deployed(asked, runbook, given, reason, elsewhere, detach=detach, more=more)
    demo = demo_of(asked, "to run it in", "--plan shows what it would do in your account")
    from nightcrew.cli.carrying import carry, watched

    with watched(demo, asked, catalog) as crew:
        who = demo.who
        place = {"actor": who.actor, "account": who.account, "region": who.region}
        answer = crew.dispatcher.person(runbook.name, given, reason=reason, **place)
        if answer.kind != "admitted" or answer.run is None:
            return _refused(answer, asked)
        done = carry(crew, answer.run, asked, demo)
    if asked.output.json:
        asked.output.data(
            {**done.to_dict(), "runbook": answer.runbook, "resource": answer.resource, **more(answer.run)}
        )
    else:
        done.tell(asked)
    return done.code


def _start_deployed(
    asked: Asked,
    runbook: Runbook,
    given: Mapping[str, Any],
    reason: str,
    elsewhere: Mapping[str, str],
    *,
    detach: bool,
    more: More,
) -> int:
    """Decide by the stack's policy, in its tables, and have its executor carry it out, here or ``elsewhere``."""
    if asked.policy is not None:
        raise click.UsageError(f"--policy: what {asked.stack} runs is decided by its own policy")
    from nightcrew.cli.carrying import Carried
    from nightcrew.cli.following import follow, shown

    stack = stack_of(asked)
    assert stack is not None  # noqa: S101  whoever calls this looked
    who = stack.who
    account, region = elsewhere.get("account", who.account), elsewhere.get("in_region", who.region)
    place = {"actor": who.actor, "account": account, "region": region}
    with shown(asked) as view:
        answer = stack.door(view).person(runbook.name, given, reason=reason, **place)
    if answer.kind != "admitted" or answer.run is None:
        return _refused(answer, asked)
    done = Carried(answer.run, "running", "the stack's executor carries it out", after="show")
    if not detach:
        done = follow(stack, answer.run, asked, after=0)
    if asked.output.json:
        asked.output.data(
            {**done.to_dict(), "runbook": answer.runbook, "resource": answer.resource, **more(answer.run)}
        )
    else:
        done.tell(asked)
    return exits.WELL if detach else done.code


def _break_glass(
    asked: Asked, runbook: Runbook, catalog: Catalog, given: Mapping[str, Any], reason: str, values: Mapping[str, Any]
) -> int:
    from nightcrew.cli.breaking import Wish, break_glass

    wish = Wish(reason, **{name: values[name] for name in _UNDER_BREAK_GLASS})
    return break_glass(asked, runbook, catalog, given, wish)


def _refused(answer: Answer, asked: Asked) -> int:
    """The watcher told by which gate, why, and until when; what is left to say is where to read more."""
    if asked.output.json:
        told = {
            name: getattr(answer, name) for name in ("run", "runbook", "resource", "words", "gate", "until", "figures")
        }
        asked.output.data({"outcome": "refused", **told})
        return exits.REFUSED
    if answer.run is not None:
        asked.output.hint(f"  {asked.command} show {answer.run}")
    return exits.REFUSED
