"""Two processes drive one run: the older one stops."""

from nightcrew.authoring.steps import Json, Steps
from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Ended, Journal
from tests.engine.local.driving import started


def test_a_driver_that_was_overtaken_stops_and_records_nothing(journal: Journal, clock: StoppedClock) -> None:
    """The other one begins while this one is inside a step."""
    called: list[str] = []

    def body(steps: Steps) -> Json:
        def overtaken() -> Json:
            called.append("stop it")
            assert journal.begin("run") is not None
            return "stopped"

        steps.once("stop it", overtaken)
        steps.once("start it", lambda: called.append("start it"))
        return "done"

    ended = started(body, journal, clock).drive("run")

    assert ended == Ended("SUPERSEDED")
    assert called == ["stop it"]
    assert journal.status("run") == "RUNNING"
    other = journal.begin("run")
    assert other is not None
    assert [operation.status.value for operation in other.operations[1:]] == ["STARTED"]


def test_a_driver_that_was_overtaken_at_its_end_does_not_end_the_run(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        assert journal.begin("run") is not None
        return "mine"

    assert started(body, journal, clock).drive("run") == Ended("SUPERSEDED")
    assert journal.ended("run") == ("RUNNING", None, None)


def test_a_driver_that_was_overtaken_to_the_end_tells_that_end(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        other = journal.begin("run")
        assert other is not None
        assert journal.finish(other, "SUCCEEDED", result='"the other one\'s"')
        return "mine"

    assert started(body, journal, clock).drive("run") == Ended("SUCCEEDED", "the other one's")
