"""A deployed stack in the served cloud: CloudFormation's outputs, the policy's parameter, people, and an executor.

It is invoked and answered by requests, as Lambda's is, and carries its runs out on a journal.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SystemClock
from nightcrew.demo.embedded import crew
from nightcrew.engine.local import Journal
from nightcrew.engine.local.worker import pending
from nightcrew.ledger.store import Tables
from tests.cli.cloud import REGION, Answered, Demo, Sent
from tests.cli.rights import Requests

NAME = "nightcrew"
ALIAS = f"arn:aws:lambda:{REGION}:123456789012:function:nightcrew-executor:live"
PARAMETER = "/nightcrew/policy"

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_ANSWER = re.compile(r"/2025-12-01/durable-execution-callbacks/([^/]+)/succeed")


@dataclass
class Executor:
    """Stands where the served cloud has no Lambda: invoked with a run's id, answered by a callback's id."""

    clients: ClientMaker
    journal: Path
    catalog: Catalog
    invoked: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    requests: Requests = field(default_factory=Requests)

    def respond(self, sent: Sent) -> Answered | None:
        """The answer to a request that is for Lambda; None for any other."""
        path = unquote(sent.path)
        invoke, answer = _INVOKE.search(path), _ANSWER.search(path)
        answering = "SendDurableExecutionCallbackSuccess" if answer else None
        self.requests.note(sent, "Invoke" if invoke else answering)
        if invoke is not None:
            assert unquote(invoke[1]) == ALIAS
            run = str(json.loads(sent.body)["run"])
            assert sent.headers["X-Amz-Durable-Execution-Name"] == run
            self.invoked.append(run)
            self._at_work(lambda team, _: team.engine.start(run, {"run": run}), run)
            return 202, {}, b""
        if answer is not None:
            with_value = json.loads(sent.body)
            waiting = Journal(str(self.journal), SystemClock())
            run = next(each for each in waiting.unfinished() if answer[1] in waiting.callbacks(each))
            waiting.close()
            self._at_work(lambda team, _: team.engine.answer(answer[1], with_value), run)
            return 200, {"Content-Type": "application/json"}, b"{}"
        return None

    def _at_work(self, first: Callable[[Any, str], object], run: str) -> None:
        def carry() -> None:
            team = crew(load(""), clients=self.clients, journal=self.journal, catalog=self.catalog)
            journal = Journal(str(self.journal), SystemClock())
            first(team, run)
            clock = team.installation.clock
            ended = team.engine.drive(run, until=clock.now())
            while ended.status == "WAITING" and pending(run, team.store, journal) is None:
                due = journal.due(run)
                if due is None:
                    break
                ended = team.engine.drive(run, until=due)
            journal.close()

        thread = threading.Thread(target=carry)
        self.threads.append(thread)
        thread.start()

    def through(self) -> None:
        """Wait until nothing is at work."""
        for thread in self.threads:
            thread.join(30)


@dataclass(frozen=True)
class Deployed:
    """A stack of that name, its executor, and the environments of people who reach it."""

    demo: Demo
    executor: Executor
    environment: Mapping[str, Any]

    def person(self, name: str) -> dict[str, Any]:
        """The environment of somebody whom IAM knows by that name, which no other test may use."""
        iam = self.demo.client("iam")
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            **self.environment,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def policy(self, text: str) -> None:
        """Put the team's policy into its parameter."""
        self.demo.client("ssm").put_parameter(Name=PARAMETER, Value=text, Type="String", Overwrite=True)


def template() -> str:
    """What CloudFormation needs to tell the outputs that the real template has."""
    outputs: dict[str, Any] = {
        "LedgerTable": Tables().ledger,
        "StateTable": Tables().state,
        "Executor": ALIAS,
        "NewsTopic": f"arn:aws:sns:{REGION}:123456789012:nightcrew-news",
        "NewsBus": "nightcrew-news",
        "ChatTopic": f"arn:aws:sns:{REGION}:123456789012:channels",
    }
    named = {"AlarmQueue": "Alarms", "AlarmDeadLetters": "Letters", "RunDeadLetters": "Runs"}
    queues: dict[str, Any] = {output: {"Ref": queue} for output, queue in named.items()}
    return json.dumps(
        {
            "Parameters": {"Autonomy": {"Type": "String"}, "PolicyParameter": {"Type": "String"}},
            "Resources": {
                "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "nightcrew-news"}},
                "Letters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "nightcrew-alarm-letters"}},
                "Runs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "nightcrew-run-letters"}},
                "Alarms": {
                    "Type": "AWS::SQS::Queue",
                    "Properties": {
                        "QueueName": "nightcrew-alarms",
                        "RedrivePolicy": {
                            "deadLetterTargetArn": {"Fn::GetAtt": ["Letters", "Arn"]},
                            "maxReceiveCount": 5,
                        },
                    },
                },
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "nightcrew-news"}},
                "Channels": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "channels"}},
            },
            "Outputs": {name: {"Value": value} for name, value in (outputs | queues).items()},
        }
    )
