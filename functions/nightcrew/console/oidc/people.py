"""Whom the console lets look, act and decide: the stack's parameters name them, by address or by group.

At each request anew: who is taken out of a parameter may no more from the next deployment on, whatever session they
have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from nightcrew.api.people import Person, Right, matches
from nightcrew.console.oidc.token import Claims

PARAMETERS = {Right.VIEW: "ConsoleViewers", Right.OPERATE: "ConsoleOperators", Right.APPROVE: "ConsoleApprovers"}
"""The stack's parameters that name people."""

VARIABLES = {
    Right.VIEW: "NIGHTCREW_CONSOLE_VIEWERS",
    Right.OPERATE: "NIGHTCREW_CONSOLE_OPERATORS",
    Right.APPROVE: "NIGHTCREW_CONSOLE_APPROVERS",
}
"""The same, in the function's environment: patterns, with commas between them."""


@dataclass(frozen=True)
class People:
    """Patterns: ``ada@example.com``, ``*@example.com``, or what has no ``@``: a group, ``oncall-*``. ``*`` and ``?``
    stand for anything but an ``@`` in an address, and a ``/`` in a group.

    Only who has a verified address can act or decide, be it as member of a group: an issuer's own number says of nobody
    whether they are the one who asked for a run in their own name (nightcrew.admission.persons).
    """

    patterns: Mapping[Right, tuple[str, ...]]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "People":
        """From the function's environment. A variable that is not there names nobody."""
        return cls({right: _listed(environment.get(variable, "")) for right, variable in VARIABLES.items()})

    def person(self, issuer: str, claims: Claims) -> Person:
        """The person, with what they may: who may do more may look, too. ``issuer`` is its host."""
        named = {right for right, patterns in self.patterns.items() if any(_names(each, claims) for each in patterns)}
        rights = {Right.VIEW, *named} if named else named
        if claims.email is None:
            rights &= {Right.VIEW}
        return Person(actor_of(issuer, claims), frozenset(rights), PARAMETERS)


def actor_of(issuer: str, claims: Claims) -> str:
    """As the ledger names them: ``oidc:login.example.com:ada@example.com``; without an address the issuer's own name
    for them, in which nothing divides that divides here.
    """
    return f"oidc:{issuer.replace(':', '%3A')}:{claims.email or quote(claims.subject, safe='')}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _names(pattern: str, claims: Claims) -> bool:
    if "@" not in pattern:
        return any(_fits(pattern, group, "/") for group in claims.groups)
    return claims.email is not None and _fits(pattern.lower(), claims.email, "@")


def _fits(pattern: str, text: str, divider: str) -> bool:
    patterns, parts = pattern.split(divider), text.split(divider)
    return len(patterns) == len(parts) and all(matches(one, other) for one, other in zip(patterns, parts, strict=True))
