"""The catalog: every runbook there is, by name, and the index of what triggers them. Holds no global state.

It is filled in one of two ways: ``Catalog.load`` imports every runbook; ``catalog_compiled`` reads a list that was made
when the functions were built, and a runbook of it is imported when it is asked for.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache, cached_property
from importlib.metadata import EntryPoint, EntryPoints, distributions, entry_points
from typing import Any, NamedTuple

from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import Trigger, TriggerIndex
from nightcrew.errors import BadDeclaration, BadParameter, Unknown
from nightcrew.spelling import one_of

ENTRY_POINTS = "nightcrew.runbooks"
"""The entry-point group under which a team registers its own package of runbooks."""

OURS = "runbooks"


class Listed(NamedTuple):
    """A runbook that is not imported yet: what it can answer, and where it is (``package.module:name``)."""

    name: str
    where: str
    triggers: tuple[Trigger, ...]

    def imported(self) -> Runbook:
        """The runbook itself. Raises Unknown where it cannot be imported, or is not what the list says."""
        module, _, name = self.where.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise Unknown(f"runbook {self.name} cannot be imported from {module}: {why}") from error
        if not isinstance(found, Runbook) or (found.name, found.triggers) != (self.name, self.triggers):
            raise Unknown(
                f"runbook {self.name} in {module} is not the one that was compiled: build the functions again"
            )
        return found


class Catalog(Mapping[str, Runbook]):
    """Runbooks by name, sorted. ``broken`` holds the modules that could not be loaded, with the reason; the others
    work. ``places`` tells where each one was loaded from, as ``Listed.where``.
    """

    def __init__(
        self,
        runbooks: Iterable[Runbook | Listed],
        broken: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        found: dict[str, Runbook | Listed] = {}
        for each in runbooks:
            other = found.get(each.name)
            if other is not None and other is not each:
                raise BadDeclaration(
                    each.where,
                    "name",
                    each.name,
                    f"it must be the only one of that name; the other is at {other.where}",
                )
            found[each.name] = each
        self._runbooks = dict(sorted(found.items()))
        self.broken = dict(broken or {})
        self.places = dict(places or {})

    @classmethod
    def load(cls, packages: Iterable[str] | None = None) -> "Catalog":
        """Import the packages (ours, and those of the entry points) and collect what they declare.

        A module that cannot be imported, or whose runbook has another one's name, is ``broken``; the others work.
        """
        found: dict[str, Runbook] = {}
        broken: dict[str, str] = {}
        places: dict[str, str] = {}
        for package in packages if packages is not None else registered():
            for module in _modules(package, broken):
                try:
                    loaded = importlib.import_module(module)
                except Exception as error:  # noqa: BLE001  whatever a team's module does at import, the others must work
                    broken[module] = f"{type(error).__name__}: {error}"
                    continue
                for name, each in vars(loaded).items():
                    if not isinstance(each, Runbook):
                        continue
                    other = found.setdefault(each.name, each)
                    if other is not each:
                        broken[module] = f"{each.name} at {each.where} is not taken: there is one at {other.where}"
                    elif each.name not in places or each.function.__module__ == module:
                        places[each.name] = f"{module}:{name}"
        return cls(found.values(), broken, places)

    @cached_property
    def index(self) -> TriggerIndex:
        """Finds the runbooks that can answer a metric, or an event."""
        return TriggerIndex((each.name, trigger) for each in self._runbooks.values() for trigger in each.triggers)

    @property
    def families(self) -> dict[str, str]:
        """Each runbook's family, by name. Imports what is not imported yet. Raises Unknown."""
        return {name: runbook.family for name, runbook in self.items()}

    @property
    def by_hand(self) -> dict[str, timedelta]:
        """What each author reckons that a person needs, by name. Likewise."""
        return {name: runbook.by_hand for name, runbook in self.items()}

    def risk_of(self, name: str, parameters: Mapping[str, Any]) -> str:
        """A runbook's risk as a run of it was called; empty for one that is gone, or is another by now."""
        try:
            return self[name].called(parameters).risk
        except (Unknown, BadParameter):
            return ""

    def __getitem__(self, name: str) -> Runbook:
        try:
            found = self._runbooks[name]
        except KeyError:
            raise Unknown(f"there is no runbook {name!r}: {one_of(self._runbooks, name)}") from None
        return found.imported() if isinstance(found, Listed) else found

    def __contains__(self, name: object) -> bool:
        return name in self._runbooks

    def __iter__(self) -> Iterator[str]:
        return iter(self._runbooks)

    def __len__(self) -> int:
        return len(self._runbooks)


def registered(place: str | None = None) -> list[str]:
    """The packages to load: ours first, then what is registered under the entry-point group; by what is installed in
    one directory only, where one is named.
    """
    points = _installed(*sys.path) if place is None else EntryPoints(_points(place))
    return list(dict.fromkeys([OURS, *sorted(point.value for point in points.select(group=ENTRY_POINTS))]))


@cache
def _installed(*path: str) -> EntryPoints:
    """What is installed on Python's path. To ask each of a hundred packages takes as long as to load all runbooks."""
    del path
    return entry_points().select(group=ENTRY_POINTS)


def _points(place: str) -> Iterator[EntryPoint]:
    return (point for each in distributions(path=[place]) for point in each.entry_points)


def _modules(package: str, broken: dict[str, str]) -> Iterator[str]:
    try:
        root = importlib.import_module(package)
    except Exception as error:  # noqa: BLE001  as above
        broken[package] = f"{type(error).__name__}: {error}"
        return
    yield package
    for module in pkgutil.walk_packages(
        getattr(root, "__path__", []),
        f"{package}.",
        onerror=lambda name: broken.setdefault(name, "it cannot be imported"),
    ):
        yield module.name
