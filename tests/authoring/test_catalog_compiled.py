"""The compiled catalog finds what the imported one finds, imports one runbook at a time, and cannot be another one
unnoticed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import ENTRY_POINTS, OURS, Catalog, registered
from nightcrew.authoring.catalog_compiled import compiled, from_compiled
from nightcrew.dispatch.matching import match
from nightcrew.errors import BadEvent, Unknown
from nightcrew.signals import Metric, Signal, signal_from
from tests.conftest import EVENTS

BOUND = load("bindings:\n  - {alarm: '*', runbook: roll-ecs-service}\n  - {event: '*', runbook: start-ec2-instance}\n")
OPEN = load("")

SOURCE = '''
from datetime import timedelta
from nightcrew import Alarm, Run, runbook
from tests.queues import Queue

@runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=["sqs:PurgeQueue"],
         triggers=[Alarm("AWS/SQS", "{name}", direction="high", queue="QueueName")])
def {name}(run: Run, queue: Queue) -> str:
    """Clears a queue."""
    return queue
'''
PACKAGE = "night_shift"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of runbooks, one that cannot be imported among them; nothing of it stays."""
    place = tmp_path / PACKAGE
    place.mkdir()
    (place / "__init__.py").touch()
    for name in ("one", "two"):
        (place / f"{name}.py").write_text(SOURCE.format(name=name))
    (place / "broken.py").write_text("raise RuntimeError(f'{__file__} is at fault')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield place
    forget()


def forget() -> list[str]:
    """As in a fresh process; returns what was imported of the package."""
    known = [name for name in sys.modules if name.split(".")[0] == PACKAGE]
    for name in known:
        del sys.modules[name]
    return known


def listed() -> Catalog:
    """The package's catalog as a function reads it."""
    text = compiled(Catalog.load([PACKAGE]))
    forget()
    return from_compiled(text)


def signals() -> list[Signal]:
    """All that is in ``events/`` and can be read."""
    found = []
    for file in sorted(EVENTS.glob("*.json")):
        try:
            found.append(signal_from(json.loads(file.read_text())))
        except BadEvent:
            continue
    return found


def test_every_runbook_is_where_the_list_says_with_the_triggers_that_it_has(catalog: Catalog) -> None:
    assert catalog.broken == {}
    read = from_compiled(compiled(catalog))
    assert list(read) == list(catalog)
    assert all(read[name] is catalog[name] for name in catalog)


@pytest.mark.parametrize("policy", [OPEN, BOUND], ids=["open", "bound"])
def test_each_event_is_matched_in_the_same_way_by_the_list_and_by_what_is_imported(
    catalog: Catalog, policy: Policy
) -> None:
    read, asked = from_compiled(compiled(catalog)), signals()
    by_list = [match(each, read.index, policy, read) for each in asked]
    assert by_list == [match(each, catalog.index, policy, catalog) for each in asked]
    assert {each.kind for each in by_list} >= {"chosen", "none"}
    assert len(asked) > 25


def test_an_event_that_names_several_is_told_in_the_same_order(package: Path) -> None:
    """All are suggested, the first five by name: in the order in which the trigger's parameters are declared."""
    trigger = 'Event("acme.shop", "Order stuck", where={"ä": ["x", "y*"]}, queue="$.resources", other=after("/", "a"))'
    text = (
        SOURCE.format(name="one").replace("Queue)", "Queue, other: str)").replace("import Alarm", "import Event, after")
    )
    (package / "one.py").write_text(text.replace("triggers=[", f"triggers=[{trigger}])  # "))
    about = {"source": "acme.shop", "detail-type": "Order stuck", "resources": ["a", "b"]}
    sent = {"id": "1", "region": "eu-west-1", "account": "123456789012", "time": "2026-11-21T03:00:00Z"}
    signal = signal_from({**about, **sent, "detail": {"ä": "yes", "a": ["of/c", "of/d"]}})
    imported = match(signal, Catalog.load([PACKAGE]).index, OPEN, {})
    assert match(signal, listed().index, OPEN, {}) == imported
    assert [tuple(each.parameters.values()) for each in imported.candidates] == [*zip("aabb", "cdcd", strict=True)]


def test_no_runbook_is_imported_before_it_is_known_which_one_is_meant(package: Path) -> None:
    catalog = listed()
    metric = Metric("AWS/SQS", "two", {"QueueName": "orders"})
    (found,) = catalog.index.find(metric, "high")
    assert list(catalog) == ["one", "two"]
    assert forget() == []
    assert catalog[found.runbook].name == "two"
    assert forget() == [PACKAGE, f"{PACKAGE}.two"]


def test_one_that_cannot_be_imported_is_left_out_with_its_error_that_names_no_place_of_a_machine(
    package: Path,
) -> None:
    assert listed().broken == {f"{PACKAGE}.broken": f"RuntimeError: {PACKAGE}/broken.py is at fault"}


def test_what_can_no_longer_be_imported_is_named_and_the_others_work(package: Path) -> None:
    """A function may lack what the machine had on which it was built."""
    catalog = listed()
    (package / "one.py").write_text("import a_package_that_nobody_has\n")
    with pytest.raises(Unknown, match=r"runbook one cannot be imported from night_shift.one.*a_package_that_nobody_ha"):
        catalog["one"]
    assert catalog["two"].name == "two"


@pytest.mark.parametrize(
    ("old", "new"), [('"high"', '"low"'), ("def one", "def another"), ("@runbook", "@(lambda **_: str)")]
)
def test_a_list_that_is_older_than_the_code_is_refused(package: Path, old: str, new: str) -> None:
    """Else an alarm would be answered, or not, by what a runbook declared once."""
    catalog = listed()
    (package / "one.py").write_text(SOURCE.format(name="one").replace(old, new))
    with pytest.raises(Unknown, match="runbook one"):
        catalog["one"]


def test_what_this_machine_has_installed_beside_is_not_compiled_into_a_function(package: Path, tmp_path: Path) -> None:
    """Its runbooks would be found, and could not be imported."""
    record = tmp_path / "night_shift-1.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Name: night_shift\nVersion: 1\n")
    (record / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nnight = {PACKAGE}\n")
    assert PACKAGE in registered()
    assert registered(str(tmp_path)) == [OURS, PACKAGE]
    assert registered(str(tmp_path / "function")) == [OURS]
