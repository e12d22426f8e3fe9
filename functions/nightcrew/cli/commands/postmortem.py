"""``nightcrew postmortem``: the draft of a post-mortem, from the ledger's entries alone."""

from pathlib import Path

import click

from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import ledger_of
from nightcrew.cli.reviewing.postmortem import show
from nightcrew.errors import BadInput
from nightcrew.knowledge.postmortem.page import page
from nightcrew.knowledge.postmortem.postmortem import Draft, draft


@click.command()
@click.argument("runs", metavar="RUN…", nargs=-1, required=True)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the Markdown to this new file.",
)
@click.option("--force", is_flag=True, help="Write over the file of --out.")
@json_option
@click.pass_obj
def command(asked: Asked, runs: tuple[str, ...], out: Path | None, *, force: bool) -> None:
    """Draft the post-mortem of one incident: what was seen, decided, done and proved in its RUNs, refusals too, and
    what stays open. It blames nobody, and knows nothing that no entry says.

    Without a terminal, and with --out, it is Markdown. Made again it is the same, once its runs are over. Times are
    UTC. Several runs become one draft, with one timeline, in whatever order they are named.
    """
    if force and out is None:
        raise click.UsageError("--force is for --out")
    if out is not None and out.exists() and not force:
        raise BadInput("--out", str(out), "it must be a new file, since people edit a draft; --force writes over it")
    place = ledger_of(asked, "whose runs could be told of")
    made = draft(place.store, runs, place.clock.now())
    output = asked.output
    if out is not None:
        _write(out, page(made))
    if output.json:
        output.data(made.to_json() | ({"file": str(out)} if out is not None else {}))
    elif out is not None:
        output.print(output.mark("succeeded", f"{out}: {_counted(made)}"))
    elif output.console.is_terminal:
        show(made, output)
        output.print()
        output.hint("As Markdown:", f"  {asked.command} postmortem {' '.join(runs)} --out FILE")
    else:
        output.document(page(made))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise BadInput("--out", str(file), f"it must be a file that can be written: {problem.strerror}") from problem


def _counted(made: Draft) -> str:
    runs, questions, actions = len(made.incident.runs), len(made.questions), len(made.actions)
    told = [(runs, "run"), (len(made.incident.timeline), "moment"), (questions, "open question"), (actions, "action")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in told)
