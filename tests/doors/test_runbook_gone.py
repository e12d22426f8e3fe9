"""A runbook that could be imported when the functions were built, and cannot now: it is named, and in nobody's way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import intake
from nightcrew.authoring.catalog import Catalog, Listed
from nightcrew.clock import SkippingClock
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.local import Journal, LocalEngine
from tests.doors.conftest import Context, Lines
from tests.doors.test_intake import alarm, failed, instance, message
from tests.house import House

Event = Callable[[str], dict[str, Any]]
NAME, NOWHERE = "restart-ec2-instance", "runbooks.restart.nowhere"


def test_an_alarm_that_it_would_answer_comes_again_until_people_are_told_and_others_are_answered(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """What comes again too often is a dead letter: ``nightcrew redrive`` sends it again once the code is mended."""
    whole = house.crew.installation.catalog
    gone = Listed(NAME, f"{NOWHERE}:gone", whole[NAME].triggers)
    catalog = Catalog([gone, *(each for each in whole.values() if each.name != NAME)])
    dispatcher = replace(house.crew.dispatcher, installation=replace(house.crew.installation, catalog=catalog))
    batch = [message("lost", alarm(house, event, instance("lost"))), message("other", event("composite"))]
    assert failed(intake.answering(lambda: dispatcher)({"Records": batch}, context)) == ["lost"]
    lost, other = intake_log()
    assert (lost["message_id"], lost["message"]) == ("lost", "to be tried again")
    assert f"runbook {NAME} cannot be imported from {NOWHERE}: ModuleNotFoundError" in lost["exception"]
    assert (other["message_id"], other["message"]) == ("other", "left")


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ([], f"there is no runbook '{NAME}'"),
        ([Listed(NAME, f"{NOWHERE}:gone", ())], f"runbook {NAME} cannot be imported from {NOWHERE}"),
    ],
    ids=["not there", "not importable"],
)
def test_a_run_of_it_is_closed_at_once_and_says_why(
    house: House, event: Event, known: Sequence[Listed], words: str
) -> None:
    """Its lock is free for others, and no retry of Lambda's can help it."""
    answer = house.crew.dispatcher.event(alarm(house, event, instance(words)))
    assert answer.run is not None
    installation, clock = replace(house.crew.installation, catalog=Catalog(known)), SkippingClock()
    engine = LocalEngine(durable_handler(lambda: installation), Journal(":memory:", clock), clock)
    engine.start(answer.run, {"run": answer.run})
    ended = engine.drive(answer.run)
    assert (ended.status, ended.result["outcome"]) == ("SUCCEEDED", "failed")
    assert f"abandoned: in this version {words}" in house.closing(answer.run)["words"]
