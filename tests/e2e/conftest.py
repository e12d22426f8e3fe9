"""One emulator and one deployment for the session."""

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightcrew.clock import SystemClock
from nightcrew.demo.embedded import REGION
from tests.concurrency.emulator import NoEmulator, emulator
from tests.e2e import checkout as checkouts
from tests.e2e.deployment import Deployed, Key, NotDeployed, adapt, deploy, runtime
from tests.e2e.people import somebody
from tests.stack import ROOT

MENDED = Path(__file__).with_name("mended.py")
SAM = ROOT / ".venv-sam" / "bin" / "sam"
POLICY = """
defaults: {cool_down: 10m, ok_within: 2m, ok_held: 1s}
rules: [{when: {runbook: roll-back-lambda-alias}, autonomy: auto}]
"""
LAST = 60
"""Lines of the emulator's log, with the functions' own among them, that a failure shows."""

_LOG = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Deployed]:
    """The template, deployed by SAM to ministack, which enforces IAM and ends with the session."""
    directory = tmp_path_factory.mktemp("ministack")
    pytestconfig.stash[_LOG] = directory / "ministack.log"
    clock, machine = SystemClock(), platform.machine()
    try:
        more = {
            "AUTH": "true",
            "E2E_PYTHON": runtime(),
            "LOG_LEVEL": "INFO",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
        }
        with emulator(os.environ.get("NIGHTCREW_MINISTACK"), directory, [str(MENDED)], more) as endpoint:
            began = clock.now()
            _say(pytestconfig, f"SAM deploys the template to ministack, {endpoint}")
            stack = deploy(endpoint, str(SAM), machine)
            adapt(stack, POLICY, directory / "runs.sqlite")
            _say(pytestconfig, f"deployed in {(clock.now() - began).total_seconds():.0f} s")
            yield stack
    except (NoEmulator, NotDeployed) as error:
        pytest.exit(str(error), returncode=1)  # said once, not for each test
    finally:
        # Each environment of a function has the code unpacked once more: only the log is worth keeping.
        for unpacked in filter(Path.is_dir, directory.iterdir()):
            shutil.rmtree(unpacked, ignore_errors=True)


@pytest.fixture(scope="session")
def viewer(deployed: Deployed) -> Key:
    """Somebody who may look."""
    return somebody(deployed, "vera", "ViewerAccess")


@pytest.fixture(scope="session")
def operator(deployed: Deployed) -> Key:
    """Somebody who may act, too."""
    return somebody(deployed, "olaf", "ViewerAccess", "OperatorAccess")


@pytest.fixture
def checkout(deployed: Deployed) -> checkouts.Checkout:
    """A function that Nightcrew may touch. Its newest version, 2, fails."""
    return checkouts.a_checkout(deployed, nightcrew="managed")


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    log = config.stash.get(_LOG, None)
    if exitstatus and log is not None and log.is_file():
        terminalreporter.section(f"the last of {log}")
        for line in log.read_text(errors="replace").splitlines()[-LAST:]:
            terminalreporter.write_line(line[:1000])


def _say(config: pytest.Config, words: str) -> None:
    """Between the names of the tests: a deployment takes its time."""
    capture, reporter = (config.pluginmanager.get_plugin(name) for name in ("capturemanager", "terminalreporter"))
    if capture is not None and reporter is not None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"── {words}")
