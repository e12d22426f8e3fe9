"""``nightcrew autonomy``: what each runbook's evidence allows, and what policy lets it do."""

from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import click

from nightcrew.aws.cloud import ClientMaker, Cloud
from nightcrew.cli.account import spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.place import catalog_of, installation_of, policy_of
from nightcrew.cli.reviewing.autonomy import Told, show
from nightcrew.errors import BadInput
from nightcrew.knowledge.autonomy.earned import Earned, by_tag, earned, proof_of
from nightcrew.knowledge.autonomy.promotion import diff, patched
from nightcrew.knowledge.autonomy.proposing import proposals
from nightcrew.knowledge.autonomy.tags import PERMISSIONS, tags_of
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.statistics import LOOKS_BACK


@click.command()
@click.option("--runbook", "only", metavar="NAME", multiple=True, shell_complete=names, help="Only of this runbook.")
@click.option("--tag", "keys", metavar="KEY", multiple=True, help="Also by this resource tag; else by those in policy.")
@click.option(
    "--patch",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Print the promotions as a patch for this policy file, and nothing else.",
)
@json_option
@click.pass_obj
def command(asked: Asked, only: tuple[str, ...], keys: tuple[str, ...], file: Path | None) -> None:
    """Say for each runbook that ran what its evidence allows: how often it was tried and helped in the last 90 days
    (with the Wilson lower bound), when it last helped, and what policy lets it do; and propose promotions.

    Nothing is changed: a person applies the patch. Demotions need nobody: see `proof_age` and `proof_share` in policy.
    Tags are read with your own rights (tag:GetResources).
    """
    place = installation_of(asked, "to look back on")
    catalog = catalog_of(asked)
    policy = policy_of(asked, catalog)
    for name in only:
        catalog[name]  # Unknown, where there is none of that name
    now = place.clock.now()
    read = list(days(place.store, (now - LOOKS_BACK).date(), now.date(), now=now))
    ran = {each.runbook for day in read for each in day.counts}
    chosen = [runbook for runbook in catalog.values() if runbook.name in (only or ran)]
    wanted = keys or tuple(dict.fromkeys(key for rule in policy.rules for key in rule.when.resource_tag))
    tags = _tags(place.clients, read, [each.name for each in chosen], wanted)
    found: list[Earned] = []
    for runbook in chosen:
        found.append(earned(runbook.name, runbook.risk, proof_of(read, runbook.name, now.date())))
        for key in wanted:
            found += by_tag(read, runbook.name, runbook.risk, now.date(), tags, key)
    where = (place.who.region, place.who.account)
    told = Told(now, found, policy, catalog, where, proposals(found, policy, catalog, *where))
    if file is not None:
        _patch(asked, told, file)
    elif asked.output.json:
        asked.output.data(told.to_dict())
    else:
        show(told, asked.output)
        if told.promotions:
            asked.output.hint("", f"  {asked.command} autonomy --patch {_named(asked)}")


def _tags(
    clients: ClientMaker, read: Sequence[Day], runbooks: Collection[str], keys: Collection[str]
) -> Mapping[str, Mapping[str, str]]:
    if not keys:
        return {}
    resources = {each.resource for day in read for each in day.counts if each.runbook in runbooks and each.resource}
    with spoken():
        return tags_of(Cloud(clients, PERMISSIONS, "autonomy"), sorted(resources))


def _patch(asked: Asked, told: Told, file: Path) -> None:
    if not told.promotions:
        raise BadInput("--patch", str(file), "there is nothing to promote: see `nightcrew autonomy`")
    text = file.read_text(encoding="utf-8")
    asked.output.document(diff(text, patched(text, told.promotions), file.name))


def _named(asked: Asked) -> str:
    """The policy file to patch."""
    if asked.policy is not None:
        return str(asked.policy)
    if asked.demo:
        return str(files("nightcrew.demo") / "policy.yaml")
    return "policy.yaml"
