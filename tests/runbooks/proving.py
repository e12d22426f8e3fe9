"""What a runbook's tests show of it, as ``runbooks/proved.toml`` must say."""

import re
from datetime import date
from pathlib import Path

from nightcrew.authoring.proved import Proved
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.actions import action_of
from tests.house import House

_SCRIPTS = re.compile(r"\.(answer|script|after|lose_reply|throttle)\(")
_STAGE = re.compile(r"^from tests\.runbooks\.(\w+) import", re.MULTILINE)


def seen(house: House, runbook: Runbook, aws: date | None) -> Proved:
    """After its tour in this house: whether the emulator itself answered every call that it declares, and whether a
    test of it scripts an answer. What was seen on AWS nobody can look up from here.
    """
    answered = {action_of(each.service, each.operation) for each in house.scripted.sent if not each.scripted}
    return Proved(is_scripted(runbook), answered >= set(runbook.permissions), aws)


def line(name: str, shown: Proved) -> str:
    """How ``proved.toml`` says it."""
    aws = f", aws = {shown.aws.isoformat()}" if shown.aws else ""
    return f"{name} = {{ scripted = {str(shown.scripted).lower()}, moto = {str(shown.moto).lower()}{aws} }}"


def is_scripted(runbook: Runbook) -> bool:
    """Whether one of its test files, which are named after it, or the stage that they share, scripts what AWS
    answers.
    """
    here = Path(__file__).parent
    texts = [each.read_text(encoding="utf-8") for each in here.glob(f"test_{runbook.function.__name__}*.py")]
    stages = [here / f"{name}.py" for text in texts for name in _STAGE.findall(text)]
    return any(_SCRIPTS.search(text) for text in [*texts, *(each.read_text(encoding="utf-8") for each in stages)])
