"""``nightcrew gameday``: a fault on purpose, where policy allows it; what follows is watched, and it is taken back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import click
from rich.text import Text

from nightcrew.admission.game_day import GameDay
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.cli import exits
from nightcrew.cli.account import spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.carrying import steady
from nightcrew.cli.following import retell
from nightcrew.cli.place import Demo, catalog_of, installation_of
from nightcrew.cli.playing import GameDayLines, GameDayView, as_json, days, shown
from nightcrew.cli.times import whole
from nightcrew.dispatch.gameday.allowed import Ready, allowed
from nightcrew.dispatch.gameday.faults import PERMISSIONS
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.dispatch.gameday.play import INTERRUPTED, abandoned, play
from nightcrew.dispatch.gameday.report import Report, last
from nightcrew.durations import in_words
from nightcrew.engine.installation import Watch, nobody
from nightcrew.errors import Refused
from nightcrew.spelling import one_of

_ENDING = (signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Put the fault without asking, for programs.")
@click.option("--take-back", is_flag=True, help="Take back what is noted, even if somebody seems to play it still.")
@json_option
@click.pass_obj
def command(asked: Asked, *, name: str | None, yes: bool, take_back: bool) -> int:
    """Play the game day NAME of policy, or list those that there are, with how each went last.

    Its fault is put with your own rights (docs/gameday.md has them), once each gate and each blocking alarm was asked.
    The run that answers is an ordinary one. Whatever happens, the fault is taken back: on Ctrl-C, when a blocking alarm
    fires, when its time is over. What a process that died has left, the next command takes back.

    Exits with 0 where all went as policy expects, 1 where not, 3 where it may not be played.
    """
    if name is not None and take_back:
        raise click.UsageError("--take-back goes without a name: there is one fault at a time")
    with _here(asked) as here, spoken():
        left = abandoned(here.ground, now=take_back)
        if left is not None and not asked.output.json:
            note, done, why = left
            words = f"“{note.name}” was left by {note.by}: {done or f'{note.fault} is NOT taken back: {why}'}"
            asked.output.print(asked.output.mark("failed" if done is None else "succeeded", words))
        if take_back:
            return _taken_back(asked, left)
        if left is not None and left[1] is None:
            raise Refused("game day", f"the fault of “{left[0].name}” is not taken back yet: {left[2]}")
        if name is None:
            return _list(asked, here, left)
        try:
            ready = _ready(here, name)
        except Refused as refusal:
            return _refused(asked, refusal)
        for each in ready.notes:
            asked.output.note(f"note: {each}")
        if not _confirmed(asked, ready, yes=yes):
            asked.output.print("No fault was put.")
            return exits.DECLINED
        return _play(asked, here, ready)


@dataclass(frozen=True)
class _Here:
    """``demo`` where it is the demo, which has nobody to turn its world but who waits."""

    ground: Ground
    demo: Demo | None = None
    crew: Any = None

    def readied(self, game_day: GameDay) -> Ground:
        if self.demo is None:
            return self.ground
        from nightcrew.demo.meanwhile import Meanwhile, by_our_clock

        clients = by_our_clock(self.demo.clients, self.demo.clock)
        pause = Meanwhile(self.crew, clients, game_day.alarm).pause
        cloud = Cloud(clients, PERMISSIONS, "a game day")
        return replace(self.ground, pause=pause, cloud=cloud, soon=self.ground.seldom)  # to wait costs nothing there


@contextmanager
def _here(asked: Asked) -> Iterator[_Here]:
    """The stack that was named, or the demo; with somebody watching, and whoever ends the process heard."""
    place = installation_of(asked, "to play in")
    if asked.policy is not None and not isinstance(place, Demo):
        raise click.UsageError(f"--policy: what may be played in {asked.stack} is said by its own policy")
    with ExitStack() as stack:
        stack.enter_context(_heard())
        view: Watch = nobody
        if not asked.output.json:
            view = GameDayLines(asked.output) if isinstance(place, Demo) else GameDayView(asked.output)
        if isinstance(view, AbstractContextManager):
            stack.enter_context(view)
        watch = steady(view)
        who, cloud = place.who, Cloud(place.clients, PERMISSIONS, "a game day")
        where = (who.actor, who.account, who.region, place.clock.sleep)
        if isinstance(place, Demo):
            stack.callback(place.settle)
            crew = place.crew(asked, catalog_of(asked), watch)
            yield _Here(Ground(crew.dispatcher, cloud, *where), place, crew)
        else:
            yield _Here(Ground(place.door(watch), cloud, *where, lambda entry: retell(entry, watch)))


@contextmanager
def _heard() -> Iterator[None]:
    """Who asks the process to end, or closes its terminal, interrupts it as Ctrl-C does: the fault is taken back."""

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals
        return
    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ready(here: _Here, name: str) -> Ready:
    known = here.ground.dispatcher.installation.policy.game_days
    found = next((each for each in known if each.name == name), None)
    if found is None:
        said = one_of([each.name for each in known], name) if known else "it names none"
        raise Refused("policy", f"policy names no game day “{name}”: {said}")
    try:
        return allowed(here.ground, found)
    except CallFailed as failed:
        raise Refused("rights", f"AWS did not let you look: {failed}") from failed


def _confirmed(asked: Asked, ready: Ready, *, yes: bool) -> bool:
    if yes:
        return True
    if asked.output.json:
        raise click.UsageError("with --json nobody can be asked: say --yes, too")
    game_day = ready.game_day
    asked.output.print(
        Text.assemble((game_day.name, "bold"), f": {game_day.fault}, in {game_day.account}"),
        f"  within {in_words(game_day.within)}: {game_day.alarm} fires, {game_day.runbook}, {game_day.outcome}",
    )
    try:
        return click.confirm("Put this fault now?", default=False)
    except click.Abort:
        raise click.UsageError("nobody is here to be asked: say --yes, where a script plays") from None


def _play(asked: Asked, here: _Here, ready: Ready) -> int:
    ground = here.readied(ready.game_day)
    told = play(ground, ready)
    _news(ground, told)
    if asked.output.json:
        asked.output.data(told.to_dict())
    else:
        asked.output.print(*shown(told.to_dict(), asked.output))
        if told.run is not None:
            asked.output.hint("", f"  {asked.command} show {told.run}")
        if told.left is not None:
            asked.output.hint(f"  {asked.command} gameday --take-back")
    if told.stopped == INTERRUPTED:
        return exits.INTERRUPTED
    return exits.WELL if told.held else exits.NOT_CURED


def _news(ground: Ground, told: Report) -> None:
    """People are told, as far as the caller's rights go."""
    missed = [f"{each.what}: {each.got}" for each in told.expectations if not each.held]
    words = f"game day “{told.name}” ({told.fault}): {'; '.join(missed) or 'everything went as expected'}"
    about = {name: getattr(told, name) for name in ("run", "runbook", "resource", "outcome")}
    ground.dispatcher.installation.tell_people("game day", {**about, "words": words, "actor": told.by})


