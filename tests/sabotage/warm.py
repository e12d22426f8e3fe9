"""A pytest that starts two seconds sooner: forked from a process that has all slow imports behind it, none of ours."""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

import pytest

SLOW = (
    *("boto3", "pydantic", "yaml", "rich.console", "click", "hypothesis", "aws_durable_execution_sdk_python"),
    *(f"moto.{service}.models" for service in ("cloudwatch", "ecs", "elbv2", "kinesis", "servicequotas", "sqs", "ssm")),
    *(f"moto.{service}.responses" for service in ("applicationautoscaling", "autoscaling", "awslambda", "dynamodb")),
    *(f"moto.{service}.responses" for service in ("cloudwatch", "ec2", "elasticache", "rds", "sqs", "ssm")),
    *("moto.backends", "moto.core.botocore_stubber", "_pytest.assertion", "_pytest.junitxml", "pytest"),
)
"""What most tests import. A name that is not there is passed over: its tests start later, that is all."""


def warm_pytest(
    tree: Path, arguments: Sequence[str], environment: Mapping[str, str], within: float
) -> tuple[int | None, str]:
    """Run pytest in a tree; its exit code, None where it hung and was given up, and what it said."""
    context = get_context("forkserver")
    ours = (tree / "functions" / "nightcrew").is_dir()
    context.set_forkserver_preload([*SLOW] if ours else ["pytest"])
    with tempfile.NamedTemporaryFile(prefix="nightcrew-sabotage-", mode="r", errors="replace") as said:
        child = context.Process(target=_pytest, args=(str(tree), list(arguments), dict(environment), said.name))
        child.start()
        child.join(within)
        code = child.exitcode
        if code is None and child.pid is not None:
            os.killpg(child.pid, signal.SIGKILL)
            child.join()
        return code, said.read()


def _pytest(tree: str, arguments: list[str], environment: dict[str, str], said: str) -> None:
    """In the forked process: a session of its own, so that what hangs goes with its children."""
    os.setsid()
    file = os.open(said, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.chdir(tree)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    ours = {each.stem for folder in (Path(tree), Path(tree) / "functions") for each in folder.iterdir()}
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        del sys.modules[name]
    code = int(pytest.main(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
