"""The real template, built and deployed by SAM to an emulator, and what tests need to know of it."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.session import Session

from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.engine.emulated import VARIABLE
from tests.stack import ROOT, template

NAME = "nightcrew"
BUILT = ROOT / ".aws-sam" / "e2e" / "template.yaml"
PARAMETER = "/nightcrew/policy"
PARAMETERS = {
    "Autonomy": "auto",
    "PolicyParameter": PARAMETER,
    "AnchorRetentionDays": "1",
    "AnchorMode": "GOVERNANCE",
    "ApiOperators": f"arn:aws:iam::{ACCOUNT}:user/olaf",
}
_ROOT = ("test", "test")
"""The key that ministack takes for the account's own."""

Key = tuple[str, str]


class NotDeployed(Exception):
    """The template cannot be built or deployed here; the words say what to do."""


def runtime() -> str:
    """The functions' own Python, of this machine. Raises NotDeployed."""
    if platform.system() != "Linux":
        raise NotDeployed("what is built for Lambda runs on Linux alone")
    name = str(template()["Globals"]["Function"]["Runtime"])
    found = shutil.which(name)
    asked = found and _run([found, "-c", "import sys; print(sys.executable)"], os.environ)
    if not asked or asked.returncode:
        raise NotDeployed(f"the functions run in {name}, and there is none here")
    return asked.stdout.strip()


def processor(machine: str) -> str:
    """What Lambda calls this machine's processor."""
    return {"aarch64": "arm64"}.get(machine, machine)


@dataclass(frozen=True)
class Deployed:
    """A stack on an emulator."""

    endpoint: str

    def environment(self, key: Key = _ROOT) -> dict[str, str]:
        """Of a process that speaks to this emulator, and by no mistake to AWS."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": key[0],
            "AWS_SECRET_ACCESS_KEY": key[1],
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "SAM_CLI_TELEMETRY": "0",
        }

    def client(self, service: str, key: Key = _ROOT) -> Any:
        """A client, of the account's owner or of somebody else."""
        return Session().create_client(
            service,
            REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def nightcrew(self, *args: str, key: Key = _ROOT) -> "subprocess.CompletedProcess[str]":
        """Nightcrew's command for this stack, or through its API where that is said, as a person with this key."""
        environment = self.environment(key) | {
            "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}",
            "COLUMNS": "200",
        }
        place = [] if "--url" in args else ["--stack", NAME]
        return _run([sys.executable, "-m", "nightcrew.cli", *place, *args], environment)

    @cached_property
    def api(self) -> str:
        """The HTTP API's address on this emulator: not by the name of a host, which nobody here could resolve."""
        return f"{self.endpoint}/_aws/execute-api/{self.resources['Api']}"

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}

    @cached_property
    def resources(self) -> dict[str, str]:
        """Physical ids by logical ids."""
        found = self.client("cloudformation").describe_stack_resources(StackName=NAME)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def deploy(endpoint: str, sam: str, machine: str) -> Deployed:
    """Deploy what `sam build` left, with SAM. Raises NotDeployed."""
    if not BUILT.is_file():
        raise NotDeployed("nothing is built: `make e2e` builds the template for this machine's processor first")
    deployed = Deployed(endpoint)
    given = {**PARAMETERS}
    if "Architecture" in template()["Parameters"]:
        given["Architecture"] = processor(machine)
    ended = _run(
        [
            *(sam, "deploy", "--template-file", str(BUILT), "--config-file", str(ROOT / "samconfig.toml")),
            *("--stack-name", NAME, "--region", REGION, "--no-confirm-changeset", "--no-progressbar"),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in given.items())),
        ],
        deployed.environment(),
    )
    if ended.returncode:
        raise NotDeployed(f"SAM did not deploy it:\n{(ended.stdout + ended.stderr)[-3000:]}")
    return deployed


def adapt(deployed: Deployed, policy: str, journal: Path) -> None:
    """What the emulator needs beside the template: runs on a journal. The team's policy is there, too.

    The executor's new setting is a new version behind its alias, as after a deployment.
    """
    deployed.client("ssm").put_parameter(Name=PARAMETER, Value=policy, Type="String")
    functions = deployed.client("lambda")
    for name in ("IntakeFunction", "ExecutorFunction"):
        function = deployed.resources[name]
        variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": {**variables, VARIABLE: str(journal)}}
        )
    version = functions.publish_version(FunctionName=deployed.resources["ExecutorFunction"])["Version"]
    functions.update_alias(FunctionName=deployed.resources["ExecutorFunction"], Name="live", FunctionVersion=version)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Nobody answers its questions, and it writes nothing beside the template."""
    return subprocess.run(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
