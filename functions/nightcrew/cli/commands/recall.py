"""``nightcrew recall``: what happened the last times that it was like this, and what helped."""

from collections.abc import Iterator, Sequence

import click
from rich.text import Text

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.resources import arns_of, short, the_one
from nightcrew.cli.reviewing.recall import shown
from nightcrew.errors import BadInput
from nightcrew.knowledge.recall.recall import MOST, recall
from nightcrew.knowledge.recall.similarity import Question
from nightcrew.ledger.cases import kind_of
from nightcrew.ledger.history import history


@click.command()
@click.option("--resource", metavar="ARN", help="On this resource: its ARN, or its name where that says enough.")
@click.option("--symptom", metavar="TEXT", help="With this symptom, like AWS/EC2:StatusCheckFailed_Instance:high.")
@click.option("--run", metavar="RUN", help="Like this run, or this refusal.")
@click.option("--error", metavar="CODE", help="With this error of AWS's, like InsufficientInstanceCapacity.")
@click.option(
    "--limit", default=5, show_default=True, type=click.IntRange(1, MOST), metavar="NUMBER", help="Runs, at most 20."
)
@json_option
@click.pass_obj
def command(
    asked: Asked, *, resource: str | None, symptom: str | None, run: str | None, error: str | None, limit: int
) -> None:
    """Say what is remembered of the like: the most similar past runs, what each runbook's record is, what people wrote,
    and whether another runbook is suggested. Times are UTC.

    What is alike is the symptom, also under another name; the resource, its group or its kind; the error; and what is
    recent says more. It takes a fixed number of reads, whatever the ledger's size.
    """
    if not any((resource, symptom, run, error)):
        raise click.UsageError("name a --resource, a --symptom, a --run or an --error")
    for option, value in {"resource": resource, "symptom": symptom, "run": run, "error": error}.items():
        if value is not None and not value.strip():
            raise BadInput(f"--{option}", value, "it must say something; leave it out where it is not known")
    place = ledger_of(asked, "that remembers anything")
    output, now = asked.output, place.clock.now()
    if resource is not None:
        arns = arns_of(resource, Catalog.load(), place.who)
        resource = _meant(resource, arns, place)
    found = recall(place.store, now, resource=resource, symptom=symptom, run=run, error=error, limit=limit)
    if output.json:
        output.data(found.to_json())
        return
    output.print(Text(" · ".join(_question(found.question)), style="dim"), "")
    output.print(*shown(found.to_json(), now, output))
    if found.cases:
        output.print()
        output.hint(f"  {asked.command} show {found.cases[0].case.run}")


def _question(question: Question) -> Iterator[str]:
    """What it was asked about, as far as it is known by now."""
    if question.run:
        yield f"like {question.run}"
    if question.symptom:
        yield question.symptom
    if question.resource:
        yield f"on {short(question.resource)}"
    if question.error:
        yield f"error {question.error}"


def _meant(text: str, arns: Sequence[str], place: Place) -> str:
    """Of several resources that may have this name the one that was worked on. Raises BadInput where that is not one:
    another kind has another past.
    """

    def met(arn: str) -> bool:
        return bool(history(place.store, now=place.clock.now(), resource=arn, limit=1).rows)

    found = the_one(text, arns, met)
    if len(arns) > 1 and not met(found):
        what = ", ".join(sorted({kind_of(arn) for arn in arns}))
        raise BadInput("--resource", text, f"nothing ever ran on it, and it may be any of {what}: give the ARN")
    return found
