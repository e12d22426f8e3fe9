"""What a runbook's author imports: ``from nightcrew import Alarm, Run, calls, runbook``."""

from nightcrew.authoring.events import Event, after
from nightcrew.authoring.run import Run
from nightcrew.authoring.runbook import FROM_CALL, Family, Risk, runbook
from nightcrew.authoring.triggers import Alarm
from nightcrew.aws.calls import calls

__all__ = ["FROM_CALL", "Alarm", "Event", "Family", "Risk", "Run", "after", "calls", "runbook"]
