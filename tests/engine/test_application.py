"""Where policy names an application's health URL, no run ends well before it answers."""

from datetime import timedelta

from nightcrew import Run
from tests.engine.shift import Shift
from tests.house import House
from tests.pages import application
from tests.queues import Queue, hidden_for, hide_for, settings

MINUTE = timedelta(minutes=1)


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


def nothing(run: Run, queue: Queue) -> str:
    """Looks, and leaves it alone."""
    run.read("look", settings(queue))
    return "it is well"


def asking(house: House, url: str, what: object = remedy) -> Shift:
    """The runbook, and a policy that names the URL."""
    assert callable(what)
    return Shift.build(house, what, more=f"health_url: '{url}', ok_within: 10s")


def test_a_run_ends_well_when_the_application_answers(house: House) -> None:
    with application(503, 200) as page:
        shift = asking(house, page.url)
        run = shift.by_hand()
        assert shift.through(run)["outcome"] == "succeeded"
    assert page.asked == ["/health", "/health"]
    (proof,) = [fact for fact in house_facts(shift, run) if str(fact.get("proved", "")).startswith("the application")]
    assert proof["value"] == {"status": 200}
    assert proof["tries"] == 2


def test_an_application_that_stays_ill_makes_the_run_ineffective_and_nothing_is_taken_back(house: House) -> None:
    with application(503) as page:
        shift = asking(house, page.url)
        ended = shift.through(shift.by_hand())
    assert ended["outcome"] == "ineffective"
    assert page.url in ended["words"]
    assert hidden_for(house, shift.queue) == 61


def test_one_that_nobody_serves_is_waited_for_and_told(house: House) -> None:
    with application(200) as page:
        pass
    shift = asking(house, page.url)
    assert shift.through(shift.by_hand())["outcome"] == "ineffective"


def test_a_run_that_changed_nothing_asks_no_application(house: House) -> None:
    with application(503) as page:
        shift = asking(house, page.url, nothing)
        assert shift.through(shift.by_hand())["outcome"] == "not_applicable"
        assert page.asked == []


def house_facts(shift: Shift, run: str) -> list[dict[str, object]]:
    """All facts of the run."""
    return list(shift.house.facts(run))
