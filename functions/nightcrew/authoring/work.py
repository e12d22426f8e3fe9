"""What a live run works with, put together by the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.desk import Desk
from nightcrew.authoring.follow_up import FollowUp
from nightcrew.authoring.guard import Guard
from nightcrew.authoring.runbook import UNDO_TIME
from nightcrew.authoring.steps import Steps
from nightcrew.authoring.watching import Watching
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import Clock
from nightcrew.ledger.book import Book
from nightcrew.ledger.redaction import redact


@dataclass(frozen=True)
class Work:
    """Durable steps, the way to AWS, the run's chain, its guard, and the time."""

    run: str
    resource: str
    """The ARN of what the run is about."""
    started: datetime
    deadline: timedelta
    approval: timedelta
    """How long a person has to answer, where the runbook does not say."""
    steps: Steps
    cloud: Cloud
    book: Book
    guard: Guard
    desk: Desk
    answer: Callable[[str, Any], object]
    """Answers a callback of this run by its id."""
    follow_up: Callable[[str, FollowUp], None]
    """Keeps a follow-up under a name that is the same at replay."""
    clock: Clock
    secrets: frozenset[str]
    watching: Watching

    def ends(self, *, undoing: bool) -> datetime:
        """When the run must be through: the runbook's deadline, and what the lease adds to it for the undos."""
        return self.started + self.deadline + (UNDO_TIME if undoing else timedelta(0))

    def clean(self, value: Any) -> Any:
        """A value without what the runbook declared secret."""
        return redact(value, self.secrets) if self.secrets else value
