"""Which promotions the evidence is enough for: those that raise what policy says; and, beside a runbook that is raised,
a limit where it has no evidence yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nightcrew.admission.policy import Policy, Rule
from nightcrew.admission.settings import Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.knowledge.autonomy.earned import Earned
from nightcrew.knowledge.autonomy.promotion import Promotion


def level_of(policy: Policy, runbook: Runbook, region: str, account: str, tag: str | None = None) -> Level:
    """What policy lets it do here: by itself, or on what has this tag."""
    key, _, value = (tag or "").partition("=")
    settings = policy.settings_for(
        runbook.name,
        runbook.family,
        runbook.risk,
        alarm_tags={},
        resource_tags={key: value} if tag else None,
        region=region,
        account=account,
    )
    return settings.autonomy.value


def proposals(found: Iterable[Earned], policy: Policy, catalog: Catalog, region: str, account: str) -> list[Promotion]:
    """In the order in which they were found, runbook by runbook."""
    known = list(found)
    made: list[Promotion] = []
    for each in known:
        if each.tag is not None:
            continue
        now = level_of(policy, catalog[each.runbook], region, account)
        promotion = Promotion(each.runbook, now, each.allows, _why(each))
        if each.allows <= now or level_of(_under(policy, promotion), catalog[each.runbook], region, account) <= now:
            continue
        made.append(promotion)
        made += _limits(each, known, policy, catalog, region, account)
    return made


def _under(policy: Policy, promotion: Promotion) -> Policy:
    """What policy would say with it. A rule about this account or Region alone, or the place's own ceiling, may still
    hold the runbook back here, and elsewhere it would be raised on evidence that is not from there.
    """
    rule = Rule(len(policy.rules), promotion.when, {"autonomy": promotion.level})
    return replace(policy, rules=(*(each for each in policy.rules if each.when != rule.when), rule))


def _limits(
    raised: Earned, known: Iterable[Earned], policy: Policy, catalog: Catalog, region: str, account: str
) -> Iterator[Promotion]:
    """For tags whose own evidence is not enough for the level that the runbook gets. A tag may only lower autonomy."""
    for each in known:
        if each.runbook != raised.runbook or each.tag is None or each.allows >= raised.allows:
            continue
        now = level_of(policy, catalog[each.runbook], region, account, each.tag)
        key, _, value = each.tag.partition("=")
        yield Promotion(each.runbook, now, max(each.allows, now), _why(each), (key, value))


def _why(each: Earned) -> str:
    return f"helped {each.proof.helped} of {each.proof.tried} in 90 d, lower bound {each.lower:.2f}"
