"""Switch a Lambda consumer from one event source mapping to another: the old one off first, then the new one on."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.event_sources import EventSourceMappingId, mapping, turns, works

lambda_ = calls("lambda")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    permissions=["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
)
def switch_event_source(
    run: Run,
    old: EventSourceMappingId,
    new: EventSourceMappingId,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Disables `old`, waits until its last batch is done, and enables `new`: the two never read at the same time.

    In between nobody reads; a stream or queue keeps what comes. **Records may be processed twice**: where `new` reads
    another source, or a stream for the first time from TRIM_HORIZON, what `old` had read comes again; a first time from
    LATEST leaves out what came in between. The ledger has where it begins. The function must bear repeats.

    If the new one does not come up, it is disabled, and then the old one enabled: that goes on where it stopped. The
    run locks `old` and its function; `new` may be of another function. No alarm names a mapping, so this is for people,
    plans and bindings.
    """
    ask_old, ask_new = _ask(old), _ask(new)
    run.require("they are two", old != new)
    before = run.read("find the old one", ask_old, pick=mapping)
    other = run.read("find the new one", ask_new, pick=mapping)
    run.require("the old one is enabled", before["state"] == "Enabled")
    run.require("the new one is disabled", other["state"] == "Disabled")

    def turn(which: str, call: Call, to: str) -> None:
        run.change(f"turn the {which} one back: {to}", _switch(call, to), took_effect=(call, turns(to)))
        run.wait_until(
            f"the {which} one is {to.lower()} again",
            call,
            lambda seen: seen["state"] == to,
            within=within,
            pick=mapping,
        )

    def enable_the_old_one() -> None:
        turn("old", ask_old, "Enabled")

    def disable_the_new_one() -> None:
        turn("new", ask_new, "Disabled")

    run.change(
        "disable the old one",
        _switch(ask_old, "Disabled"),
        undo=enable_the_old_one,
        took_effect=(ask_old, turns("Disabled")),
        pick=mapping,
    )
    run.wait_until(
        "its last batch is done", ask_old, lambda seen: seen["state"] == "Disabled", within=within, pick=mapping
    )
    run.change(
        "enable the new one",
        _switch(ask_new, "Enabled"),
        undo=disable_the_new_one,
        took_effect=(ask_new, turns("Enabled")),
        pick=mapping,
    )
    # Not yet a proof: as long as it is not enabled nobody reads, and then the old one must come back.
    run.wait_until(
        "the new one is enabled", ask_new, lambda seen: seen["state"] == "Enabled", within=within, pick=mapping
    )
    run.prove("the new one polls without a problem", ask_new, works, within=within, pick=mapping)
    run.prove("the old one is off", ask_old, lambda seen: seen["state"] == "Disabled", within=within, pick=mapping)
    return f"{other['function']} reads {other['source']} by {new}; {before['function']} no longer reads by {old}"


def _ask(uuid: str) -> Call:
    return lambda_.get_event_source_mapping(UUID=uuid)


def _switch(ask: Call, to: str) -> Call:
    return lambda_.update_event_source_mapping(UUID=ask.parameters["UUID"], Enabled=to == "Enabled")
