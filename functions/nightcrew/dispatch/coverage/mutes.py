"""Which alarms a mute rule holds now: those rules that are active, and the alarms that they name."""

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.pages import pages, read

cloudwatch = calls("cloudwatch")

PERMISSIONS = ("cloudwatch:ListAlarmMuteRules", "cloudwatch:GetAlarmMuteRule")


def mutes(cloud: Cloud) -> dict[str, str] | None:
    """Alarm → the rule that mutes it now. None where the caller may not read them: then nothing is said of mutes.

    One read for each active rule. Raises Unreachable.
    """
    found: dict[str, str] = {}
    try:
        for page in pages(cloud, cloudwatch.list_alarm_mute_rules(Statuses=["ACTIVE"])):
            for summary in page.get("AlarmMuteRuleSummaries", []):
                name = str(summary.get("AlarmMuteRuleArn", "")).rpartition(":")[2]
                rule = read(cloud, cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName=name))
                found |= dict.fromkeys(map(str, rule.get("MuteTargets", {}).get("AlarmNames", ())), name)
    except CallFailed as failed:
        if failed.kind == "refused":
            return None
        raise
    return found
