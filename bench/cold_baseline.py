"""Run in a fresh process by measure 1: what it is compared with, a handler with boto3 and two of its clients.

Prints the seconds from its first import to both clients. Argument: the artefact's directory.
"""

import sys
import time

BEGAN = time.perf_counter()
sys.path.insert(0, sys.argv[1])

import boto3  # noqa: E402

dynamodb = boto3.client("dynamodb")
ec2 = boto3.client("ec2")


def handler(event: object, context: object) -> None:
    """It has not even looked at its event yet."""


seconds = time.perf_counter() - BEGAN

import json  # noqa: E402

sys.stderr.write(json.dumps({"seconds": seconds, "reached": "two clients"}))
