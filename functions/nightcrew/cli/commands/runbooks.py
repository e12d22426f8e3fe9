"""``nightcrew runbooks``: the catalog as a list, and the page of one runbook."""

import click

from nightcrew.api.runbooks import page, runbooks
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.catalog import show_all, show_page
from nightcrew.cli.place import catalog_of


def names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Runbooks that begin like this: for the shell's completion."""
    del ctx, param
    return [name for name in Catalog.load() if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=names)
@json_option
@click.pass_obj
def command(asked: Asked, name: str | None) -> None:
    """List the runbooks, or show the page of the one named NAME: what it does, what it takes, what it may do."""
    catalog = catalog_of(asked)
    told = runbooks(catalog) if name is None else page(catalog[name])
    if asked.output.json:
        asked.output.data(told)
    elif isinstance(told, list):
        show_all(told, asked)
    else:
        show_page(told, asked)
