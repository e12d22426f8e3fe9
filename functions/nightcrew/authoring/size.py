"""How much a step may remember: it goes into a checkpoint, and from there into the ledger, where each KB costs."""

import json
from typing import Any

from nightcrew.errors import BadInput

MOST = 16 * 1024


def fits(title: str, value: Any) -> Any:
    """``value`` itself; raises BadInput with the step's title where it is larger than 16 KB as JSON."""
    size = len(json.dumps(value))
    if size > MOST:
        raise BadInput(title, f"{size} bytes", f"a step may remember {MOST} bytes; pick= what matters")
    return value
