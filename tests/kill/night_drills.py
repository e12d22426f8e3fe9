"""Runbooks for stories: as little as each needs, on the same lamps as the other drills; and the policy for them."""

from datetime import timedelta

from nightcrew import Run, runbook
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from tests.kill.drills import DIM, OFF, ON, PERMISSIONS, Lamp, drill_of_regret, drill_of_rivalry, look, put, shows

MINUTE = timedelta(minutes=1)

RULES = """
rules:
  - {when: {family: restart}, autonomy: auto}
  - {when: {family: scale-out}, autonomy: auto}
  - {when: {runbook: drill-of-care}, autonomy: approve}
"""
POLICY = load(RULES + "bindings:\n  - {alarm: 'checkout-web-1-*', runbook: drill-of-haste, parameters: {lamp: lamp}}\n")
OURS = load(RULES)


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_haste(run: Run, lamp: Lamp) -> str:
    """As little as a runbook can do: one change, and its proof."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.prove("it is on", look(lamp), shows(ON), within=MINUTE)
    return "on"


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_care(run: Run, lamp: Lamp) -> str:
    """Under a policy that wants an approval."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.prove("it is on", look(lamp), shows(ON), within=MINUTE)
    return "on"


@runbook(family="restart", risk="data-loss", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_loss(run: Run, lamp: Lamp) -> str:
    """One that two people must agree to."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.prove("it is on", look(lamp), shows(ON), within=MINUTE)
    return "on"


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_doubt(run: Run, lamp: Lamp) -> str:
    """A change that cannot be taken back, after one that can."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.change("dim it for ever", put(lamp, DIM), irreversible=True, took_effect=(look(lamp), shows(DIM)))
    run.prove("it is dim", look(lamp), shows(DIM), within=MINUTE)
    return "dim"


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_leisure(run: Run, lamp: Lamp) -> str:
    """A pause between two changes."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.wait("let it burn", timedelta(minutes=30))
    run.change("dim it", put(lamp, DIM), took_effect=(look(lamp), shows(DIM)))
    run.prove("it is dim", look(lamp), shows(DIM), within=MINUTE)
    return "dim"


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_hope(run: Run, lamp: Lamp) -> str:
    """A poll for what never comes by itself."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.wait_until("somebody dims it", look(lamp), shows(DIM), within=timedelta(minutes=4))
    return "dim"


@runbook(family="restart", risk="low", by_hand=MINUTE, permissions=PERMISSIONS)
def drill_of_foresight(run: Run, lamp: Lamp) -> str:
    """Something to be put back tomorrow."""
    run.change("switch it on", put(lamp, ON), undo=put(lamp, OFF), took_effect=(look(lamp), shows(ON)))
    run.later("switch it off tomorrow", "drill-of-rivalry", {"lamp": lamp}, after=timedelta(days=1))
    run.prove("it is on", look(lamp), shows(ON), within=MINUTE)
    return "on"


CATALOG = Catalog(
    [
        drill_of_care,
        drill_of_doubt,
        drill_of_foresight,
        drill_of_haste,
        drill_of_hope,
        drill_of_leisure,
        drill_of_loss,
        drill_of_regret,
        drill_of_rivalry,
    ]
)
