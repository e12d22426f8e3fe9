"""The gates, in the order in which people are told about them. Each is a small value with its piece of opening and
closing.
"""

from nightcrew.admission.gates.autonomy import Autonomy
from nightcrew.admission.gates.breaker import Breaker
from nightcrew.admission.gates.budget import Budget
from nightcrew.admission.gates.chain import Chain
from nightcrew.admission.gates.claim import Claim
from nightcrew.admission.gates.cool_down import CoolDown
from nightcrew.admission.gates.flap import Flap
from nightcrew.admission.gates.freeze import Freeze
from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.gates.halt import Halt
from nightcrew.admission.gates.lock import Lock
from nightcrew.admission.gates.stale import Stale

GATES: tuple[Gate, ...] = (
    Halt(),
    Claim(),
    Lock(),
    CoolDown(),
    Chain(),
    Breaker(),
    Flap(),
    Stale(),
    Freeze(),
    Budget(),
    Autonomy(),
)

__all__ = ["GATES", "Gate"]
