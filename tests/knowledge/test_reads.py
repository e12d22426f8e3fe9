"""Requests are counted, and a large answer is taken in parts."""

from nightcrew.knowledge.reads import Reads
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece


def test_a_hundred_items_are_one_request_and_in_memory_at_a_time() -> None:
    """Whoever counts a day with a hundred thousand entries has no room for all of them."""
    store, keys = MemoryStore(), [{"key": f"k{number:03}"} for number in range(250)]
    store.transact([Piece("state", keys[1], gate="test", put={"word": "here"})])
    reads = Reads(store)
    found = reads.each("state", iter(keys))
    assert (next(found), reads.made) == ((keys[0], None), 1)
    assert [(key["key"], item["word"]) for key, item in found if item is not None] == [("k001", "here")]
    assert (reads.spent(), reads.spent()) == (3, 0)
    assert len(reads.get_all("state", keys)) == 250
