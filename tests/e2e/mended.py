"""ministack, where it falls short of AWS in what the way of an alarm needs. Run by a Python that has it: nothing of
Nightcrew is imported here. README.md beside this file says why each of these is needed.

``E2E_PYTHON`` is the Python that runs the functions.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.core import iam_actions, lambda_runtime  # type: ignore[import-not-found]
from ministack.services import cloudformation, cloudwatch, eventbridge, sqs  # type: ignore[import-not-found]
from ministack.services.cloudformation import changesets, engine, handlers, stacks  # type: ignore[import-not-found]


def main() -> None:
    """Serve until it is told to end."""
    functions_have_their_own_python(os.environ["E2E_PYTHON"])
    alarms_tell_the_event_bus()
    calls_of_lambda_have_their_own_names()
    permissions_know_what_a_call_is_about()
    conditions_may_join_a_list()
    dead_letters_can_be_moved()
    app.main()


def functions_have_their_own_python(python: str) -> None:
    """Else they run in ministack's, whatever their runtime says, and what is compiled for theirs cannot be loaded."""
    ministacks = lambda_runtime._detect_runtime_binary

    def detect(runtime: str) -> tuple[str, str]:
        binary, script = ministacks(runtime)
        return (python if runtime.startswith("python") else binary), script

    lambda_runtime._detect_runtime_binary = detect


def alarms_tell_the_event_bus() -> None:
    """Each change of a metric alarm's state is an event, whatever actions the alarm has.

    CloudWatch user guide, "Alarm events and EventBridge".
    """
    ministacks = cloudwatch._dispatch_alarm_actions

    def dispatch(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> None:
        ministacks(alarm, old, new, reason)
        event = {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Resources": [alarm["AlarmArn"]],
            "Detail": json.dumps(_detail(alarm, old, new, reason)),
        }
        eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)

    cloudwatch._dispatch_alarm_actions = dispatch


def _detail(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> dict[str, Any]:
    now = datetime.fromtimestamp(cloudwatch.time.time(), UTC)
    at = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}+0000"
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": {each["Name"]: each["Value"] for each in alarm["Dimensions"]},
    }
    stat = {"metric": metric, "period": alarm["Period"], "stat": alarm["Statistic"]}
    data = {"reasonData": alarm["StateReasonData"]} if alarm.get("StateReasonData") else {}
    detail = {
        "alarmName": alarm["AlarmName"],
        "configuration": {"metrics": [{"id": "m1", "metricStat": stat, "returnData": True}]},
        "previousState": {"value": old},
        "state": {"value": new, "reason": reason, "timestamp": at, **data},
    }
    tags = cloudwatch._resource_tags.get(alarm["AlarmArn"])
    # As where an alarm turns AlarmTagsPropagation on, which ministack does not keep.
    return {**detail, "alarmTags": dict(tags), "alarmTagsStatus": "SUCCESS"} if tags else detail


def calls_of_lambda_have_their_own_names() -> None:
    """As the Service Authorization Reference has them: ministack takes GetAlias and UpdateAlias for ListAliases."""
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def name(method: str, path: str) -> str | None:
        operation: str | None = iam_actions._match_rest_action("lambda", method, path)
        return "InvokeFunction" if operation == "Invoke" else operation

    iam_actions._lambda_action = name


def permissions_know_what_a_call_is_about() -> None:
    """A stack that is named is its own ARN, and a move of messages is about its source queue: ministack makes
    ``stack/NAME/*`` of one and ``*`` of the other, which no policy that names a resource allows.
    """
    ministacks = iam_actions.extract_resource_arn

    def extract(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, region: str, account: str
    ) -> str:
        found: str = ministacks(service, method, path, headers, body, query, region, account)
        if service == "sqs" and found == "*":
            return str(iam_actions._param(body, query, "SourceArn") or "*")
        if service == "cloudformation" and found.endswith("/*"):
            stack = cloudformation._stacks.get(found.split("/")[1])
            return str(stack["StackId"]) if stack else found
        return found

    iam_actions.extract_resource_arn = extract


def conditions_may_join_a_list() -> None:
    """As they may in CloudFormation (user guide, "Condition functions"); here a joined list would equal nothing."""
    ministacks = engine._evaluate_conditions

    def evaluate(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, bool]:
        conditions = _joined(template.get("Conditions", {}), parameters)
        found: dict[str, bool] = ministacks({**template, "Conditions": conditions}, parameters)
        return found

    for module in (engine, handlers, changesets, stacks):
        module._evaluate_conditions = evaluate


def _joined(value: Any, parameters: Mapping[str, Any]) -> Any:
    match value:
        case {"Fn::Join": [str(between), {"Ref": str(name)}]}:
            return between.join(str(parameters[name]["Value"]).split(","))
        case dict():
            return {key: _joined(inner, parameters) for key, inner in value.items()}
        case list():
            return [_joined(inner, parameters) for inner in value]
        case _:
            return value


def dead_letters_can_be_moved() -> None:
    """SQS API reference, StartMessageMoveTask and ListMessageMoveTasks: here a move is over when it has begun."""
    moves: dict[str, list[dict[str, Any]]] = {}

    def start(asked: Mapping[str, Any], _: str) -> dict[str, Any]:
        source, target = str(asked["SourceArn"]), str(asked["DestinationArn"])
        letters = sqs._queue_by_arn(source)["messages"]
        for letter in letters:
            sqs._act_send_message({"MessageBody": letter["body"]}, sqs._queue_url(target.rpartition(":")[2]))
        done: dict[str, Any] = {"SourceArn": source, "DestinationArn": target, "Status": "COMPLETED"}
        done |= {"StartedTimestamp": int(sqs.time.time() * 1000), "ApproximateNumberOfMessagesMoved": len(letters)}
        letters.clear()
        moves.setdefault(source, []).insert(0, done)
        return {"TaskHandle": f"{source}/{len(moves[source])}"}

    def listed(asked: Mapping[str, Any], _: str) -> dict[str, Any]:
        return {"Results": moves.get(str(asked["SourceArn"]), [])[: int(asked.get("MaxResults", 1))]}

    sqs._HANDLERS.update(StartMessageMoveTask=start, ListMessageMoveTasks=listed)


if __name__ == "__main__":
    main()
