"""``nightcrew decline RUN``: a person turns down what a run plans."""

from typing import Any

import click

from nightcrew.admission.approvals import decide
from nightcrew.cli import deciding, exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import installation_of


@click.command()
@click.argument("run")
@click.option("--reason", metavar="TEXT", required=True, help="Why, for those who read the ledger.")
@deciding.as_option
@json_option
@click.pass_obj
def command(asked: Asked, run: str, reason: str, as_: str | None) -> int:
    """Turn down what RUN plans: it ends as declined, and nothing is changed.

    Whoever asked for it may decline it, too. Exits with 0 where it ended so; with 3 where this comes too late.
    """
    demo = installation_of(asked, "in which anything could be declined")
    output, actor = asked.output, demo.actor(as_)
    said: dict[str, Any] = {}

    def answers() -> tuple[str | None, Any]:
        decided = decide(demo.store, run, by=actor, approve=False, now=demo.clock.now(), reason=reason)
        said.update(decided.value)
        output.print(output.mark("declined", f"declined by {' and '.join(decided.value['by'])}"))
        return decided.callback, decided.value

    done = deciding.answered(run, answers, asked, demo) or {}
    code = int(done.pop("code", exits.WAITING))
    if output.json:
        output.data({**done, "decided": said})
    return exits.WELL if done.get("outcome") == "declined" else code
