"""A browser, and one served demo for all tests: they are few, and each is somebody's whole task."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.night import Night, night
from tests.browser.window import Window

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = "NIGHTCREW_CHROMIUM"
"""In the environment: the browser to take, where it has another name."""

QUIET = (
    "--no-sandbox",  # a container's user is root, and Chromium has no sandbox for that one; it opens our pages alone
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""It asks nothing of anybody else."""

SCREENS = Path(__file__).resolve().parents[2] / ".screens"

Opened = Callable[..., Window]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """``nightcrew demo --serve`` with its night."""
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(state))
        patch.setenv("NO_PROXY", "127.0.0.1")
        with night(state) as up:
            yield up


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, (os.environ.get(CHROMIUM, ""), *NAMES))), None)
    assert path, f"no Chromium on this machine: install one, or name it in {CHROMIUM}"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def signed_in(served: Night, browser: Any) -> Any:
    """The cookie of who opened the address that was printed, for windows of all tests."""
    context = browser.new_context()
    Window(context.new_page(), served.console).enter()
    found = context.storage_state()
    context.close()
    return found


@pytest.fixture
def opened(served: Night, browser: Any, signed_in: Any) -> Iterator[Opened]:
    """Opens windows of this test's own. No browser may have complained at its end, and nobody is played then."""
    windows: list[Window] = []
    contexts: list[Any] = []

    def window(*, phone: bool = False, dark: bool = False, scripts: bool = True) -> Window:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        scheme = "dark" if dark else "light"
        more = {"java_script_enabled": scripts, "storage_state": signed_in}
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme, **more))
        windows.append(Window(contexts[-1].new_page(), served.console))
        return windows[-1]

    yield window
    for each in [each for each in windows if each.played]:
        each.plays("yourself")
    for context in contexts:
        context.close()
    assert [trouble for each in windows for trouble in each.troubles] == []


@pytest.fixture
def window(opened: Opened) -> Window:
    """One window."""
    return opened()


@pytest.fixture(scope="session")
def screens() -> Path:
    """Where pictures go."""
    SCREENS.mkdir(exist_ok=True)
    return SCREENS
