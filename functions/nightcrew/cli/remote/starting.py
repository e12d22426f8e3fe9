"""``run`` over the API: a runbook's parameters are those that the installation tells, and what is allowed it says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from nightcrew.authoring.plan import Plan
from nightcrew.cli import exits, options, planned
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.carrying import Carried
from nightcrew.cli.remote.api import REPEATS, Api
from nightcrew.cli.remote.following import follow
from nightcrew.cli.remote.signing import segment
from nightcrew.errors import BadInput, BadParameter

_PAGES = "nightcrew.remote.pages"


class Runbooks(click.Group):
    """One command for each runbook of the installation."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [str(each["name"]) for each in _all(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if ctx.resilient_parsing:
            return None
        return _command(Api(_asked(ctx)).get(f"/runbooks/{segment(cmd_name)}"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Runbooks"):
            formatter.write_dl([(str(each["name"]), str(each["title"])) for each in _all(ctx)])


@click.command("run", cls=Runbooks, subcommand_metavar="NAME [PARAMETERS]...")
def runbooks() -> None:
    """Run the runbook NAME by hand, or plan it with --plan.

    Its parameters are options: `nightcrew --url URL run NAME --help` shows them. A plan reads for real and changes
    nothing.
    """


def _all(ctx: click.Context) -> list[dict[str, Any]]:
    if _PAGES not in ctx.meta:
        ctx.meta[_PAGES] = Api(_asked(ctx)).get("/runbooks")
    found: list[dict[str, Any]] = ctx.meta[_PAGES]
    return found


def _asked(ctx: click.Context) -> Asked:
    asked = ctx.find_object(Asked)
    assert asked is not None  # noqa: S101  the root command sets it
    return asked


def _command(page: Mapping[str, Any]) -> click.Command:
    @click.pass_obj
    def run(asked: Asked, /, plan: bool, reason: str, detach: bool, account: str, in_region: str, **values: Any) -> int:
        given = options.given(values)
        place = {"account": account, "region": in_region}
        if plan:
            return _plan(asked, str(page["name"]), given, place)
        return _start(asked, str(page["name"]), given, reason, place, detach=detach)

    made = click.Command(
        str(page["name"]),
        callback=json_option(run),
        params=[
            *(_option(each, page["form"].get("properties", {}).get(each["name"], {})) for each in page["parameters"]),
            click.Option(["--plan"], is_flag=True, help="Read, change nothing, and show what would be changed."),
            click.Option(["--reason"], metavar="TEXT", default="", help="Why, for those who read the ledger."),
            click.Option(["--detach"], is_flag=True, help="Start it, and do not follow it to its end."),
            click.Option(["--account"], metavar="NUMBER", help="The account of the resource, if another one."),
            click.Option(["--in-region"], metavar="REGION", help="The Region of the resource, if another one."),
        ],
        help=f"{page['title']}\n\n{page['page']}",
        short_help=str(page["title"]),
    )
    made.params += getattr(made.callback, "__click_params__", [])
    return made


def _option(each: Mapping[str, Any], schema: Mapping[str, Any]) -> click.Option:
    default = each.get("default")
    known = "required" if each["required"] else f"default {default}" if default is not None else "optional"
    text, dest = f"{each['allowed']}; {known}", f"{options.PREFIX}{each['name']}"
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", ()))}
    if "boolean" in kinds:
        name = str(each["option"]).removeprefix("--")
        return click.Option([f"--{name}/--no-{name}", dest], default=None, help=text)
    return click.Option([str(each["option"]), dest], metavar=str(each["type"]), multiple="array" in kinds, help=text)


@contextmanager
def _of_parameters() -> Iterator[None]:
    """What is wrong with a runbook's parameter is told by its option, as elsewhere."""
    try:
        yield
    except BadInput as bad:
        if bad.field in ("account", "region", "reason", "runbook", REPEATS):
            raise
        raise BadParameter(bad.field.removeprefix("parameters."), bad.value, bad.allowed) from bad


def _plan(asked: Asked, name: str, given: Mapping[str, Any], place: Mapping[str, str | None]) -> int:
    with _of_parameters():
        told = Api(asked).post(f"/runbooks/{segment(name)}/plan", {"parameters": dict(given), **place})
    if asked.output.json:
        asked.output.data(told)
    else:
        parts = ("runbook", "parameters", "resource", "lines", "outcome", "words", "ends", "hash")
        made = Plan(*(told[part] for part in parts))
        planned.show(made, asked.output)
    return exits.of_outcome(str(told["outcome"]))


def _start(
    asked: Asked, name: str, given: Mapping[str, Any], reason: str, place: Mapping[str, str | None], *, detach: bool
) -> int:
    """Started once, however often the request has to be sent."""
    api = Api(asked)
    wish = {"runbook": name, "parameters": dict(given), "reason": reason, **place}
    with _of_parameters():
        told = api.post("/runs", wish, key=api.new_key())
    run = str(told["run"])
    done = Carried(run, "running", "the stack's executor carries it out", after="show")
    if not detach:
        done = follow(api, run, asked, after=0)
    if asked.output.json:
        asked.output.data({**done.to_dict(), "runbook": told.get("runbook"), "resource": told.get("resource")})
    else:
        done.tell(asked)
    return exits.WELL if detach else done.code
