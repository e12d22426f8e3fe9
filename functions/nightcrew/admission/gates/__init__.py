"""The gates, in the order in which people are told about them. Each is a small value with its piece of opening and
closing.
"""

from nightcrew.admission.gates.autonomy import Autonomy
from nightcrew.admission.gates.claim import Claim
from nightcrew.admission.gates.cool_down import CoolDown
from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.gates.lock import Lock

GATES: tuple[Gate, ...] = (Claim(), Lock(), CoolDown(), Autonomy())

__all__ = ["GATES", "Autonomy", "Claim", "CoolDown", "Gate", "Lock"]
