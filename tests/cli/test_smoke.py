"""`nightcrew smoke`: a made-up alarm goes the whole way, harms nothing, and is gone afterwards."""

from collections.abc import Mapping
from typing import Any

import pytest
from moto.cloudwatch.models import CloudWatchBackend

from nightcrew.admission.policy import AUTONOMY_TAG
from nightcrew.aws.cloud import READING
from nightcrew.aws.kinds import is_read
from nightcrew.cli.exits import NotHere
from nightcrew.cli.made_up import NEEDS, MadeUp, there
from nightcrew.cli.stack import Stack
from nightcrew.clock import SystemClock, stamp
from nightcrew.demo.house import EVERYTHING_RUNS
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.installation import nobody
from nightcrew.errors import Unreachable
from nightcrew.ledger.history import entries
from tests.cli.cloud import REGION
from tests.cli.deployed import NAME, PARAMETER, Deployed, template
from tests.cli.desk import Seen, typed

MADE = MadeUp("nightcrew-smoke-x", "nightcrew-smoke-x", "123456789012", "eu-west-1")
ASKS = "rules:\n  - {when: {runbook: redrive-dead-letters}, autonomy: approve}"
CHANGES = {"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState"}


@pytest.fixture
def wired(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """Rule, queue and intake: what moto has no wires for. A change of state goes to the stack's front door."""
    connect(deployed, monkeypatch, propagated=True)
    return deployed


def connect(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, *, propagated: bool) -> None:
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    environment = Stack(NAME, REGION, None, print).environment
    set_state = CloudWatchBackend.set_alarm_state

    def and_tell(self: CloudWatchBackend, alarm_name: str, *args: Any, **kwargs: Any) -> None:
        set_state(self, alarm_name, *args, **kwargs)
        intake = front_door(environment, nobody, deployed.demo.clients)()
        intake.event(event(self, alarm_name, propagated=propagated))

    monkeypatch.setattr(CloudWatchBackend, "set_alarm_state", and_tell)


def event(backend: CloudWatchBackend, name: str, *, propagated: bool) -> Mapping[str, Any]:
    """What EventBridge delivers for an alarm as it is."""
    alarm = backend.alarms[name]
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {each.name: each.value for each in alarm.dimensions},
    }
    tags = backend.tagger.get_tag_dict_for_resource(alarm.alarm_arn)
    return {
        "version": "0",
        "id": "an-event",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": stamp(SystemClock().now()),
        "region": REGION,
        "resources": [alarm.alarm_arn],
        "detail": {
            "alarmName": name,
            "state": {
                "value": alarm.state_value,
                "reason": alarm.state_reason,
                "reasonData": alarm.state_reason_data,
                "timestamp": stamp(SystemClock().now()),
            },
            "configuration": {"metrics": [{"id": "m1", "metricStat": {"metric": metric}, "returnData": True}]},
            **({"alarmTags": tags} if propagated else {}),
        },
    }


def smoked(deployed: Deployed, *more: str, **environment: Any) -> Seen:
    return typed("--stack", NAME, "smoke", "--within", "5s", *more, **(environment or dict(deployed.environment)))


def alarms(deployed: Deployed) -> list[str]:
    found = deployed.demo.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [each["AlarmName"] for each in found if "-smoke-" in each["AlarmName"]]


def observing(deployed: Deployed) -> None:
    given = {"Autonomy": "observe", "PolicyParameter": PARAMETER}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    deployed.demo.client("cloudformation").update_stack(StackName=NAME, TemplateBody=template(), Parameters=parameters)


@pytest.mark.parametrize("policy", ["rules: []", EVERYTHING_RUNS])
def test_it_is_decided_written_down_and_cleared_away_whatever_policy_allows(policy: str, wired: Deployed) -> None:
    wired.policy(policy)
    ada = wired.person(f"smoke-ada-{len(policy)}")
    seen = smoked(wired, "--json", **ada)
    assert seen.code == 0, seen.err
    told = seen.json
    assert (told["decision"]["outcome"], told["decision"]["gate"]) == ("refused", "autonomy")
    assert told["set"] > 0
    assert told["decided"] >= 0
    (entry,) = entries(wired.demo.store, told["decision"]["run"])
    assert told["decision"]["at"] == stamp(entry.at)
    assert entry.body["actor"] == f"alarm: {told['alarm']}"
    assert alarms(wired) == []
    assert wired.executor.invoked == [], "nothing was started"
    needs = {each.action for each in wired.executor.requests.of(ada)}
    assert {each for each in needs if not is_read(*each.split(":"))} == CHANGES


def test_people_see_how_long_each_part_took(wired: Deployed) -> None:
    seen = smoked(wired)
    assert seen.code == 0, seen.err
    first, second, third, last = seen.out.splitlines()
    assert first.startswith("✓ the alarm nightcrew-smoke-")
    assert "refused by the gate autonomy" in second
    assert third == "✓ the alarm was deleted again"
    assert last.startswith(f"  nightcrew --stack {NAME} show refused-")


