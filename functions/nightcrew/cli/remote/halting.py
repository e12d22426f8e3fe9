"""``halt`` over the API."""

from collections.abc import Mapping
from typing import Any

import click
from rich.text import Text

from nightcrew.cli.asked import Asked
from nightcrew.cli.remote.api import Api
from nightcrew.cli.tables import listed
from nightcrew.cli.times import short
from nightcrew.clock import moment


def halt(asked: Asked, typed: Mapping[str, Any]) -> None:
    """Halt, set free, or list what is halted."""
    api, output = Api(asked), asked.output
    reason, lift = typed["reason"], typed["lift"]
    of = {"runbook": typed["runbook"], "account": typed["account"]}
    if reason is not None and lift:
        raise click.UsageError("--reason and --lift cannot be given together")
    if reason is None and not lift and any(of.values()):
        raise click.UsageError("--reason is missing: say why, for those who are stopped by it")
    if reason is not None:
        found = api.post("/halts", {"reason": reason, **of}, key=api.new_key())
    else:
        found = api.delete("/halts", **of) if lift else api.get("/halts")
    if output.json:
        output.data(found)
    elif found:
        output.print(*_lines(found, asked, api))
    else:
        output.print("Nothing is halted.")


def _lines(found: list[dict[str, Any]], asked: Asked, api: Api) -> list[Text]:
    now = api.clock.now()
    cells = [
        [
            asked.output.mark("cancelled", f"{each['what']} {each['name']}" if each["name"] else "everything"),
            Text(short(moment(str(each["at"])), now)),
            Text(str(each["by"])),
        ]
        for each in found
    ]
    more = [str(each["reason"]) for each in found]
    return listed(["halted", "since (UTC)", "by"], cells, asked.output, more=more, beside="reason", cut=False)
