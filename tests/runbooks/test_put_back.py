"""What was added is put back: each runbook that scales out leaves a follow-up, or cannot be taken back, or says why
nothing does so by itself.
"""

import pytest

from nightcrew.authoring.catalog import OURS, Catalog
from nightcrew.authoring.outline import IRREVERSIBLE, outline

CATALOG = Catalog.load([OURS])
OUTLINES = {name: outline(each) for name, each in CATALOG.items()}
FOLLOW_UPS = {other for name, steps in OUTLINES.items() for _, other in steps.later if other != name}
ADDING = [name for name, each in CATALOG.items() if each.family == "scale-out" and name not in FOLLOW_UPS]

SAYS_WHY_NOT = "by itself: "
"""A page where nothing does: "Nothing puts the old class back by itself: …"."""


@pytest.mark.parametrize("name", ADDING)
def test_what_scales_out_is_put_back_or_cannot_be_or_its_page_says_why_not(name: str) -> None:
    steps = OUTLINES[name]
    follow_up = any(other in CATALOG and other != name for _, other in steps.later)
    irreversible = any(each.undo == IRREVERSIBLE for each in steps.changes)
    told = any(
        line.startswith("Nothing puts") and SAYS_WHY_NOT in line
        for line in " ".join(CATALOG[name].page.split()).split(". ")
    )
    assert follow_up or irreversible or told


@pytest.mark.parametrize("name", sorted(FOLLOW_UPS))
def test_each_follow_up_is_a_runbook_of_the_catalog_that_no_alarm_starts(name: str) -> None:
    """It comes when its time is over: little load at one moment is no reason."""
    assert CATALOG[name].triggers == ()
