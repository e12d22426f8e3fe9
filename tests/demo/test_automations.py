"""What the embedded cloud adds to moto for a team's own documents and functions: as AWS would, where nothing goes
wrong.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.house import House
from tests.runbooks.own import a_document, a_published_function

TOKEN = "01234567-89ab-cdef-0123-456789abcde{}"


def begin(house: House, document: str, number: int) -> str:
    """Start a document with a token and a tag of its own; the execution's id."""
    token = TOKEN.format(number)
    tags = [{"Key": f"nightcrew:run:{document}", "Value": "1"}]
    made = house.crew.client("ssm").start_automation_execution(DocumentName=document, ClientToken=token, Tags=tags)
    return str(made["AutomationExecutionId"])


def look(house: House, execution: str) -> dict[str, Any]:
    """The execution as AWS tells it."""
    answer = house.crew.client("ssm").get_automation_execution(AutomationExecutionId=execution)
    return dict(answer["AutomationExecution"])


def test_a_document_is_over_at_once_and_found_by_its_tag(house: House) -> None:
    document = a_document(house, "aws:executeScript", "aws:changeInstanceState")
    execution = begin(house, document, 1)
    seen = look(house, execution)
    assert (seen["AutomationExecutionStatus"], len(seen["StepExecutions"])) == ("Success", 2)
    wanted = [{"Key": "TagKey", "Values": [f"nightcrew:run:{document}"]}]
    found = house.crew.client("ssm").describe_automation_executions(Filters=wanted)["AutomationExecutionMetadataList"]
    assert [each["AutomationExecutionId"] for each in found] == [execution]


def test_a_token_is_taken_once(house: House) -> None:
    document = a_document(house)
    begin(house, document, 2)
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        begin(house, document, 2)


def test_one_that_waits_is_stopped_once(house: House) -> None:
    execution = begin(house, a_document(house, "aws:approve"), 3)
    assert look(house, execution)["AutomationExecutionStatus"] == "Waiting"
    client = house.crew.client("ssm")
    client.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")
    assert look(house, execution)["AutomationExecutionStatus"] == "Cancelled"
    with pytest.raises(ClientError, match="InvalidAutomationStatusUpdateException"):
        client.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")


def test_a_function_ends_well_and_one_that_is_not_there_does_not(house: House) -> None:
    client = house.crew.client("lambda")
    answer = client.invoke(FunctionName=a_published_function(house), Qualifier="1")
    assert (answer["StatusCode"], "FunctionError" in answer) == (200, False)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName="nobody")
