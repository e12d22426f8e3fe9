"""What the embedded cloud adds to moto about ECS services, queues and functions."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.house import House
from tests.runbooks.functions import a_function, provide, provided, reserve, with_versions
from tests.runbooks.services import a_scaler, a_service, cluster_of, count


def test_a_services_task_that_is_stopped_is_replaced_and_another_is_not(house: House) -> None:
    service, ecs = a_service(house), house.crew.client("ecs")
    cluster = cluster_of(service)
    asked = {"cluster": cluster, "taskDefinition": service, "launchType": "FARGATE"}
    (its,) = ecs.run_task(**asked, group=f"service:{service}")["tasks"]
    (alone,) = ecs.run_task(**asked)["tasks"]
    for task in (its, alone):
        ecs.stop_task(cluster=cluster, task=task["taskArn"])
    (left,) = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    (found,) = ecs.describe_tasks(cluster=cluster, tasks=[left])["tasks"]
    assert (found["group"], found["lastStatus"]) == (f"service:{service}", "RUNNING")


def test_a_minimum_raises_what_a_service_wants_and_never_lowers_it(house: House) -> None:
    service = a_service(house, tasks=3)
    a_scaler(house, service, smallest=2)
    assert count(house, service) == (3, 3)
    a_scaler(house, service, smallest=5)
    assert count(house, service) == (5, 5)


def test_dead_letters_go_back_to_their_queue_and_the_newest_move_is_listed_first(house: House) -> None:
    sqs, asked = house.crew.client("sqs"), ["QueueArn", "ApproximateNumberOfMessages"]
    dead = sqs.create_queue(QueueName="moved-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=asked)["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    source = sqs.create_queue(QueueName="moved", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="order 1")
    assert sqs.list_message_move_tasks(SourceArn=arn).get("Results", []) == []
    sqs.start_message_move_task(SourceArn=arn)
    sqs.start_message_move_task(SourceArn=arn)
    depths = [
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=asked)["Attributes"]["ApproximateNumberOfMessages"]
        for queue in (source, dead)
    ]
    assert depths == ["1", "0"]
    newest, older = sqs.list_message_move_tasks(SourceArn=arn, MaxResults=2)["Results"]
    assert (newest["Status"], newest["StartedTimestamp"] > older["StartedTimestamp"]) == ("COMPLETED", True)


def test_what_is_reserved_is_not_left_to_others_and_what_is_provisioned_is_ready(house: House) -> None:
    """At first nothing is provisioned."""
    functions, name = house.crew.client("lambda"), with_versions(house, a_function(house), 1)
    before = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    reserve(house, name, 10)
    assert functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == before - 10
    with pytest.raises(ClientError, match="ProvisionedConcurrencyConfigNotFoundException"):
        functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    provide(house, name, 4)
    found = functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    assert (found["Status"], found["AvailableProvisionedConcurrentExecutions"]) == ("READY", 4)
    functions.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    assert provided(house, name) == {}
