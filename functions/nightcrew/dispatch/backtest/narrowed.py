"""A backtest told for some runbooks only: everything was played, and only what concerns them is counted."""

from collections.abc import Collection
from dataclasses import replace

from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.backtest.figures import figures
from nightcrew.dispatch.backtest.replay import Played
from nightcrew.dispatch.backtest.told import Backtest


def narrowed(told: Backtest, runbooks: Collection[str], catalog: Catalog) -> Backtest:
    """Only the alarms that one of ``runbooks`` answered, and the decisions on them."""
    names = {
        each.alarm for play in (told.by_policy, told.if_auto) for each in play.decisions if each.runbook in runbooks
    }

    def only(played: Played) -> Played:
        return replace(played, decisions=tuple(each for each in played.decisions if each.alarm in names))

    recorded = replace(
        told.recorded,
        alarms={name: alarm for name, alarm in told.recorded.alarms.items() if name in names},
        changes=[change for change in told.recorded.changes if change.alarm in names],
    )
    by_policy, if_auto = only(told.by_policy), only(told.if_auto)
    counted = figures(recorded, by_policy, if_auto, catalog, told.supposed)
    return replace(told, recorded=recorded, by_policy=by_policy, if_auto=if_auto, figures=counted)
