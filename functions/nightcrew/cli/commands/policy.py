"""``nightcrew policy``: check a policy's file, or explain what policy says about a runbook on a resource."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from nightcrew.admission.policy import Policy, Settings
from nightcrew.admission.policy_file import load
from nightcrew.api.policy import explain as explain_policy
from nightcrew.authoring.runbook import Runbook
from nightcrew.cli import exits
from nightcrew.cli.asked import Asked, json_option
from nightcrew.cli.commands.runbooks import names
from nightcrew.cli.place import catalog_of, planning, policy_of
from nightcrew.cli.resources import arns_of, short, whereabouts
from nightcrew.cli.tables import listed
from nightcrew.cli.times import whole
from nightcrew.clock import Clock, SystemClock
from nightcrew.dispatch.drills import wrong_in
from nightcrew.errors import BadPolicy

_SHOWN = 60


@click.group()
def command() -> None:
    """Check a policy's file, or explain what policy says: which value, by which rule, and why."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def check(asked: Asked, file: Path) -> int:
    """Check the policy in FILE, all of it at once: each error with its line, its field, and what is allowed.

    Exits with 2 where it may not be used.
    """
    output = asked.output
    errors: list[BadPolicy] = []
    policy: Policy | None = None
    try:
        policy = load(file.read_text(encoding="utf-8"), str(file))
        catalog = catalog_of(asked)
        policy.check_against(catalog)
        errors = wrong_in(policy, catalog)
    except BadPolicy as bad:
        errors = [bad, *getattr(bad, "others", ())]
    except UnicodeDecodeError as bad:
        errors = [BadPolicy(str(file), 1, "text", file.name, f"UTF-8 ({bad.reason})")]
    if output.json:
        told = [{name: getattr(e, name) for name in ("file", "line", "field", "value", "allowed")} for e in errors]
        output.data({"file": str(file), "valid": not errors, "version": policy and policy.version, "errors": told})
        return exits.USAGE if errors else exits.WELL
    for each in errors:
        value = repr(each.value) if each.value is not None else "missing"
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        place = Text.assemble((f"{each.file}:{each.line}", "bold"), f": {each.field}: {shown}")
        output.print(place, Padding(Text(f"allowed: {each.allowed}"), (0, 0, 0, 4), expand=False))
    if errors or policy is None:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        output.print(output.mark("failed", f"{count}: this policy may not be used"))
        return exits.USAGE
    parts = (("rule", policy.rules), ("binding", policy.bindings), ("freeze", policy.freezes))
    counted = ", ".join(f"{len(each)} {word}{'' if len(each) == 1 else 's'}" for word, each in parts)
    output.print(output.mark("succeeded", f"{file}: well; {counted}; version {policy.version}"))
    return exits.WELL


def _pairs(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    del ctx
    for each in given:
        if "=" not in each:
            raise click.BadParameter(f"{each}: it must be KEY=VALUE", param=param)
    return dict(each.split("=", 1) for each in given)


@command.command()
@click.argument("runbook", shell_complete=names)
@click.argument("resource")
@click.option("--alarm", metavar="NAME", help="As an alarm, or an event, of this name would start it.")
@click.option("--alarm-tag", multiple=True, metavar="KEY=VALUE", callback=_pairs, help="A tag that the alarm has.")
@click.option("--resource-tag", multiple=True, metavar="KEY=VALUE", callback=_pairs, help="One that the resource has.")
@json_option
@click.pass_obj
def explain(  # each is an option
    asked: Asked,
    *,
    runbook: str,
    resource: str,
    alarm: str | None,
    alarm_tag: Mapping[str, str],
    resource_tag: Mapping[str, str],
) -> None:
    """Explain what policy says about RUNBOOK on RESOURCE: each setting, its value, and the rule that it comes from.

    RESOURCE is an ARN, or a name where that says enough. Freezes that cover it now are named, too. A resource's tags
    are looked up by a run itself; here they are given.
    """
    catalog = catalog_of(asked)
    chosen, policy = catalog[runbook], policy_of(asked, catalog)
    clock: Clock = SystemClock()
    arn = resource
    if not resource.startswith("arn:") or asked.demo:
        place = planning(asked)
        clock, arn = place.clock, arns_of(resource, catalog, place.who, runbook)[0]
    explained = explain_policy(policy, chosen, arn, clock.now(), alarm, alarm_tag, resource_tag)
    if asked.output.json:
        asked.output.data(explained.to_dict())
        return
    _show(chosen, arn, policy, explained.settings, asked)
    for freeze, until in explained.freezes:
        said = (
            f"no changes until {whole(until)}" if until else f"as the calendar {freeze.calendar} says, asked at a start"
        )
        asked.output.print(asked.output.mark("refused", f"{freeze}: {said}"))
    if not explained.freezes:
        asked.output.print("No freeze covers it now.")
    asked.output.print(*explained.notes)


def _show(runbook: Runbook, arn: str, policy: Policy, settings: Settings, asked: Asked) -> None:
    output = asked.output
    where = whereabouts(arn)
    output.print(
        Text.assemble((runbook.name, "bold"), " on ", (short(arn), "bold"), (f"  ({where})", "dim")),
        Text(f"by {policy.file}, version {policy.version}", style="dim"),
        "",
    )
    facts: dict[str, dict[str, Any]] = dict(settings.facts())
    cells = [[Text(name), Text(fact["value"], style="bold"), Text(fact["because"])] for name, fact in facts.items()]
    wide = max(len(fact["because"]) for fact in facts.values()) + 30 <= output.width
    if wide:
        output.print(*listed(["setting", "value", "because of"], cells, output))
    else:
        more = [fact["because"] for fact in facts.values()]
        output.print(*listed(["setting", "value"], [row[:2] for row in cells], output, more=more, cut=False))
    output.print()
