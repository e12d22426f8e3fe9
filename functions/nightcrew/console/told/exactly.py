"""A JSON value to the letter, in lines; what is very long is cut, and says how much is left out."""

import json
from typing import Any

MOST = 3000


def exactly(value: Any, most: int = MOST) -> str:
    """Indented where one line would be long. The whole stands in the run's entries, which its page offers as JSON."""
    line = json.dumps(value, ensure_ascii=False)
    text = line if len(line) <= 60 else json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most} more characters"


def exactly_all(value: Any) -> str:
    """All of it, as a file."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
