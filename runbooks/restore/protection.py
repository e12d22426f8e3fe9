"""Protection from deletion, for what was restored beside: put on last, and taken off before an undo deletes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.aws.calls import Call


def protect(
    run: Run,
    look: Call,
    switch: Callable[[bool], Call],
    *,
    is_idle: Callable[[Any], bool],
    is_protected: Callable[[Any], bool],
    within: timedelta,
) -> None:
    """Protect what ``look`` shows; ``switch`` makes the call that does so, or takes it off again."""

    def take_its_protection_off() -> None:
        run.wait_until("the new one can be changed", look, is_idle, within=within)
        run.change("take its protection off", switch(False), took_effect=(look, lambda seen: not is_protected(seen)))
        run.wait_until("it can be deleted", look, lambda seen: not is_protected(seen), within=within)

    run.wait_until("the new one can be changed", look, is_idle, within=within)
    run.change("protect it from deletion", switch(True), undo=take_its_protection_off, took_effect=(look, is_protected))
