"""The demo that browsers look at: the real ``nightcrew demo --serve``, with its night played, and other terminals."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nightcrew.admission.approvals import waiting
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import READING
from nightcrew.cli.asked import Asked
from nightcrew.cli.place import Demo
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.engine.installation import nobody
from nightcrew.ledger.history import tail
from tests.cli.desk import Seen, process, seen

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
BEGINS = "restart-ec2-instance"
"""Begins at once, by the demo's policy."""
ASKS = "reboot-ec2-instance"
"""Waits for an approval, by the demo's policy."""
SCRIPT = "<script>alert(1)</script>"
"""An alarm's name. CloudWatch allows it."""


@dataclass
class Night:
    """``console`` is the address that was printed; ``told`` is what happened, line by line."""

    state: Path
    console: str
    told: list[dict[str, Any]]
    _demo: list[Demo] = field(default_factory=list)

    @property
    def demo(self) -> Demo:
        """Its cloud, its ledger and its time, as another process has them."""
        if not self._demo:
            self._demo.append(Demo())
        return self._demo[0]

    def run(self, outcome: str) -> str:
        """A run of the night that ended so."""
        ended = (line["run"] for line in self.told if line["kind"] == "closed" and line["outcome"] == outcome)
        return str(next(ended))

    @property
    def refusal(self) -> str:
        """One whose entry is in the ledger."""
        refused = (line["run"] for line in self.told if line["kind"] == "refused" and line["gate"] == "cool-down")
        return str(next(refused))

    @property
    def asked(self) -> str:
        """The run that was left for whoever looks: it waits for an approval."""
        return next(each.run for each in waiting(self.demo.store, self.demo.clock.now()) if each.runbook == ASKS)

    def instance(self) -> str:
        """A machine that no other test works on."""
        made = self.demo.clients("ec2", READING).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
        return str(made["Instances"][0]["InstanceId"])

    def typed(self, *words: str) -> Seen:
        """A command in another terminal."""
        return seen(process("--demo", *words, XDG_STATE_HOME=str(self.state)))

    def asks(self) -> str:
        """A run that somebody else asked for, in another terminal: it waits for an approval."""
        said = ("run", ASKS, "--instance-id", self.instance(), "--even-if-healthy", "--reason", "it is slow", "--json")
        return str(self.typed(*said).json["run"])

    def alarm(self, file: Path, name: str) -> str:
        """An alarm of that name, long over when it comes: its refusal."""
        text = file.read_text(encoding="utf-8").replace("i-0abc1234def567890", self.instance())
        event = json.loads(text.replace("checkout-web-1-instance-check", name))
        crew = self.demo.crew(Asked(demo=True), Catalog.load(), nobody)
        answer = crew.dispatcher.event({**event, "region": REGION})
        assert answer.run is not None, answer
        assert tail(crew.store, answer.run) is not None
        return answer.run


@contextmanager
def night(state: Path) -> Iterator[Night]:
    """The night, played once, and served while the block lasts. At its end it must have ended well, and told of nothing
    that went wrong.
    """
    child = process("--debug", "demo", "--serve", "--json", XDG_STATE_HOME=str(state))
    troubles: list[str] = []
    try:
        told = list(_until_served(child))
        # Nobody may keep it from writing: what nobody reads fills a pipe, and then it stands still.
        assert child.stdout is not None
        assert child.stderr is not None
        listeners = [
            threading.Thread(target=told.extend, args=[map(json.loads, child.stdout)]),
            threading.Thread(target=troubles.extend, args=[child.stderr]),
        ]
        for each in listeners:
            each.start()
        yield Night(state, str(told[-1]["console"]), told)
        child.terminate()
        assert child.wait(timeout=30) == 0
        for each in listeners:
            each.join(timeout=30)
    finally:
        child.kill()
    if troubles:
        raise AssertionError(f"the demo told of trouble:\n{''.join(troubles)[-5000:]}")


def _until_served(child: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert child.stdout is not None
    for text in child.stdout:
        line = json.loads(text)
        yield line
        if line["kind"] == "served":
            return
    assert child.stderr is not None
    raise AssertionError(f"the demo was not served: {child.stderr.read()}")
