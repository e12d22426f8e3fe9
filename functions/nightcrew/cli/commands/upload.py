"""``nightcrew upload``: what ran under break-glass goes into the ledger."""

import click
from rich.text import Text

from nightcrew.cli import exits
from nightcrew.cli.account import Account
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.glass import Glass, directory_of, kept, ledger
from nightcrew.cli.place import Demo
from nightcrew.dispatch.upload import Uploaded, is_left, upload
from nightcrew.errors import Unknown
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store


@click.command()
@click.argument("run", required=False)
@json_option
@click.pass_obj
def command(asked: Asked, run: str | None) -> int:
    """Put the entries of RUN, which ran under break-glass, into the ledger; without RUN, of all that are not there yet,
    and lessons that were learned meanwhile.

    They go there as they are, only where there is none yet, and stay marked as break-glass. It may be repeated, and
    goes on where it was interrupted. An entry that is there with other content is told, and never overwritten. Exits
    with 1 where a run could not be put there whole.
    """
    glass = kept(asked)
    known = [*glass.store.runs(), *glass.store.records()] if glass is not None else []
    if run is not None and run not in known:
        raise Unknown(f"{directory_of(asked)} keeps no run {run}")
    done: list[Uploaded] = []
    if glass is not None:
        demo = Demo() if asked.demo else None
        for each in known:
            where, there = _ledger(asked, glass, each) if demo is None else (demo.served.endpoint, demo.store)
            if each == run or (run is None and is_left(each, glass.store, where)):
                done.append(upload(each, glass.store, there, where, glass.clock if demo is None else demo.clock))
                _tell(done[-1], asked)
    if asked.output.json:
        asked.output.data([each.to_dict() for each in done])
    elif not done:
        asked.output.print(f"Nothing to upload from {directory_of(asked)}.")
    return exits.WELL if all(each.whole for each in done) else exits.NOT_CURED


def _ledger(asked: Asked, glass: Glass, run: str) -> tuple[str, Store]:
    """The account's, in the Region of the run's resource where no other was said; and how it is called."""
    first = opening(glass.store, run)
    if first is not None and "run" in first.body:
        first = opening(glass.store, str(first.body["run"]))  # a lesson's
    resource = str(first.body.get("resource", "")) if first is not None else ""
    # Of a symptom, which is nowhere: where the caller is.
    region = asked.region or (resource.split(":")[3] if resource else str(Account(None, asked.profile).region))
    there = ledger(asked, region)
    return f"{region} {there.tables.ledger}", there


def _tell(done: Uploaded, asked: Asked) -> None:
    output = asked.output
    if done.open:
        output.print(output.mark("running", f"{done.run} has not ended: nothing of it was uploaded"))
        output.hint(f"  {asked.command} resume {done.run}")
        return
    for each in done.wrong:
        output.print(output.mark("failed", f"{done.run}, {each}"))
    if done.wrong:
        output.print(Text(f"  {_counted(done)}; a person must look which of the two is true"))
        return
    output.print(output.mark("succeeded", f"{done.run}: {_counted(done)}"))


def _counted(done: Uploaded) -> str:
    """``5 entries uploaded, 2 were there``."""
    told = [f"{done.put} {'entry' if done.put == 1 else 'entries'} uploaded"]
    if done.there:
        told.append(f"{done.there} {'was' if done.there == 1 else 'were'} there already")
    if done.follow_ups:
        told.append(f"{done.follow_ups} to be started later")
    return ", ".join(told)
