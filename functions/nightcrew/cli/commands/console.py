"""``nightcrew console``: an installation's pages on loopback, with the caller's own rights."""

import os
import threading
import traceback
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory

import click

from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import Person
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Demo, catalog_of, installation_of
from nightcrew.cli.stack import Stack
from nightcrew.console.local import Ending, Up, Whose, carried_by, console_on
from nightcrew.console.loopback import Loopback
from nightcrew.demo import served
from nightcrew.engine.installation import nobody
from nightcrew.engine.local import Journal
from nightcrew.engine.local.worker import Means, Worker
from nightcrew.errors import Unknown

PLAYERS = ("ada", "bob", "cyd")
"""Whom one person may play in the demo: who asks for a run cannot approve it."""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), metavar="NUMBER", help="Of 127.0.0.1; else a free one.")
@click.option("--no-open", is_flag=True, help="Open no browser; the address is printed anyway.")
@json_option
@click.pass_obj
def command(asked: Asked, *, port: int | None, no_open: bool) -> int:
    """Show what runs, what waits for an approval and what was done; approve, start and halt, all in your browser.

    The pages are served on this machine alone, to whoever has the address that is printed, and act with your own AWS
    rights: IAM decides. Until Ctrl-C.
    """
    place = installation_of(asked, "to show")
    if isinstance(place, Stack):
        if asked.policy is not None:
            raise click.UsageError(f"--policy: what {asked.stack} runs is decided by its own policy")
        with of_stack(place, Loopback(port or 0), asked) as up:
            _tell(up, asked, browser=not no_open)
            _until_asked()
        return exits.WELL
    return _of_demo(place, Loopback(port or 0), asked, browser=not no_open)


@contextmanager
def of_stack(stack: Stack, loopback: Loopback, asked: Asked) -> Iterator[Up]:
    """Its pages while the block lasts. Raises NotHere, Unreachable: at once, not on a page."""
    who, door, files = stack.who, stack.doors(nobody), _files(asked)

    def desk_for(person: Person) -> Desk:
        return Desk(door(), person, Home(who.account, who.region), files)

    with console_on(loopback, Whose(who.actor), desk_for, stack.clock.now, partial(slipped, asked)) as up:
        yield up


def _of_demo(demo: Demo, loopback: Loopback, asked: Asked, *, browser: bool) -> int:
    """Nobody else carries on what pages start here: this process does, beside serving them."""
    from nightcrew.cli.carrying import watched

    with (
        watched(demo, asked, catalog_of(asked)) as crew,
        closing(Journal(demo.journal, demo.clock)) as journal,
        TemporaryDirectory(prefix="nightcrew-") as files,
    ):
        worker = Worker(Means(crew.engine, journal, crew.store, demo.clock), partial(slipped, asked))
        door = carried_by(worker, crew.dispatcher)

        def desk_for(person: Person) -> Desk:
            return Desk(door, person, Home(demo.who.account, demo.who.region), Path(files))

        whose = Whose(demo.who.actor, PLAYERS, demo.actor)
        ending = Ending(worker.wake)
        with console_on(loopback, whose, desk_for, demo.clock.now, partial(slipped, asked)) as up, ending.listening():
            _tell(up, asked, browser=browser)
            while not ending.asked:
                worker.work(1.0)
                demo.settle()
                try:
                    served.follow(demo.clock)
                except Unknown:
                    asked.output.note("the demo has ended, and its console with it")
                    return exits.NOT_CURED
    return exits.WELL


def slipped(asked: Asked, error: Exception) -> None:
    """A page that could not be made, or a run that could not be carried: for whoever watches the terminal."""
    asked.output.note(f"note: {type(error).__name__}: {error}")
    if asked.debug:
        traceback.print_exception(error)


def _tell(up: Up, asked: Asked, *, browser: bool) -> None:
    output = asked.output
    if output.json:
        output.data({"address": up.address})
        return
    output.print("The console is up, for this machine alone, until Ctrl-C:")
    output.hint(f"  {up.address}")
    if browser and output.live:
        _open(up.once)


def _open(once: Callable[[], str]) -> None:
    """In a window beside the terminal, if there is one: the address is printed anyway."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is webbrowser.GenericBrowser and "BROWSER" not in os.environ:
        return  # one of text, which would take the terminal
    threading.Thread(target=browser.open, args=[once()], name="browser", daemon=True).start()


def _until_asked() -> None:
    """The server's threads do the work."""
    woken: SimpleQueue[None] = SimpleQueue()
    ending = Ending(lambda: woken.put(None))
    with ending.listening():
        while not ending.asked:
            try:
                woken.get(timeout=60)
            except Empty:
                continue


def _files(asked: Asked) -> Path:
    """Where the search index is kept: nobody else's to read."""
    directory = (asked.files or served.directory()) / "console"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory
