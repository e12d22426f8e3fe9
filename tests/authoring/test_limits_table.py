"""docs/security.md lists what the roles' tags cannot hold, and why, as it is."""

from pathlib import Path

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.limits_table import BEGIN, END, beyond_tags, rewritten, wide
from nightcrew.aws.held import NOT_HELD
from nightcrew.errors import BadInput
from tests.stack import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_the_page_has_the_tables_that_the_catalog_wants(catalog: Catalog) -> None:
    text = Path(PAGE).read_text(encoding="utf-8")
    assert text == rewritten(text, catalog), "write it anew: make roles"


def test_a_row_that_is_missing_or_slipped_in_is_seen(catalog: Catalog) -> None:
    text = PAGE.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines(keepends=True) if line.startswith("| ActOnStreams"))
    assert rewritten(text.replace(row, ""), catalog) == rewritten(text.replace(row, row * 2), catalog) == text


def test_each_action_of_the_roles_that_is_not_held_to_the_tag_stands_there(catalog: Catalog) -> None:
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    found = beyond_tags(catalog.values())
    assert "kinesis:UpdateShardCount" in {action for actions in found.values() for action in actions}
    for limit, actions in found.items():
        assert f"| {limit.name} |" in table
        assert all(f"`{action}`" in table for action in actions)
    assert wide(catalog["restore-dynamodb-table"]) == ["dynamodb:RestoreTableToPointInTime", "dynamodb:UpdateTable"]
    assert wide(catalog["restart-ec2-instance"]) == wide(catalog["run-ssm-automation"]) == []
    for each in catalog.values():
        assert all(f"| `{action}` in `{each.name}` |" in table for action in wide(each))
    declared = {action for each in catalog.values() for action in each.permissions}
    assert all(f"| `{action}` |" in table for action in declared & NOT_HELD.keys())


def test_a_page_without_a_place_for_it_is_refused(catalog: Catalog) -> None:
    with pytest.raises(BadInput, match="limits"):
        rewritten("# Security\n", catalog)
