"""`nightcrew doctor` changes nothing; and what it may not ask is unknown, and no reason to stop."""

import json
from typing import Any

import pytest

from nightcrew.aws.kinds import is_read
from nightcrew.cli.doctoring.patient import ACTIONS, READS
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import Forbidden
from tests.cli.clinic import Clinic
from tests.cli.rights import Need, refused

ANCHORS = {
    "Fn::If": [
        "HasAnchorBucket",
        {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AnchorBucket}"},
        {"Fn::GetAtt": "Anchorage.Arn"},
    ]
}


def test_it_sends_nothing_that_changes_anything(clinic: Clinic) -> None:
    clinic.seen()
    assert clinic.scripted.sent
    assert clinic.scripted.changes() == []
    asked = {f"{service}:{operation}" for service, operation in clinic.scripted.actions()}
    assert asked == READS, "and asks for nothing that it does not need"


@pytest.mark.parametrize("action", sorted(READS))
def test_what_it_may_ask_only_reads(action: str) -> None:
    assert is_read(*action.split(":"))


def test_it_cannot_be_brought_to_ask_for_more(clinic: Clinic) -> None:
    with pytest.raises(Forbidden):
        clinic.patient().ask("events", "DisableRule", Name=clinic.name("AlarmRule"))


@pytest.mark.parametrize("action", sorted(READS))
def test_what_may_not_be_asked_is_unknown_and_the_rest_goes_on(action: str, clinic: Clinic) -> None:
    service, operation = action.split(":")
    clinic.scripted.script(service, operation, lambda _: Refusal("AccessDeniedException", "not you", 403))
    found = clinic.seen()
    unknown = [each for each in found if each.state == "unknown"]
    assert unknown
    assert all(f"{ACTIONS.get(action, action)} is not allowed" in each.words for each in unknown)
    assert [each for each in found if each.state == "problem"] == []
    assert any(each.state == "ok" for each in found)


def test_a_viewer_may_ask_all_but_what_iam_would_say(clinic: Clinic) -> None:
    clinic.seen()
    needs = [need for each in clinic.scripted.sent if (need := needed(clinic, each)) is not None]
    anchors = Need("s3:GetBucketObjectLockConfiguration", ANCHORS)
    assert refused(["ViewerAccess"], needs) == [anchors], "where there are any, auditors see them"
    assert refused(["ViewerAccess", "AuditorAccess"], needs) == []
    assert {each.action for each in needs} == {ACTIONS.get(each, each) for each in READS} - {
        *("sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy"),
    }


def needed(clinic: Clinic, sent: Any) -> Need | None:
    """What a request needs, as the template names it. Who asks needs no right to hear who they are (STS API
    reference); IAM's simulation is for administrators.
    """
    action = f"{sent.service}:{sent.operation}"
    if action in ("sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy"):
        return None
    if sent.service == "s3":
        return Need(ACTIONS[action], ANCHORS)
    return Need(action, resource(clinic, action, [str(each) for each in sent.parameters.values()]))


def resource(clinic: Clinic, action: str, given: list[str]) -> Any:
    arns = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
    fixed = {
        "cloudformation:ListStackResources": {"Ref": "AWS::StackId"},
        "cloudwatch:DescribeAlarms": {"Fn::Sub": arns % ("cloudwatch", "alarm:${AWS::StackName}-watch-*")},
        "iam:GetRole": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-remediator-*"},
        "lambda:GetEventSourceMapping": {"Fn::Sub": arns % ("lambda", "event-source-mapping:${IntakeFunctionAlarms}")},
        "ssm:GetParameter": {"Fn::Sub": arns % ("ssm", "parameter${PolicyParameter}")},
    }
    if action in fixed:
        return fixed[action]
    topics = {arn: {"Ref": name} for name, arn in clinic.outputs.items() if name.endswith("Topic")}
    names = {
        physical.rpartition("|")[2]: logical
        for logical, (_, physical) in clinic.resources.items()
        if logical != "ForwardedBus"
    }
    names |= {value: name for name, value in clinic.outputs.items()}
    by_name = {**{name: {"Fn::GetAtt": f"{logical}.Arn"} for name, logical in names.items()}, **topics}
    if "live" in given and action == "lambda:GetFunctionConfiguration":
        return {"Fn::Sub": "${ExecutorFunction.Arn}:*"}
    (found,) = {
        str(by_name[each.rpartition(":function:")[2]]) for each in given if each.rpartition(":function:")[2] in by_name
    }
    return json.loads(found.replace("'", '"'))
