"""``nightcrew sweep``: what the sweeper does each minute, once, by hand: for the demo, which has none."""

from typing import Any

import click
from rich.text import Text

from nightcrew.aws.cloud import READING
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.place import Demo, catalog_of, demo_of
from nightcrew.dispatch.drills import Here
from nightcrew.dispatch.sweep import sweep


@click.command()
@json_option
@click.pass_obj
def command(asked: Asked) -> int:
    """Close runs that nobody carries on, and start what is due: follow-ups, and second tries of refused alarms.

    A second try asks CloudWatch whether the alarm is still in ALARM; else it is dropped. The exit code is that of the
    first run that did not end well.
    """
    demo = demo_of(asked, "to sweep")
    from nightcrew.cli.carrying import carry, watched

    output = asked.output
    with watched(demo, asked, catalog_of(asked)) as crew:
        here = Here(demo.who.account, demo.who.region)
        swept = sweep(crew.dispatcher, lambda arn, name: state_of(demo, arn, name), here=here)
        for run in swept.closed:
            output.print(output.mark("failed", f"closed {run}: its lease ended, and nobody closed it"))
        for name in swept.dropped:
            output.print(Text(f"dropped {name}: there is no reason for it any more"))
        runs = [answer.run for answer in swept.started if answer.kind == "admitted" and answer.run is not None]
        done = [carry(crew, run, asked, demo) for run in runs]
    for each in done:
        each.tell(asked)
    if output.json:
        output.data(
            {
                "closed": list(swept.closed),
                "dropped": list(swept.dropped),
                "started": [each.to_dict() for each in done],
                "refused": [
                    {"runbook": each.runbook, "resource": each.resource, "gate": each.gate, "words": each.words}
                    for each in swept.started
                    if each.kind != "admitted"
                ],
            }
        )
    elif not (swept.closed or swept.started or swept.dropped):
        output.print("Nothing is due, and every run is carried on.")
    return next((each.code for each in done if each.code != exits.WELL), exits.WELL)


def state_of(demo: Demo, arn: str, name: str) -> str | None:
    """An alarm's state now, as CloudWatch tells it."""
    del arn  # the demo has one account, and one Region
    found: dict[str, Any] = demo.clients("cloudwatch", READING).describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
    return str(alarms[0]["StateValue"]) if alarms else None
