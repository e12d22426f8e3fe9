"""What is wrong with a policy, all of it at once: correcting a file error by error is slow work."""

from collections.abc import Sequence

from nightcrew.errors import BadPolicy


class BadPolicies(BadPolicy):
    """The first thing that is wrong, and ``others``: what else is."""

    def __init__(self, first: BadPolicy, others: Sequence[BadPolicy] = ()) -> None:
        super().__init__(first.file, first.line, first.field, first.value, first.allowed)
        self.others = tuple(others)


def all_of(errors: Sequence[BadPolicy]) -> BadPolicies:
    """One error out of one or more: the first by line, carrying the others."""
    first, *others = sorted(errors, key=lambda error: error.line)
    return BadPolicies(first, others)
