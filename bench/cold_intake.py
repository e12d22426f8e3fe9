"""Run in a fresh process by measure 1: the intake function from its first import to its first conditional write.

Prints the seconds. Arguments: the artefact's directory, and a file with the event.
"""

import sys
import time

BEGAN = time.perf_counter()
sys.path.insert(0, sys.argv[1])

import json  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from botocore import handlers  # noqa: E402
from botocore.awsrequest import AWSResponse  # noqa: E402

import intake  # noqa: E402  # type: ignore[import-not-found, unused-ignore]


class Context:
    """What Lambda says about an invocation."""

    function_name = "nightcrew-intake"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:nightcrew-intake"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """As at its beginning."""
        return 30_000


class Ready(BaseException):
    """The first conditional write is about to leave the process: no Exception, so that it ends it."""


class Nothing:
    """An answer without a body to read: there is no claim."""

    def stream(self) -> list[bytes]:
        """In one piece."""
        return [b'{"Responses": {}}']


def sent(event_name: str, **_: Any) -> AWSResponse:
    """What is known is asked for once; what comes then is the write."""
    if event_name.endswith("GetItem"):
        return AWSResponse("https://stub", 200, {}, Nothing())
    raise Ready(time.perf_counter() - BEGAN, event_name)


handlers.BUILTIN_HANDLERS.append(("before-send", sent))
record = {"messageId": "bench", "body": Path(sys.argv[2]).read_text()}
try:
    intake.handler({"Records": [record]}, Context())
except Ready as ready:
    seconds, event_name = ready.args
    sys.stderr.write(json.dumps({"seconds": seconds, "reached": event_name}))
