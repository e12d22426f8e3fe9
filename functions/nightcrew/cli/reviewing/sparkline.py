"""A row of bars in a line of text: how a figure went, at a glance."""

from collections.abc import Sequence

_BARS, _ASCII_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#@"


def sparkline(values: Sequence[float | None], *, signs: bool = True) -> str:
    """A bar for each value, from 0 to the largest; a blank where nothing is known."""
    bars = _BARS if signs else _ASCII_BARS
    most = max((value for value in values if value is not None), default=0.0)
    return "".join(
        " " if value is None else bars[round(value / most * (len(bars) - 1)) if most else 0] for value in values
    )
