"""Of an alarm history, how long each alarm lasted in people's hands: for statistics, which stand below matching."""

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Heard, heard
from nightcrew.dispatch.backtest.spells import Began, lengths
from nightcrew.dispatch.matched import Match
from nightcrew.dispatch.matching import match
from nightcrew.errors import BadParameter
from nightcrew.knowledge.statistics.day import Lasted
from nightcrew.signals import Signal


def in_peoples_hands(recorded: Recorded, catalog: Catalog, policy: Policy) -> tuple[Lasted, ...]:
    """Each alarm that a runbook answers, from ALARM to the next OK, with the symptom that the ledger would have."""
    ended = lengths(recorded)
    found: list[Lasted] = []
    for each in heard(recorded):
        length = ended.get(_began(each))
        if each.signal is None or length is None:
            continue
        matched = match(each.signal, catalog.index, policy, catalog)
        if matched.runbook is not None:
            resource = _resource(matched, each.signal, catalog)
            told = (matched.runbook, resource, matched.symptom, each.change.alarm)
            found.append(Lasted(*told, "history", each.change.at, length.total_seconds()))
    return tuple(found)


def _began(each: Heard) -> Began:
    change = each.change
    return change.alarm, change.contributor.id if change.contributor else None, change.at


def _resource(matched: Match, signal: Signal, catalog: Catalog) -> str:
    """The ARN that a run would have worked on; "" where its parameters are none."""
    runbook = catalog[str(matched.runbook)]
    try:
        checked = runbook.form.validate(matched.parameters)
        return runbook.called(checked).arn(checked, account=matched.account, region=signal.region)
    except BadParameter:
        return ""
