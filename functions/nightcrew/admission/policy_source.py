"""Policy from an SSM parameter: read when it is asked for and a minute has passed; the last good one stays.

The parameter holds the text of a ``policy.yaml``. What is not valid, or cannot be read, is told, and changes nothing:
the policy that was read last goes on. Where none was read yet, the versions before the bad one are tried, the newest
first; then the packaged policy holds, and lets nothing run by itself.

Powertools' parameters utility would cost 32 ms of a cold start (it brings boto3), and keeps no last good value.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.admission.policy import Policy
from nightcrew.admission.settings import Level, Setting
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import Clock
from nightcrew.errors import BadPolicy, Unreachable

READING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)

KEPT = timedelta(seconds=60)
"""How long a policy is taken to be the one in the parameter."""

LOOK_BACK = 5
"""How many versions before a bad one are tried, where none was read yet."""


@dataclass(frozen=True)
class Text:
    """What stands in a parameter, and its version."""

    text: str
    version: int


Read = Callable[[str], Text]
"""From a parameter's name, with ``:3`` for its third version, to what it holds. Raises Unreachable."""


@dataclass(frozen=True)
class Trouble:
    """The policy in the parameter is not the one that holds. ``bad`` names a version that is not valid, by its text."""

    words: str
    policy: str
    bad: str | None = None


class PolicySource:
    """The policy of a parameter, for one environment. ``packaged`` comes in the function's code."""

    def __init__(
        self,
        name: str,
        read: Read,
        check: Callable[[str], Policy],
        clock: Clock,
        packaged: Policy,
        tell: Callable[[Trouble], None],
    ) -> None:
        self._name = name
        self._read = read
        self._check = check
        self._clock = clock
        because = f"nothing runs by itself, since no policy could be read from parameter {name} yet"
        # Its name in the ledger tells that the team's own was not at hand.
        version = f"packaged-{packaged.version}"
        self._policy = replace(packaged, version=version, ceiling=Setting(Level.OBSERVE, because))
        self._tell = tell
        self._good = False
        self._text: str | None = None
        self._again: datetime | None = None
        self._bad: Trouble | None = None

    def current(self) -> Policy:
        """The policy that holds now. It raises nothing: what is wrong with the parameter goes to ``tell``."""
        now = self._clock.now()
        if self._again is None or not now < self._again:
            self._again = now + KEPT
            trouble = self._look()
            if trouble is not None:
                self._tell(trouble)
        return self._policy

    def _look(self) -> Trouble | None:
        try:
            found = self._read(self._name)
        except Unreachable as error:
            return Trouble(f"the policy cannot be read: {error}; {self._stays()}", self._policy.version)
        if found.text != self._text:
            self._bad = self._judge(found)
            # Where nothing good is known yet, the versions before a bad one are tried again the next time.
            self._text = found.text if self._good else None
        return self._bad

    def _judge(self, found: Text) -> Trouble | None:
        wrong = self._take(found.text)
        if wrong is None:
            return None
        if not self._good:
            self._take_an_older(found.version)
        words = f"version {found.version} of the policy is not valid: {wrong}; {self._stays()}"
        return Trouble(words, self._policy.version, hashlib.sha256(found.text.encode()).hexdigest()[:24])

    def _take(self, text: str) -> str | None:
        """Let it hold, if it is valid; else why it is not."""
        try:
            self._policy = self._check(text)
        except BadPolicy as bad:
            return str(bad)
        self._good = True
        return None

    def _take_an_older(self, version: int) -> None:
        for older in range(version - 1, max(version - 1 - LOOK_BACK, 0), -1):
            try:
                found = self._read(f"{self._name}:{older}")
            except Unreachable:
                return
            if self._take(found.text) is None:
                return

    def _stays(self) -> str:
        return f"policy {self._policy.version} stays" if self._good else "until one is, nothing runs by itself"


def parameter(clients: ClientMaker) -> Read:
    """Reads parameters. Needs ``ssm:GetParameter``, and ``kms:Decrypt`` for a SecureString under a key of one's own."""
    made: list[Any] = []

    def read(name: str) -> Text:
        if not made:
            made.append(clients("ssm", READING))
        try:
            found = made[0].get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except ClientError as error:
            raise Unreachable(f"parameter {name}: {error.response.get('Error', {}).get('Code', 'Unknown')}") from error
        except BotoCoreError as error:
            raise Unreachable(f"parameter {name}: {error}") from error
        return Text(str(found["Value"]), int(found["Version"]))

    return read


def checked(name: str, runbooks: Collection[str]) -> Callable[[str], Policy]:
    """Checks a text as ``nightcrew policy check`` does. Raises BadPolicy, with the parameter's name for a file's."""

    def check(text: str) -> Policy:
        # YAML and the validator take a tenth of a second to load: here, where a parameter is configured.
        from nightcrew.admission.policy_file import load

        policy = load(text, f"ssm:{name}")
        policy.check_against(runbooks)
        return policy

    return check
