"""``nightcrew demo``: a night at a small shop, on a cloud in this process."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.carrying import steady
from nightcrew.cli.lines import lines
from nightcrew.cli.place import catalog_of, policy_of, you
from nightcrew.demo.events import HERE, Event, named, read
from nightcrew.signals import signal_from

if TYPE_CHECKING:  # moto takes a second: not for --help
    from nightcrew.demo.stage import Played, Stage
    from nightcrew.demo.story import Night
    from nightcrew.engine.local.worker import Worker

FAULTS = ("stop-hangs", "throttle", "kill")


@click.command()
@click.option(
    "--event",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Play this event instead: what it is about is made to exist, and its times are moved to now.",
)
@click.option("--fault", type=click.Choice(FAULTS), help="Restart an instance while this goes wrong.")
@click.option("--serve", is_flag=True, help="Keep the cloud up on loopback afterwards, and a console over it.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="NUMBER", help="For --serve; else a free one.")
@click.option("--list", "listing", is_flag=True, help="Say what would be played.")
@click.option(
    "--events",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the events are; else events/ of the repository.",
)
@json_option
@click.pass_obj
def command(  # each is an option
    asked: Asked,
    *,
    event: Path | None,
    fault: str | None,
    serve: bool,
    port: int | None,
    listing: bool,
    events: Path | None,
) -> int:
    """Play a night of alarms against a cloud in this process (moto): real events, runbooks, admission and ledger.

    No account is needed, and nothing leaves this machine. Waits are skipped, on a clock of the demo's own. With --serve
    its pages can be opened in a browser, and other terminals act on it with `nightcrew --demo`, until Ctrl-C.

    Exits with 0 where everything ended as it is to; after --event as its run ended, with 4 where none was started.
    """
    if event and fault:
        raise click.UsageError("--event and --fault cannot be played together")
    if port and not serve:
        raise click.UsageError("--port is for --serve")
    from nightcrew.demo.models_once import models_once

    with models_once():  # moto is loaded here
        from nightcrew.cli import night

    if listing:
        night.listing(asked.output)
        return exits.WELL
    own = _own(event) if event else None
    if own is None:
        _script(events or HERE)
    with _stage(asked, fault, serve=serve) as (stage, journal):
        code = _play(asked, stage, journal, own, fault, events or HERE)
        if serve:
            _serve(asked, stage, journal, port)
        elif own is None and fault is None:
            night.try_next(asked.output)
    return code


def _own(file: Path) -> Event:
    """The reader's own event. Raises BadInput where it is none: at once, and not when the cloud is up."""
    event = read(file)
    signal_from(event)
    return event


def _script(events: Path) -> None:
    """Raise Unknown where an event of the night is missing: at once, too."""
    from nightcrew.demo import story

    story.script(events)


@contextmanager
def _stage(asked: Asked, fault: str | None, *, serve: bool) -> Iterator[tuple["Stage", Path]]:
    """The stage, with somebody watching, and where its journal is."""
    from nightcrew.cli.night import NightView
    from nightcrew.demo.faults import SCRIPTS
    from nightcrew.demo.safety import no_room
    from nightcrew.demo.serve import journal_for_others
    from nightcrew.demo.stage import stage

    catalog = catalog_of(asked)
    policy = policy_of(replace(asked, demo=True), catalog)
    with ExitStack() as stack:
        journal = Path(":memory:")
        if serve:
            journal = stack.enter_context(journal_for_others())
        elif fault == "kill":
            journal = Path(stack.enter_context(TemporaryDirectory(prefix="nightcrew-"))) / "journal.sqlite"
        view = lines(asked.output) if asked.output.json else NightView(asked.output)
        if isinstance(view, AbstractContextManager):
            stack.enter_context(view)
        faults = [SCRIPTS[fault] if fault and fault in SCRIPTS else no_room]
        yield stack.enter_context(stage(policy, steady(view), catalog=catalog, faults=faults, journal=journal)), journal


