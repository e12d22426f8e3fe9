"""`nightcrew console`: an installation's pages on this machine, with the caller's own rights."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nightcrew.cli.asked import Asked
from nightcrew.cli.commands.console import of_stack
from nightcrew.cli.output import Output
from nightcrew.cli.place import stack_of
from nightcrew.cli.stack import Stack
from nightcrew.clock import SystemClock
from nightcrew.console.loopback import Loopback
from nightcrew.ledger.history import history, opening, running, tail
from tests.cli.browsing import Visitor
from tests.cli.cloud import REGION, Answered, Demo, Sent
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import process, typed, wait


@contextmanager
def visited(deployed: Deployed, patch: pytest.MonkeyPatch, **environment: str) -> Iterator[Visitor]:
    """The console of the stack, opened."""
    for name, value in {**deployed.environment, **environment}.items():
        patch.setenv(name, value)
    asked = Asked(stack=NAME, region=REGION, output=Output())
    stack = stack_of(asked)
    assert isinstance(stack, Stack)
    with of_stack(stack, Loopback(), asked) as up:
        visitor = Visitor(up.address)
        assert visitor.enter()[0] == 200
        yield visitor


def test_the_demos_pages_are_served_until_ctrl_c(demo: Demo) -> None:
    """Only who has the address is let in; what is started there is carried on there; it ends well."""
    child = process("--demo", "console", "--json", XDG_STATE_HOME=str(demo.journal.parent.parent))
    assert child.stdout is not None
    try:
        line = "".join(child.stdout.readline() for _ in range(3))
        visitor = Visitor(json.loads(line)["address"])
        assert visitor.open("/console")[0] == 401
        assert "Waits for a person" in visitor.enter()[1]
        at = "/console/runbooks/restart-ec2-instance"
        form = {"key": "one", "instance_id": demo.instance(), "reason": "it hangs"}
        status, page = visitor.send(f"{at}/run", f"{at}/start", **form)
        assert status == 200, page
        (row,) = running(demo.store) or history(demo.store, now=SystemClock().now()).rows
        wait(lambda: (last := tail(demo.store, row.run)) is not None and last.kind == "closing", SystemClock())
    finally:
        child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (0, "", "")


def test_the_stacks_pages_act_with_the_callers_own_rights(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who halts there is who AWS says it is; the ledger and the halt are the stack's."""
    with visited(deployed, monkeypatch, **deployed.person("console-ada")) as visitor:
        page = visitor.send("/console/halt", "/console/halt", reason="look first")[1]
        assert "Halted: everything" in page
        assert "console-ada" in page
    held = typed("--stack", NAME, "run", "restart-ec2-instance", "--instance-id", deployed.demo.instance())
    assert held.code == 3
    assert "look first" in held.out


def test_a_start_is_carried_out_by_the_stacks_executor(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    at = "/console/runbooks/restart-ec2-instance"
    with visited(deployed, monkeypatch, **deployed.person("console-cyd")) as visitor:
        form = {"key": "one", "instance_id": deployed.demo.instance()}
        assert visitor.send(f"{at}/run", f"{at}/start", **form)[0] == 200
    (run,) = deployed.executor.invoked
    first = opening(deployed.demo.store, run)
    assert first is not None
    assert first.body["actor"].endswith(":user/console-cyd")


def test_what_iam_refuses_becomes_a_page_that_says_what_is_missing(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no page breaks."""
    words = "User: ada is not authorized to perform: dynamodb:Query on resource: nightcrew-ledger"
    body = json.dumps({"__type": "com.amazon.coral.service#AccessDeniedException", "message": words}).encode()

    def refuse(sent: Sent) -> Answered | None:
        if sent.headers.get("X-Amz-Target", "").endswith(".Query"):
            return 400, {"Content-Type": "application/x-amz-json-1.0"}, body
        return None

    with visited(deployed, monkeypatch) as visitor:
        deployed.demo.stall.instead = refuse
        status, page = visitor.open("/console")
    assert status == 503
    assert "IAM does not allow it" in page
    assert words in page


def test_over_the_api_it_is_said_what_to_do_instead() -> None:
    seen = typed("--url", "https://api.example.com", "console")
    assert seen.code == 2
    assert "nightcrew --stack NAME console" in seen.err


def test_without_a_place_it_is_said_which_there_are() -> None:
    seen = typed("console", NIGHTCREW_STACK=None, NIGHTCREW_URL=None)
    assert seen.code == 2
    assert "nightcrew demo --serve" in seen.err


def test_a_stacks_policy_cannot_be_another_one(deployed: Deployed) -> None:
    seen = typed("--stack", NAME, "--policy", "runbooks/policy.yaml", "console", **deployed.environment)
    assert seen.code == 2
    assert "its own policy" in seen.err


def test_a_port_that_is_taken_is_said(demo: Demo) -> None:
    taken = Loopback()
    with taken.serving(lambda event, context: {}):
        seen = typed("--demo", "console", "--port", str(taken.port))
    assert seen.code == 2
    assert "a free port" in seen.err
