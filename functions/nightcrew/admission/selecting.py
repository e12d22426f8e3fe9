"""What a rule, a freeze or an error budget is about: which starts it covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

SELECTORS = ("runbook", "family", "risk", "alarm_tag", "resource_tag", "region", "account")
"""What a rule can select by, the most specific first."""


@dataclass(frozen=True)
class Subject:
    """What settings are asked for, under the selectors' names; ``resource_tag`` is None while it is not known."""

    runbook: str
    family: str
    risk: str
    alarm_tag: Mapping[str, str]
    resource_tag: Mapping[str, str] | None
    region: str
    account: str

    @classmethod
    def at_admission(
        cls, runbook: str, family: str, risk: str, resource: str, alarm_tags: Mapping[str, str]
    ) -> "Subject":
        """A start on the resource with this ARN, while its tags are not known."""
        _, _, _, region, account, _ = resource.split(":", 5)
        return cls(runbook, family, risk, alarm_tags, None, region, account)


@dataclass(frozen=True)
class When:
    """What a rule is about. Each selector that is there must hold; of tags, each one that is named. Without any it is
    about everything.
    """

    runbook: str | None = None
    family: str | None = None
    risk: str | None = None
    alarm_tag: Mapping[str, str] = field(default_factory=dict)
    resource_tag: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    account: str | None = None

    def covers(self, subject: Subject) -> bool:
        """Whether the rule is about this start."""
        for name, wanted in self.given.items():
            is_there = getattr(subject, name)
            if isinstance(wanted, str):
                if wanted != is_there:
                    return False
            elif is_there is None or any(is_there.get(key) != value for key, value in wanted.items()):
                return False
        return True

    @cached_property
    def given(self) -> Mapping[str, str | Mapping[str, str]]:
        """The selectors that are there."""
        return {name: getattr(self, name) for name in SELECTORS if getattr(self, name)}

    @property
    def rank(self) -> tuple[int, ...]:
        """How specific it is; the greater is the more specific."""
        counts = {name: 1 if isinstance(wanted, str) else len(wanted) for name, wanted in self.given.items()}
        return tuple(counts.get(name, 0) for name in SELECTORS)

    @property
    def by_tag(self) -> bool:
        return bool(self.alarm_tag or self.resource_tag)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {_said(wanted)}" for name, wanted in self.given.items())


def _said(wanted: str | Mapping[str, str]) -> str:
    if isinstance(wanted, str):
        return wanted
    return " and ".join(f"{key}={value}" for key, value in wanted.items())
