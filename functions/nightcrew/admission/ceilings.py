"""A request under ceilings that were looked up: its autonomy lowered, and the time that a person then needs added."""

from collections.abc import Iterable
from dataclasses import replace

from nightcrew.admission.policy import lowest
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting


def under(request: Request, ceilings: Iterable[Setting[Level]]) -> Request:
    """The request with the lowest of these levels. Where a person is asked now and was not before, the time to answer
    is added to its deadline and its lease; risk *data-loss* asks in any case, and has it already.
    """
    before = request.settings.autonomy
    level = lowest(before, *ceilings)
    if level == before:
        return request
    settings = replace(request.settings, autonomy=level)
    if level.value is not Level.APPROVE or before.value is Level.APPROVE or request.risk == "data-loss":
        return replace(request, settings=settings)
    patience = settings.approval.value
    return replace(request, settings=settings, deadline=request.deadline + patience, lease=request.lease + patience)