@pytest.mark.parametrize("policy", [EVERYTHING_RUNS, ASKS])
def test_where_tags_do_not_come_with_the_event_its_run_finds_nothing_to_act_on(
    policy: str, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall, where the first one is not there."""
    connect(deployed, monkeypatch, propagated=False)
    deployed.policy(policy)
    seen = smoked(deployed, "--json")
    deployed.executor.through()
    assert seen.code == 0, seen.err
    assert seen.json["decision"]["outcome"] == "not_applicable"
    chain = entries(deployed.demo.store, seen.json["decision"]["run"])
    assert [each.kind for each in chain] == ["opening", "closing"], "and no change between"


@pytest.mark.parametrize(
    "policy",
    [
        "bindings:\n  - {alarm: '*', runbook: restart-ec2-instance, parameters: {instance_id: i-0abc1234def567890}}",
        "bindings:\n  - {alarm: '*-smoke-*', runbook: redrive-dead-letters, parameters: {queue: checkout}}",
    ],
)
def test_where_policy_would_take_it_for_something_else_nothing_is_made(policy: str, wired: Deployed) -> None:
    wired.policy(policy)
    ada = wired.person(f"smoke-bob-{len(policy)}")
    seen = smoked(wired, "--within", "0s", **ada)
    assert seen.code == 2
    assert "would be taken for something else" in seen.err
    assert not CHANGES & {each.action for each in wired.executor.requests.of(ada)}


def test_where_it_hangs_is_said_and_the_alarm_is_gone(deployed: Deployed) -> None:
    """This stack has no rule and no intake."""
    seen = smoked(deployed, "--within", "0s")
    assert seen.code == 1
    assert "nothing stands in the ledger after" in seen.out
    assert "the stack has no AlarmRule" in seen.out
    assert alarms(deployed) == []
    told = smoked(deployed, "--within", "0s", "--json")
    assert told.json["decision"] is None
    assert "intake" in {each["check"] for each in told.json["hangs"]}


def test_a_run_goes_through_the_executor_and_finds_nothing(wired: Deployed) -> None:
    seen = smoked(wired, "--run", "--json")
    assert seen.code == 0, seen.err
    assert seen.json["run"]["outcome"] == "not_applicable"
    assert wired.executor.invoked == [seen.json["run"]["run"]]


def test_no_run_where_no_role_could_carry_it_out(wired: Deployed) -> None:
    observing(wired)
    seen = smoked(wired, "--run")
    assert seen.code == 2
    assert "with Autonomy=observe there is no role" in seen.err
    assert smoked(wired).code == 0


@pytest.mark.parametrize("ending", [KeyboardInterrupt, RuntimeError])
def test_whatever_ends_it_the_alarm_is_deleted(ending: type[BaseException], scripted: Scripted) -> None:
    scripted.reset()
    cloudwatch = client(scripted)
    seen: list[str] = []

    def ended() -> None:
        with there(MADE, cloudwatch):
            seen.extend(each["StateValue"] for each in found(cloudwatch))
            raise ending

    with pytest.raises(ending):
        ended()
    assert seen == ["ALARM"]
    assert found(cloudwatch) == []


def test_its_event_says_that_it_is_only_to_be_written_down(scripted: Scripted) -> None:
    """The alarm's tag lowers autonomy, and comes with the event; it has no actions."""
    scripted.reset()
    with there(MADE, client(scripted)):
        pass
    (put,) = (each.parameters for each in scripted.sent if each.operation == "PutMetricAlarm")
    assert put["Tags"] == [{"Key": AUTONOMY_TAG, "Value": "observe"}]
    assert put["ActionConfiguration"]["AlarmTagsPropagation"]["Enabled"] is True
    assert not any(name in put for name in ("AlarmActions", "OKActions", "InsufficientDataActions"))
    assert {each.operation for each in scripted.sent} <= set(NEEDS)


def test_who_may_not_is_told_what_it_takes(scripted: Scripted) -> None:
    scripted.reset()
    scripted.answer("cloudwatch", "PutMetricAlarm", Refusal("AccessDenied", "not you", 403))
    with pytest.raises(NotHere, match="did not let you make an alarm") as told, there(MADE, client(scripted)):
        pytest.fail("it was not made")
    assert [each.operation for each in scripted.sent] == ["PutMetricAlarm"], "what was not made is not deleted"
    assert "SetAlarmState" in told.value.hints[0]
    assert "alarm:nightcrew-smoke-*" in told.value.hints[0]


def test_one_that_may_be_made_and_not_set_is_deleted(scripted: Scripted) -> None:
    scripted.reset()
    scripted.answer("cloudwatch", "SetAlarmState", Refusal("AccessDenied", "not you", 403))
    with pytest.raises(NotHere, match="AccessDenied"), there(MADE, client(scripted)):
        pytest.fail("it was not set")
    assert found(client(scripted)) == []


def test_an_alarm_whose_making_was_not_confirmed_is_deleted(scripted: Scripted) -> None:
    """The reply was lost: it may be there."""
    scripted.reset()
    scripted.lose_reply("cloudwatch", "PutMetricAlarm", times=9)
    with pytest.raises(Unreachable, match="did not answer"), there(MADE, client(scripted)):
        pytest.fail("nobody knows whether it was made")
    assert found(client(scripted)) == []


def test_an_alarm_that_could_not_be_deleted_is_named(scripted: Scripted) -> None:
    scripted.reset()
    scripted.answer("cloudwatch", "DeleteAlarms", Refusal("InternalServiceFault", "later", 500))
    words = "aws cloudwatch delete-alarms --alarm-names nightcrew-smoke-x"
    with pytest.raises(Unreachable, match=words), there(MADE, client(scripted)):
        pass
    client(scripted).delete_alarms(AlarmNames=[MADE.alarm])


def found(cloudwatch: Any) -> list[dict[str, Any]]:
    return list(cloudwatch.describe_alarms(AlarmNames=[MADE.alarm])["MetricAlarms"])


def client(scripted: Scripted) -> Any:
    return scripted("cloudwatch", READING)


def test_without_a_stack_there_is_no_way_to_go() -> None:
    seen = typed("smoke")
    assert seen.code == 2
    assert "only a deployed stack can be tried" in seen.err
