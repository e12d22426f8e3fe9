"""What a kill may change beside the undisturbed run: nothing, but for what the ledger owns up to."""

from collections.abc import Iterator

from tests.kill.found import CALLED, LOOKED, REPEATED, UNKNOWN, Found, outcome
from tests.kill.lives import RIVAL, SOON, Kill
from tests.kill.points import AFTER_CALL, AFTER_ENTRY, BEFORE_END


def beside(undisturbed: Found, kill: Kill, found: Found) -> Iterator[str]:
    """What is not as it should be, in words."""
    if kill.rival:
        yield from _after_a_rival(found)
    elif kill.outcome or any(change.how == UNKNOWN for change in found.changes):
        # Nobody knows, so a person looks: the one ending that a kill may bring about.
        expected = kill.outcome or "failed"
        if found.outcome != expected:
            yield f"it ended as {found.outcome}, not as {expected}"
    elif kill.late == SOON:
        yield from _unlike(undisturbed, found)
        if len(kill.points) == 1:
            for change in undisturbed.changes:
                yield from _told_otherwise(undisturbed, kill.points[0], found, change.title)


def _unlike(undisturbed: Found, found: Found) -> Iterator[str]:
    if found.outcome != undisturbed.outcome:
        yield f"it ended as {found.outcome}: {found.words}"
    if found.afterwards != undisturbed.afterwards:
        yield f"it left the resource as {found.afterwards}, not as {undisturbed.afterwards}"
    titles, expected = [each.title for each in found.changes], [each.title for each in undisturbed.changes]
    if titles != expected:
        yield f"it changed {titles}, not {expected}"


def _told_otherwise(undisturbed: Found, point: str, found: Found, title: str) -> Iterator[str]:
    """A change that was killed is told so, by where it was; every other one as made once."""
    how = next((change.how for change in found.changes if change.title == title), "")
    refused = any(change.refused for change in undisturbed.changes if change.title == title)
    if point == f"{title}: {AFTER_ENTRY}":
        expected = {CALLED: 1, REPEATED: 1}
    elif point in {f"{title}: {AFTER_CALL}", f"{title}: {BEFORE_END}"}:
        # What was refused has not taken effect, and is asked for once more.
        expected = {CALLED: 1, REPEATED: 1} if refused else {LOOKED: 1, REPEATED: 2}
    else:
        expected = {"once": 1}
    made = 1 if refused else found.accepted[title]
    if expected.get(how) != made:
        yield f"{title!r}: made {made} times and told as {how!r}, where {expected} was expected"


def _after_a_rival(found: Found) -> Iterator[str]:
    """Nothing of the run's own comes after a rival took its resource, and the rival is not in the least disturbed."""
    if outcome(found.rival) != "succeeded":
        yield f"the rival ended as {outcome(found.rival)}"
    taken = next(place for place, each in enumerate(found.sent) if each.life == RIVAL)
    for place, title, _ in found.requests():
        if place > taken:
            yield f"{title!r} was sent after a rival had the resource"
