"""Measure 1: the cold start of intake, until it is about to write its claim, against a handler with two boto3 clients.

Both run in fresh processes that see nothing but the artefact, in pairs.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.artefact import build
from bench.deployed import ENVIRONMENT, EVENT, everything_by_itself
from bench.pairs import ratio, turns
from bench.report import Row
from nightcrew.admission.policy_compiled import compiled

ROUNDS, ROUNDS_FROM_SOURCE = 11, 3
MOST = 1.1
REACHED = {"cold_intake.py": "before-send.dynamodb.TransactWriteItems", "cold_baseline.py": "two clients"}
HERE = Path(__file__).parent


def measure() -> Row:
    """With bytecode; and from source, since the package has none, and Lambda cannot keep what it compiles."""
    with TemporaryDirectory() as room:
        artefact = build(Path(room))
        # The packaged policy only observes. With this one the first write is an admission's, with all its gates.
        (artefact / "runbooks" / "policy.json").write_text(compiled(everything_by_itself()))
        source = _pairs(artefact, ROUNDS_FROM_SOURCE, "-B")
        _pairs(artefact, 1)  # leaves the bytecode there
        ours, theirs = _pairs(artefact, ROUNDS)
    slower = ratio(ours, theirs)
    return Row(
        measure=1,
        name="cold start of intake, ready to claim ÷ boto3, two clients",
        value=round(slower, 2),
        unit="×",
        goal=f"≤ {MOST}",
        met=slower <= MOST,
        how=f"median of {ROUNDS} pairs of fresh processes over the artefact, from the first import to the admission's "
        f"transaction about to be sent (ours, {1000 * median(ours):.0f} ms) and to both clients made "
        f"({1000 * median(theirs):.0f} ms). From source, without any bytecode: {ratio(*source):.2f} × at "
        f"{1000 * median(source[0]):.0f} ms",
    )


def _pairs(artefact: Path, rounds: int, *flags: str) -> list[list[float]]:
    return turns(
        rounds,
        lambda: _seconds("cold_intake.py", artefact, *flags),
        lambda: _seconds("cold_baseline.py", artefact, *flags),
    )


def _seconds(script: str, artefact: Path, *flags: str) -> float:
    """What a fresh process says that it took. Raises RuntimeError where it did not come as far as it should."""
    environment = {
        **ENVIRONMENT,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_LAMBDA_FUNCTION_NAME": "nightcrew-intake",
    }
    # -S: no site-packages; -P, -s: nothing else of this machine either. (-I would do the same, and hide -B.)
    command = [sys.executable, "-S", "-P", "-s", *flags, str(HERE / script), str(artefact), str(EVENT)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    try:
        said = json.loads(ended.stderr)
    except ValueError:
        raise RuntimeError(f"{script}: {ended.stderr[-2000:]}") from None
    if said["reached"] != REACHED[script]:
        raise RuntimeError(f"{script} reached {said['reached']}")
    return float(said["seconds"])
