"""Time comes from a Clock, so that a test, a demo and a replay decide what time it is.

``datetime.now`` and ``time.sleep`` are banned everywhere else by lint.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and waits."""

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the one place that may

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))  # noqa: TID251  the one place that may


class SkippingClock:
    """Real time plus what was skipped: a wait of four hours passes at once, and the order of things stays true."""

    def __init__(self, skipped: timedelta = timedelta(0)) -> None:
        self._real = SystemClock()
        self._skipped = skipped
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._real.now() + self._skipped

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._skipped += timedelta(seconds=max(seconds, 0.0))


class StoppedClock:
    """Stands still until it is told to move: for tests that assert times."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(seconds, 0.0))


def stamp(moment: datetime) -> str:
    """A moment as the ledger writes it: ``2026-11-21T03:00:00.000Z``, always UTC, always milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """What ``stamp`` wrote, read back; also takes the offset without colon that CloudWatch sends."""
    return datetime.fromisoformat(text).astimezone(UTC)


def since_epoch(milliseconds: int) -> datetime:
    """A moment as SQS and CloudWatch's metrics give it: milliseconds since 1970, UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
