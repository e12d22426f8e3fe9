"""Times are read as people write them, and say which option was wrong."""

from datetime import UTC, datetime

import pytest

from nightcrew.cli.times import until

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (None, NOW),
        ("2026-11-19", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-21", NOW),
        ("2026-11-21T02:00", datetime(2026, 11, 21, 2, tzinfo=UTC)),
        ("2090-01-01", datetime(2090, 1, 1, tzinfo=UTC)),
    ],
)
def test_until_a_day_that_day_is_part_of_it(text: str | None, end: datetime) -> None:
    assert until(text, NOW) == end
