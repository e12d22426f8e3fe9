"""People and resources as people call them: an ARN cut down to what tells one from another."""

import re

from nightcrew.aws.arns import DRILL, drilled

_PEOPLE = re.compile(r"arn:[\w-]+:(?:iam|sts)::\d*:[\w+=.@/-]*[\w+=@/-]|oidc:[\w.%-]+:[^\s,;:]*[^\s,;:.]")
_ANY = re.compile(r"[/:]")


def short(arn: str) -> str:
    """``arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc`` → ``i-0abc``; what is no ARN stays. What a restore drill
    holds is ``orders/drill``.
    """
    if arn.startswith("arn:") and drilled(arn) != arn:
        return f"{short(drilled(arn))}{DRILL}"
    return _ANY.split(arn.split(":", 5)[-1])[-1] if arn.startswith("arn:") else arn


def person(actor: str) -> str:
    """Who acted: ``ada`` of a user, ``ada (Admin)`` of a session in a role, ``ada@example.com`` of who was signed in by
    an issuer; what is none of these stays.
    """
    if actor.startswith("oidc:"):
        return actor.rpartition(":")[2]
    if not actor.startswith("arn:"):
        return actor
    kind, *rest = actor.split(":", 5)[-1].split("/")
    if kind == "assumed-role" and len(rest) > 1:
        return f"{rest[-1]} ({rest[0]})"
    return rest[-1] if rest else kind


def named(words: str) -> str:
    """A sentence in which people are called by their names."""
    return _PEOPLE.sub(lambda found: person(found[0]), words)
