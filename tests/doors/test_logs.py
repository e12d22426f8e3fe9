"""What the functions log: every line about a run names it, and none holds a secret."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import executor
import intake
import sweep
from nightcrew import Run
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.local import LocalEngine
from nightcrew.errors import Unreachable
from tests.doors.conftest import Context, Lines
from tests.doors.test_intake import alarm, instance, message
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

Event = Callable[[str], dict[str, Any]]
Watch = Callable[[str, Mapping[str, Any]], None]


def unheard(kind: str, what: Any) -> None:
    """The topic does not answer."""
    raise Unreachable("topic: AuthorizationError")


def logged_by_executor(shift: Shift, news: Watch = unheard, watch: Watch = executor._tell) -> None:
    """From now on the shift's runs are carried out as the executor does; its news goes nowhere, or there."""
    installation = replace(shift.crew.installation, watch=watch, news=news)
    engine = LocalEngine(
        durable_handler(lambda: installation, executor._about), shift.journal, shift.crew.installation.clock
    )
    shift.house.crew = replace(
        shift.crew, engine=engine, dispatcher=Dispatcher(installation, lambda run: engine.start(run, {"run": run}))
    )


def test_each_line_of_a_run_names_it_under_one_key_and_the_next_run_gets_its_own(
    house: House, executor_log: Lines
) -> None:
    """What fails among them, and news that nobody gets."""

    def remedy(run: Run, queue: Queue) -> str:
        run.change("hide them longer", hide_for(queue, 60))
        run.require("it is a good day", False)
        return ""

    shift = Shift.build(house, remedy)
    logged_by_executor(shift)
    runs = []
    for _ in range(2):
        before = len(executor_log())
        runs.append(shift.by_hand())
        shift.through(runs[-1])
        lines = [line for line in executor_log()[before:] if line["message"] != "admitted"]
        assert {line["run"] for line in lines} == {runs[-1]}
        assert {"change", "closed", "news failed"} <= {line["message"] for line in lines}
        shift.pass_time(timedelta(hours=1).total_seconds())
    assert runs[0] != runs[1]


def test_intakes_line_about_news_that_failed_names_the_run(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """It was admitted, and starts."""
    installation = replace(house.crew.installation, watch=intake._overheard, news=unheard)
    dispatcher = Dispatcher(installation, lambda run: None)
    intake.answering(lambda: dispatcher)({"Records": [message("m", alarm(house, event, instance("untold")))]}, context)
    lost, admitted = intake_log()
    assert (lost["message"], admitted["message"]) == ("news failed", "admitted")
    assert lost["run"] == admitted["run"]


def test_a_run_that_could_not_be_started_is_named_and_the_next_message_is_not_taken_for_it(
    house: House, event: Event, context: Context, intake_log: Lines
) -> None:
    """Its message comes again; the line says for which run."""
    installation = replace(house.crew.installation, watch=intake._overheard)
    starts: list[str] = []

    def start(run: str) -> None:
        starts.append(run)
        raise Unreachable("Lambda: TooManyRequests")

    dispatcher = Dispatcher(installation, start)
    batch = [message("m", alarm(house, event, instance("unstarted"))), message("n", event("target-tracking"))]
    intake.answering(lambda: dispatcher)({"Records": batch}, context)
    first, second = intake_log()
    assert (first["message"], first["run"]) == ("to be tried again", starts[0])
    assert (second["message"], second.get("run")) == ("left", None)


def test_what_the_sweeper_could_not_close_is_named(house: House, sweep_log: Lines) -> None:
    """So a search for the run finds why it is still open."""
    sweep._overheard("not swept", {"at": "now", "run": "20261121-030004-k3f9qa2m", "words": "it is carried on"})
    assert [(line["message"], line["run"]) for line in sweep_log()] == [("not swept", "20261121-030004-k3f9qa2m")]


def test_no_secret_is_logged(house: House, executor_log: Lines) -> None:
    """Neither what was sent nor what came back: the ledger has it redacted, and the log not at all."""

    def remedy(run: Run, queue: Queue) -> str:
        run.change("hide them", hide_for(queue, 4321))
        run.read("look", settings(queue))
        run.prove("they are", settings(queue), bool, within=timedelta(minutes=1), pick=lambda answer: answer)
        return "well"

    shift = Shift.build(house, remedy, secret=["VisibilityTimeout"])
    logged_by_executor(shift)
    assert shift.through(shift.by_hand())["outcome"] == "succeeded"
    lines = executor_log()
    assert {"hide them", "they are"} <= {line.get("title") or line.get("proved") for line in lines}
    assert [line for line in lines if "4321" in json.dumps(line)] == []
