"""``@runbook``: the function is the declaration. Its signature is its form, its docstring its page."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, get_args

from nightcrew.authoring.form import Form
from nightcrew.authoring.triggers import Trigger
from nightcrew.aws.actions import with_dependencies
from nightcrew.aws.held import Own, own
from nightcrew.errors import BadDeclaration, BadParameter

Family = Literal["restart", "scale-out", "failover", "restore"]
"""What a runbook does, in a word: it decides whose role acts, and policy has rules by it."""
Risk = Literal["low", "disruptive", "costly", "data-loss"]
FAMILIES: tuple[str, ...] = get_args(Family)
RISKS: tuple[str, ...] = get_args(Risk)
"""From the one that nobody notices to the one that two people must approve."""
FROM_CALL = "from-call"
"""Instead of a family or a risk: each call says it, by a parameter of that name and type (``family: Family``)."""

_AT_CALL = {"family": FAMILIES, "risk": RISKS}
UNDO_TIME = timedelta(minutes=15)
"""What a lock lasts beyond a run's deadline, for the undos."""

_ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")


@dataclass(frozen=True)
class Runbook:
    """A codified runbook: the function and all that can be known without running it."""

    name: str
    family: str
    risk: str
    by_hand: timedelta
    """What the author reckons that a person needs for it: an estimate, shown as one."""
    deadline: timedelta
    triggers: tuple[Trigger, ...]
    permissions: tuple[str, ...]
    function: Callable[..., Any] = field(repr=False)
    where: str
    secret: frozenset[str] = frozenset()
    """Fields of calls and answers that are never written down. No parameter is one: it stands in the ledger as it was
    given, so it says where a secret is kept (``aws/kept``).
    """
    undo_if_ineffective: bool = False
    parts: tuple["Runbook", ...] = ()
    """The runbooks that it runs as parts of itself: what they may do, it may."""
    said_at_call: tuple[str, ...] = ()
    """Which of ``family`` and ``risk`` each call says; until it does, the first family and the worst risk stand there.
    """
    elsewhere: frozenset[str] = frozenset()
    """Which of its actions change other resources of the same kind, too: they cannot be held to the run's own."""
    form: Form = field(repr=False, compare=False, default_factory=lambda: Form(lambda: None))

    @property
    def families(self) -> tuple[str, ...]:
        """The families that it may belong to: its own, or all of them where each call says which."""
        return FAMILIES if "family" in self.said_at_call else (self.family,)

    def called(self, parameters: Mapping[str, Any]) -> "Runbook":
        """The runbook as one call of it is: of the family, and with the risk, that its parameters say. What decides by
        either asks here first. Raises BadParameter.
        """
        said = {name: parameters.get(name, self.form.signature[name].default) for name in self.said_at_call}
        for name, value in said.items():
            if value not in _AT_CALL[name]:
                given = None if value is inspect.Parameter.empty else value
                raise BadParameter(name, given, self.form.describe(name))
        return replace(self, **said) if said else self

    @property
    def title(self) -> str:
        """The first line of its module's docstring: what it does, for a list."""
        module = inspect.getmodule(self.function)
        text = (module.__doc__ if module else None) or self.page
        return text.strip().splitlines()[0]

    @property
    def page(self) -> str:
        """Its docstring: effect and disruption, for people."""
        return inspect.getdoc(self.function) or ""

    @property
    def actions(self) -> tuple[str, ...]:
        """What its session may do: the declared permissions and what these depend on."""
        return with_dependencies(self.permissions)

    @property
    def resource(self) -> str:
        """The parameter that names the run's resource: the first that builds an ARN, and of a thing and what it is
        within, the thing.
        """
        resources, required = self.form.resources, self.form.required
        around = {other for name, marker in resources.items() if name in required for other in marker.within}
        return next(name for name in resources if name not in around)

    def arn(self, parameters: Mapping[str, Any], *, account: str, region: str) -> str:
        """The ARN of the resource that these parameters name."""
        name = self.resource
        return self.form.resources[name].arn(parameters[name], account=account, region=region, others=parameters)

    def own(self, arn: str) -> Own:
        """Which of its permissions are held to the run's resource of this ARN (``aws/held``). None is where another
        parameter names a resource of the same kind.
        """
        kinds = [marker.kind for marker in self.form.resources.values()]
        kind = self.form.resources[self.resource].kind
        return own(self.permissions, kind if kinds.count(kind) == 1 else "", arn, self.elsewhere)

    def lease(self) -> timedelta:
        """How long a run of it holds its lock at most."""
        return self.deadline + UNDO_TIME


