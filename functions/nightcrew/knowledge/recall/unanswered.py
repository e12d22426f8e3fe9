"""Where nothing answers an alarm, or what answered did not help: which runbook helped with the like. At most two
reads.
"""

from datetime import datetime

from nightcrew.knowledge.recall.candidates import cases_of
from nightcrew.knowledge.recall.likeness import SIMILAR
from nightcrew.knowledge.recall.record import records
from nightcrew.knowledge.recall.suggestion import Suggestion, suggestion
from nightcrew.knowledge.recall.vocabulary import known
from nightcrew.ledger.store import Store


def helped_before(store: Store, symptom: str, now: datetime) -> Suggestion | None:
    """What is suggested for a symptom that no trigger knows, or for the one most alike; None where nothing is.

    Raises Unreachable.
    """
    words = known(store)
    if symptom in words.symptoms:
        return suggestion(records(cases_of(store, symptom, now)), None)
    for nearest in words.alike(symptom, 1, SIMILAR):
        return suggestion(records(cases_of(store, nearest, now)), None, (nearest,))
    return None


def better_than(store: Store, usual: str, symptom: str, now: datetime) -> Suggestion | None:
    """What is suggested instead of a runbook that has a poor record for a symptom: one read. Raises Unreachable."""
    return suggestion(records(cases_of(store, symptom, now)), usual)
