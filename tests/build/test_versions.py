"""What CloudFormation gets from SAM: a changed runbook is another version behind the alias, and the old one is kept."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.build.test_packaging import copied, made
from tests.stack import ROOT, TEMPLATE, template

pytestmark = pytest.mark.build

RUNBOOK = "runbooks/restart/restart_ec2_instance.py"
Resources = dict[str, dict[str, Any]]

TRANSLATED = """
import json, os, sys
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
from samcli.lib.utils.hash import dir_checksum
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
template, *built = sys.argv[1:]
found = []
for place in built:
    given = yaml_parse(open(template).read())
    for resource in given["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/" + dir_checksum(place, followlinks=True)
    values = {name: each["Default"] for name, each in given["Parameters"].items() if "Default" in each}
    found.append(Translator({}, Parser()).translate(sam_template=given, parameter_values=values)["Resources"])
json.dump(found, sys.stdout)
"""
"""As `sam deploy` does it: the code goes up under the sum of its content, and then the template is translated."""


def translated(*built: Path) -> list[Resources]:
    """The template's resources as CloudFormation gets them, with each of these as the functions' code."""
    command = [str(ROOT / ".venv-sam" / "bin" / "python"), "-c", TRANSLATED, str(TEMPLATE), *map(str, built)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[Resources] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Resources]:
    """The executor as it is, after an edit of one runbook, after an edit of its page, and once that is taken back."""
    source = copied(tmp_path_factory.mktemp("versions"))
    runbook = source / RUNBOOK
    original = runbook.read_bytes()
    built = {"before": made(source, "ExecutorFunction", "before")}
    runbook.write_bytes(original + b"\n# a comment is a change, too\n")
    built["after"] = made(source, "ExecutorFunction", "after")
    runbook.write_bytes(original)
    (source / "runbooks" / "README.md").write_text("Another word.")
    built["back"] = made(source, "ExecutorFunction", "back")
    return dict(zip(built, translated(*built.values()), strict=True)).__getitem__


def version(resources: Resources) -> str:
    """The logical id of the one version that the template publishes."""
    (found,) = [name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Version"]
    return found


def test_a_changed_runbook_is_another_version_behind_the_alias(versions: Callable[[str], Resources]) -> None:
    """CloudFormation publishes a version where it sees a new logical id, and moves the alias to it."""
    before, after = versions("before"), versions("after")
    assert version(before) != version(after)
    for resources in (before, after):
        alias = resources["ExecutorFunctionAliaslive"]["Properties"]
        assert alias["Name"] == "live"
        assert alias["FunctionVersion"] == {"Fn::GetAtt": [version(resources), "Version"]}


def test_the_same_code_is_the_same_version(versions: Callable[[str], Resources]) -> None:
    """What nobody runs (a page, a README) is not in it: else each deployment would be a version."""
    assert version(versions("before")) == version(versions("back"))


def test_the_version_on_which_a_run_began_is_kept(versions: Callable[[str], Resources]) -> None:
    """CloudFormation takes its logical id out of the stack, and leaves the version where it is: runs that are alive go
    on there.
    """
    resources = versions("before")
    assert resources[version(resources)]["DeletionPolicy"] == "Retain"


def test_the_translator_adds_no_role_of_its_own(versions: Callable[[str], Resources]) -> None:
    """The roles that tests/test_template_every_role.py knows are all there are."""
    roles = {name for name, each in versions("before").items() if each["Type"] == "AWS::IAM::Role"}
    assert roles == {name for name, each in template()["Resources"].items() if each["Type"] == "AWS::IAM::Role"}


def test_the_processor_is_the_parameters(versions: Callable[[str], Resources]) -> None:
    functions = [each for each in versions("before").values() if each["Type"] == "AWS::Lambda::Function"]
    assert [each["Properties"]["Architectures"] for each in functions] == [[{"Ref": "Architecture"}]] * len(functions)
