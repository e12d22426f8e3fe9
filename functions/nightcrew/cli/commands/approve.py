"""``nightcrew approve RUN``: a person agrees to what a run plans."""

from typing import Any

import click
from rich.text import Text

from nightcrew.admission.approvals import decide, find
from nightcrew.cli import deciding, exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import installation_of
from nightcrew.errors import Refused, Unknown


@click.command()
@click.argument("run")
@click.option("--plan", metavar="HASH", help="The hash of the plan that you saw; its beginning is enough.")
@deciding.as_option
@json_option
@click.pass_obj
def command(asked: Asked, run: str, plan: str | None, as_: str | None) -> int:
    """Let RUN do what it plans, and carry it on. Shows the plan first, and on a terminal asks.

    Whoever asked for a run cannot approve it. Where the world has moved since, the run asks once more and shows what
    changed. Exits as the run ends; with 6 where it waits on, with 3 where this approval is not taken.
    """
    demo = installation_of(asked, "in which anything could be approved")
    output, actor = asked.output, demo.actor(as_)
    question = find(demo.store, run)
    if question is None:
        raise Unknown(f"run {run} asks for no approval")
    if question.decided is None:
        deciding.show(question, demo.store, demo.clock.now(), output)
    wanted = plan or question.hash
    asks = plan is None and output.live and question.decided is None
    if asks and not click.confirm(f"Approve the plan {question.hash[:12]}?"):
        output.print("Nothing was decided: it waits on.")
        output.hint(f"  {asked.command} decline {run} --reason TEXT")
        return exits.WAITING
    said: dict[str, Any] = {}

    def answers() -> tuple[str | None, Any]:
        decided = decide(demo.store, run, by=actor, approve=True, now=demo.clock.now(), plan=wanted)
        said.update(decided.value)
        if decided.callback is not None:
            output.print(output.mark("succeeded", f"approved by {' and '.join(decided.value['by'])}"))
        return decided.callback, decided.value

    try:
        done = deciding.answered(run, answers, asked, demo)
    except Refused:
        if asked.demo and actor == question.requester and question.decided is None:
            output.hint(f"  {asked.command} approve {run} --as NAME")
        raise
    if done is None:
        words = f"approved by {' and '.join(said['by'])}: another person must approve, too"
        output.print(Text.assemble(output.mark("waiting"), f"  {words}"))
        done = {"run": run, "outcome": "waiting", "words": words, "code": exits.WAITING}
    code = int(done.pop("code"))
    if output.json:
        output.data({**done, "decided": said})
    return code
