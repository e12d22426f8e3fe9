"""The faults that there are, by their kind in policy: what each was before, how it is put, and how it is taken back."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nightcrew.aws.cloud import Cloud
from nightcrew.dispatch.gameday import alarms, experiment, set_alarm, stop_instance


class Kind(Protocol):
    """One kind of fault. ``token`` is the game day's own; all raise CallFailed and Unreachable."""

    def before(self, cloud: Cloud, target: str) -> dict[str, Any]:
        """What is to be remembered, to take it back. Raises Refused where the fault may not be put there."""

    def put(self, cloud: Cloud, target: str, token: str) -> dict[str, Any]:
        """Put it; what is to be remembered further."""

    def take_back(
        self, cloud: Cloud, target: str, kept: Mapping[str, Any], token: str, pause: Callable[[float], None]
    ) -> str:
        """Take it back, or find that nothing is left to take back; in words. May be repeated."""


KINDS: Mapping[str, Kind] = {"stop-instance": stop_instance, "set-alarm": set_alarm, "fis": experiment}

PERMISSIONS = tuple(
    dict.fromkeys((*alarms.PERMISSIONS, *stop_instance.PERMISSIONS, *set_alarm.PERMISSIONS, *experiment.PERMISSIONS))
)
"""The IAM actions of all of them: the caller's own rights, and what the wall in front of AWS lets through."""
