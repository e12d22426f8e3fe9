"""``nightcrew coverage``: alarms on queries, and an account that Nightcrew looks after from another one."""

from io import StringIO
from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.covered import show
from nightcrew.cli.output import Output
from nightcrew.dispatch.coverage.coverage import coverage
from tests.cli.desk import typed
from tests.dispatch.backtest.histories import arn, history

CHECKS = 'SELECT MAX(StatusCheckFailed_Instance) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
QUERY: dict[str, Any] = {
    "AlarmName": "fleet",
    "AlarmArn": arn("fleet"),
    "StateValue": "OK",
    "Metrics": [{"Id": "q1", "Expression": CHECKS, "ReturnData": True}],
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1.0,
}


def test_an_alarm_on_a_query_says_that_each_series_has_a_resource_of_its_own(catalog: Catalog) -> None:
    """No ARN with a star: that is for programs."""
    policy = load("rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: auto}\n")
    told, out = coverage(history([QUERY], [], until=60), catalog, policy, muted={}, managed=[]), StringIO()
    show(told, Output(color=False, stdout=out))
    words = " ".join(out.getvalue().split())
    assert "1 have a runbook" in words
    assert "on what each of its series is about (instance_id)" in words


@pytest.mark.parametrize("home", ["prod", "12345678901", "arn:aws:iam::123456789012:root"])
def test_home_is_an_accounts_id(home: str) -> None:
    """What is wrong is said before anything is read."""
    seen = typed("coverage", "--home", home)
    assert seen.code == 2
    assert "12 digits" in seen.err
