"""What a person's commands ask of AWS, as requests that came in, and whether a policy of the template allows each."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs

from nightcrew.ledger.store import Tables
from tests.cli.cloud import Sent
from tests.doors.asked import ELSEWHERE, OF, OPEN, PARTS
from tests.stack import Statement, listed, properties

INDEX = {"Fn::Sub": "${LedgerTable.Arn}/index/*"}
STACK = {"Ref": "AWS::StackId"}
_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")
_QUEUES = {
    "nightcrew-alarms": "AlarmQueue",
    "nightcrew-alarm-letters": "AlarmDeadLetters",
    "nightcrew-run-letters": "RunDeadLetters",
}
_LOOKED_UP = {
    "/aliases/": "GetAlias",
    "/configuration": "GetFunctionConfiguration",
    "/event-source-mappings/": "GetEventSourceMapping",
}
_PREFIXES = {"monitoring": "cloudwatch"}
_NAMED = {Tables().ledger: "ledger", Tables().state: "state"}


@dataclass(frozen=True)
class Need:
    """An action, the resource as the template names it, and the partition keys of items, where it is about items."""

    action: str
    resource: Any
    keys: tuple[str, ...] = ()


@dataclass
class Requests:
    """What came in: who sent it, by access key, and what it needs."""

    seen: list[tuple[str, Need]] = field(default_factory=list)

    def note(self, sent: Sent, lambda_operation: str | None) -> None:
        """Note a request."""
        found = _CREDENTIAL.search(sent.headers.get("Authorization", ""))
        if found is None:
            return
        key, service = found.groups()
        target = sent.headers.get("X-Amz-Target", "")
        operation = lambda_operation or target.rpartition(".")[2] or _operation(sent)
        form = {name: texts[0] for name, texts in parse_qs(sent.body.decode(errors="replace")).items()}
        body = json.loads(sent.body) if target else form
        for need in _needs(_PREFIXES.get(service, service), operation, body):
            self.seen.append((key, need))

    def of(self, person: Mapping[str, Any]) -> list[Need]:
        """What somebody's commands needed."""
        return [need for key, need in self.seen if key == person["AWS_ACCESS_KEY_ID"]]


def _operation(sent: Sent) -> str:
    """Where no header names it: CloudWatch and Lambda have it in the path, the old protocol in the form."""
    if sent.method == "GET":
        return next((name for part, name in _LOOKED_UP.items() if part in sent.path), "?")
    if "/operation/" in sent.path:
        return sent.path.rpartition("/")[2]
    return parse_qs(sent.body.decode()).get("Action", ["?"])[0]


def _needs(service: str, operation: str, body: Mapping[str, Any]) -> Iterator[Need]:
    if service == "dynamodb":
        yield from _of_tables(operation, body)
    elif service == "cloudformation":
        yield Need(f"cloudformation:{operation}", STACK)
    elif service == "sqs":
        yield from _of_queues(operation, body)
    elif service == "sns" and operation == "Publish":
        yield Need("sns:Publish", {"Ref": "ChatTopic" if body["TopicArn"].endswith(":channels") else "NewsTopic"})
    elif service != "sts":  # GetCallerIdentity needs no right (STS API reference)
        action = f"{service}:{operation}"
        yield Need(*ELSEWHERE.get(action, (action, "*")))


def _of_queues(operation: str, body: Mapping[str, Any]) -> Iterator[Need]:
    """To move letters is to take them and to send them (SQS developer guide, 'Configuring queue permissions for
    dead-letter queue redrive').
    """
    named = next(str(body[name]) for name in ("QueueUrl", "SourceArn", "QueueName") if name in body)
    queue = _queue(named)
    yield Need(f"sqs:{operation}", queue)
    if operation == "StartMessageMoveTask":
        yield from (Need(f"sqs:{each}", queue) for each in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"))
        yield Need("sqs:SendMessage", _queue(str(body["DestinationArn"])))


def _queue(named: str) -> dict[str, str]:
    name = re.split("[:/]", named)[-1]
    return {"Fn::GetAtt": f"{_QUEUES[name]}.Arn"} if name in _QUEUES else {"Ref": name}  # a run's, not the stack's


def _of_tables(operation: str, body: Mapping[str, Any]) -> Iterator[Need]:
    for item in body.get("TransactItems", ()):
        for kind, part in item.items():
            yield Need(f"dynamodb:{PARTS[kind]}", OF[_NAMED[part["TableName"]]], _keys(part))
    for table, asked in body.get("RequestItems", {}).items():
        keys = tuple(text for each in asked["Keys"] for text in _texts(each))
        yield Need(f"dynamodb:{operation}", OF[_NAMED[table]], keys)
    if "TableName" in body:
        kind, index = _NAMED[body["TableName"]], body.get("IndexName")
        resource = OF[kind] if index is None else OPEN if kind == "state" else INDEX
        yield Need(f"dynamodb:{operation}", resource, _keys(body) if index is None else ())


def _keys(part: Mapping[str, Any]) -> tuple[str, ...]:
    return _texts(part.get("Key") or part.get("Item") or {})


def _texts(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item[name]["S"]) for name in ("key", "run") if name in item)[:1]


def refused(policies: Iterable[str], needs: Iterable[Need]) -> list[Need]:
    """What the managed policies of these logical ids, together, do not allow."""
    found = [each for name in policies for each in statements(name)]
    return [need for need in needs if not any(_covers(statement, need) for statement in found)]


def statements(policy: str) -> list[Statement]:
    """A managed policy's statements, in a stack with a policy of its own."""
    document = properties(policy)["PolicyDocument"]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in document["Statement"]]


def _covers(statement: Statement, need: Need) -> bool:
    return (
        need.action in listed(statement["Action"])
        and need.resource in listed(statement["Resource"])
        and all(_holds(kind, pairs, need.keys) for kind, pairs in statement.get("Condition", {}).items())
    )


def _holds(kind: str, pairs: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """ForAllValues holds where each value does, and where there is none: so a test must see that there are some."""
    (patterns,) = (pairs[name] for name in ("dynamodb:LeadingKeys",))
    like = [any(fnmatchcase(key, pattern) for pattern in listed(patterns)) for key in keys]
    assert keys, "a request about items without a key"
    return all(like) if kind == "ForAllValues:StringLike" else not any(like)
