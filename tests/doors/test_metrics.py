"""What the functions count of themselves: from the ledger's entries as they are written, once, whoever comes again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import executor
import intake
import sweep
from nightcrew import Run
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock, StoppedClock
from nightcrew.demo.embedded import IMAGE, make_tables
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.counting import counting, figures
from nightcrew.engine.installation import Installation
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.metrics import METRICS, NAMESPACE, QUEUE_AGE, Metric, through_log
from nightcrew.ledger.store import Store, Tables, client_config
from tests.doors.conftest import Context, Lines
from tests.doors.test_intake import alarm, instance, message
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hide_for

Event = Callable[[str], dict[str, Any]]
Capture = pytest.CaptureFixture[str]


@dataclass
class Counted:
    """A meter that keeps what it gets: name, value, dimensions, run."""

    figures: list[tuple[str, float, dict[str, str], str]] = field(default_factory=list)

    def __call__(self, metric: Metric, value: float, dimensions: Mapping[str, str], run: str) -> None:
        self.figures.append((metric.name, value, dict(dimensions), run))

    def in_place_of(self, installation: Installation, house: House) -> Installation:
        """The same installation, metered, and its tables too."""
        client, tables = house.crew.client("dynamodb"), installation.store.tables
        store = Store(
            client, tables, installation.clock, written=counting(self, installation.watch, installation.catalog)
        )
        return replace(installation, store=store, meter=self)

    def dispatcher(self, house: House) -> Dispatcher:
        """A front door that is counted, and starts nothing."""
        return Dispatcher(self.in_place_of(house.crew.installation, house), lambda run: None)


def emf(captured: Capture) -> list[dict[str, Any]]:
    """The lines of embedded metric format among what was printed."""
    lines = [json.loads(line) for line in captured.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if "_aws" in line]


# --- the executor: closings


def carried_out(run: str) -> Any:
    """What becomes of a run in an execution of its own, of which nothing is recorded yet."""
    clock = SkippingClock()
    engine = LocalEngine(executor.handler, Journal(":memory:", clock), clock)
    engine.start(run, {"run": run})
    return engine.drive(run).result


@pytest.fixture
def house(on_tables: House) -> House:
    """As it is deployed, with the tables."""
    return on_tables


@pytest.fixture(scope="module")
def tables_apart(clients: ClientMaker) -> Tables:
    """Two tables in which nothing of other tests is open."""
    tables = Tables("counted-ledger", "counted-state")
    make_tables(clients, tables)
    return tables


@pytest.fixture
def apart(house: House, clients: ClientMaker, tables_apart: Tables) -> House:
    """The same house over those."""
    made, clock = house.crew.installation, SkippingClock()
    store = Store(clients("dynamodb", client_config()), tables_apart, clock)
    return House.build(clients, house.scripted, made.catalog, made.policy, clock, store)


def test_a_cured_run_is_counted_once_however_often_it_is_carried_on(
    environment: pytest.MonkeyPatch, house: House, event: Event, capsys: Capture
) -> None:
    """Each wait invokes the function anew, and another life begins all over, with nothing recorded: the closing entry
    was written once.
    """
    environment.setenv("NIGHTCREW_STACK", "night")
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    about = {"InstanceId": made["Instances"][0]["InstanceId"]}
    run = house.crew.dispatcher.event(house.alarmed(event("ec2-status-check"), about)).run
    assert run is not None
    capsys.readouterr()
    assert carried_out(run)["outcome"] == "cured"
    lines = emf(capsys)
    assert [line["_aws"]["CloudWatchMetrics"][0]["Metrics"] for line in lines] == [
        [{"Name": "Ended", "Unit": "Count"}],
        [{"Name": "TimeToFirstChange", "Unit": "Seconds"}],
        [{"Name": "TimeToCure", "Unit": "Seconds"}],
    ]
    assert {(line["stack"], line["family"], line["run"]) for line in lines} == {("night", "restart", run)}
    assert lines[0]["outcome"] == "cured"
    assert 0 < lines[1]["TimeToFirstChange"][0] < lines[2]["TimeToCure"][0]
    assert carried_out(run)["outcome"] == "cured"
    assert emf(capsys) == []


def test_a_line_declares_the_dimensions_of_its_metric_and_the_run_is_none(capsys: Capture) -> None:
    """Else each run would be a metric of its own, at thirty cents a month."""
    meter = through_log("night")
    for metric in METRICS:
        meter(metric, 2.5, dict.fromkeys(metric.dimensions, "x"), "20261121-030004-k3f9qa2m")
    declared = [line["_aws"]["CloudWatchMetrics"] for line in emf(capsys)]
    assert declared == [
        [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["stack", *metric.dimensions]],
                "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
            }
        ]
        for metric in METRICS
    ]
    with pytest.raises(ValueError, match="has the dimensions"):
        meter(METRICS[0], 1, {"run": "20261121-030004-k3f9qa2m"}, "")


def closed(catalog: Catalog, aside: Mapping[str, str], **body: Any) -> list[tuple[str, float, dict[str, str]]]:
    """What a closing counts for that was written seven minutes after the run was admitted."""
    whole = {"runbook": "restart-ec2-instance", "started": "2026-11-21T03:00:00.000Z", **body}
    entry = {"kind": "closing", "at": "2026-11-21T03:07:00.000Z", "body": json.dumps(whole)}
    return [(metric.name, value, dict(dimensions)) for metric, value, dimensions in figures(entry, aside, catalog)]


def test_times_are_taken_from_admission_and_only_a_cure_has_one_to_cure(catalog: Catalog) -> None:
    """Clocks of two functions may differ: what is written a moment too early took no time."""
    family = {"family": "scale-out"}
    early, late = ({**family, "first_change": f"2026-11-21T0{at}Z"} for at in ("2:59:59.900", "3:00:02.500"))
    assert closed(catalog, late, outcome="cured")[1:] == [
        ("TimeToFirstChange", 2.5, family),
        ("TimeToCure", 420.0, family),
    ]
    assert closed(catalog, early, outcome="failed")[1:] == [("TimeToFirstChange", 0.0, family)]
    assert closed(catalog, family, outcome="not_applicable")[1:] == []


@pytest.mark.parametrize(
    ("runbook", "family"),
    [("restart-ec2-instance", "restart"), ("run-ssm-automation", "unknown"), ("taken-out-since", "unknown")],
)
def test_a_run_that_another_closes_has_its_runbooks_family(catalog: Catalog, runbook: str, family: str) -> None:
    """Where the runbook is still there, and has one of its own."""
    assert closed(catalog, {}, outcome="failed", runbook=runbook) == [
        ("Ended", 1, {"family": family, "outcome": "failed"})
    ]


def test_a_refusal_at_hold_counts_for_its_gate(catalog: Catalog) -> None:
    """The run had been admitted: it ends as refused, and by which gate."""
    assert closed(catalog, {}, outcome="refused", gate="budget") == [
        ("Ended", 1, {"family": "restart", "outcome": "refused"}),
        ("Refused", 1, {"gate": "budget"}),
    ]


def test_trouble_with_a_metric_does_not_make_an_entry_look_unwritten(house: House, event: Event) -> None:
    """The run was admitted, and starts; that it was not counted is told, with its run."""

    def broken(metric: Metric, value: float, dimensions: Mapping[str, str], run: str) -> None:
        raise OSError("stdout is closed")

    installed = house.crew.installation
    client = house.crew.client("dynamodb")
    store = Store(client, clock=installed.clock, written=counting(broken, installed.watch, installed.catalog))
    started: list[str] = []
    dispatcher = Dispatcher(replace(installed, store=store, meter=broken), started.append)
    answer = dispatcher.event(alarm(house, event, instance("not counted")))
    assert started == [answer.run]
    dispatcher.installation.measure(QUEUE_AGE, 1)
    assert [what["words"] for kind, what in house.told if kind == "not counted"] == [
        "OSError: stdout is closed",
        "QueueAge: OSError: stdout is closed",
    ]


# --- intake: admissions, refusals, the queue's age


def test_a_signal_is_counted_once_however_often_it_is_delivered(house: House, event: Event, context: Context) -> None:
    """Admitted, delivered again, refused for another run's lock, and that one delivered again."""
    counted = Counted()
    first, second = (alarm(house, event, instance("counted once")) for _ in range(2))
    for sent in (first, first, second, second):
        # Another environment each time: it remembers nothing.
        intake.answering(partial(counted.dispatcher, house))({"Records": [message("m", sent)]}, context)
    assert [(name, dimensions) for name, _, dimensions, _ in counted.figures] == [
        ("Admitted", {}),
        ("Refused", {"gate": "lock"}),
    ]


