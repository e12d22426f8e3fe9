"""Which alarms are muted, as CloudWatch says it."""

from nightcrew.aws.cloud import Cloud
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.dispatch.coverage.mutes import PERMISSIONS, mutes

RULE = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm-mute-rule:nightly-batch"


def test_the_alarms_of_each_active_rule_are_muted(scripted: Scripted) -> None:
    """With the name of the rule; rules that are only planned are not asked for."""
    scripted.reset()
    scripted.answer("cloudwatch", "ListAlarmMuteRules", {"AlarmMuteRuleSummaries": [{"AlarmMuteRuleArn": RULE}]})
    targets = {"AlarmNames": ["batch-late", "batch-slow"]}
    scripted.answer("cloudwatch", "GetAlarmMuteRule", {"Name": "nightly-batch", "MuteTargets": targets})
    found = mutes(Cloud(scripted, PERMISSIONS, "coverage"))
    assert found == {"batch-late": "nightly-batch", "batch-slow": "nightly-batch"}
    asked = [each.parameters for each in scripted.sent]
    assert asked == [{"Statuses": ["ACTIVE"]}, {"AlarmMuteRuleName": "nightly-batch"}]


def test_who_may_not_read_them_knows_nothing_of_them(scripted: Scripted) -> None:
    """And is told the rest all the same."""
    scripted.reset()
    scripted.answer("cloudwatch", "ListAlarmMuteRules", Refusal("AccessDenied"))
    assert mutes(Cloud(scripted, PERMISSIONS, "coverage")) is None
