"""template.yaml as it tells channels: nothing of it by default, and a button that can do one thing."""

from datetime import timedelta
from typing import Any

import pytest

import chat
from nightcrew.chat import members
from nightcrew.chat.wishes import wish_of
from tests.conditions import decided
from tests.engine.channel import BUTTONS
from tests.roles import filled
from tests.stack import listed, opened, properties, statements, template, there

OF_IT = (
    *("ChatTopic", "ChatQueue", "ChatQueueAccess", "ChannelRole", "ChannelRights", "ChatApprove", "ChatDecline"),
    *("ChatFunction", "ChatRole", "ChatLogs", "ChatErrors", "ChatThrottles"),
)


def test_by_default_no_channel_is_told_and_no_button_is_there() -> None:
    """Nor does any function know of a topic for them."""
    assert not any(there(each) for each in (*OF_IT, "SlackChannel"))
    assert all(there(each, Chat="on") for each in OF_IT)
    common = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert "NIGHTCREW_CHAT_TOPIC" not in decided(common)
    assert decided(common, Chat="on")["NIGHTCREW_CHAT_TOPIC"] == {"Ref": "ChatTopic"}
    outputs = {name: each.get("Condition") for name, each in template()["Outputs"].items()}
    for each in ("ChatTopic", "ChannelRole", "ChannelRights", *BUTTONS):
        assert outputs[each] == "Chats"


def test_a_channel_is_configured_where_both_ids_are_given() -> None:
    """Else by hand. Its guardrail is the stack's: without one that is AdministratorAccess."""
    ids = {"SlackWorkspaceId": "T0123", "SlackChannelId": "C0123"}
    assert there("SlackChannel", Chat="on", **ids)
    assert not there("SlackChannel", **ids)
    for name, value in ids.items():
        assert not there("SlackChannel", Chat="on", **{name: value})
    channel = properties("SlackChannel")
    assert channel["GuardrailPolicies"] == properties("ChannelRole")["ManagedPolicyArns"] == [{"Ref": "ChannelRights"}]
    assert channel["IamRoleArn"] == {"Fn::GetAtt": "ChannelRole.Arn"}
    assert channel["SnsTopicArns"] == [{"Ref": "ChatTopic"}]
    assert channel["CustomizationResourceArns"] == [{"Fn::GetAtt": f"{each}.CustomActionArn"} for each in BUTTONS]
    assert channel["UserRoleRequired"] is False


def test_a_session_of_the_channels_role_can_press_a_button_and_nothing_else() -> None:
    """And only Amazon Q Developer in chat applications opens one: that is what its name is believed for."""
    (trust,) = properties("ChannelRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "chatbot.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    (button,) = statements("ChannelRole", Chat="on")
    assert (button["Action"], button["Resource"]) == ("sqs:SendMessage", {"Fn::GetAtt": "ChatQueue.Arn"})
    assert "Policies" not in properties("ChannelRole")


@pytest.mark.parametrize("policy", ["ViewerAccess", "OperatorAccess", "ApproverAccess"])
def test_no_person_may_publish_to_the_channel(policy: str) -> None:
    """Who may could show a harmless plan, with a button under it that approves another run's."""
    topics = [
        resource
        for each in opened(properties(policy)["PolicyDocument"])
        if "sns:Publish" in listed(each["Action"])
        for resource in listed(each["Resource"])
    ]
    assert topics == ([{"Ref": "NewsTopic"}] if policy == "OperatorAccess" else [])


def test_nobody_else_may_send_to_the_queue() -> None:
    """Whatever their own policies say."""
    (denied,) = properties("ChatQueueAccess")["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "sqs:SendMessage")
    assert denied["Resource"] == {"Fn::GetAtt": "ChatQueue.Arn"}
    assert denied["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": "ChannelRole.Arn"}}}


def test_the_function_knows_the_role_by_its_id_and_who_people_are() -> None:
    """SQS names a sender by the role's id, which no other role ever gets."""
    variables = properties("ChatFunction")["Environment"]["Variables"]
    assert variables["NIGHTCREW_CHANNEL_ROLE"] == {"Fn::GetAtt": "ChannelRole.RoleId"}
    assert variables[members.VARIABLE] == {"Fn::Join": [",", {"Ref": "ChatPeople"}]}


def test_a_message_is_tried_as_often_as_the_function_counts_before_it_is_gone() -> None:
    """One by one, each reported by itself."""
    queue, function = properties("ChatQueue"), properties("ChatFunction")
    assert queue["VisibilityTimeout"] > function["Timeout"]
    assert chat.TRIES * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"] <= timedelta(minutes=15).seconds
    (source,) = function["Events"].values()
    assert (source["Type"], source["Properties"]["Queue"]) == ("SQS", {"Fn::GetAtt": "ChatQueue.Arn"})
    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["Properties"]["BatchSize"] == 1


@pytest.mark.parametrize(("button", "verb"), [*zip(BUTTONS, ("approve", "decline"), strict=True)])
def test_a_button_sends_a_wish_to_the_queue(button: str, verb: str) -> None:
    """By a name that fits in the Region with the longest; with a command in which nothing needs quoting."""
    action: dict[str, Any] = properties(button)
    assert len(filled(action["ActionName"]["Fn::Sub"])) <= 64
    command = action["Definition"]["CommandText"]["Fn::Sub"]
    name, options = command.split(" --", 1)
    given = dict(each.split(" ") for each in options.split(" --"))
    assert (name, given["queue-url"]) == ("sqs send-message", "${ChatQueue}")
    run, plan = "20261121-030004-k3f9qa2m", "0a1b2c3d4e5f"
    wish = wish_of(given["message-body"].replace("$run", run).replace("$plan", plan))
    assert (wish.approve, wish.run, wish.plan) == (verb == "approve", run, plan)
    assert len(action["Attachments"][0]["Variables"]) <= 5