def test_the_queues_age_is_measured_for_each_message(house: House, event: Event, context: Context) -> None:
    """From when it was sent, not from when it was received first: one that comes again has waited all that time."""
    counted, clock = Counted(), StoppedClock()
    door = counted.dispatcher(house)
    door = replace(door, installation=replace(door.installation, clock=clock))
    sent = message("m", event("target-tracking"))
    sent["attributes"]["SentTimestamp"] = str(int((clock.now() - timedelta(seconds=90)).timestamp() * 1000))
    skewed = message("n", event("target-tracking"))
    skewed["attributes"]["SentTimestamp"] = str(int((clock.now() + timedelta(seconds=1)).timestamp() * 1000))
    intake.answering(lambda: door)({"Records": [sent, skewed]}, context)
    assert counted.figures == [("QueueAge", 90.0, {}, ""), ("QueueAge", 0.0, {}, "")]


# --- the sweeper: what it closes, and what stays open


def remedy(run: Run, queue: Queue) -> str:
    """It waits long."""
    run.wait("a while", timedelta(minutes=30))
    return ""


def test_the_sweeper_counts_what_is_open_what_it_closes_and_what_it_cannot_close(
    apart: House, sweep_log: Lines
) -> None:
    """A run that outlived its lease is overdue only if it is open still."""
    shift, counted = Shift.build(apart, remedy), Counted()
    run = shift.by_hand()
    shift.on(run)
    installation = counted.in_place_of(shift.crew.installation, apart)
    dispatcher = replace(shift.crew.dispatcher, installation=installation)
    broom = sweep.Broom(lambda: dispatcher, lambda arn, name: "ALARM", lambda rows: {})

    def swept(left: int = 55_000) -> list[tuple[str, float]]:
        counted.figures.clear()
        sweep.sweeping(lambda: broom)({}, Context([left]))
        return [(name, value) for name, value, _, _ in counted.figures]

    assert swept() == [("OpenRuns", 1), ("OverdueRuns", 0)]
    shift.pass_time(timedelta(days=1).total_seconds())
    assert swept(left=sweep.RESERVE - 1) == [("OpenRuns", 1), ("OverdueRuns", 1)]
    assert swept() == [("Ended", 1), ("OpenRuns", 1), ("OverdueRuns", 0)]
    assert [line["run"] for line in sweep_log() if line["message"] == "closed"] == [run]
    assert swept() == [("OpenRuns", 0), ("OverdueRuns", 0)]


def test_how_soon_an_abandoned_run_made_its_first_change_is_read_from_its_chain(apart: House) -> None:
    """It can say no more itself."""

    def remedy(run: Run, queue: Queue) -> str:
        run.wait("a minute", timedelta(minutes=1))
        run.change("hide them longer", hide_for(queue, 60))
        run.wait("a while", timedelta(minutes=30))
        return ""

    shift, counted = Shift.build(apart, remedy), Counted()
    run = shift.by_hand()
    shift.on(run)
    shift.pass_time(timedelta(minutes=1).total_seconds())
    shift.on(run)
    shift.pass_time(timedelta(days=1).total_seconds())
    installation = counted.in_place_of(shift.crew.installation, apart)
    dispatcher = replace(shift.crew.dispatcher, installation=installation)
    broom = sweep.Broom(lambda: dispatcher, lambda arn, name: "ALARM", lambda rows: {})
    sweep.sweeping(lambda: broom)({}, Context([55_000]))
    (seconds,) = [value for name, value, _, of in counted.figures if (name, of) == ("TimeToFirstChange", run)]
    assert timedelta(minutes=1) <= timedelta(seconds=seconds) < timedelta(minutes=2)
