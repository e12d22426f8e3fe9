"""`nightcrew doctor`: what is broken is named, with what to do about it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.clinic import Clinic
from tests.cli.doctor.ailments import (
    alarm_gone,
    edited,
    in_alarm,
    letter,
    mapping_off,
    no_expiry,
    no_recovery,
    no_target,
    not_assumable,
    queue_closed,
    refusing,
    rule_off,
    ruled,
    storm,
    table_edited,
    trusting,
    unprotected,
)

Break = Callable[[Clinic], Any]
BROKEN: dict[str, tuple[Break, str, str, str, str]] = {
    "an alarm rule that is off": (rule_off, "rules", "problem", "is disabled", "aws events enable-rule --name well-A"),
    "a rule without its target": (no_target, "rules", "problem", "does not send to the queue", "put it back"),
    "a queue that takes nothing": (queue_closed, "rules", "problem", "does not take what the rule", "put it back"),
    "a rule that was deleted": (
        lambda it: refusing(it, "events", "DescribeRule", "ResourceNotFoundException"),
        *("rules", "problem", "is not there", "put it back"),
    ),
    "an alarm's dead letter": (letter, "queues", "problem", "1 alarm could not be answered", "well redrive"),
    "a run's dead letter": (
        lambda it: letter(it, "RunDeadLetters"),
        *("queues", "problem", "1 run could not be carried out", "nightcrew --stack well redrive"),
    ),
    "messages that pile up": (storm, "queues", "warning", "5000 messages wait", "intake does not take them"),
    "intake that does not take": (mapping_off, "intake", "problem", "is disabl", "--enabled"),
    "a function that failed": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", State="Failed", StateReason="no such key"),
        *("intake", "problem", "cannot run: no such key", "mend that"),
    ),
    "intake of another queue": (
        lambda it: edited(it, "lambda", "GetEventSourceMapping", EventSourceArn="arn:aws:sqs:::other"),
        *("intake", "problem", "another queue", "put it back"),
    ),
    "an alias to what is not published": (
        lambda it: edited(it, "lambda", "GetAlias", FunctionVersion="$LATEST"),
        *("executor", "problem", "points to $LATEST", "put it back"),
    ),
    "no alias": (
        lambda it: refusing(it, "lambda", "GetAlias", "ResourceNotFoundException"),
        *("executor", "problem", "has no alias live", "put it back"),
    ),
    "an executor that is not durable": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", DurableConfig={}),
        *("executor", "problem", "is no durable function", "only when it is created"),
    ),
    "a schedule that is off": (
        lambda it: rule_off(it, "SweepFunctionEachMinute"),
        *("sweeper", "problem", "nothing is swept", "aws events enable-rule"),
    ),
    "a sweeper that does not run": (
        lambda it: edited(it, "logs", "FilterLogEvents", events=[]),
        *("sweeper", "problem", "has not run for 10 min", "well-sweep-logs"),
    ),
    "a night that is off": (
        lambda it: rule_off(it, "DigestFunctionEachNight"),
        *("days", "problem", "no day is kept", "aws events enable-rule --name well-DigestFunctionEachNight"),
    ),
    "a day that nobody kept": (
        lambda it: edited(it, "dynamodb", "GetItem", Item={}),
        *("days", "warning", "is not kept: its job did not come", "aws lambda invoke --function-name well-digest"),
    ),
    "an API that cannot answer": (
        lambda it: edited(it, "lambda", "GetFunctionConfiguration", State="Failed", StateReason="no such key"),
        *("api", "problem", "the function of the API cannot run: no such key", "mend that"),
    ),
    "anchors that anybody could replace": (
        lambda it: refusing(it, "s3", "GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
        *("anchors", "problem", "does not lock what is written", "AnchorBucket"),
    ),
    "a table that is gone": (
        lambda it: refusing(it, "dynamodb", "DescribeTable", "ResourceNotFoundException"),
        *("tables", "problem", "the table well-ledger is not there", "restore it by this name"),
    ),
    "a table of another shape": (
        lambda it: table_edited(it, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}]),
        *("tables", "problem", "well-ledger has the keys id, and not run, number", "another table has this name"),
    ),
    "an index that is gone": (
        lambda it: table_edited(it, GlobalSecondaryIndexes=[]),
        *("tables", "problem", "the index by_resource is not there", "sam deploy, with the template"),
    ),
    "a table that is being made": (
        lambda it: table_edited(it, TableStatus="CREATING"),
        *("tables", "problem", "well-ledger is creating", "until it is active"),
    ),
    "a table that could be deleted": (
        unprotected,
        *("tables", "problem", "deletion protection is off", "--table-name well-ledger --deletion-protection-enabled"),
    ),
    "a table without a way back": (
        no_recovery,
        *("tables", "problem", "well-state: point-in-time recovery is off", "update-continuous-backups"),
    ),
    "a table that forgets nothing": (no_expiry, "tables", "problem", "is not deleted", "update-time-to-live"),
    "a role that trusts another": (
        lambda it: trusting(it, "arn:aws:iam::123456789012:role/other"),
        *("roles", "problem", "does not trust the executor's role", "CloudTrail"),
    ),
    "a role that trusts the dead": (
        lambda it: trusting(it, "AROAEXAMPLEEXAMPLE"),
        *("roles", "problem", "trusts a role that was deleted", "put it back"),
    ),
    "a role that is gone": (
        lambda it: refusing(it, "iam", "GetRole", "NoSuchEntity"),
        *("roles", "problem", "no restart runbook can run", "put it back"),
    ),
    "an executor that may not take them": (not_assumable, "roles", "problem", "may not take", "boundary"),
    "a policy that is not valid": (
        lambda it: ruled(it, "rules: 5"),
        *("policy", "problem", "of /well/policy is not valid", "nightcrew policy check policy.yaml"),
    ),
    "a policy of no runbook": (
        lambda it: ruled(it, "rules:\n  - {when: {runbook: no-such-runbook}, autonomy: auto}"),
        *("policy", "problem", "no-such-runbook", "nightcrew policy check"),
    ),
    "no policy": (
        lambda it: refusing(it, "ssm", "GetParameter", "ParameterNotFound"),
        *("policy", "problem", "there is no parameter /well/policy", "aws ssm put-parameter --name /well/policy"),
    ),
    "news that nobody hears": (
        lambda it: edited(it, "sns", "ListSubscriptionsByTopic", Subscriptions=[]),
        *("news", "warning", "nobody is subscribed to NewsTopic", "aws sns subscribe"),
    ),
    "a subscription that waits": (
        lambda it: edited(
            it,
            *("sns", "ListSubscriptionsByTopic"),
            Subscriptions=[{"SubscriptionArn": "PendingConfirmation", "Endpoint": "ops@example.com"}],
        ),
        *("news", "warning", "not confirmed yet, so not told what Nightcrew does: ops@example.com", "link"),
    ),
    "an alarm about itself": (in_alarm, "alarms", "problem", "well-watch-queue-age is in ALARM", "five minutes"),
    "an alarm that is gone": (alarm_gone, "alarms", "problem", "well-watch-sweep-errors is not there", "put it back"),
    "a clock that is wrong": (
        lambda it: edited(
            it, "sts", "GetCallerIdentity", ResponseMetadata={"HTTPHeaders": {"date": "Sat, 21 Nov 2020 03:00:00 GMT"}}
        ),
        *("clock", "warning", "s ahead of AWS's", "NTP"),
    ),
    "a caller who may nothing": (not_assumable, "you", "warning", "may do nothing here", "to look: dynamodb:GetItem"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_named_with_what_to_do(what: str, clinic: Clinic) -> None:
    breaking, check, state, words, advice = BROKEN[what]
    with breaking(clinic):
        found = [each for each in clinic.seen(check) if each.state != "ok"]
    assert found, "nothing was found"
    assert {each.check for each in found} == {check}
    assert any(each.state == state and words in each.words and advice in " ".join(each.advice) for each in found), found
