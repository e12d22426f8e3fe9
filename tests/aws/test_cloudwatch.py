"""CloudWatch's figures: what is asked, and which of them counts."""

from datetime import UTC, datetime, timedelta

from nightcrew.aws.cloudwatch import highest, lately, latest

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_the_last_minutes_are_asked_up_to_the_given_time() -> None:
    """The run's own time: a replay asks the same."""
    call = lately("AuroraReplicaLag", {"DBInstanceIdentifier": "db-2"}, NOW, namespace="AWS/RDS")
    assert call.action == "cloudwatch:GetMetricStatistics"
    assert (call.parameters["StartTime"], call.parameters["EndTime"]) == (NOW - timedelta(minutes=10), NOW)
    assert call.parameters["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": "db-2"}]


def test_the_newest_figure_counts_in_whatever_order_they_come() -> None:
    """GetMetricStatistics does not sort."""
    points = [
        {"Timestamp": "2026-11-21T02:58:00.000Z", "Maximum": 20.0, "Unit": "Milliseconds"},
        {"Timestamp": "2026-11-21T02:59:00.000Z", "Maximum": 15.5, "Unit": "Milliseconds"},
        {"Timestamp": "2026-11-21T02:51:00.000Z", "Maximum": 90.0, "Unit": "Milliseconds"},
    ]
    assert latest({"Label": "AuroraReplicaLag", "Datapoints": points}) == 15.5


def test_no_figure_is_none_and_zero_is_a_figure() -> None:
    assert latest({"Datapoints": []}) is None
    assert latest({"Datapoints": [{"Timestamp": "2026-11-21T02:59:00.000Z", "Maximum": 0.0}]}) == 0.0


def test_the_highest_figure_counts_where_any_of_them_matters() -> None:
    """A throttle eight minutes ago is one; no figure is none, and zero is a figure."""
    assert highest({"Datapoints": [{"Maximum": 0.0}, {"Maximum": 7.0}, {"Maximum": 3.0}]}) == 7.0
    assert highest({"Datapoints": [{"Maximum": 0.0}]}) == 0.0
    assert highest({"Datapoints": []}) is None
