"""What a runbook's author imports: ``from nightcrew import Alarm, Run, calls, runbook``."""

from nightcrew.authoring.run import Run
from nightcrew.authoring.runbook import runbook
from nightcrew.authoring.triggers import Alarm
from nightcrew.aws.calls import calls

__all__ = ["Alarm", "Run", "calls", "runbook"]
