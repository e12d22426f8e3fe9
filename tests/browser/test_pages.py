"""Each page as it looks: on a desk and on a phone, by day and by night, for who sees it and for who hears it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.night import BEGINS, Night
from tests.browser.window import Window

pytestmark = pytest.mark.browser

MOST = 100_000
"""Bytes of a page."""

PAGES = {
    "now": lambda night: "/console",
    "history": lambda night: "/console/history",
    "history-by-words": lambda night: "/console/history?words=vcpu+limits",
    "history-wrong": lambda night: "/console/history?since=lately",
    "run-cured": lambda night: f"/console/runs/{night.run('cured')}",
    "run-failed": lambda night: f"/console/runs/{night.run('failed')}",
    "run-refused": lambda night: f"/console/runs/{night.refusal}",
    "run-waiting": lambda night: f"/console/runs/{night.asked}",
    "postmortem": lambda night: f"/console/runs/{night.run('failed')}/postmortem",
    "approvals": lambda night: "/console/approvals",
    "approve": lambda night: f"/console/approvals/{night.asked}",
    "runbooks": lambda night: "/console/runbooks",
    "runbook": lambda night: f"/console/runbooks/{BEGINS}",
    "start": lambda night: f"/console/runbooks/{BEGINS}/run",
    "halt": lambda night: "/console/halt",
    "review": lambda night: "/console/review",
    "digest": lambda night: "/console/review/digest",
    "nowhere": lambda night: "/console/nowhere",
}

Look = Callable[[Night], str]
each_page = pytest.mark.parametrize(("name", "look"), PAGES.items(), ids=PAGES)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["1280", "390"])
@each_page
def test_a_page_fits_and_axe_finds_nothing_serious(
    opened: Callable[..., Window], served: Night, screens: Path, name: str, look: Look, phone: bool, dark: bool
) -> None:
    """Contrast, names, labels, order; nothing is wider than the window. Its picture is in ``.screens``."""
    window = opened(phone=phone, dark=dark)
    window.open(look(served))
    kind = f"{name}-{390 if phone else 1280}-{'dark' if dark else 'light'}"
    window.page.screenshot(path=screens / f"{kind}.png", full_page=True)
    assert window.overhang <= 0
    assert window.serious() == []


@each_page
def test_no_page_is_large(window: Window, served: Night, name: str, look: Look) -> None:
    """A night's worth of runs, over a phone's network."""
    body = window.page.request.get(window.at(look(served))).body()
    assert len(body) < MOST, name


def test_who_has_not_signed_in_sees_how(opened: Callable[..., Window], screens: Path) -> None:
    """And nothing else."""
    window = opened()
    window.page.context.clear_cookies()
    assert window.open("/console") == 401
    window.shows("Sign in", "h1")
    window.page.screenshot(path=screens / "sign-in-1280-light.png", full_page=True)
    assert window.serious() == []


def test_a_plan_can_be_read(opened: Callable[..., Window], served: Night, screens: Path) -> None:
    """It has no address of its own: it is reached by its form."""
    for phone in (True, False):
        window = opened(phone=phone)
        window.open(f"/console/runbooks/{BEGINS}/run")
        window.fill({"instance_id": served.instance()})
        window.press("Plan it")
        window.shows("ec2:StopInstances")
        window.page.screenshot(path=screens / f"plan-{390 if phone else 1280}-light.png", full_page=True)
        assert window.overhang <= 0
        assert window.serious() == []
