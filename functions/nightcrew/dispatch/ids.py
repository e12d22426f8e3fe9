"""Run ids: ``20261121-030004-k3f9qa2m``. Sortable by eye, typed at night, never used again."""

import secrets
from datetime import datetime

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for another: i, l, o, 0, 1."""

_RANDOM = 8


def new_run_id(now: datetime) -> str:
    """An id for a run that starts ``now`` (UTC); also the name of its durable execution.

    Eight of 31 letters in one second: two equal ones would have to be drawn from some 850 billion, and the opening
    entry is put only if absent.
    """
    return f"{now:%Y%m%d-%H%M%S}-{''.join(secrets.choice(_LETTERS) for _ in range(_RANDOM))}"
