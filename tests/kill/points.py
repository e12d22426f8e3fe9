"""The points at which a run is killed: their order, and pairs of them."""

from collections.abc import Sequence

from tests.kill.lives import Kill

BEFORE, AFTER = ": before the checkpoint ", ": after the checkpoint "
AFTER_START = "after the checkpoint STEP START"
AFTER_ENTRY = "after the entry, before the call"
AFTER_CALL = "after the call, before the checkpoint"
WAITS_ENTRY = "the wait's entry"
BEFORE_END = "before the checkpoint STEP SUCCEED"


def title(point: str) -> str:
    """What a point is about: the title of a step, mostly."""
    return point.rpartition(": ")[0]


def in_order(points: Sequence[str]) -> tuple[str, ...]:
    """The points in an order that is the same from run to run: first the run's own, then the checkpoints.

    The SDK writes some checkpoints from a thread of its own, while the run goes on, and may put several into one: which
    comes first then is chance. That the run asks for them in the same order is not.
    """
    own = [point for point in points if BEFORE not in point and AFTER not in point]
    asked = [point for point in points if BEFORE in point]
    return (*own, *(when for point in asked for when in (point, point.replace(BEFORE, AFTER))))


def states(points: Sequence[str]) -> tuple[str, ...]:
    """The points that differ in what a kill leaves: a process's death leaves what was written, nothing else, so to die
    before a write is to die after the one before it. ``points`` are in order.
    """
    return tuple(point for number, point in enumerate(points) if number == 0 or ": before " not in point)


def sample(points: Sequence[str]) -> tuple[str, ...]:
    """Of these points the first and the last, each around the call of a change, and every fifth of the others."""
    return tuple(
        point
        for number, point in enumerate(points)
        if number in (0, len(points) - 1) or number % 5 == 0 or AFTER_ENTRY in point or AFTER_CALL in point
    )


def pairs(points: Sequence[str], changes: Sequence[str], most: int) -> list[Kill]:
    """Some kills of two lives each, spread over the run: the second point is about something later than the first.

    For each change also: once more in the same change. ``points`` are in order.
    """
    titles = [*dict.fromkeys(title(point) for point in points if BEFORE in point), "closing"]
    rank = {each: number for number, each in enumerate(titles)}
    rank |= dict.fromkeys(("admission", "start", "claim"), -1)

    def when(point: str) -> int:
        # The entry of a pause is written by a step of its own, before the pause begins; that of a poll by the poll.
        by_itself = f"{title(point)}: entry" if WAITS_ENTRY in point else ""
        return rank.get(by_itself, rank[title(point)])

    firsts = [point for point in points if title(point) in rank]
    # One that comes again, "(2)", is counted anew in each life.
    seconds = [point for point in firsts if when(point) >= 0 and not point.endswith(")")]
    spread: list[Kill] = []
    for number, first in enumerate(firsts[:: max(len(firsts) // most, 1)]):
        later = [point for point in seconds if when(point) > when(first)]
        if later:
            spread.append(Kill((first, later[(number * 7 + 3) % len(later)])))
    again = [(f"{each}: {AFTER_START}", f"{each}: {AFTER_ENTRY}") for each in changes]
    again += [(f"{each}: {AFTER_ENTRY}", f"{each}: {AFTER_CALL}") for each in changes]
    return [*spread, *(Kill(points) for points in again)]
