"""The functions' processor is a parameter, and the build follows what samconfig.toml deploys."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.stack import ROOT, template

NAMES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name for a processor, and that of the wheels which are built for it."""


def test_arm64_unless_the_parameter_says_otherwise() -> None:
    parameter = template()["Parameters"]["Architecture"]
    assert (parameter["Default"], set(parameter["AllowedValues"])) == ("arm64", set(NAMES))
    assert template()["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]


def built_for(place: Path, samconfig: str, **environment: str) -> str:
    """What the Makefile would build for, beside this samconfig.toml."""
    shutil.copy(ROOT / "Makefile", place)
    (place / "samconfig.toml").write_text(samconfig)
    tomllib.loads(samconfig)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "ARCH"))}
    command = ["make", "--no-print-directory", "--eval", "show: ; @echo $(ARCHITECTURE)", "show"]
    ended = subprocess.run(command, cwd=place, env=inherited | environment, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


@pytest.mark.parametrize(
    ("said", "wheels"),
    [
        ((ROOT / "samconfig.toml").read_text(), NAMES["arm64"]),
        ('[default.global.parameters]\nparameter_overrides = "Autonomy=suggest Architecture=x86_64"\n', "x86_64"),
        (
            '[default.deploy.parameters]\nparameter_overrides = "Architecture=\\"x86_64\\" Autonomy=auto"\n',
            "x86_64",
        ),
        ('[default.global.parameters]\nparameter_overrides = ["Architecture=x86_64"]\n', "x86_64"),
        ('[default.global.parameters]\nparameter_overrides = "Architecture=arm64"\n', "aarch64"),
        ('# parameter_overrides = "Architecture=x86_64"\n', "aarch64"),
    ],
    ids=["as-it-is", "one-of-several", "as-guided-writes-it", "in-a-list", "arm64", "commented-out"],
)
def test_the_build_is_for_what_samconfig_deploys(tmp_path: Path, said: str, wheels: str) -> None:
    """Else the functions would not start: what is compiled in them is for one processor."""
    assert built_for(tmp_path, said) == wheels


def test_who_builds_can_say_it_himself(tmp_path: Path) -> None:
    """The emulator runs what is built on this machine's own processor, whatever is deployed on AWS."""
    said = '[default.global.parameters]\nparameter_overrides = "Architecture=x86_64"\n'
    assert built_for(tmp_path, said, ARCHITECTURE="aarch64") == "aarch64"


def test_samconfig_lets_the_stack_name_its_roles_and_asks_before_it_changes_anything() -> None:
    """The remediators have names, and no deployment surprises anybody."""
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]
    assert "CAPABILITY_NAMED_IAM" in deploy["capabilities"]
    assert deploy["confirm_changeset"] is True
    assert deploy["resolve_s3"] is True
