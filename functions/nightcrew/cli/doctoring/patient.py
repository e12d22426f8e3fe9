"""A deployed stack as ``nightcrew doctor`` looks at it: by name, by CloudFormation's list, and by reading calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import Clock
from nightcrew.errors import Forbidden, NightcrewError, Unreachable

ASKING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10)

READS = frozenset(
    {
        "cloudformation:ListStackResources",
        "cloudwatch:DescribeAlarms",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:GetItem",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
        "lambda:GetAlias",
        "lambda:GetEventSourceMapping",
        "lambda:GetFunctionConfiguration",
        "logs:FilterLogEvents",
        "s3:GetObjectLockConfiguration",
        "sns:ListSubscriptionsByTopic",
        "sqs:GetQueueAttributes",
        "ssm:GetParameter",
        "sts:GetCallerIdentity",
    }
)
"""All that is ever asked here, by the operation."""

ACTIONS = {"s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration"}
"""IAM's names of those that it calls otherwise."""

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "AuthorizationErrorException",
}
_GONE = ("NotFound", "NoSuchBucket", "NoSuchEntity", "NonExistentQueue", "QueueDoesNotExist")


class NotAllowed(NightcrewError):
    """The caller may not ask this. ``action`` is what they lack."""

    def __init__(self, action: str) -> None:
        super().__init__(f"{action} is not allowed")
        self.action = action


class Missing(NightcrewError):
    """AWS knows nothing of that name."""


class Absent(NightcrewError):
    """The stack does not name it: an output, or a resource."""


@dataclass
class Patient:
    """A stack, as CloudFormation describes it, and the way to ask about it. ``command`` begins a command that acts on
    the same stack.
    """

    described: Mapping[str, Any]
    clients: ClientMaker
    clock: Clock
    command: str = "nightcrew --stack NAME"
    _queues: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stack's name."""
        return str(self.described["StackName"])

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {each["OutputKey"]: each["OutputValue"] for each in self.described.get("Outputs", ())}

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters with which it is deployed."""
        given = self.described.get("Parameters", ())
        return {each["ParameterKey"]: each.get("ParameterValue", "") for each in given}

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """What the stack made, by the name in its template."""
        found: dict[str, Mapping[str, Any]] = {}
        after: dict[str, str] = {}
        while True:
            page = self.ask("cloudformation", "ListStackResources", StackName=self.name, **after)
            found |= {each["LogicalResourceId"]: each for each in page["StackResourceSummaries"]}
            if not page.get("NextToken"):
                return {name: each for name, each in found.items() if "DELETE_COMPLETE" not in each["ResourceStatus"]}
            after = {"NextToken": page["NextToken"]}

    def output(self, name: str) -> str:
        """An output. Raises Absent."""
        try:
            return self.outputs[name]
        except KeyError:
            raise Absent(f"the stack has no output {name}") from None

    def resource(self, logical: str) -> str:
        """What a resource of the template is called in AWS. Raises Absent, NotAllowed."""
        found = self.resources.get(logical)
        if found is None or not found.get("PhysicalResourceId"):
            raise Absent(f"the stack has no {logical}")
        return str(found["PhysicalResourceId"])

    def queue(self, output: str) -> dict[str, str]:
        """The attributes of the queue of which an output has the URL, asked for once. Raises Absent, Missing."""
        if output not in self._queues:
            url = self.output(output)
            reply = self.ask("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
            self._queues[output] = dict(reply["Attributes"])
        return self._queues[output]

    def ask(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Ask AWS. Raises NotAllowed, Missing, Unreachable; Forbidden for what does not only read."""
        action = f"{service}:{operation}"
        if action not in READS:
            raise Forbidden(f"{action} is nothing that is asked here")
        try:
            found: Mapping[str, Any] = getattr(self.clients(service, ASKING), xform_name(operation))(**parameters)
        except ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code", "Unknown"))
            if code in _DENIED:
                raise NotAllowed(ACTIONS.get(action, action)) from error
            if any(each in code for each in _GONE):
                raise Missing(str(said.get("Message", code))) from error
            raise Unreachable(f"{action}: {code}: {said.get('Message', '')}") from error
        except BotoCoreError as error:
            raise Unreachable(f"{action}: {error}") from error
        except ResponseParserError as error:  # a proxy answered, with a page of its own
            raise Unreachable(f"{action}: what came back is no answer of AWS") from error
        return found
