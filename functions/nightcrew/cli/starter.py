"""What ``nightcrew new`` writes: a small runbook that works, and its tests, to be changed into what is wanted.

It protects an instance from being terminated: a read of the real state, two conditions, a change with its undo and a
read that tells whether it took effect, a proof.
"""

from string import Template

RUNBOOK = Template('''\
"""Protect an EC2 instance from being terminated: a beginning. Say here what $name does."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, only_instance

ec2 = calls("ec2")


@runbook(
    family="$family",
    risk="low",
    by_hand=timedelta(minutes=5),
    deadline=timedelta(minutes=30),
    permissions=["ec2:DescribeInstanceAttribute", "ec2:DescribeInstances", "ec2:ModifyInstanceAttribute"],
)
def $function(run: Run, instance_id: InstanceId, within: timedelta = timedelta(minutes=5)) -> str:
    """Nobody can terminate the instance by mistake; it runs on all the while.

    An instance that is protected already is left alone, as is one that does not run.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])
    protection = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="disableApiTermination")

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    run.require("it is not protected yet", not run.read("is it protected?", protection, pick=is_protected))

    run.change(
        "protect it",
        ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True}),
        undo=ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": False}),
        took_effect=(protection, is_protected),
    )
    run.prove("it is protected", protection, is_protected, within=within)
    return f"{instance_id} is protected"


def is_protected(answer: Any) -> bool:
    """Whether a DescribeInstanceAttribute answer says that the instance cannot be terminated."""
    return bool(answer["DisableApiTermination"]["Value"])
''')

_TESTS = '''\
NAME = "$name"
$fixtures

def an_instance(house: House) -> str:
    """A running instance of a test's own."""
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    return str(made["Instances"][0]["InstanceId"])


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, instance_id=an_instance(house))
    assert ended["outcome"] == "succeeded"


def test_it_protects_the_instance_and_proves_it(house: House) -> None:
    run, ended = house.start(NAME, instance_id=an_instance(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ec2:ModifyInstanceAttribute"]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it is protected"]


def test_a_plan_changes_nothing_and_shows_the_change(house: House) -> None:
    planned = house.plan(NAME, instance_id=an_instance(house))
    assert [line["title"] for line in planned.changes] == ["protect it"]
    assert house.scripted.changes() == []


def test_what_is_protected_already_is_left_alone(house: House) -> None:
    instance = an_instance(house)
    cloud = house.crew.client("ec2")
    cloud.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    _, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "not_applicable"
    assert house.scripted.changes() == []


def test_a_change_that_aws_refuses_ends_the_run_as_failed(house: House) -> None:
    house.scripted.answer("ec2", "ModifyInstanceAttribute", Refusal("UnauthorizedOperation", status=403))
    run, ended = house.start(NAME, instance_id=an_instance(house))
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "UnauthorizedOperation"


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("ec2", "ModifyInstanceAttribute")
    run, ended = house.start(NAME, instance_id=an_instance(house))
    assert ended["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_a_proof_that_does_not_come_is_ineffective(house: House) -> None:
    house.scripted.script("ec2", "DescribeInstanceAttribute", lambda _: {"DisableApiTermination": {"Value": False}})
    _, ended = house.start(NAME, instance_id=an_instance(house), within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ec2:ModifyInstanceAttribute"]
'''

OUR_TEST = Template(
    '''\
"""$name: what it promises at night."""

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House

'''
    + _TESTS.replace("$fixtures", "")
)
"""Beside our own runbooks, whose tests share one cloud."""

TEAM_TEST = Template(
    '''\
"""$name: what it promises at night."""

from collections.abc import Iterator

import pytest
from nightcrew.aws.actions import action_of
from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.house import House, rehearsal
from nightcrew.demo.scripted import Refusal

from $module import $function

'''
    + _TESTS.replace(
        "$fixtures\n",
        '''

@pytest.fixture(scope="module")
def stage() -> Iterator[House]:
    """A cloud in this process, and a Nightcrew that has this runbook and no other."""
    with rehearsal($function) as made:
        yield made


@pytest.fixture
def house(stage: House) -> House:
    """The same, without what the last test scripted."""
    stage.scripted.reset()
    return stage

''',
    )
    + """

def test_what_it_declares_is_what_it_sends(house: House) -> None:
    tour(house)
    assert {action_of(*sent) for sent in house.scripted.actions()} == set($function.permissions)
"""
)
"""In a team's own project."""

PROJECT = Template("""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "$project"
version = "0.1.0"
description = "Runbooks of our own."
requires-python = ">=3.11"

# By this Nightcrew finds them.
[project.entry-points."nightcrew.runbooks"]
$project = "$package"

[tool.hatch.build.targets.wheel]
packages = ["$package"]

[tool.pytest.ini_options]
pythonpath = ["."]
""")
"""pyproject.toml of a team's project that is not there yet."""
