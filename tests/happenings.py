"""Events beyond alarms as they come in now, for tests."""

import json
from collections.abc import Mapping
from typing import Any

from nightcrew.clock import stamp
from tests.house import House


def happened(house: House, event: Mapping[str, Any], instead: Mapping[str, str]) -> dict[str, Any]:
    """An event of ``events/`` that is sent now, about something else: ``instead`` of each text another one."""
    text = json.dumps(event)
    for old, new in instead.items():
        text = text.replace(old, new)
    sent: dict[str, Any] = json.loads(text)
    return {**sent, "time": stamp(house.crew.installation.clock.now())}
