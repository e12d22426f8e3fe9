"""A catalog as JSON text: what a function that starts cold reads, without importing a single runbook.

``compiled`` keeps of each runbook what has to be known before it is clear which one is meant: its name, its triggers
and where it is. ``from_compiled`` reads that back, as a catalog that imports a runbook when it is asked for. It is
written when the functions are built, by the code that will read it, so the text is not checked again.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from nightcrew.authoring.catalog import Catalog, Listed
from nightcrew.authoring.events import After, Event
from nightcrew.authoring.triggers import Alarm, Trigger


def compiled(catalog: Catalog) -> str:
    """The catalog that ``Catalog.load`` made as JSON text; the same text for the same code, wherever it lies."""
    content = {
        "runbooks": {
            name: {"where": catalog.places[name], "triggers": [_written(each) for each in runbook.triggers]}
            for name, runbook in catalog.items()
        },
        "broken": {module: _anywhere(why) for module, why in catalog.broken.items()},
    }
    # In the order in which it was declared, since an event's candidates come in that of its trigger's parameters.
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def from_compiled(text: str) -> Catalog:
    """The catalog that ``compiled`` wrote."""
    content = json.loads(text)
    runbooks = (
        Listed(name, each["where"], tuple(_read(trigger) for trigger in each["triggers"]))
        for name, each in content["runbooks"].items()
    )
    return Catalog(runbooks, content["broken"])


def _written(trigger: Trigger) -> dict[str, Any]:
    if isinstance(trigger, Alarm):
        alarm = {"alarm": [trigger.namespace, trigger.metric], "direction": trigger.direction}
        return {**alarm, "where": trigger.where, "parameters": trigger.parameters}
    parameters = {
        name: [taken.marker, taken.path] if isinstance(taken, After) else taken
        for name, taken in trigger.parameters.items()
    }
    return {"event": [trigger.source, trigger.kind], "where": trigger.where, "parameters": parameters}


def _read(written: Mapping[str, Any]) -> Trigger:
    where, parameters = written["where"], written["parameters"]
    if "alarm" in written:
        return Alarm(*written["alarm"], direction=written["direction"], where=where, **parameters)
    taken = {name: After(*each) if isinstance(each, list) else each for name, each in parameters.items()}
    return Event(*written["event"], where=where, **taken)


def _anywhere(why: str) -> str:
    """Without the places where this machine keeps its code: the same code must compile to the same text."""
    for place in sorted(filter(None, sys.path), key=len, reverse=True):
        why = why.replace(place + os.sep, "")
    return why
