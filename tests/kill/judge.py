"""What a kill may change beside the undisturbed run: nothing, but for what the ledger owns up to."""

from collections.abc import Collection, Iterator

from tests.kill.found import CALLED, LOOKED, REPEATED, UNKNOWN, Found, outcome
from tests.kill.lives import HEIR, RIVAL, SOON, SWEEPER, Kill
from tests.kill.points import AFTER_CALL, AFTER_ENTRY, BEFORE_END


def beside(undisturbed: Found, kill: Kill, found: Found, lost_news: Collection[str] = ()) -> Iterator[str]:
    """What is not as it should be, in words."""
    if kill.zombie:
        yield from _after_a_zombie(undisturbed, kill, found)
    elif kill.rival:
        yield from _after_a_rival(found)
    elif kill.outcome or any(change.how == UNKNOWN for change in found.changes):
        # Nobody knows, so a person looks: the one ending that a kill may bring about.
        expected = kill.outcome or "failed"
        if found.outcome != expected:
            yield f"it ended as {found.outcome}, not as {expected}"
    elif kill.late == SOON:
        yield from _unlike(undisturbed, found)
        yield from _lost(undisturbed, found, lost_news)
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
    if found.tallies != undisturbed.tallies:
        yield f"it counted {found.tallies}, not {undisturbed.tallies}"
    if found.to_come != undisturbed.to_come:
        yield f"it keeps for later {found.to_come}, not {undisturbed.to_come}"


def _lost(undisturbed: Found, found: Found, lost_news: Collection[str]) -> Iterator[str]:
    """News are told once more where nobody knows whether they were. Who starts a run by hand knows that it is opened,
    and nobody asks a second time for him.
    """
    by_hand = any(chain[0].body.get("by") != "alarm" for chain in undisturbed.chains)
    for kind in undisturbed.news.keys() - {*lost_news, *(["opened"] if by_hand else [])}:
        if found.news[kind] < undisturbed.news[kind]:
            yield f"the news of {kind} were sent {found.news[kind]} times, not {undisturbed.news[kind]}"


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
    yield from _nothing_after(RIVAL, found)


def _after_a_zombie(undisturbed: Found, kill: Kill, found: Found) -> Iterator[str]:
    """Once somebody else has acted, the zombie changes nothing any more, and what was closed stays as it was closed."""
    if kill.zombie == HEIR:
        yield from _unlike(undisturbed, found)
    elif found.outcome != "failed":
        yield f"it ended as {found.outcome}, not as failed"
    elif "abandoned" not in found.words:
        yield f"it was closed in other words: {found.words}"
    if kill.zombie not in {HEIR, SWEEPER} and outcome(found.rival) != "succeeded":
        yield f"the rival ended as {outcome(found.rival)}"
    yield from _nothing_after(2 if kill.zombie == HEIR else RIVAL, found)


def _nothing_after(life: int, found: Found) -> Iterator[str]:
    taken = next(place for place, each in enumerate(found.sent) if each.life == life)
    for place, title, sent in found.requests():
        if place > taken and sent.life != life:
            yield f"{title!r} was sent after another one had the resource"
