"""What is left of the error budgets that policy names, at the moment of a start: the ceiling that follows from it.

It only lowers autonomy, as a tag does: what may run at all stays with the rules.
"""

from collections.abc import Callable
from datetime import datetime

from nightcrew.admission.ceilings import under
from nightcrew.admission.error_budget import ErrorBudget
from nightcrew.admission.policy import Policy
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.errors import Unreachable

Budgets = Callable[[str, datetime], float]
"""From an objective's name or ARN and a time: the share of its error budget that is left then, from 1 down; below 0
where it is overdrawn. Raises Unreachable.
"""

MOST_WORDS = 160
"""Characters of a reason: it stands in each opening entry."""


def limited(policy: Policy, request: Request, now: datetime, budgets: Budgets | None) -> Request:
    """The request under the budgets that cover it. One that cannot be asked counts as spent: nobody may rely on an
    answer that did not come.
    """
    before = request.settings.autonomy.value
    asked = [each for each in policy.error_budgets if each.autonomy < before and each.covers(request.subject)]
    return under(request, [found for each in asked if (found := _ceiling(each, now, budgets)) is not None])


def _ceiling(each: ErrorBudget, now: datetime, budgets: Budgets | None) -> Setting[Level] | None:
    if budgets is None:
        return Setting(each.autonomy, f"{each}: nobody here can ask for it, so it counts as spent"[:MOST_WORDS])
    try:
        left = budgets(each.slo, now)
    except Unreachable as error:
        return Setting(each.autonomy, f"{each}: it cannot be read, so it counts as spent: {error}"[:MOST_WORDS])
    if left * 100 >= each.below:
        return None
    return Setting(each.autonomy, f"{each}: {100 * left:.0f} % left, below {each.below} %"[:MOST_WORDS])
