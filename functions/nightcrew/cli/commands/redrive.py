"""``nightcrew redrive``: what a deployed stack could not answer or start is tried once more."""

import click
from botocore.config import Config

from nightcrew.cli.account import spoken
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.exits import NOT_CURED, WELL, NotHere
from nightcrew.cli.place import stack_of
from nightcrew.dispatch.dead_letters import Runs, send_back, start_again, waiting
from nightcrew.engine.installation import nobody

_ASKING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=25)


@click.command()
@click.option("--count", is_flag=True, help="Only say how many there are.")
@json_option
@click.pass_obj
def command(asked: Asked, *, count: bool) -> int:
    """Try the dead letters of a stack once more: alarms go back to intake, runs that were not started are started.

    An alarm that is older than policy's `stale` is refused then, and stands in the history. A run that is over by now
    is left as it is. Exits with 1 where something is left that cannot be read.
    """
    stack = stack_of(asked)
    if stack is None:
        raise NotHere("only a deployed stack has dead letters", "name it: nightcrew --stack NAME redrive")
    output, queues = asked.output, stack.outputs
    dead, runs = queues["AlarmDeadLetters"], queues["RunDeadLetters"]
    sqs = stack.clients("sqs", _ASKING)
    with spoken():
        found = {"alarms": waiting(sqs, dead), "runs": waiting(sqs, runs)}
        if count:
            output.print(f"{found['alarms']} alarms, {found['runs']} runs")
            if output.json:
                output.data(found)
            return WELL
        status = send_back(sqs, dead, queues["AlarmQueue"], stack.clock) if found["alarms"] else None
        done = Runs((), (), 0)
        if found["runs"]:
            done = start_again(sqs, runs, stack.store, stack.door(nobody).start)
    if status is not None:
        mark = output.mark("succeeded" if status == "COMPLETED" else "failed", "alarms")
        output.print(mark, f"  {found['alarms']} went back to intake: {status.lower()}")
    for run in done.started:
        output.print(output.mark("running", f"{run} was started"))
    for run in done.over:
        output.print(f"{run} is over by now: its letter was thrown away")
    if done.left:
        output.note(f"{done.left} tell of no run that this ledger knows: they stay in {runs}")
    if not any(found.values()):
        output.print("No dead letters.")
    if output.json:
        output.data(
            {**found, "move": status, "started": list(done.started), "over": list(done.over), "left": done.left}
        )
    return NOT_CURED if done.left or status not in (None, "COMPLETED") else WELL
