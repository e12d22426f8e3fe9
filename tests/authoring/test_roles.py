"""The remediator roles in the template follow the catalog."""

import re

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import reads_of, rewritten
from nightcrew.errors import BadInput
from tests.stack import TEMPLATE


def test_the_template_has_the_roles_that_the_catalog_wants(catalog: Catalog) -> None:
    """A runbook that declares more, or less, changes a role: `make roles` writes it, and a review sees it."""
    text = TEMPLATE.read_text(encoding="utf-8")
    assert catalog.broken == {}
    assert text == rewritten(text, catalog), "write the roles anew: make roles"


@pytest.mark.parametrize("action", ["ec2:StopInstances", "dynamodb:BatchWriteItem", "rds:FailoverDBCluster"])
def test_an_action_taken_away_or_slipped_in_is_seen(catalog: Catalog, action: str) -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    less, taken = re.subn(rf"(?<=[ \[]){action}(?=[,\]])", "", text)
    more = text.replace(f"{action},", f"{action}, iam:PassRole,")
    assert taken == 1
    assert rewritten(less, catalog) == rewritten(more, catalog) == text


def test_what_stands_outside_the_marks_is_left_as_it_is(catalog: Catalog) -> None:
    text = TEMPLATE.read_text(encoding="utf-8").replace("Resources:\n", "Resources:\n  # ours\n", 1)
    assert rewritten(text, catalog) == text


def test_a_template_without_a_place_for_a_family_is_refused(catalog: Catalog) -> None:
    text = TEMPLATE.read_text(encoding="utf-8").replace("# failover: end", "")
    with pytest.raises(BadInput, match="failover"):
        rewritten(text, catalog)


def test_a_plan_may_not_read_what_only_a_call_that_is_sent_carries(catalog: Catalog) -> None:
    """A plan sends none: of a recovery point's metadata, or a secret, it shows where they come from."""
    restore = catalog["restore-recovery-point"]
    assert "backup:GetRecoveryPointRestoreMetadata" in restore.permissions
    found = reads_of([restore])
    assert "backup:GetRecoveryPointRestoreMetadata" not in found
    assert "backup:DescribeRecoveryPoint" in found
