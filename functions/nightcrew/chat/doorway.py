"""The way of a button's message as it is deployed: from a queue to a decision, and back into the run's thread.

===========================  ======================================================================================
``NIGHTCREW_CHANNEL_ROLE``   id of the role in whose sessions the channel's buttons run, ``AROA…``
``NIGHTCREW_CHAT_PEOPLE``    who the members of the channel are in AWS: ``U0123ABCD=ada``, with commas between them
===========================  ======================================================================================
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nightcrew.aws.cloud import ClientMaker
from nightcrew.chat.deciding import Answered, answer
from nightcrew.chat.members import VARIABLE, Vouched, member_of
from nightcrew.chat.wishes import Wish, wish_of
from nightcrew.clock import stamp
from nightcrew.engine.deployed import installation, required, stack_of
from nightcrew.engine.installation import Installation, Watch
from nightcrew.engine.news import SENDING
from nightcrew.engine.news_chat import answered

Tell = Callable[[str, str], None]
"""Tells in a run's thread what became of a button."""


@dataclass(frozen=True)
class Doorway:
    """``role`` is the id of the channel's role."""

    installation: Installation
    role: str
    vouched: Vouched
    tell: Tell

    def message(self, sender: str, text: str) -> Answered:
        """Answer one message. Raises NotFromTheChannel, and BadInput for what no button sends: nobody is told then.
        Conflict and Unreachable are raised where it may be tried again.
        """
        member = member_of(sender, self.role, self.vouched)
        done = answer(self.installation, member, wish_of(text))
        self._told(done.run, done.words)
        return done

    def given_up(self, sender: str, text: str) -> Wish:
        """Say in the thread that nothing came of it: it was tried often enough."""
        member_of(sender, self.role, self.vouched)
        wish = wish_of(text)
        verb = "approved" if wish.approve else "declined"
        self._told(wish.run, f"not {verb}: the tables or the run are out of reach. Press again, or use a terminal")
        return wish

    def _told(self, run: str, words: str) -> None:
        try:
            self.tell(run, words)
        except Exception as error:  # noqa: BLE001  what was decided is decided, whoever hears of it
            problem = f"{type(error).__name__}: {error}"[:300]
            self.installation.tell("news failed", {"run": run, "kind": "answered", "words": problem})


def doorway(environment: Mapping[str, str], watch: Watch, clients: ClientMaker) -> Doorway:
    """From the function's environment. Raises Unknown where a variable is missing. Which policy holds for a run stands
    in its opening, so that none is read here.
    """
    topic, stack = required(environment, "NIGHTCREW_CHAT_TOPIC"), stack_of(environment)
    made = installation(environment, watch, clients)

    def tell(run: str, words: str) -> None:
        form = answered(run, words, stack, stamp(made.clock.now()))
        clients("sns", SENDING).publish(TopicArn=topic, Message=json.dumps(form, ensure_ascii=False))

    vouched = Vouched.of(environment.get(VARIABLE, ""))
    return Doorway(made, required(environment, "NIGHTCREW_CHANNEL_ROLE"), vouched, tell)
