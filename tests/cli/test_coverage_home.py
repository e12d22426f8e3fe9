"""``nightcrew coverage --home``: an account that Nightcrew looks after from another one."""

import pytest

from tests.cli.desk import typed


@pytest.mark.parametrize("home", ["prod", "12345678901", "arn:aws:iam::123456789012:root"])
def test_home_is_an_accounts_id(home: str) -> None:
    """What is wrong is said before anything is read."""
    seen = typed("coverage", "--home", home)
    assert seen.code == 2
    assert "12 digits" in seen.err
