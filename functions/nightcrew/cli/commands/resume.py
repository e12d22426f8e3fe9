"""``nightcrew resume``: carry on what a process that died has left in the journal."""

from contextlib import closing

import click

from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.carrying import watched
from nightcrew.cli.place import catalog_of, workshop_of
from nightcrew.cli.resuming import Resuming
from nightcrew.engine.local import Journal


@click.command()
@click.argument("run", required=False)
@json_option
@click.pass_obj
def command(asked: Asked, run: str | None) -> int:
    """Carry RUN on; without RUN, everything that has not ended.

    No change is made twice without the ledger saying so. A run that another process is driving is taken over from it.
    One that cannot be carried on is closed as abandoned, and its locks are released. The exit code is that of the first
    run that did not end well.
    """
    demo = workshop_of(asked, "with runs to carry on")
    catalog = catalog_of(asked)
    with watched(demo, asked, catalog) as crew, closing(Journal(demo.journal, demo.clock)) as journal:
        resuming = Resuming(crew, journal, demo, asked)
        done = [resuming.resume(run)] if run is not None else resuming.resume_all()
    if asked.output.json:
        asked.output.data([each.to_dict() for each in done])
    elif not done:
        asked.output.print("Nothing to carry on.")
    return next((each.code for each in done if each.code != exits.WELL), exits.WELL)
