"""What is encrypted, by whose key, and who may use a key that a team gives."""

import json
import re
from typing import Any

import pytest

from tests.conditions import decided
from tests.stack import ROOT, listed, of_type, properties, template

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0c7f4b52-0000-4000-8000-123456789012"
GIVEN = {"Ref": "KmsKeyArn"}
PEOPLE = ("ViewerAccess", "OperatorAccess", "ApproverAccess")
USES = {"kms:Decrypt", "kms:GenerateDataKey"}


def of(kind: str, **parameters: str) -> dict[str, Any]:
    """The properties of all resources of a type, in a stack with these parameters."""
    return {name: decided(each, **parameters) for name, each in of_type(kind).items()}


def test_without_a_key_all_is_encrypted_by_keys_of_awss() -> None:
    """DynamoDB and CloudWatch Logs encrypt what nobody says a word about; SQS and SNS are told to."""
    assert [table.get("SSESpecification") for table in of("AWS::DynamoDB::Table").values()] == [None, None]
    assert [group.get("KmsKeyId") for group in of("AWS::Logs::LogGroup").values()] == [None] * 7
    queues = of("AWS::SQS::Queue").values()
    assert all(queue["SqsManagedSseEnabled"] and "KmsMasterKeyId" not in queue for queue in queues)
    assert decided(properties("NewsTopic"))["KmsMasterKeyId"] == "alias/aws/sns"


def test_with_a_key_all_is_encrypted_by_it() -> None:
    """Tables, queues, topics and logs; and SQS is not told two things at once."""
    tables = of("AWS::DynamoDB::Table", KmsKeyArn=KEY).values()
    wanted = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": GIVEN}
    assert [table["SSESpecification"] for table in tables] == [wanted, wanted]
    queues = of("AWS::SQS::Queue", KmsKeyArn=KEY).values()
    assert all(queue["KmsMasterKeyId"] == GIVEN and "SqsManagedSseEnabled" not in queue for queue in queues)
    assert all(topic["KmsMasterKeyId"] == GIVEN for topic in of("AWS::SNS::Topic", KmsKeyArn=KEY).values())
    assert all(group["KmsKeyId"] == GIVEN for group in of("AWS::Logs::LogGroup", KmsKeyArn=KEY).values())


def about_keys(**parameters: str) -> dict[str, list[dict[str, Any]]]:
    """Policy → its statements about keys."""
    found = {}
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"):
        for name, each in of(kind, **parameters).items():
            condition = template()["Resources"][name].get("Condition")
            documents = [each["PolicyDocument"]] if "PolicyDocument" in each else []
            documents += [policy["PolicyDocument"] for policy in each.get("Policies", ())]
            said = [
                statement
                for document in documents
                for statement in document["Statement"]
                if any(
                    action.startswith("kms:") and "KmsKeyArn" in str(statement["Resource"])
                    for action in listed(statement["Action"])
                )
            ]
            if said and (condition != "HasKey" or parameters):
                found[name] = said
    return found


def test_without_a_key_nobody_is_allowed_any() -> None:
    assert about_keys() == {}


def test_the_functions_and_people_may_use_that_key_for_what_is_nightcrews_and_no_other() -> None:
    """To read and write, and only through the services that keep it; nobody may do anything with the key itself."""
    said = about_keys(KmsKeyArn=KEY)
    assert set(said) == {"KeyRights", "ChannelRights", *PEOPLE}
    for statements in said.values():
        (statement,) = statements
        assert statement["Effect"] == "Allow"
        assert statement["Resource"] == GIVEN
        assert set(listed(statement["Action"])) <= USES
        services = {each["Fn::Sub"] for each in statement["Condition"]["StringEquals"]["kms:ViaService"]}
        assert services <= {f"{service}.${{AWS::Region}}.amazonaws.com" for service in ("dynamodb", "sns", "sqs")}
    functions = ["IntakeRole", "ExecutorRole", "SweepRole", "DigestRole", "ApiRole"]
    assert decided(properties("KeyRights")["Roles"]) == [{"Ref": role} for role in functions]
    assert decided(properties("KeyRights")["Roles"], Chat="on") == [{"Ref": role} for role in [*functions, "ChatRole"]]


@pytest.mark.parametrize("person", ["ViewerAccess", "ApproverAccess"])
def test_who_only_reads_or_decides_can_only_decrypt_tables(person: str) -> None:
    (statement,) = about_keys(KmsKeyArn=KEY)[person]
    assert statement["Action"] == "kms:Decrypt"
    assert statement["Condition"]["StringEquals"]["kms:ViaService"] == [
        {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"}
    ]


def test_the_key_policy_in_the_docs_lets_the_services_use_it_that_write_without_a_role_of_ours() -> None:
    """CloudWatch to the topic, EventBridge to the queues, CloudWatch Logs: a key's policy alone can allow these. And
    none of them for another account's resources.
    """
    section = (ROOT / "docs" / "operate.md").read_text().split("\n## A key of your own\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    allowed: dict[str, set[str]] = {}
    for statement in json.loads(block):
        assert "123456789012" in json.dumps(statement["Condition"])
        for service in listed(statement["Principal"]["Service"]):
            allowed[service.split(".")[0]] = {action.rstrip("*") for action in statement["Action"]}
    assert set(allowed) == {"cloudwatch", "events", "logs"}
    assert all(actions >= USES for actions in allowed.values())
