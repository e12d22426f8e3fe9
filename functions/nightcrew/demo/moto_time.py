"""Moto by the demo's clock: what it makes, starts and sets is as old as the demo's time says.

And one thing that moto 5.2.5 leaves out: its LaunchTime outlasts a stop, so that nobody could tell that an instance
came back (EC2 API reference, Instance: "The time that the instance was last launched").
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from moto.ec2.models.instances import Instance

from nightcrew.clock import Clock

_PLACES = ("autoscaling.models", "cloudwatch.models", "dynamodb.models.table", "ec2.models.instances", "rds.models")
"""Each has a name of its own for the function that tells moto the time."""


@contextmanager
def moto_by(clock: Clock) -> Iterator[None]:
    """For as long as the block lasts, moto's time is this clock's."""
    ordinary = Instance.start

    def now() -> datetime:
        return clock.now().replace(tzinfo=None)  # moto's times have no zone

    def start(self: Instance) -> Any:
        before = ordinary(self)
        self.launch_time = now()
        return before

    with ExitStack() as stack:
        for place in _PLACES:
            stack.enter_context(patch(f"moto.{place}.utcnow", now))
        stack.enter_context(patch.object(Instance, "start", start))
        yield
