"""What is live on a page, and what the page says when it is not."""

from collections.abc import Callable

import pytest

from tests.browser.night import Night
from tests.browser.window import Window

pytestmark = pytest.mark.browser


def test_a_halt_of_somebody_else_is_seen_on_a_page_that_is_open(opened: Callable[..., Window]) -> None:
    """Nobody loads the page anew."""
    watched, other = opened(), opened()
    watched.open("/console")
    other.open("/console/halt")
    other.fill({"reason": "the network is being worked on"})
    other.press("Halt")
    watched.shows("Halted: everything", "aside.halted")
    other.page.locator("aside.halted button").click()
    other.shows("Lifted.")
    watched.shows_no_more("Halted: everything")


def test_a_page_that_cannot_be_refreshed_says_so(window: Window, served: Night) -> None:
    """As of when it stands; and no more once it is live again."""
    window.open(f"/console/runs/{served.asks()}")
    window.page.context.set_offline(True)
    since = window.page.locator(".bottom time").get_attribute("title")
    window.shows(f"not live any more: it stands as of {since}", "p.old")
    window.page.context.set_offline(False)
    window.shows_no_more("not live any more")


def test_refreshing_takes_nothing_from_who_works_on_a_page(window: Window, served: Night) -> None:
    """What was typed, what was opened, and where the keyboard was."""
    window.open(f"/console/runs/{served.asks()}")
    window.fill({"words": "the disk was full"})
    window.page.locator("#settings summary").click()
    link = window.page.get_by_role("link", name="Approve or decline …")
    link.focus()
    began = window.page.locator(".bottom time").inner_text()
    window.shows_no_more(began, ".bottom")
    assert window.page.locator("main [name=words]").input_value() == "the disk was full"
    assert window.page.locator("#settings").get_attribute("open") is not None
    assert link.evaluate("each => each === document.activeElement")