def runbook(
    *,
    family: str,
    risk: str,
    by_hand: timedelta,
    permissions: Iterable[str],
    deadline: timedelta = timedelta(hours=1),
    triggers: Iterable[Trigger] = (),
    secret: Iterable[str] = (),
    undo_if_ineffective: bool = False,
    parts: Iterable[Runbook] = (),
    elsewhere: Iterable[str] = (),
) -> Callable[[Callable[..., Any]], Runbook]:
    """Declare a runbook. Raises BadDeclaration with file and line where the declaration does not hold together."""
    within = tuple(parts)
    granted = {*permissions, *(action for part in within for action in part.permissions)}
    hidden = {*secret, *(name for part in within for name in part.secret)}
    others = {*elsewhere, *(action for part in within for action in part.elsewhere)}
    at_call = tuple(name for name, value in (("family", family), ("risk", risk)) if value == FROM_CALL)

    def declare(function: Callable[..., Any]) -> Runbook:
        declared = Runbook(
            name=function.__name__.replace("_", "-"),
            family=FAMILIES[0] if "family" in at_call else family,
            risk=RISKS[-1] if "risk" in at_call else risk,
            by_hand=by_hand,
            deadline=deadline,
            triggers=tuple(triggers),
            permissions=tuple(sorted(granted)),
            function=function,
            where=f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}",
            secret=frozenset(hidden),
            undo_if_ineffective=undo_if_ineffective,
            parts=within,
            said_at_call=at_call,
            elsewhere=frozenset(others),
            form=Form(function),
        )
        _check(declared)
        return declared

    return declare


def _check(declared: Runbook) -> None:
    _check_facts(declared)
    _check_secrets(declared)
    _check_parts(declared)
    _check_resource(declared)
    for trigger in declared.triggers:
        _check_trigger(declared, trigger)


def _check_facts(declared: Runbook) -> None:
    if declared.family not in FAMILIES:
        raise _bad(declared, "family", declared.family, "it must be one of " + ", ".join(FAMILIES))
    if declared.risk not in RISKS:
        raise _bad(declared, "risk", declared.risk, "it must be one of " + ", ".join(RISKS))
    for name in declared.said_at_call:
        if get_args(declared.form.hints.get(name)) != _AT_CALL[name]:
            raise _bad(declared, name, FROM_CALL, f"it must have a parameter like {name}: {name.capitalize()}")
    if not declared.page:
        allowed = "it must say what changes, and what people will notice: it is the runbook's page"
        raise _bad(declared, "docstring", "", allowed)
    if not declared.permissions:
        raise _bad(declared, "permissions", (), "it must name each call that the runbook sends, like ec2:StopInstances")
    for action in sorted(declared.elsewhere.difference(declared.permissions)):
        raise _bad(declared, "elsewhere", action, "it must be one of permissions=")
    for action in declared.permissions:
        if not _ACTION.fullmatch(action):
            allowed = "it must be one IAM action like ec2:StopInstances, without wildcards"
            raise _bad(declared, "permissions", action, allowed)


def _check_secrets(declared: Runbook) -> None:
    for name in declared.form.unchecked:
        raise _bad(declared, name, declared.form.hints[name], "a text that is checked must be a parameter of its own")
    hidden = {name.casefold() for name in declared.secret}
    for name in declared.form.hints:
        if name.casefold() in hidden:
            allowed = (
                "no parameter may be secret: it stands in the ledger as it was given; take where the secret is kept,"
                f" {name}: SecretRef, and hand kept({name}) to the call (nightcrew.aws.kept)"
            )
            raise _bad(declared, "secret", name, allowed)


def _check_parts(declared: Runbook) -> None:
    for part in declared.parts:
        if RISKS.index(part.risk) > RISKS.index(declared.risk):
            raise _bad(declared, "risk", declared.risk, f"its part {part.name} has risk {part.risk}: at least that")
        if part.deadline > declared.deadline:
            raise _bad(declared, "deadline", declared.deadline, f"its part {part.name} may take {part.deadline}")


def _check_resource(declared: Runbook) -> None:
    if not declared.form.resources:
        allowed = "one must name the run's resource, like instance_id: InstanceId"
        raise _bad(declared, "parameters", tuple(declared.form.hints), allowed)
    marker = declared.form.resources[declared.resource]
    missing = [each for each in marker.within if each not in declared.form.required]
    if missing:
        allowed = f"{declared.resource} is within another resource: one without a default must be {', '.join(missing)}"
        raise _bad(declared, "parameters", tuple(declared.form.hints), allowed)
    lookup = marker.lookup
    if lookup is not None and lookup.action not in declared.permissions:
        allowed = f"it must hold {lookup.action}, with which its resource's group is looked up"
        raise _bad(declared, "permissions", declared.permissions, allowed)


def _check_trigger(declared: Runbook, trigger: Trigger) -> None:
    name = f"trigger {trigger.about}"
    for parameter in trigger.parameters:
        if parameter not in declared.form.hints:
            allowed = "it must be a parameter of the function: " + ", ".join(declared.form.hints)
            raise _bad(declared, name, parameter, allowed)
    missing = [each for each in declared.form.required if each not in trigger.parameters]
    if missing:
        allowed = f"it must give each parameter that has no default: {', '.join(missing)}"
        raise _bad(declared, name, tuple(trigger.parameters), allowed)


def _bad(declared: Runbook, name: str, value: object, allowed: str) -> BadDeclaration:
    return BadDeclaration(declared.where, f"{declared.name}: {name}", value, allowed)