def _taken_back(asked: Asked, left: Any) -> int:
    if asked.output.json:
        asked.output.data({"taken_back": _left(left)})
    elif left is None:
        asked.output.print("Nothing is to be taken back.")
    return exits.WELL if left is None or left[1] is not None else exits.NOT_CURED


def _left(left: Any) -> dict[str, Any] | None:
    if left is None:
        return None
    note, done, why = left
    return {"name": note.name, "fault": str(note.fault), "by": note.by, "at": note.at, "words": done, "left": why}


def _refused(asked: Asked, refusal: Refused) -> int:
    if asked.output.json:
        told = {name: getattr(refusal, name) for name in ("gate", "words", "until", "figures")}
        asked.output.data({"outcome": "refused", **told})
    else:
        until = f", until {whole(refusal.until)}" if refusal.until else ""
        asked.output.print(asked.output.mark("refused", f"by {refusal.gate}: {refusal.words}{until}"))
    return exits.REFUSED


def _list(asked: Asked, here: _Here, left: Any) -> int:
    output, known = asked.output, here.ground.dispatcher.installation.policy.game_days
    played = last(here.ground.store, [each.name for each in known])
    if output.json:
        told = [{**as_json(each), "last": report} for each, report in zip(known, played, strict=True)]
        output.data({"game_days": told, "taken_back": _left(left)})
        return exits.WELL
    if not known:
        output.print("Policy names no game day: docs/gameday.md says how.")
        return exits.WELL
    output.print(*days(known, played, output))
    output.hint("", f"  {asked.command} gameday '{known[0].name}'")
    return exits.WELL
