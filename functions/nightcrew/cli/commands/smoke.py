"""``nightcrew smoke``: a made-up alarm goes the whole deployed way, timed, and is deleted again."""

from datetime import timedelta

import click
from rich.padding import Padding
from rich.text import Text

from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.doctor import patient_of
from nightcrew.cli.doctoring.finding import Finding
from nightcrew.cli.doctoring.roles import ACTS
from nightcrew.cli.doctoring.shown import findings
from nightcrew.cli.exits import NotHere
from nightcrew.cli.following import follow
from nightcrew.cli.made_up import PARAMETER, RUNBOOK, MadeUp
from nightcrew.cli.place import catalog_of, stack_of
from nightcrew.cli.smoking import Passed, through, where
from nightcrew.cli.stack import Stack
from nightcrew.cli.times import took
from nightcrew.durations import duration, in_words
from nightcrew.engine.installation import nobody


def _within(ctx: click.Context, param: click.Parameter, value: str) -> timedelta:
    try:
        return duration(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{value!r}: it must be a duration like 90s or 2m", ctx, param) from error


@click.command()
@click.option(
    "--within", default="2m", metavar="DURATION", callback=_within, help="How long to wait for it; 2m unless said."
)
@click.option("--run", "runs", is_flag=True, help="Then have the executor carry out a run that finds nothing to do.")
@json_option
@click.pass_obj
def command(asked: Asked, *, within: timedelta, runs: bool) -> int:
    """Send a made-up alarm through a stack, and say how long each part of the way took.

    CloudWatch alarm, rule, queue, intake, ledger. The alarm is about a queue that is not there, and its tag says that
    it is to be written down and nothing more; it is deleted in the end, on Ctrl-C too. What stays is one entry of the
    ledger: refused, by the gate autonomy.

    With --run an executor that may act (Autonomy approve or auto) then runs redrive-dead-letters on that queue, and
    finds none: not applicable. That proves alias, durable execution and remediator role.

    Exits with 1 where it hangs, and says where. It needs CloudWatch's rights on alarms STACK-smoke-*.
    """
    stack = stack_of(asked)
    if stack is None:
        raise NotHere("only a deployed stack can be tried", "name it: nightcrew --stack NAME smoke")
    autonomy = stack.environment.get("NIGHTCREW_AUTONOMY", "observe")
    if runs and autonomy not in ACTS:
        raise click.UsageError(f"--run: with Autonomy={autonomy} there is no role that a run could act in")
    made = MadeUp.now(stack.name, stack.who.account, stack.who.region, stack.clock)
    passed = through(stack, made, catalog_of(asked), within)
    _tell(asked, passed)
    if passed.row is None:
        _tell_where(asked, passed, within, where(patient_of(asked, stack.name)))
        return exits.NOT_CURED
    if not runs:
        if asked.output.json:
            asked.output.data(passed.to_dict())
        return exits.WELL
    return _run(asked, stack, made, passed)


def _run(asked: Asked, stack: Stack, made: MadeUp, passed: Passed) -> int:
    """A person's run about the same queue: it is admitted, carried out by the executor, and finds nothing to do."""
    began = stack.clock.now()
    place = {"account": made.account, "region": made.region}
    answer = stack.door(nobody).person(
        RUNBOOK, {PARAMETER: made.queue}, actor=stack.who.actor, reason="nightcrew smoke", **place
    )
    if answer.run is None or answer.kind != "admitted":
        asked.output.print(
            asked.output.mark("refused", f"its run was refused by the gate {answer.gate}: {answer.words}")
        )
        if asked.output.json:
            asked.output.data({**passed.to_dict(), "run": {"run": None, "outcome": "refused", "words": answer.words}})
        return exits.REFUSED
    done = follow(stack, answer.run, asked, after=0)
    length = stack.clock.now() - began
    well = done.outcome == "not_applicable"
    if asked.output.json:
        asked.output.data({**passed.to_dict(), "run": {**done.to_dict(), "took": length}})
    else:
        said = "the executor ran it" if well else "the executor should have found nothing to do"
        asked.output.print(asked.output.mark("succeeded" if well else "failed", f"{said}  {took(length)}"))
        asked.output.hint(f"  {asked.command} show {answer.run}")
    return exits.WELL if well else exits.NOT_CURED


def _tell(asked: Asked, passed: Passed) -> None:
    output = asked.output
    output.print(output.mark("succeeded", f"the alarm {passed.alarm} was made and set  {took(passed.set)}"))
    row = passed.row
    if row is None:
        return
    how = f"refused by the gate {row.gate}" if row.gate else row.outcome.replace("_", " ")
    output.print(output.mark("succeeded", f"rule, queue, intake, ledger: {how}  {took(passed.decided)}"))
    output.print(output.mark("succeeded", "the alarm was deleted again"))
    output.hint(f"  {asked.command} show {row.run}")


def _tell_where(asked: Asked, passed: Passed, within: timedelta, found: list[Finding]) -> None:
    output = asked.output
    if output.json:
        output.data({**passed.to_dict(), "hangs": [each.to_dict() for each in found]})
        return
    output.print(output.mark("failed", f"nothing stands in the ledger after {in_words(within)}; the alarm was deleted"))
    if found:
        output.print("", Text("What the doctor finds on its way:", style="bold"), findings(found, output))
        return
    hint = "rule, queue and intake are as they should be: intake's log says what it made of it, if it was told"
    output.print(Padding(Text(hint), (0, 0, 0, 2), expand=False))
    output.hint(f"  {asked.command} doctor")
