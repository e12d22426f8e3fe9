"""Sets on a restored table what its restore lost: each setting a change whose parameters follow from the old table.

So a plan shows every one of them. What holds each back, and how it is seen: API reference of each operation.
"""

import json
from datetime import timedelta
from typing import Any

from nightcrew.aws import dynamodb as probes
from nightcrew.aws.calls import calls
from nightcrew.aws.dynamodb_capacities import capacities
from nightcrew.aws.dynamodb_settings import Settings, tags_for
from nightcrew.aws.setting import Seen, Setting
from nightcrew.aws.tags import tags_of

_dynamodb = calls("dynamodb")


def to_reapply(settings: Settings, target: str, run: str) -> list[Setting]:
    """The settings to set on the table ``target``, in order.

    The table's own updates come before its capacities begin to scale: a table that scales is UPDATING now and then,
    and can be updated by nobody else meanwhile.
    """
    found = [_tags(settings, target, run)]
    if settings.recovery["on"]:
        found.append(_recovery(settings, target))
    if settings.policy and settings.policy["text"]:
        found.append(_policy(settings, target))
    if settings.expiry:
        found.append(_expiry(settings.expiry, target))
    found += [_insight(each["index"], each["mode"], target) for each in settings.insights]
    if settings.table["stream"]:
        found.append(_stream(settings.table["stream"], target))
    found += [_flow(each["stream"], each["precision"], target) for each in settings.kinesis]
    if settings.table["protected"]:
        found.append(_protection(target))
    return [*found, *capacities(settings, target)]


def policy_for(text: str, old_arn: str, new_arn: str) -> str:
    """A resource policy with its resources renamed: one on a table may name that table and its indexes only."""

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, str) and (value == old_arn or value.startswith(f"{old_arn}/")):
            return new_arn + value[len(old_arn) :]
        return value

    document = json.loads(text)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for member in ("Resource", "NotResource"):
            if member in statement:
                statement[member] = renamed(statement[member])
    return json.dumps(document, separators=(",", ":"))


def _tags(settings: Settings, target: str, run: str) -> Setting:
    arn, tags = settings.arn_of(target), tags_for(settings, run)
    listed = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

    def tagged(answer: Any) -> bool:
        # A list of tags comes in pages: what is on the first is right, and if there is no other, it is all.
        found = tags_of(answer.get("Tags"))
        return found.items() <= tags.items() and (bool(answer.get("NextToken")) or found == tags)

    proof = Seen("it has the tags", _dynamodb.list_tags_of_resource(ResourceArn=arn), tagged)
    return Setting("set its tags", _dynamodb.tag_resource(ResourceArn=arn, Tags=listed), proof=proof)


def _recovery(settings: Settings, target: str) -> Setting:
    days = settings.recovery["days"]
    read = _dynamodb.describe_continuous_backups(TableName=target)
    change = _dynamodb.update_continuous_backups(
        TableName=target,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True,
            **({"RecoveryPeriodInDays": days} if days else {}),
        },
    )

    def recoverable(answer: Any) -> bool:
        found = probes.recovery(answer)
        return bool(found["on"]) and days in {None, found["days"]}

    begun = Seen("its continuous backups have begun", read, probes.backups_are_kept)
    proof = Seen("it can be restored to a point in time itself", read, recoverable)
    return Setting("turn its point-in-time recovery on", change, before=begun, proof=proof)


def _policy(settings: Settings, target: str) -> Setting:
    arn = settings.arn_of(target)
    text = policy_for((settings.policy or {})["text"], settings.table["arn"], arn)
    document = json.loads(text)
    read = _dynamodb.get_resource_policy(ResourceArn=arn)
    proof = Seen("it has the resource policy", read, lambda answer: json.loads(answer["Policy"]) == document)
    return Setting("set its resource policy", _dynamodb.put_resource_policy(ResourceArn=arn, Policy=text), proof=proof)


def _expiry(attribute: str, target: str) -> Setting:
    specified = {"Enabled": True, "AttributeName": attribute}
    change = _dynamodb.update_time_to_live(TableName=target, TimeToLiveSpecification=specified)

    def expires(answer: Any) -> bool:
        return probes.expiry(answer) == attribute

    proof = Seen(f"its items expire by {attribute}", _dynamodb.describe_time_to_live(TableName=target), expires)
    return Setting(f"let its items expire by {attribute}", change, took_effect=expires, proof=proof)


def _insight(index: str | None, mode: str | None, target: str) -> Setting:
    where = f" of index {index}" if index else ""
    change = _dynamodb.update_contributor_insights(
        TableName=target,
        ContributorInsightsAction="ENABLE",
        **({"IndexName": index} if index else {}),
        **({"ContributorInsightsMode": mode} if mode else {}),
    )

    def status(answer: Any) -> str | None:
        return next((str(each["status"]) for each in probes.insights(answer) if each["index"] == index), None)

    read = _dynamodb.list_contributor_insights(TableName=target)
    proof = Seen(f"Contributor Insights{where} is on", read, lambda answer: status(answer) == "ENABLED")
    title = f"turn Contributor Insights{where} on"
    return Setting(title, change, took_effect=lambda answer: status(answer) is not None, proof=proof)


def _stream(view: str, target: str) -> Setting:
    specified = {"StreamEnabled": True, "StreamViewType": view}
    change = _dynamodb.update_table(TableName=target, StreamSpecification=specified)

    def streams(answer: Any) -> bool:
        return bool(probes.table(answer)["stream"] == view)

    proof = Seen(f"it has a stream of {view}", _dynamodb.describe_table(TableName=target), streams)
    return Setting("turn its stream on", change, before=_ready(target), took_effect=streams, proof=proof)


def _flow(stream: str, precision: str | None, target: str) -> Setting:
    name = stream.rsplit("/", 1)[-1]
    more = {"EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision}}
    change = _dynamodb.enable_kinesis_streaming_destination(
        TableName=target, StreamArn=stream, **(more if precision else {})
    )

    def status(answer: Any) -> str | None:
        return next((str(each["status"]) for each in probes.kinesis_streams(answer) if each["stream"] == stream), None)

    read = _dynamodb.describe_kinesis_streaming_destination(TableName=target)
    proof = Seen(
        f"its changes flow to {name}",
        read,
        lambda answer: status(answer) == "ACTIVE",
        within=timedelta(minutes=15),
    )
    title = f"send its changes to {name}"
    return Setting(title, change, took_effect=lambda answer: status(answer) is not None, proof=proof)


def _protection(target: str) -> Setting:
    read = _dynamodb.describe_table(TableName=target)

    def protected(answer: Any) -> bool:
        return bool(probes.table(answer)["protected"])

    def open_to_all(answer: Any) -> bool:
        return not protected(answer)

    off = _dynamodb.update_table(TableName=target, DeletionProtectionEnabled=False)
    on = _dynamodb.update_table(TableName=target, DeletionProtectionEnabled=True)
    return Setting(
        "protect it from deletion",
        on,
        before=_ready(target),
        took_effect=protected,
        proof=Seen("it is protected from deletion", read, protected),
        undo=Setting(
            "take its deletion protection off",
            off,
            before=_ready(target),
            took_effect=open_to_all,
            proof=Seen("it can be deleted", read, open_to_all),
        ),
    )


def _ready(target: str) -> Seen:
    return Seen("the new table can be updated", _dynamodb.describe_table(TableName=target), probes.is_ready)
