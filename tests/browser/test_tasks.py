"""What people do in the console, each from its beginning to its end, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.night import ASKS, BEGINS, SCRIPT, Night
from tests.browser.window import Window

pytestmark = pytest.mark.browser

EVENT = Path(__file__).resolve().parents[2] / "events" / "ec2-status-check.json"


def start(window: Window, runbook: str, instance: str) -> None:
    """From the catalog over the form and the plan to the run."""
    window.open("/console/runbooks")
    window.page.get_by_role("link", name=runbook, exact=True).first.click()
    window.page.locator(f"a[href='/console/runbooks/{runbook}/run']").first.click()
    window.fill({"instance_id": instance, "reason": "it hangs"})
    if runbook == ASKS:
        window.page.locator("main [name=even_if_healthy][type=checkbox]").check()
    window.press("Plan it")
    window.shows("What it would do")
    window.press("Start")


def test_now_shows_what_waits_and_what_happened(window: Window, served: Night) -> None:
    """The page that one sees first."""
    window.open("/console")
    window.shows(served.asked)
    window.shows("cool-down")
    window.shows("cured")


def test_the_history_is_filtered_and_a_run_is_opened(window: Window, served: Night) -> None:
    """The address has the filters, so that it can be sent to somebody else."""
    window.open("/console")
    window.page.get_by_role("link", name="History", exact=True).click()
    window.fill({"runbook": "fail-over-aurora-cluster"})
    window.press("Show")
    window.shows("checkout-db")
    window.shows_no_more("checkout-worker", "main table")
    assert "runbook=fail-over-aurora-cluster" in window.page.url
    window.page.locator("main table a[href^='/console/runs/']").first.click()
    window.shows("What happened")
    window.shows("fail-over-aurora-cluster")


def test_words_find_what_people_learned(window: Window) -> None:
    """From the field that is on each page."""
    window.open("/console")
    window.page.get_by_role("searchbox").first.fill("vcpu limits")
    window.page.get_by_role("searchbox").first.press("Enter")
    window.shows("ask for a higher one")


def test_a_run_tells_its_changes_what_they_gave_and_that_they_were_taken_back(window: Window, served: Night) -> None:
    """The one that failed: with the call, the error and the undo."""
    window.open(f"/console/runs/{served.run('failed')}")
    for text in ("ec2:StopInstances", "VcpuLimitExceeded", "takes back"):
        window.shows(text)


def test_a_run_is_watched_live_and_goes_on_when_another_process_approves(window: Window, served: Night) -> None:
    """Nobody loads the page anew."""
    run = served.asks()
    window.open(f"/console/runs/{run}")
    window.shows("waiting")
    window.page.evaluate("document.body.dataset.loaded = 'once'")
    assert served.typed("approve", run, "--plan", "", "--as", "bob").code == 0
    window.shows("succeeded", ".run-outcome")
    assert window.page.evaluate("document.body.dataset.loaded") == "once"


def test_who_asked_cannot_approve_and_another_person_can(window: Window, served: Night) -> None:
    """The run goes on at once, and its page shows how it ends."""
    start(window, ASKS, served.instance())
    window.shows("waiting", ".run-outcome")
    run = window.path.rsplit("/", 1)[-1]
    window.open(f"/console/approvals/{run}")
    window.shows("You cannot approve it")
    assert window.page.get_by_role("button", name="Approve").count() == 0
    window.plays("bob")
    window.open("/console")
    window.page.locator(f"main a[href='/console/approvals/{run}']").first.click()
    window.shows("ec2:RebootInstances")
    window.press("Approve")
    window.open(f"/console/runs/{run}")
    window.shows("succeeded", ".run-outcome")


def test_who_declines_says_why_and_nothing_is_changed(window: Window, served: Night) -> None:
    """Without a reason the form comes back."""
    run = served.asks()
    window.plays("cyd")
    window.open(f"/console/approvals/{run}")
    window.press("Decline")
    assert window.page.locator("[aria-invalid=true]").count() == 1
    window.fill({"reason": "not during the sale"})
    window.press("Decline")
    window.open(f"/console/runs/{run}")
    window.shows("declined", ".run-outcome")
    window.shows("not during the sale")


def test_a_runbook_is_planned_started_and_followed_to_its_end(window: Window, served: Night) -> None:
    """From its page in the catalog."""
    start(window, BEGINS, served.instance())
    window.shows(BEGINS, "h1")
    window.shows("succeeded", ".run-outcome")
    window.shows("both status checks pass")


def test_a_value_that_is_not_allowed_is_said_at_its_field(window: Window) -> None:
    """What was typed is still there, and nothing was planned."""
    window.open(f"/console/runbooks/{BEGINS}/run")
    window.fill({"instance_id": "my machine", "within": "soon"})
    window.press("Plan it")
    field = window.page.locator("[name=instance_id]")
    assert field.input_value() == "my machine"
    assert field.get_attribute("aria-invalid") == "true"
    said = [window.page.locator(f"#{each}").inner_text() for each in field.get_attribute("aria-describedby").split()]
    assert any("i-" in text for text in said), said
    assert window.page.locator("[aria-invalid=true]").count() == 2


def test_everything_is_halted_and_lifted_by_the_keyboard_alone(window: Window, served: Night) -> None:
    """No pointer is needed, and each page says that it is halted."""
    window.open("/console")
    window.tab_to("Halt …")
    window.page.keyboard.press("Enter")
    window.shows("takes effect")
    window.tab_to("Why")
    window.page.keyboard.type("the network is being worked on")
    window.page.keyboard.press("Enter")
    window.shows("Halted: everything", "aside.halted")
    window.open(f"/console/runbooks/{BEGINS}/run")
    window.shows("the network is being worked on", "aside.halted")
    window.tab_to("Lift")
    window.page.keyboard.press("Enter")
    window.shows("Lifted.")
    assert window.page.locator("aside.halted").count() == 0


def test_without_scripts_the_same_start_works(opened: Callable[..., Window], served: Night) -> None:
    """Only that one loads the run's page anew to see how it goes on. That it was started its address says."""
    window = opened(scripts=False)
    start(window, BEGINS, served.instance())
    window.shows("Started.", ".said")
    assert "?said=started." in window.page.url
    for _ in range(100):
        if "succeeded" in window.page.locator(".run-outcome").inner_text():
            break
        window.page.reload()
    window.shows("succeeded", ".run-outcome")


def test_an_alarm_that_is_called_a_script_is_only_shown(window: Window, served: Night) -> None:
    """On each page that names it."""
    refusal = served.alarm(EVENT, SCRIPT)
    window.open(f"/console/runs/{refusal}")
    window.shows(SCRIPT)
    for path in ("/console", "/console/history?outcome=refused", "/console/history?words=script"):
        window.open(path)
        scripts: Any = window.page.locator("script:not([src])")
        assert scripts.count() == 0


def test_a_start_that_is_pressed_twice_starts_once(window: Window, served: Night) -> None:
    """As impatient people do."""
    instance = served.instance()
    window.open(f"/console/runbooks/{BEGINS}/run")
    window.fill({"instance_id": instance})
    window.press("Plan it")
    window.shows("What it would do")
    window.page.get_by_role("button", name="Start", exact=True).dblclick()
    window.shows("succeeded", ".run-outcome")
    window.open(f"/console/history?resource={instance}")
    assert window.page.locator("main tbody tr").count() == 1
