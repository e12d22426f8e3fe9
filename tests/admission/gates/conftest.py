"""Each gate refuses, with its words, its figures and its end; and admits again when that end has come."""

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock
from nightcrew.errors import Refused
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Store
from tests.admission.gates.asking import Turned


@pytest.fixture
def turned_away(store: Store, clock: StoppedClock) -> Turned:
    """Ask, and be refused by this gate: what it said, which stands in the ledger too."""

    def ask_and_see(request: Request, gate: str) -> Refused:
        with pytest.raises(Refused) as caught:
            admit(request, store, clock)
        refusal = caught.value
        assert refusal.gate == gate, refusal
        assert refusal.run is not None
        if refusal.run.startswith("refused-"):
            written = entries(store, refusal.run)[0].body
            assert (written["gate"], written["words"]) == (gate, refusal.words)
        return refusal

    return ask_and_see