def _play(asked: Asked, stage: "Stage", journal: Path, own: Event | None, fault: str | None, events: Path) -> int:
    from nightcrew.cli import night
    from nightcrew.cli.morning import show
    from nightcrew.demo import faults, story
    from nightcrew.demo.kill import survive
    from nightcrew.demo.morning import morning

    output = asked.output
    if own is not None:
        return _code(stage.event(own))
    night.opening(output, faults.WORDS.get(fault or ""))
    if fault == "kill":
        return exits.WELL if survive(stage, named(faults.EVENT, events), journal).well else exits.NOT_CURED
    if fault is not None:
        return _code(stage.event(named(faults.EVENT, events)))
    went = story.play(stage, events)
    after = morning(stage, went)
    if output.json:
        for kind, what in after.told().items() if after is not None else ():
            stage.tell(kind, **what)
        stage.tell("summary", **_sum(went, stage))
    else:
        night.epilogue(went, stage, output)
        if after is not None:
            show(after, stage.clock.now(), output)
    return exits.WELL if went.as_promised else exits.NOT_CURED


def _sum(went: "Night", stage: "Stage") -> dict[str, Any]:
    """What the night came to; ``by_hand`` are the authors' estimates. In seconds."""
    catalog = stage.crew.installation.catalog
    saved = [
        {"runbook": runbook, "by_hand": by_hand.total_seconds(), "took": took.total_seconds()}
        for runbook, by_hand, took in went.saved(lambda name: catalog[name].by_hand)
    ]
    return {"as_promised": went.as_promised, "ends": went.ends(), "saved": saved}


def _code(played: "Played") -> int:
    if played.answer.kind == "admitted":
        return exits.of_outcome(played.end)
    return exits.REFUSED if played.answer.kind == "refused" else exits.NOT_APPLICABLE


def _serve(asked: Asked, stage: "Stage", journal: Path, port: int | None) -> None:
    from nightcrew.cli import night
    from nightcrew.demo.embedded import REGION
    from nightcrew.demo.serve import cloud_on_loopback, keep_up, questions_left

    stage.fleet.whole()
    with cloud_on_loopback(port or 0) as endpoint, _console(asked, stage, journal) as (console, worker):
        for run in questions_left(stage):
            worker.take(run)
        if asked.output.json:
            stage.tell("served", endpoint=endpoint, region=REGION, console=console)
        else:
            night.serving(endpoint, REGION, console, stage, asked.output)
        keep_up(stage, endpoint, journal, worker)


@contextmanager
def _console(asked: Asked, stage: "Stage", journal: Path) -> Iterator[tuple[str, "Worker"]]:
    """Its pages on loopback, and who carries on what they start; gives the address."""
    from nightcrew.api.desk import Desk, Home
    from nightcrew.api.people import Person
    from nightcrew.cli.commands.console import PLAYERS, slipped
    from nightcrew.console.local import Whose, carried_by, console_on
    from nightcrew.console.loopback import Loopback
    from nightcrew.demo.embedded import ACCOUNT, REGION
    from nightcrew.demo.serve import keep_time
    from nightcrew.engine.local import Journal
    from nightcrew.engine.local.worker import Means, Worker

    def named(name: str) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/{name}"

    slip = partial(slipped, asked)
    with (
        closing(Journal(journal, stage.clock)) as opened,
        TemporaryDirectory(prefix="nightcrew-") as files,
    ):
        worker = Worker(Means(stage.crew.engine, opened, stage.crew.store, stage.clock), slip)
        door = carried_by(worker, stage.crew.dispatcher)

        def desk_for(person: Person) -> Desk:
            keep_time(stage.clock)  # what others did meanwhile lies in the past
            return Desk(door, person, Home(ACCOUNT, REGION), Path(files))

        whose = Whose(named(you()), PLAYERS, named)
        with console_on(Loopback(), whose, desk_for, stage.clock.now, slip) as up:
            yield up.address, worker
