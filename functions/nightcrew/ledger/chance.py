"""The one place that draws lots: how long to wait before trying again, and the token that names one transaction.

Neither decides what a run does, so neither has to be the same at replay; everywhere else chance is banned. A test
injects its own jitter.
"""

from secrets import SystemRandom, token_hex


def full_jitter(most: float) -> float:
    """Anything from 0 to ``most`` seconds: rivals who met once should not meet again."""
    return SystemRandom().uniform(0, most)


def token() -> str:
    """A name for one transaction, 32 characters; within ten minutes DynamoDB applies one of a known name once."""
    return token_hex(16)
