"""What people learned: of a run or of a symptom; in versions, none of them overwritten."""

from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.idempotency import Key
from nightcrew.api.idempotency import kept as kept_under
from nightcrew.api.people import Right
from nightcrew.dispatch.ids import new_run_id
from nightcrew.errors import BadInput, Unknown
from nightcrew.knowledge import lessons as kept
from nightcrew.ledger.history import opening


def lessons(
    desk: Desk, *, run: str | None = None, symptom: str | None = None, lesson: str | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """The current ones of a run, of a symptom, or of everything; or all versions of one, newest first. Raises
    BadInput, Unknown.
    """
    if sum(each is not None for each in (run, symptom, lesson)) > 1:
        raise BadInput("lesson", lesson, "the lessons of one run or of one symptom, or the versions of one lesson")
    if lesson is not None:
        return [each.to_dict() for each in kept.versions(desk.store, lesson)[::-1]]
    if run is not None and opening(desk.store, run) is None:
        raise Unknown(f"there is no run {run}")
    return [each.to_dict() for each in kept.lessons(desk.store, run=run, symptom=symptom, limit=limit)]


def learn(
    desk: Desk, words: str, *, run: str | None = None, symptom: str | None = None, key: str | None = None
) -> dict[str, Any]:
    """Write one down, about a run or a symptom; who asks is its author. With a ``key`` it is one lesson however often
    it is asked for. Raises BadInput, Unknown, Conflict.
    """
    author, now = desk.actor(Right.OPERATE), desk.clock.now()
    id_ = kept.PREFIX + new_run_id(now)
    if key is not None:
        asked = kept.fit(desk.store, words, run=run, symptom=symptom)  # what is not fit keeps no key
        id_ = kept_under(desk.store, now, Key("learn", author, key, asked), id_)
    return kept.learn(desk.store, desk.clock, id_, words, author=author, run=run, symptom=symptom).to_dict()


def correct(desk: Desk, lesson: str, words: str, *, version: int) -> dict[str, Any]:
    """A new version of one; ``version`` is the one that its author had before them, so said twice it is one. Raises
    Conflict where others wrote a newer one meanwhile, BadInput, Unknown.
    """
    author = desk.actor(Right.OPERATE)
    return kept.correct(desk.store, desk.clock, lesson, words, author=author, version=version).to_dict()
