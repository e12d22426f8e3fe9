"""What a button asks for, as the command behind it writes it: ``approve/20261121-030004-k3f9qa/0a1b2c3d4e5f``.

Nothing in it needs quoting, whatever reads the command; and a plan is named, since what is approved is what was shown.
"""

import re
from dataclasses import dataclass

from nightcrew.errors import BadInput

VERBS = ("approve", "decline")
PLAN = 12
"""Signs of a plan's hash that are shown, and named."""

_WISH = re.compile(rf"({'|'.join(VERBS)})/([a-z0-9][a-z0-9-]{{3,79}})/([0-9a-f]{{{PLAN},64}})")
_MOST = 200


@dataclass(frozen=True)
class Wish:
    """A decision that somebody wants."""

    approve: bool
    run: str
    plan: str


def wish_of(text: str) -> Wish:
    """Raises BadInput for what no button sends."""
    found = _WISH.fullmatch(text.strip())
    if found is None:
        raise BadInput("message", text[:_MOST], "approve/RUN/PLAN or decline/RUN/PLAN")
    return Wish(found[1] == "approve", found[2], found[3])
