"""The demo's game day as a chapter of its night: what policy names is played as ``nightcrew gameday`` plays it."""

from datetime import timedelta
from pathlib import Path

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import moment
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.gameday import ALARM, ARN, NAME
from nightcrew.demo.meanwhile import Meanwhile
from nightcrew.demo.stage import ADA, Played, Stage
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.gameday.allowed import allowed
from nightcrew.dispatch.gameday.faults import PERMISSIONS
from nightcrew.dispatch.gameday.ground import Ground
from nightcrew.dispatch.gameday.play import play
from nightcrew.errors import Refused

LOOKS = timedelta(seconds=30)
UNEXPECTED = "not as expected"


def rehearsed(stage: Stage, events: Path) -> Played:
    """Ada plays it. It ends as its run does, if all that was expected held."""
    del events
    game_day = next((each for each in stage.crew.installation.policy.game_days if each.name == NAME), None)
    if game_day is None:
        return Played("left", Answer("left", f"policy names no game day “{NAME}”"))
    stage.fleet.have(ARN)
    clients = stage.estate.slow(ARN)
    meanwhile = Meanwhile(stage.crew, clients, ALARM)
    ground = Ground(
        stage.crew.dispatcher,
        Cloud(clients, PERMISSIONS, "the game day"),
        ADA,
        ACCOUNT,
        REGION,
        meanwhile.pause,
        soon=LOOKS,
        seldom=LOOKS,
    )
    try:
        told = play(ground, allowed(ground, game_day))
    except Refused as refusal:
        return Played(refusal.gate, Answer("refused", refusal.words, gate=refusal.gate))
    answer = Answer("admitted", told.words, run=told.run, runbook=told.runbook, resource=told.resource)
    end = str(told.outcome) if told.held else UNEXPECTED
    return Played(end, answer, moment(told.ended) - moment(told.began))
