"""``nightcrew evidence``: what an auditor asks for, of a period, and whether it is as it was."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from nightcrew.admission.policy_source import parameter
from nightcrew.aws.cloud import READING
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Place, ledger_of
from nightcrew.cli.reviewing import anchored
from nightcrew.cli.reviewing.anchored import anchors_of, anchors_option
from nightcrew.cli.stack import Stack
from nightcrew.cli.times import since as moment_of
from nightcrew.cli.times import until as end_of
from nightcrew.errors import BadInput, Unreachable
from nightcrew.knowledge.evidence import artifact, manifest
from nightcrew.knowledge.evidence.evidence import Beside, Period, make

_POLICY = "NIGHTCREW_POLICY_PARAMETER"
_WORDS = {
    "runs": ("run", "runs"),
    "changes": ("change", "changes"),
    "refusals": ("refusal", "refusals"),
    "approvals": ("approval", "approvals"),
    "policies": ("policy version", "policy versions"),
    "lessons": ("version of a lesson", "versions of lessons"),
}


@click.command()
@click.option("--since", metavar="TIME", help="Its first moment: 90d, 2026-10-01 or 2026-10-01T00:00 (UTC).")
@click.option("--until", metavar="TIME", help="Its last day, 2026-10-31, or the moment at which it ends; else now.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Where it is written: new, or empty.")
@anchors_option
@click.option(
    "--check",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Say whether what was written there is as it was.",
)
@click.option("--expect", metavar="SHA256", help="With --check: the hash that was told when it was made.")
@json_option
@click.pass_obj
def command(
    asked: Asked,
    *,
    since: str | None,
    until: str | None,
    out: Path | None,
    anchors: str | None,
    check: Path | None,
    expect: str | None,
) -> int:
    """Write the evidence of a period to --out: runs, approvals, refusals, policy versions and lessons.

    As CSV, JSON and Markdown, with the ledger's entries themselves, their verification, and a manifest of hashes.
    --check says later, without AWS, which file and line were touched.
    """
    if check is not None:
        if since is not None or until is not None or out is not None or anchors is not None:
            raise click.UsageError("--check reads what is there: it takes --expect alone")
        return _check(asked, check, expect)
    if expect is not None:
        raise click.UsageError("--expect is for --check")
    if since is None or out is None:
        missing = "--since" if since is None else "--out"
        raise click.UsageError(f"{missing} is missing: --since 2026-10-01 --until 2026-10-31 --out DIR")
    place = ledger_of(asked, "to gather evidence of")
    now = place.clock.now()
    begin, end = moment_of(since, now), end_of(until, now)
    if until is None and begin is not None and begin >= now:
        raise BadInput("--since", since, "a time that is over")
    period = Period.of(begin or now, end, now)
    there = anchors_of(asked, anchors, getattr(place, "clients", None))
    made = make(place.store, out, period, now, _beside(asked, place), there)
    if asked.output.json:
        told = {"directory": str(out), **made.counts, "verification": made.found.to_dict(), "sha256": made.hash}
        asked.output.data(told)
        return exits.NOT_CURED if made.found.breaks else exits.WELL
    counts = ", ".join(f"{count} {_WORDS[name][count != 1]}" for name, count in made.counts.items())
    asked.output.print(asked.output.mark("succeeded", f"{out}: {counts}"))
    anchored.tell(asked, made.found, None)
    asked.output.print(f"SHA-256 of its {manifest.NAME}, to be kept elsewhere:", f"  {made.hash}")
    asked.output.hint("Check it with", f"  nightcrew evidence --check {out} --expect {made.hash}")
    return exits.NOT_CURED if made.found.breaks else exits.WELL


def _check(asked: Asked, directory: Path, expect: str | None) -> int:
    found, count = manifest.check(directory)
    sha256 = manifest.hash_of(directory)
    if expect is not None and sha256 != expect.strip().lower():
        found.insert(0, manifest.Touched(manifest.NAME, None, f"its SHA-256 is {sha256}, and not the one expected"))
    if asked.output.json:
        touched = [each.to_dict() for each in found]
        asked.output.data({"files": count, "sha256": sha256, "as_it_was": not found, "touched": touched})
        return exits.NOT_CURED if found else exits.WELL
    for each in found:
        asked.output.print(asked.output.mark("failed", str(each)))
    if not found:
        asked.output.print(asked.output.mark("succeeded", f"as it was: {count} files"))
        if expect is None:
            asked.output.print(f"  if the SHA-256 of its {manifest.NAME} was this one: {sha256}")
    return exits.NOT_CURED if found else exits.WELL


def _beside(asked: Asked, place: Place) -> Beside:
    """What the ledger does not know."""
    text, version = _policy(asked, place)
    return Beside(place.who.actor, text, version, _reports(place))


def _policy(asked: Asked, place: Place) -> tuple[str | None, str | None]:
    """The policy's text as it is now, and its version; None where it cannot be read, which is told."""
    name = place.environment.get(_POLICY) if isinstance(place, Stack) else None
    if asked.policy is not None:
        text = asked.policy.read_text(encoding="utf-8")
    elif isinstance(place, Stack) and name is not None:
        try:
            text = parameter(place.clients)(name).text
        except Unreachable as trouble:
            asked.output.note(f"note: without the policy's text: {trouble}")
            return None, None
    else:
        package = "nightcrew.demo" if asked.demo else "runbooks"
        text = (files(package) / "policy.yaml").read_text(encoding="utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]  # as ``Policy.version`` has it, valid or not


def _reports(place: Place) -> dict[str, Any]:
    """AWS Artifact's list, for a stack: the demo and a laptop have none."""
    if not isinstance(place, Stack):
        return artifact.not_asked("this is no deployed stack")
    from nightcrew.aws.calls import Place as Where

    where = Where(artifact.region_of(str(place.account.region)))
    return artifact.reports(place.account("artifact", READING, where))
