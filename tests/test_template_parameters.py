"""The parameters of template.yaml: each can be left alone, and is told of."""

import re

from tests.stack import ROOT, template

PARAMETERS = template()["Parameters"]


def test_with_no_parameter_given_it_is_safe() -> None:
    """It watches, tells, and can change nothing; no other account is looked at or listened to."""
    assert {name: each["Default"] for name, each in PARAMETERS.items()} == {
        "Autonomy": "observe",
        "PolicyParameter": "",
        "MemberAccounts": "",
        "OrganizationId": "",
        "ExternalId": "",
        "KmsKeyArn": "",
        "Architecture": "arm64",
        "LogRetentionDays": 90,
        "DigestDay": "MONDAY",
        "AnchorBucket": "",
        "AnchorRetentionDays": 0,
        "AnchorMode": "COMPLIANCE",
        "ApiOperators": "",
        "ApiApprovers": "",
        "ConsoleIssuer": "",
        "ConsoleClient": "",
        "ConsoleUrl": "",
        "ConsoleViewers": "",
        "ConsoleOperators": "",
        "ConsoleApprovers": "",
        "Chat": "off",
        "ChatPeople": "",
        "SlackWorkspaceId": "",
        "SlackChannelId": "",
    }


def test_what_a_parameter_may_be_is_checked_before_anything_is_deployed() -> None:
    """By a list or a pattern; account ids are checked by IAM, where they stand as principals."""
    for name, each in PARAMETERS.items():
        assert {"AllowedValues", "AllowedPattern", "MaxValue"} & each.keys() or name == "MemberAccounts"
        if "AllowedPattern" in each:
            assert re.fullmatch(each["AllowedPattern"], each["Default"])
    key = PARAMETERS["KmsKeyArn"]["AllowedPattern"]
    assert re.fullmatch(key, "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0c7f4b520000")
    assert not re.fullmatch(key, "alias/aws/sns"), "roles could not be held to it"


def test_every_parameter_stands_in_the_docs_with_its_default() -> None:
    text = (ROOT / "docs" / "operate.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", text.split("\n## ")[1], re.MULTILINE))
    told = {name: "none" if each["Default"] == "" else str(each["Default"]) for name, each in PARAMETERS.items()}
    assert {name: default.strip("`") for name, default in rows.items()} == told


def test_every_metric_and_alarm_stands_in_the_docs() -> None:
    from nightcrew.engine.metrics import METRICS

    section = (ROOT / "docs" / "operate.md").read_text().split("\n## It watches itself\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", section, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\w+)`", by)) for name, by in rows} == {
        metric.name: metric.dimensions for metric in METRICS
    }
    alarms = [each for each in template()["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    for alarm in alarms:
        name = alarm["Properties"]["AlarmName"]["Fn::Sub"].partition("-watch")[2]
        assert f"…{name}`" in section or (name.endswith("-throttles") and "`…-throttles`" in section)
