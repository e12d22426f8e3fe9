"""``policy.yaml`` → Policy: checked whole, and every error names file, line, field, value and what is allowed.

Only this way in needs pydantic and YAML; the way from an alarm to its run loads ``policy_compiled``.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nightcrew.admission.drill import TARGETS
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.policy import SELECTORS, Binding, Drill, ErrorBudget, GameDay, Policy, Rule, When
from nightcrew.admission.policy_errors import all_of
from nightcrew.admission.policy_form import FileForm, given, known_at
from nightcrew.admission.policy_lines import Place, field, line_of, read
from nightcrew.admission.settings import AT_HOLD, KINDS, Level
from nightcrew.errors import BadPolicy
from nightcrew.spelling import one_of

Lines = Mapping[Place, int]
_Wrong = tuple[Place, object, str]
"""Where something is wrong, what stands there, and what is allowed."""

_TOO_LATE = f"only {', '.join(sorted(AT_HOLD))} in a rule about a resource's tags, which are not known before hold"

_SHAPES = {
    "missing": "it must be there",
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "list_type": "a list, each item after a dash",
    "too_short": "at least one key with its value",
}


@lru_cache(maxsize=32)
def load(text: str, file: str = "policy.yaml") -> Policy:
    """The policy in this text. Raises BadPolicy for the first error by line; its ``others`` has the rest.

    The same text is the same policy, which nothing changes: to read YAML takes longer than to decide by it.
    """
    content, lines = read(text, file)
    try:
        form = FileForm.model_validate(content)
    except ValidationError as invalid:
        wrong = [_shape(each) for each in invalid.errors(include_url=False)]
        raise all_of([_error(each, file, lines) for each in wrong]) from None
    unclear = [_error(each, file, lines) for each in _about_one(form.bindings)]
    if unclear:
        raise all_of(unclear)
    policy = Policy(
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        defaults=given(form.defaults),
        bindings=tuple(_binding(number, each, lines) for number, each in enumerate(form.bindings)),
        rules=tuple(_rule(number, each, lines) for number, each in enumerate(form.rules)),
        freezes=tuple(_freeze(number, each, lines) for number, each in enumerate(form.freezes)),
        error_budgets=tuple(_error_budget(number, each, lines) for number, each in enumerate(form.error_budgets)),
        drills=tuple(_drill(number, each, lines) for number, each in enumerate(form.drills)),
        game_days=tuple(_game_day(number, each, lines) for number, each in enumerate(form.game_days)),
        file=file,
    )
    meaning = [_error(each, file, lines) for each in _meaning(policy)]
    if meaning:
        raise all_of(meaning)
    return policy


def _binding(number: int, form: Any, lines: Lines) -> Binding:
    line = lines["bindings", number]
    of, pattern = ("alarm", form.alarm) if form.alarm else ("event", form.event)
    return Binding(number, pattern, form.runbook, form.parameters, form.autonomy, line, of)


def _rule(number: int, form: Any, lines: Lines) -> Rule:
    return Rule(number, _when(form.when), given(form), lines["rules", number])


def _freeze(number: int, form: Any, lines: Lines) -> Freeze:
    return Freeze(
        number,
        form.name,
        form.begins,
        form.ends,
        tuple(form.days),
        form.zone,
        form.calendar,
        _when(form.when),
        lines["freezes", number],
    )


def _error_budget(number: int, form: Any, lines: Lines) -> ErrorBudget:
    return ErrorBudget(
        number,
        form.slo,
        form.below,
        form.autonomy,
        _when(form.when),
        _when(form.but),
        tuple(form.resources),
        lines["error_budgets", number],
    )


def _drill(number: int, form: Any, lines: Lines) -> Drill:
    where = (form.account, form.region, lines["drills", number])
    return Drill(number, form.runbook, form.every, form.parameters, form.rto, form.rpo, *where)


def _game_day(number: int, form: Any, lines: Lines) -> GameDay:
    expects, where = form.expects, (form.account, form.region)
    expected = (expects.alarm, expects.runbook, expects.outcome, expects.within)
    return GameDay(number, form.name, form.fault, *expected, *where, tuple(form.blocking), lines["game_days", number])


def _when(form: Any) -> When:
    return When(**{name: value for name in SELECTORS if (value := getattr(form, name)) is not None})


def _shape(error: ErrorDetails) -> _Wrong:
    """A validator's error in our words."""
    place = error["loc"]
    if error["type"] == "extra_forbidden":
        return place, place[-1], one_of(known_at(place[:-1]), place[-1])
    value = None if error["type"] == "missing" else error["input"]
    said = error["ctx"]["allowed"] if error["type"] == "policy" else _SHAPES.get(error["type"], error["msg"])
    return place, value, said


