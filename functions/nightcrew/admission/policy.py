"""What a team lets run by itself, where, and how: bindings, rules, and the settings that follow from them.

Plain frozen values, so that a function that starts cold loads a checked policy without a validator. The file that
people write becomes one in ``policy_file``.

How a value is found:

- The most specific rule that sets it wins: runbook, then family, risk, alarm tag, resource tag, Region, account, then
  ``defaults``. A rule with two selectors is more specific than a rule with the first of them alone. Between equals
  the first in the file wins, as with bindings.
- A binding's ``autonomy`` is the most specific statement of all: the team names the alarm *and* the runbook. It may
  raise and lower.
- A tag may only lower autonomy, whatever else is said: whoever may tag an alarm or a resource need not be whoever
  may change policy. So rules about tags are ceilings for autonomy, all that match, and so is the alarm's own tag
  ``nightcrew:autonomy``. One that nobody can read counts as ``observe``.
- Resource tags are known at hold only, and limit what hold decides (``settings.AT_HOLD``).
- Without a rule or a binding that says so nothing runs by itself.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nightcrew.admission.binding import Binding
from nightcrew.admission.drill import Drill
from nightcrew.admission.error_budget import ErrorBudget
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.game_day import GameDay
from nightcrew.admission.policy_errors import all_of
from nightcrew.admission.policy_item import Item, path_of
from nightcrew.admission.rule import Rule
from nightcrew.admission.selecting import SELECTORS, Subject, When
from nightcrew.admission.settings import KINDS, Level, Setting, Settings
from nightcrew.errors import BadPolicy
from nightcrew.spelling import one_of

__all__ = [
    "AUTONOMY_TAG",
    "SECTIONS",
    "SELECTORS",
    "Binding",
    "Drill",
    "ErrorBudget",
    "Freeze",
    "GameDay",
    "Level",
    "Policy",
    "Rule",
    "Setting",
    "Settings",
    "Subject",
    "When",
    "lowest",
    "tag_limit",
]

AUTONOMY_TAG = "nightcrew:autonomy"


SECTIONS: tuple[type[Item], ...] = (Binding, Rule, Freeze, ErrorBudget, Drill, GameDay)
"""What stands in each list of a policy; its field is called as its section is."""


@dataclass(frozen=True)
class Policy:
    """A checked policy. ``version`` is the start of its text's SHA-256: it stands in the ledger with each decision.

    ``ceiling`` is what no rule and no binding raises autonomy above; it comes from where it is used, not from the file.
    """

    version: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    rules: tuple[Rule, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    error_budgets: tuple[ErrorBudget, ...] = ()
    drills: tuple[Drill, ...] = ()
    game_days: tuple[GameDay, ...] = ()
    file: str = "policy.yaml"
    ceiling: Setting[Level] | None = None

    def binding_for(self, alarm: str, of: str = "alarm") -> Binding | None:
        """The first binding whose pattern matches the alarm's name, or the event's."""
        for prefix, binding in self._prefixes:
            if alarm.startswith(prefix) and binding.of == of and binding.answers(alarm):
                return binding
        return None

    def settings_for(
        self,
        runbook: str,
        family: str,
        risk: str,
        *,
        alarm_tags: Mapping[str, str],
        resource_tags: Mapping[str, str] | None = None,
        region: str,
        account: str,
        binding: Binding | None = None,
        limit: Setting[Level] | None = None,
    ) -> Settings:
        """What holds for one start, each value with the line it came from.

        ``resource_tags`` is None at admission, where they are not known, and given at hold. ``limit`` is a further
        ceiling for autonomy, such as a match's own.
        """
        subject = Subject(runbook, family, risk, alarm_tags, resource_tags, region, account)
        rules = [rule for rule in self._ranked if rule.when.covers(subject)]
        found = {name: value for name in KINDS if (value := self._most_specific(name, rules, binding))}
        settings = Settings(**found)
        ceilings = [Setting(rule.values["autonomy"], str(rule)) for rule in rules if rule.is_ceiling]
        ceilings += [ceiling for ceiling in (tag_limit(alarm_tags), limit, self.ceiling) if ceiling]
        return Settings(**{**found, "autonomy": lowest(settings.autonomy, *ceilings)})

    def check_against(self, names: Collection[str]) -> None:
        """Refuse a binding or a rule about a runbook that is not among ``names``. Raises BadPolicy."""
        strangers = list(self._strangers(names))
        if strangers:
            raise all_of(strangers)

    def items(self, kind: type[Item]) -> tuple[Item, ...]:
        """What stands in one of its SECTIONS."""
        found: tuple[Item, ...] = getattr(self, kind.SECTION)
        return found

    def _strangers(self, names: Collection[str]) -> Iterator[BadPolicy]:
        for each in (item for kind in SECTIONS for item in self.items(kind)):
            for place, runbook in each.runbooks.items():
                if runbook and runbook not in names:
                    at = path_of((each.SECTION, each.number, *place))
                    yield BadPolicy(self.file, each.line, at, runbook, one_of(names, runbook))

    def _most_specific(self, name: str, rules: list[Rule], binding: Binding | None) -> Setting[Any] | None:
        if name == "autonomy" and binding is not None and binding.autonomy is not None:
            return Setting(binding.autonomy, str(binding))
        for rule in rules:
            if name in rule.values and not (name == "autonomy" and rule.when.by_tag):
                return Setting(rule.values[name], str(rule))
        return Setting(self.defaults[name], "defaults") if name in self.defaults else None

    @cached_property
    def _ranked(self) -> list[Rule]:
        # The sort keeps the file's order between equals.
        return sorted(self.rules, key=lambda rule: rule.when.rank, reverse=True)

    @cached_property
    def _prefixes(self) -> list[tuple[str, Binding]]:
        return [(binding.prefix, binding) for binding in self.bindings]


def tag_limit(alarm_tags: Mapping[str, str]) -> Setting[Level] | None:
    """The ceiling that an alarm's own tag sets, if it has one."""
    text = alarm_tags.get(AUTONOMY_TAG)
    if text is None:
        return None
    try:
        return Setting(Level(text), f"alarm tag {AUTONOMY_TAG}={text}")
    except ValueError:
        # Somebody meant to limit it and misspelt how: the safe reading is the lowest.
        return Setting(Level.OBSERVE, f"alarm tag {AUTONOMY_TAG}={text} (not a level, so observe)")


def lowest(said: Setting[Level], *ceilings: Setting[Level]) -> Setting[Level]:
    """What was said, or the lowest ceiling below it; ``because`` then names both."""
    under = min(ceilings, key=lambda ceiling: ceiling.value, default=said)
    if not under.value < said.value:
        return said
    return Setting(under.value, f"{under.because}, which lowers {said.value} from {said.because}")
