"""docs/api.md: a curl for each call, and each works as it stands there."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nightcrew.api.calls import CALLS
from nightcrew.cli.remote.commands import ANSWERED
from tests.cli.cloud import REGION
from tests.cli.deployed import Deployed
from tests.cli.desk import ROOT, typed
from tests.cli.gateway import Gateway

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SETUP = re.search(r"```\n(export API=.*?)```", PAGE, re.DOTALL)
SHOWN: dict[str, str] = dict(re.findall(r"### ([A-Z]+ /\S+)\n\n```\n(.*?)```", PAGE, re.DOTALL))
EXAMPLE = "i-0abc1234def567890"
ASK = "rules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: approve}"


def test_each_call_is_shown_and_no_other() -> None:
    assert set(SHOWN) == {str(call) for call in CALLS}


def test_each_command_that_works_so_is_named() -> None:
    (named,) = re.findall(r"^`NIGHTCREW_URL` .*?work so", PAGE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([a-z]+)`", named)) == set(ANSWERED)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_its_curl_works(deployed: Deployed, gateway: Gateway, tmp_path: Path, call: Any) -> None:
    """Typed after what the page says to type first; signed by curl, and checked by what stands for API Gateway."""
    deployed.policy(ASK)
    people = {name: person(deployed, gateway, name) for name in ("ada", "ops", "bob")}
    block, instance = SHOWN[str(call)], deployed.demo.instance()
    variables: dict[str, str] = {}
    if "$RUN" in block or call.path == "/lessons/{id}/versions":
        variables["RUN"] = started(gateway, people["ada"], instance)
    if "$PLAN" in block:
        (waits,) = typed("--url", gateway.url, "approvals", "--json", **people["ada"]).json
        variables["PLAN"] = waits["hash"]
    if "$LESSON" in block:
        kept = typed("--url", gateway.url, "learn", variables["RUN"], "the disk", "--json", **people["ada"])
        variables["LESSON"] = kept.json["id"]
    who = people["bob" if call.right == "approver" else "ops"]
    code, told = typed_into_bash(block.replace(EXAMPLE, instance), {**who, **variables}, gateway, tmp_path)
    assert code == 0, told
    assert isinstance(told, dict | list)
    method, path = gateway.asked[-1].split(" ")
    pattern = re.sub(r"{[a-z]+}", "[^/]+", call.path)
    assert (method, bool(re.fullmatch(pattern, path.partition("?")[0]))) == (call.method, True)


def test_what_is_refused_is_a_problem_and_curl_fails(deployed: Deployed, gateway: Gateway, tmp_path: Path) -> None:
    """`fail-with-body` tells a script, and the body a person."""
    ada = person(deployed, gateway, "ada")
    code, told = typed_into_bash('curl -K api.curl "$API/runs/20261121-030004-k3f9qa"', ada, gateway, tmp_path)
    assert code == 22
    assert (told["status"], "type" in told) == (404, True)


def test_a_wrong_secret_is_turned_away_at_the_gate(deployed: Deployed, gateway: Gateway, tmp_path: Path) -> None:
    """Else these tests would not see whether anything is signed."""
    ada = {**person(deployed, gateway, "ada"), "AWS_SECRET_ACCESS_KEY": "guessed"}
    assert typed_into_bash(SHOWN["GET /runs"], ada, gateway, tmp_path) == (22, {"message": "Forbidden"})


def test_credentials_that_are_lent_for_an_hour_are_signed_with_their_token(
    deployed: Deployed, gateway: Gateway, tmp_path: Path
) -> None:
    ada = {**person(deployed, gateway, "ada"), "AWS_SESSION_TOKEN": "lent/for+an=hour"}
    assert typed_into_bash(SHOWN["GET /halts"], ada, gateway, tmp_path) == (0, [])
    assert gateway.tokens == ["lent/for+an=hour"]


def person(deployed: Deployed, gateway: Gateway, name: str) -> dict[str, Any]:
    """The environment of somebody."""
    keys = {"AWS_ACCESS_KEY_ID": f"AKIA{name.upper()}", "AWS_SECRET_ACCESS_KEY": f"of {name}"}
    return gateway.knows({**deployed.environment, **keys}, f"arn:aws:iam::123456789012:user/{name}")


def started(gateway: Gateway, who: Mapping[str, Any], instance: str) -> str:
    """A run that waits for an approval."""
    seen = typed(
        *("--url", gateway.url, "run", "restart-ec2-instance", "--instance-id", instance, "--reason", "x", "--json"),
        **dict(who),
    )
    assert seen.code == 6, seen.err
    return str(seen.json["run"])


def typed_into_bash(block: str, environment: Mapping[str, str], gateway: Gateway, place: Path) -> tuple[int, Any]:
    """How curl ended, and what it printed."""
    assert SETUP is not None
    setup = re.sub(r"API=\S+ AWS_REGION=\S+", f"API={gateway.url} AWS_REGION={REGION}", SETUP[1])
    around = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "http", "HTTP"))}
    ended = subprocess.run(
        ["bash", "-e", "-u", "-c", f"{setup}\n{block}"],
        cwd=place,
        env={**around, "AWS_SESSION_TOKEN": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)