def _about_one(bindings: Any) -> Iterator[_Wrong]:
    """A binding is about an alarm or about an event."""
    for number, form in enumerate(bindings):
        if form.alarm is None and form.event is None:
            yield ("bindings", number, "alarm"), None, "it must be there"
        elif form.alarm is not None and form.event is not None:
            yield ("bindings", number, "event"), form.event, "either an alarm or an event: one binding for each"


def _meaning(policy: Policy) -> Iterator[_Wrong]:
    """What the form allows and policy does not."""
    level = policy.defaults.get("autonomy", Level.OBSERVE)
    if level > Level.SUGGEST:
        yield (
            ("defaults", "autonomy"),
            str(level),
            "observe or suggest; what runs by itself stands in a rule or binding",
        )
    for number, binding in enumerate(policy.bindings):
        for other in policy.bindings[:number]:
            if (other.of, other.alarm) == (binding.of, binding.alarm):
                yield (
                    ("bindings", number, binding.of),
                    binding.alarm,
                    f"it may stand once, and {other} binds it already",
                )
    for freeze in policy.freezes:
        yield from _freeze_means(freeze)
    for budget in policy.error_budgets:
        yield from _error_budget_means(budget)
    for drill in policy.drills:
        yield from _drill_means(drill, policy)
    for game_day in policy.game_days:
        yield from _game_day_means(game_day, policy)
    for number, rule in enumerate(policy.rules):
        yield from _rule_means(rule)
        for earlier in policy.rules[:number]:
            if earlier.when == rule.when:
                yield ("rules", number, "when"), str(rule.when), f"it may stand once: add these settings to {earlier}"


def _freeze_means(freeze: Freeze) -> Iterator[_Wrong]:
    place: Place = ("freezes", freeze.number)
    if freeze.when.resource_tag:
        yield (*place, "when"), str(freeze.when), "no resource_tag: a resource's tags are not known before hold"
    if freeze.calendar is not None:
        if freeze.begins or freeze.ends or freeze.days:
            yield place, freeze.name, "either a calendar, or from and to"
        return
    for name, value in (("from", freeze.begins), ("to", freeze.ends)):
        if not value:
            yield (*place, name), None, "it must be there, where no calendar is named"
        elif ("T" in value) == bool(freeze.days):
            allowed = "a time of day like 09:00, since days are given" if freeze.days else "a date with a time, or days"
            yield (*place, name), value, allowed
        elif not _exists(value):
            yield (*place, name), value, "a time that there is"
    if "T" in freeze.begins and freeze.ends and not freeze.begins < freeze.ends:
        yield (*place, "to"), freeze.ends, f"a time after {freeze.begins}"


def _error_budget_means(budget: ErrorBudget) -> Iterator[_Wrong]:
    place: Place = ("error_budgets", budget.number)
    if budget.autonomy is Level.AUTO:
        yield (*place, "autonomy"), "auto", "observe, suggest or approve: a budget may only lower autonomy"
    for key, when in (("when", budget.when), ("except", budget.but)):
        if when.resource_tag:
            yield (*place, key), str(when), "no resource_tag: a resource's tags are not known before hold"


def _drill_means(drill: Drill, policy: Policy) -> Iterator[_Wrong]:
    place: Place = ("drills", drill.number)
    for name in TARGETS:
        if name in drill.parameters:
            yield (*place, "parameters"), name, f"it is no parameter here: say {name} beside runbook and every"
    for other in policy.drills[: drill.number]:
        if other.key == drill.key:
            yield (*place, "runbook"), drill.runbook, f"it may stand once: {other} drills the same"


def _game_day_means(game_day: GameDay, policy: Policy) -> Iterator[_Wrong]:
    place: Place = ("game_days", game_day.number)
    if game_day.alarm in game_day.blocking:
        yield (*place, "blocking"), game_day.alarm, "another alarm than the one that is to fire"
    for other in policy.game_days[: game_day.number]:
        if other.name == game_day.name:
            yield (*place, "name"), game_day.name, f"it may stand once: {other} has it"


def _exists(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text) if "T" in text else time.fromisoformat(text) is not None)
    except ValueError:
        return False


def _rule_means(rule: Rule) -> Iterator[_Wrong]:
    place: Place = ("rules", rule.number)
    if not rule.when.given:
        others = ", ".join(SELECTORS)
        yield (*place, "when"), {}, f"at least one of {others}; what holds for all stands in defaults"
    if not rule.values:
        yield place, str(rule), f"a rule that sets something: one of {', '.join(KINDS)}"
    if rule.when.by_tag and rule.values.get("autonomy") is Level.AUTO:
        yield (*place, "autonomy"), "auto", "observe, suggest or approve: a tag may only lower autonomy"
    if rule.when.resource_tag:
        for name in rule.values.keys() - AT_HOLD:
            yield (*place, name), KINDS[name].write(rule.values[name]), _TOO_LATE


def _error(wrong: _Wrong, file: str, lines: Lines) -> BadPolicy:
    place, value, allowed = wrong
    return BadPolicy(file, line_of(place, lines), field(place), value, allowed)
