"""A channel of a test's own: it hears what a shift tells, and members press the buttons that it shows."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import chat
from nightcrew.chat.doorway import Doorway
from nightcrew.chat.members import Vouched
from nightcrew.engine.installation import Installation
from nightcrew.engine.news import AwsNews
from tests.dispatch.test_news import Desk
from tests.doors.conftest import Context
from tests.engine.channel import buttons
from tests.engine.shift import Shift

TOPIC = "arn:aws:sns:eu-west-1:123456789012:channels"
STACK = "night"
ROLE = "AROAEXAMPLEEXAMPLE123"
PEOPLE = "U0ADA=ada,U0BOB=bob@example.com,U0CYD=Cyd"
ADA, BOB, CYD, STRANGER = "U0ADA", "U0BOB", "U0CYD", "U0WHO"


@dataclass
class Channel:
    """``thread`` is what was said under a run's messages after a button was pressed."""

    shift: Shift
    desk: Desk = field(default_factory=Desk)
    thread: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, shift: Shift) -> "Channel":
        made = cls(shift)
        object.__setattr__(shift.crew.installation, "news", AwsNews(made.desk, chat=TOPIC, stack=STACK))
        return made

    @property
    def shown(self) -> dict[str, str]:
        """The buttons under the latest message, with what each sends."""
        latest = json.loads(self.desk.sent[-1][1]["Message"])
        commands = buttons(latest, STACK)
        return {text: re.findall(r"--message-body (\S+)", command)[0] for text, command in commands.items()}

    def press(self, button: str, member: str = BOB) -> str:
        """A member presses it, and the stack answers; what is said in the thread then."""
        self.send(self.shown[button], f"{ROLE}:chatbot-session-slack-{member}")
        return self.thread[-1]

    def send(self, text: str, sender: str, times: int = 1, installation: Installation | None = None) -> dict[str, Any]:
        """A message comes to the function behind the buttons, as SQS hands it over."""
        door = Doorway(installation or self.shift.crew.installation, ROLE, Vouched.of(PEOPLE), self._said)
        attributes = {"SenderId": sender, "ApproximateReceiveCount": str(times)}
        record = {"messageId": "m", "body": text, "attributes": attributes}
        return chat.deciding(lambda: door)({"Records": [record]}, Context([10_000], "chat"))

    def _said(self, run: str, words: str) -> None:
        assert run
        self.thread.append(words)
