"""This machine's own installation: what `nightcrew` needs here, without any stack."""

import platform
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.asked import Asked
from nightcrew.cli.doctoring.examination import Check, looked
from nightcrew.cli.doctoring.finding import Finding, ok, problem, warning
from nightcrew.cli.place import policy_of
from nightcrew.errors import BadPolicy

DEMO = ("moto", "flask", "werkzeug")
"""What the demo's embedded cloud imports."""


def examine(asked: Asked) -> list[Finding]:
    """Everything that can be looked at without asking AWS."""
    loaded = Catalog.load()
    checks: dict[str, Check] = {
        "python": python,
        "catalog": partial(catalog, loaded),
        "policy": partial(policy, asked, loaded),
        "demo": demo,
    }
    return [found for name, check in checks.items() for found in looked(name, check)]


def python() -> Iterator[Finding]:
    """Which Python runs this."""
    yield ok(f"{platform.python_implementation()} {platform.python_version()}")


def catalog(loaded: Catalog) -> Iterator[Finding]:
    """Every runbook can be imported."""
    for module, why in loaded.broken.items():
        yield problem(f"{module} could not be loaded: {why}", f"mend it: python -c 'import {module}' shows where")
    if loaded:
        yield ok(f"{len(loaded)} runbooks")
    else:
        yield problem("there is no runbook", "is this installed as a whole? pip install nightcrew")


def policy(asked: Asked, loaded: Catalog) -> Iterator[Finding]:
    """The policy that would be gone by is valid."""
    try:
        found = policy_of(asked, loaded)
        found.check_against(loaded)
    except BadPolicy as bad:
        yield problem(str(bad), f"nightcrew policy check {bad.file}")
        return
    yield ok(f"{found.file} is valid ({found.version})")


def demo() -> Iterator[Finding]:
    """What the demo needs is installed."""
    missing = [each for each in DEMO if find_spec(each) is None]
    if missing:
        yield warning(f"`nightcrew demo` needs {', '.join(missing)}", "pip install 'nightcrew[cli,demo]'")
    else:
        yield ok("what it needs is installed")
