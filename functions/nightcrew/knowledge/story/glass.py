"""The mark of a run under break-glass, as people read it: nobody admitted it, and what that came to."""

from collections.abc import Mapping
from typing import Any


def told(mark: Mapping[str, Any]) -> str:
    """What its opening entry says."""
    by = f"by {mark.get('by', '?')}{'' if mark.get('verified') else ', whom AWS could not confirm'}"
    parts = [
        by,
        f"the ledger did not answer ({mark.get('trouble', '?')})",
        f"not asked: {', '.join(mark.get('not_asked', ()))}",
    ]
    if mark.get("approval"):
        parts.append(f"approval: {mark['approval']}")
    if mark.get("clock_off"):
        parts.append(f"its clock was {mark['clock_off']} s ahead of AWS's")
    return "; ".join(parts)
