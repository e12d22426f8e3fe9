"""What may be wrong with a stack. Each is broken for real where moto can be, else AWS's answer is; afterwards it is
whole again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nightcrew.demo.scripted import Refusal
from tests.cli import clinic as ward
from tests.cli.clinic import MAPPING, PARAMETER, TABLES, Clinic, simulated, trust


@contextmanager
def rule_off(clinic: Clinic, logical: str = "AlarmRule") -> Iterator[None]:
    name = {"Name": clinic.name(logical)}
    clinic.client("events").disable_rule(**name)
    yield
    clinic.client("events").enable_rule(**name)


@contextmanager
def no_target(clinic: Clinic) -> Iterator[None]:
    name = clinic.name("EventRule")
    targets = clinic.client("events").list_targets_by_rule(Rule=name)["Targets"]
    clinic.client("events").remove_targets(Rule=name, Ids=["queue"])
    yield
    clinic.client("events").put_targets(Rule=name, Targets=targets)


@contextmanager
def queue_closed(clinic: Clinic) -> Iterator[None]:
    sqs, url = clinic.client("sqs"), clinic.outputs["AlarmQueue"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ward.admits(["arn:aws:events:::rule/another"])})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


@contextmanager
def letter(clinic: Clinic, output: str = "AlarmDeadLetters") -> Iterator[None]:
    sqs, url = clinic.client("sqs"), clinic.outputs[output]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    yield
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def storm(clinic: Clinic) -> Iterator[None]:
    clinic.scripted.after(
        "sqs", "GetQueueAttributes", lambda _, reply: reply["Attributes"].update(ApproximateNumberOfMessages="5000")
    )
    yield


@contextmanager
def mapping_off(clinic: Clinic) -> Iterator[None]:
    mapping = clinic.name(MAPPING)
    clinic.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    clinic.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)


@contextmanager
def edited(clinic: Clinic, service: str, operation: str, **values: Any) -> Iterator[None]:
    """An answer in which these stand instead."""
    clinic.scripted.after(service, operation, lambda _, reply: reply.update(values))
    yield


@contextmanager
def refusing(clinic: Clinic, service: str, operation: str, code: str) -> Iterator[None]:
    clinic.scripted.script(service, operation, lambda _: Refusal(code, "no such thing"))
    yield


@contextmanager
def unprotected(clinic: Clinic) -> Iterator[None]:
    clinic.client("dynamodb").update_table(TableName=TABLES.ledger, DeletionProtectionEnabled=False)
    yield
    clinic.client("dynamodb").update_table(TableName=TABLES.ledger, DeletionProtectionEnabled=True)


@contextmanager
def no_recovery(clinic: Clinic) -> Iterator[None]:
    off = {"PointInTimeRecoveryEnabled": False}
    clinic.client("dynamodb").update_continuous_backups(TableName=TABLES.state, PointInTimeRecoverySpecification=off)
    yield
    ward.protect(clinic.client("dynamodb"), TABLES.state)


@contextmanager
def no_expiry(clinic: Clinic) -> Iterator[None]:
    for on in (False, True):
        clinic.client("dynamodb").update_time_to_live(
            TableName=TABLES.state, TimeToLiveSpecification={"Enabled": on, "AttributeName": "expires"}
        )
        if not on:
            yield


@contextmanager
def table_edited(clinic: Clinic, **values: Any) -> Iterator[None]:
    clinic.scripted.after("dynamodb", "DescribeTable", lambda _, reply: reply["Table"].update(values))
    yield


@contextmanager
def trusting(clinic: Clinic, principal: str) -> Iterator[None]:
    iam, role = clinic.client("iam"), clinic.name("RestartRemediator")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(principal))
    yield
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(ward.EXECUTOR))


@contextmanager
def not_assumable(clinic: Clinic) -> Iterator[None]:
    clinic.scripted.script("iam", "SimulatePrincipalPolicy", lambda asked: simulated(asked, "implicitDeny"))
    yield


@contextmanager
def ruled(clinic: Clinic, text: str) -> Iterator[None]:
    for value in (text, "rules: []"):
        clinic.client("ssm").put_parameter(Name=PARAMETER, Value=value, Type="String", Overwrite=True)
        if value is text:
            yield


@contextmanager
def in_alarm(clinic: Clinic) -> Iterator[None]:
    name = clinic.name("AlarmQueueAge")
    for state in ("ALARM", "OK"):
        clinic.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
        if state == "ALARM":
            yield


@contextmanager
def alarm_gone(clinic: Clinic) -> Iterator[None]:
    clinic.client("cloudwatch").delete_alarms(AlarmNames=[clinic.name("SweepErrors")])
    yield
    ward.watch(clinic.client("cloudwatch"), clinic.name("SweepErrors"))
