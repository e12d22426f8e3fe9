"""Systems Manager: whether a machine's agent answers, and what became of a command that was sent to it.

Statuses: Systems Manager user guide, "Understanding command statuses". Commands show only after a moment: the API is
eventually consistent (API reference, ListCommandInvocations).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.calls import Call, calls
from nightcrew.errors import Unknown

_ssm = calls("ssm")

DOCUMENT = "AWS-RunShellScript"

_BEFORE = timedelta(minutes=10)
"""So much may clocks differ."""

_OVER = frozenset({"Success", "Cancelled", "TimedOut", "Failed"})
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.@-]{0,200}")
_URL = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/?=&%-]*)?")
_PATH = re.compile(r"/[A-Za-z0-9._/-]{0,200}")
_SHOWN = 300


def send_script(instance: str, script: str, comment: str, limit: timedelta) -> Call:
    """The call that runs a shell script on a Linux machine. ``comment``, 100 characters at most, tells it from others.

    One that is not delivered within a minute is not delivered later; after ``limit`` nothing of it goes on.
    """
    return _ssm.send_command(
        InstanceIds=[instance],
        DocumentName=DOCUMENT,
        Comment=comment,
        Parameters={"commands": [script], "executionTimeout": [f"{limit.total_seconds():.0f}"]},
        TimeoutSeconds=60,
    )


def sent_since(instance: str, at: datetime) -> Call:
    """The read of the scripts that were sent to a machine since then: others send some, too."""
    since = f"{at - _BEFORE:%Y-%m-%dT%H:%M:%SZ}"
    narrowed = [{"key": "InvokedAfter", "value": since}, {"key": "DocumentName", "value": DOCUMENT}]
    return _ssm.list_command_invocations(InstanceId=instance, Details=True, Filters=narrowed)


def only_node(answer: Any) -> dict[str, Any]:
    """The one machine of a DescribeInstanceInformation answer: ``{"ping", "platform", "agent"}``.

    ``ping`` is Online, ConnectionLost or Inactive. Raises Unknown where Systems Manager does not manage it.
    """
    listed = answer["InstanceInformationList"]
    if not listed:
        raise Unknown("Systems Manager does not manage the instance")
    found = listed[0]
    return {
        "ping": found.get("PingStatus"),
        "platform": found.get("PlatformType"),
        "agent": found.get("AgentVersion"),
    }


def command_of(comment: str) -> Callable[[Any], dict[str, Any]]:
    """For a ListCommandInvocations answer with details: what became of the command with that comment.

    ``{"found", "over", "ok", "status", "said"}``: ``status`` in detail, like "Delivery Timed Out"; ``said`` is the end
    of what the command printed.
    """

    def command(answer: Any) -> dict[str, Any]:
        found: dict[str, Any] = next(
            (each for each in answer["CommandInvocations"] if each.get("Comment") == comment), {}
        )
        said = "".join(str(plugin.get("Output") or "") for plugin in found.get("CommandPlugins", []))
        return {
            "found": bool(found),
            "over": found.get("Status") in _OVER,
            "ok": found.get("Status") == "Success",
            "status": found.get("StatusDetails") or found.get("Status"),
            "said": said.strip()[-_SHOWN:],
        }

    return command


def is_unit(name: str) -> bool:
    """Whether that may be a systemd unit's name, like ``nginx`` or ``app@2.service``: safe to stand in a command."""
    return _UNIT.fullmatch(name) is not None


def is_local_url(url: str) -> bool:
    """Whether that is an address on the machine itself, safe to stand in a shell command within quotes."""
    return _URL.fullmatch(url) is not None


def is_path(path: str) -> bool:
    """Whether that is an absolute path, safe to stand in a shell command within quotes."""
    return _PATH.fullmatch(path) is not None
