"""How many, and how often, in words."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 run``, ``2 runs``; ``many`` where an s is not enough: ``2 entries``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """``never``, ``once``, ``2 times``."""
    return "once" if count == 1 else f"{count} times" if count else "never"
