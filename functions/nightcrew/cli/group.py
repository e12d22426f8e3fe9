"""``nightcrew`` itself: its options, its commands, loaded when they are called, and how everything ends."""

import importlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from nightcrew.cli import exits, wrong
from nightcrew.cli.asked import Asked
from nightcrew.cli.output import Output, hush
from nightcrew.errors import NightcrewError


class Listed(NamedTuple):
    """A command in ``nightcrew --help``: under which heading, and in which words."""

    heading: str
    words: str


COMMANDS: Mapping[str, Listed] = {
    "demo": Listed("See it work", "Play alarms against an embedded cloud, without an account."),
    "console": Listed("See it work", "Show an installation in your browser."),
    "runbooks": Listed("Remedy", "List the runbooks, or show the page of one."),
    "match": Listed("Remedy", "Say which runbook would answer an alarm event, and why."),
    "coverage": Listed("Remedy", "Say which alarms have a runbook, and which are lacking."),
    "backtest": Listed("Remedy", "Say what would have happened, from the alarms' own history."),
    "run": Listed("Remedy", "Run a runbook by hand, or plan it."),
    "resume": Listed("Remedy", "Carry on what a process that died has left."),
    "cancel": Listed("Remedy", "Stop a run: what it changed is taken back."),
    "approvals": Listed("Decide", "List the runs that wait for a person's approval."),
    "approve": Listed("Decide", "Let a run do what it plans."),
    "decline": Listed("Decide", "Turn down what a run plans."),
    "halt": Listed("Decide", "Stop everything, a runbook or an account; or lift that."),
    "follow-ups": Listed("Decide", "List what is to be started later, or drop it."),
    "sweep": Listed("Decide", "Start what is due, and close what nobody carries on."),
    "redrive": Listed("Decide", "Try a stack's dead letters once more."),
    "history": Listed("Review", "List the runs and refusals, newest first."),
    "why": Listed("Review", "Say why something was done, or was not."),
    "show": Listed("Review", "Tell the story of one run from its ledger."),
    "stats": Listed("Review", "Count what ran, what helped, and the toil that it saved."),
    "digest": Listed("Review", "Sum a week up: what helped, and what to mend."),
    "slo": Listed("Review", "Say what is left of error budgets, and what was given back."),
    "capacity": Listed("Review", "Say what scale-out keeps rescuing, and what nears its quota."),
    "drill": Listed("Review", "Say how restore drills stand, or run one."),
    "postmortem": Listed("Review", "Draft the post-mortem of one incident, from its runs."),
    "recall": Listed("Review", "Say what helped the last times that it was like this."),
    "learn": Listed("Review", "Write down what the next one should know."),
    "search": Listed("Review", "Find lessons, and how runs ended, by words."),
    "verify": Listed("Review", "Check that nobody touched the ledger."),
    "evidence": Listed("Review", "Write what an auditor asks for, or check it."),
    "upload": Listed("Review", "Put what ran under break-glass into the ledger."),
    "new": Listed("Set up", "Write a runbook to begin with, and its test."),
    "gameday": Listed("Set up", "Put a fault on purpose, watch what follows, take it back."),
    "autonomy": Listed("Set up", "Say what each runbook's evidence allows, and propose promotions."),
    "policy": Listed("Set up", "Check a policy, or explain what it says."),
    "permissions": Listed("Set up", "Say what the roles may do, or a runbook within one."),
    "doctor": Listed("Set up", "Say whether an installation is well, and what to do."),
    "smoke": Listed("Set up", "Send a made-up alarm through a stack, and time it."),
    "completion": Listed("Set up", "Say how your shell completes commands and runbooks."),
}
"""Known without loading any: ``nightcrew --help`` is fast. ``module_of`` has what is loaded then."""


def module_of(name: str) -> str:
    """The module whose ``command`` a command is."""
    return f"nightcrew.cli.commands.{name.replace('-', '_')}"


