"""What a runbook's author imports: ``from nightcrew import Alarm, Run, calls, runbook``.

Each name is loaded when it is first asked for: the command line's help, and a shell at each Tab, need none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nightcrew.authoring.events import Event, after
    from nightcrew.authoring.run import Run
    from nightcrew.authoring.runbook import FROM_CALL, Family, Risk, runbook
    from nightcrew.authoring.triggers import Alarm
    from nightcrew.aws.calls import calls
else:
    _WHERE = {
        "FROM_CALL": "authoring.runbook",
        "Alarm": "authoring.triggers",
        "Event": "authoring.events",
        "Family": "authoring.runbook",
        "Risk": "authoring.runbook",
        "Run": "authoring.run",
        "after": "authoring.events",
        "calls": "aws.calls",
        "runbook": "authoring.runbook",
    }

    def __getattr__(name: str) -> Any:
        if name not in _WHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        globals()[name] = found
        return found


__all__ = ["FROM_CALL", "Alarm", "Event", "Family", "Risk", "Run", "after", "calls", "runbook"]
