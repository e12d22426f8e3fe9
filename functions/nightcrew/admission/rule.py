"""A rule of policy: settings for whatever it selects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from nightcrew.admission.policy_item import Item, Place, Wrong
from nightcrew.admission.selecting import SELECTORS, When
from nightcrew.admission.settings import AT_HOLD, KINDS, Level

_TOO_LATE = f"only {', '.join(sorted(AT_HOLD))} in a rule about a resource's tags, which are not known before hold"


@dataclass(frozen=True)
class Rule(Item):
    """Settings for whatever ``when`` selects; ``values`` holds those that it sets, by name."""

    SECTION: ClassVar[str] = "rules"

    when: When
    values: Mapping[str, Any]

    @property
    def called(self) -> When:
        return self.when

    @property
    def is_ceiling(self) -> bool:
        """Whether it may only lower autonomy."""
        return self.when.by_tag and "autonomy" in self.values

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("when", "runbook"): self.when.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        if not self.when.given:
            others = ", ".join(SELECTORS)
            yield ("when",), {}, f"at least one of {others}; what holds for all stands in defaults"
        if not self.values:
            yield (), str(self), f"a rule that sets something: one of {', '.join(KINDS)}"
        if self.is_ceiling and self.values["autonomy"] is Level.AUTO:
            yield ("autonomy",), "auto", "observe, suggest or approve: a tag may only lower autonomy"
        if self.when.resource_tag:
            for name in self.values.keys() - AT_HOLD:
                yield (name,), KINDS[name].write(self.values[name]), _TOO_LATE
        for other in earlier:
            if other.when == self.when:
                yield ("when",), str(self.when), f"it may stand once: add these settings to {other}"
