"""On what a runbook was proved: a scripted cloud, moto, AWS itself. Told in ``proved.toml`` beside its package's
``__init__.py``, since no source can tell it; what it says of emulators, tests hold true.

::

    restart-ec2-instance = { scripted = true, moto = true, aws = 2026-12-01 }

``scripted``: its tests script what AWS answers in bad times. ``moto``: an emulator of AWS, which is not scripted then,
answered every call that it declares. ``aws``: the day on which somebody saw it end well on a real account.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadInput

FILE = "proved.toml"


@dataclass(frozen=True)
class Proved:
    """What a runbook has been through."""

    scripted: bool = False
    moto: bool = False
    aws: date | None = None

    def __str__(self) -> str:
        emulators = [name for name, was in (("scripted cloud", self.scripted), ("moto", self.moto)) if was]
        return f"{', '.join(emulators) or 'no emulator'}; AWS: {self.aws.isoformat() if self.aws else 'never'}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON; ``aws`` is a day or None."""
        return {"scripted": self.scripted, "moto": self.moto, "aws": self.aws.isoformat() if self.aws else None}


def proved(runbook: Runbook) -> Proved:
    """On what it was proved; on nothing where nobody says so. Raises BadInput where that cannot be read."""
    parts = runbook.function.__module__.split(".")
    for size in range(len(parts), 0, -1):
        told = table(".".join(parts[:size]))
        if told is not None:
            return told.get(runbook.name, Proved())
    return Proved()


def table(package: str) -> Mapping[str, Proved] | None:
    """What a package says of its runbooks, by name; None where it is no package, or has no such file. Raises
    BadInput.
    """
    try:
        text = (files(package) / FILE).read_text(encoding="utf-8")
    except (OSError, TypeError, ImportError):
        return None
    return _read(package, text)


@lru_cache(16)
def _read(package: str, text: str) -> Mapping[str, Proved]:
    """Once for all its runbooks."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{package}/{FILE}", str(error), "it must be TOML") from None
    return {name: _one(f"{package}/{FILE}: {name}", said) for name, said in read.items()}


def _one(where: str, said: Any) -> Proved:
    kinds = {"scripted": bool, "moto": bool, "aws": date}
    if not isinstance(said, dict) or not all(isinstance(value, kinds.get(key, ())) for key, value in said.items()):
        raise BadInput(where, said, "it must be like { scripted = true, moto = true, aws = 2026-12-01 }")
    return Proved(**said)
