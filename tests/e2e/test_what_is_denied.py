"""Who lacks a permission is denied: the emulator enforces the policies that the template has."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.checkout import a_checkout
from tests.e2e.deployment import Deployed, Key
from tests.e2e.ledger import ended, store

pytestmark = pytest.mark.e2e

NOBODY = "20261121-030004-nobody"


def test_a_resource_that_is_not_nightcrews_is_not_touched(deployed: Deployed) -> None:
    """Policy lets the runbook run, and its role does not let it change what has no tag."""
    foreign = a_checkout(deployed)
    foreign.turns("ALARM")
    closing = ended(foreign)[-1].body
    assert closing["outcome"] == "failed"
    assert closing["error"]["code"].startswith("AccessDenied")
    assert "nightcrew-remediator-restart" in closing["words"]
    assert "lambda:UpdateAlias" in closing["words"]
    assert foreign.version == "2"


def test_who_may_look_may_stop_nothing(deployed: Deployed, viewer: Key, operator: Key) -> None:
    """An operator may: it is the right that a viewer lacks, and nothing else."""
    asked = ("halt", "--runbook", "restart-ec2-instance", "--reason", "e2e")
    denied = deployed.nightcrew(*asked, key=viewer)
    assert denied.returncode != 0
    assert "AccessDenied" in denied.stderr
    done = deployed.nightcrew(*asked, key=operator)
    assert done.returncode == 0, done.stderr


def test_nobody_edits_the_ledger(deployed: Deployed, operator: Key) -> None:
    """Who may append may neither change nor remove."""
    tables, table = deployed.client("dynamodb", operator), deployed.outputs["LedgerTable"]
    key = {"run": {"S": NOBODY}, "number": {"N": "0"}}
    with pytest.raises(ClientError, match="AccessDenied"):
        tables.delete_item(TableName=table, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        tables.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET outcome = :o",
            ExpressionAttributeValues={":o": {"S": "cured"}},
        )
    assert store(deployed).get("ledger", {"run": NOBODY, "number": 0}) is None
