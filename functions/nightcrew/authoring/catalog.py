"""The catalog: every runbook there is, by name, and the index of what triggers them. Holds no global state."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import entry_points

from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import TriggerIndex
from nightcrew.errors import BadDeclaration, Unknown
from nightcrew.spelling import one_of

ENTRY_POINTS = "nightcrew.runbooks"
"""The entry-point group under which a team registers its own package of runbooks."""

OURS = "runbooks"


class Catalog(Mapping[str, Runbook]):
    """Runbooks by name, sorted. ``broken`` holds the modules that could not be loaded, with the reason; the others
    work.
    """

    def __init__(self, runbooks: Iterable[Runbook], broken: Mapping[str, str] | None = None) -> None:
        found: dict[str, Runbook] = {}
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

    @classmethod
    def load(cls, packages: Iterable[str] | None = None) -> "Catalog":
        """Import the packages (ours, and those of the entry points) and collect what they declare.

        A module that cannot be imported, or whose runbook has another one's name, is ``broken``; the others work.
        """
        found: dict[str, Runbook] = {}
        broken: dict[str, str] = {}
        for package in packages if packages is not None else registered():
            for module in _modules(package, broken):
                try:
                    loaded = importlib.import_module(module)
                except Exception as error:  # noqa: BLE001  whatever a team's module does at import, the others must work
                    broken[module] = f"{type(error).__name__}: {error}"
                    continue
                for each in (value for value in vars(loaded).values() if isinstance(value, Runbook)):
                    other = found.setdefault(each.name, each)
                    if other is not each:
                        broken[module] = f"{each.name} at {each.where} is not taken: there is one at {other.where}"
        return cls(found.values(), broken)

    @cached_property
    def index(self) -> TriggerIndex:
        """Finds the runbooks that can answer a metric, or an event."""
        return TriggerIndex((each.name, trigger) for each in self._runbooks.values() for trigger in each.triggers)

    def __getitem__(self, name: str) -> Runbook:
        try:
            return self._runbooks[name]
        except KeyError:
            raise Unknown(f"there is no runbook {name!r}: {one_of(self._runbooks, name)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._runbooks

    def __iter__(self) -> Iterator[str]:
        return iter(self._runbooks)

    def __len__(self) -> int:
        return len(self._runbooks)


def registered() -> list[str]:
    """The packages to load: ours first, then what is registered under the entry-point group."""
    return list(dict.fromkeys([OURS, *sorted(point.value for point in entry_points(group=ENTRY_POINTS))]))


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