class Root(click.Group):
    """Loads a command when it is called; turns every error into one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(module_of(cmd_name)).command
        if _place(ctx).get("url") is None:
            return command
        from nightcrew.cli.remote.commands import over_url

        return over_url(cmd_name, command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands by what is known of them, loading none: a shell asks at each Tab."""
        found = [
            CompletionItem(name, help=each.words) for name, each in COMMANDS.items() if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        widest = max(map(len, COMMANDS))
        for heading in dict.fromkeys(listed.heading for listed in COMMANDS.values()):
            with formatter.section(heading):
                rows = [
                    (name.ljust(widest), listed.words) for name, listed in COMMANDS.items() if listed.heading == heading
                ]
                formatter.write_dl(rows)

    def main(  # type: ignore[override]  # it ends the process, in both of click's modes
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        arguments = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows another
        output = Output(color="--no-color" not in arguments)
        extra["standalone_mode"] = False
        try:
            code = super().main(arguments, prog_name or "nightcrew", obj=Asked(output=output), **extra)
        except Exception as error:  # noqa: BLE001  the door: whatever it is, it becomes a message
            code = _told(error, output, debug="--debug" in arguments)
        sys.exit(code if isinstance(code, int) else exits.WELL)


def _told(error: Exception, output: Output, *, debug: bool) -> int:
    if isinstance(error, BrokenPipeError):
        hush(sys.stdout)
        return exits.WELL
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return exits.USAGE
    if isinstance(error, click.Abort):
        output.note("interrupted")
        return exits.INTERRUPTED
    if debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        return wrong.of_usage(error).tell(output)
    if isinstance(error, NightcrewError):
        return wrong.of_error(error).tell(output)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in {"moto", "flask", "werkzeug"}:
        return wrong.of_error(exits.NotHere(f"the demo needs {error.name}: pip install 'nightcrew[cli,demo]'")).tell(
            output
        )
    return wrong.of_slip(error).tell(output)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("nightcrew")
    except PackageNotFoundError:
        number = "(not installed: run from its sources)"
    click.echo(f"nightcrew {number}")
    ctx.exit()


@click.command(
    "nightcrew",
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Options of a command are told by its own --help. Exit codes: 0 ended well or planned, 1 did not cure, "
    "2 wrong usage, 3 refused, 4 not applicable, 5 declined, 6 still waiting.",
)
@click.option("--demo", is_flag=True, help="Act on the cloud that `nightcrew demo --serve` keeps up.")
@click.option("--stack", metavar="NAME", envvar="NIGHTCREW_STACK", help="Act on this deployed stack.")
@click.option("--url", metavar="URL", envvar="NIGHTCREW_URL", help="Act through this HTTP API of a stack.")
@click.option("--region", metavar="REGION", help="AWS Region; else your AWS configuration's.")
@click.option("--profile", metavar="NAME", help="Profile of your AWS configuration.")
@click.option(
    "--policy",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy to go by; else the packaged one, or the demo's.",
)
@click.option(
    "--files",
    metavar="DIR",
    envvar="NIGHTCREW_FILES",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where break-glass keeps its files; else in your state directory.",
)
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR in the environment says the same.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say the version.")
@click.pass_context
def root(  # the options of the whole door
    ctx: click.Context,
    *,
    demo: bool,
    stack: str | None,
    url: str | None,
    region: str | None,
    profile: str | None,
    policy: Path | None,
    files: Path | None,
    no_color: bool,
    debug: bool,
) -> None:
    """Finds the runbook for an alarm, decides whether it may run, runs it, proves the cure, and writes it all down.

    Start with `nightcrew demo`: it needs no account.
    """
    del no_color, demo, stack, url  # read before anything else, so that errors are without colour, too
    output = ctx.obj.output if isinstance(ctx.obj, Asked) else Output()
    place = _place(ctx)
    if policy is not None and "url" in place:
        raise click.UsageError("--policy: what is done through an API is decided by its installation's own policy")
    ctx.obj = Asked(
        demo="demo" in place,
        region=region,
        profile=profile,
        policy=policy,
        stack=place.get("stack"),
        url=place.get("url"),
        debug=debug,
        files=files,
        output=output,
    )


def _place(ctx: click.Context) -> dict[str, Any]:
    """Which of ``--demo``, ``--stack`` and ``--url`` says where to act. What is typed goes before what stands in the
    environment. Raises UsageError for two of them.
    """
    given = {name: ctx.params[name] for name in ("demo", "stack", "url") if ctx.params.get(name)}
    typed = {
        name: value for name, value in given.items() if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    place = typed or given
    if len(place) > 1:
        raise click.UsageError(f"{' and '.join(f'--{name}' for name in place)} cannot be given together")
    return place
