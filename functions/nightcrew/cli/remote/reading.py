"""What only looks, over the API: ``history``, ``show``, ``why``, ``recall``, ``search``, ``stats``."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from nightcrew.cli import exits, rows
from nightcrew.cli.asked import Asked
from nightcrew.cli.commands.show import story_of
from nightcrew.cli.commands.stats import one_form, tell
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.following import entries_of
from nightcrew.cli.remote.knowing import statistics_of, why_of
from nightcrew.cli.remote.learning import lesson_of
from nightcrew.cli.remote.signing import segment
from nightcrew.cli.reviewing import lessons as learned
from nightcrew.cli.reviewing import recall as remembered
from nightcrew.cli.reviewing import search as finding
from nightcrew.cli.reviewing import why as reasons
from nightcrew.clock import moment
from nightcrew.errors import BrokenChain
from nightcrew.knowledge.search.search import Found, Marked
from nightcrew.ledger.chain import Chain
from nightcrew.ledger.history import Row


def history(asked: Asked, typed: Mapping[str, Any]) -> None:
    """What ran, what was refused, what runs now."""
    api, output = Api(asked), asked.output
    told = api.get("/runs", **typed)
    if output.json:
        output.data(told)
        return
    found = [_row(each) for each in (*told["running"], *told["runs"])]
    if found:
        output.print(*rows.listed(found, api.clock.now(), output))
    else:
        output.print("No runs." if told["after"] is None else "None on this page, which was cut short: go on.")
    if told["after"] is not None:
        output.print()
        output.hint("There is more: the same, with", f"  --after {told['after']}")


def show(asked: Asked, typed: Mapping[str, Any]) -> int:
    """The story of one run."""
    api, output = Api(asked), asked.output
    told = api.get(f"/runs/{segment(typed['run'])}")
    if output.json:
        output.data(told)
    else:
        broken = tuple(BrokenChain(each["run"], each["number"], each["what"]) for each in told["broken"])
        entries = tuple(entries_of(told))
        story_of(Chain(told["run"], entries, broken, len(entries)), asked)
        if told.get("lessons"):
            output.print("", Text("What people learned", style="bold"))
            kept = [lesson_of(each) for each in told["lessons"]]
            output.print(*learned.shown(kept, api.clock.now(), output, about=False))
    return exits.NOT_CURED if told["broken"] else exits.WELL


def recall(asked: Asked, typed: Mapping[str, Any]) -> None:
    """What is remembered of the like."""
    api, output = Api(asked), asked.output
    told = api.get("/recall", **typed)
    if output.json:
        output.data(told)
    else:
        output.print(*remembered.shown(told, api.clock.now(), output))


def why(asked: Asked, typed: Mapping[str, Any]) -> None:
    """Why something was done, or was not."""
    api, what = Api(asked), str(typed["what"])
    told = api.get("/why", what=what, limit=typed["limit"])
    if asked.output.json:
        asked.output.data(told)
    else:
        reasons.show(why_of(told), what, api.clock.now(), asked.output)


def stats(asked: Asked, typed: Mapping[str, Any]) -> None:
    """How often runs helped."""
    one_form(asked, as_csv=typed["as_csv"])
    told = Api(asked).get("/statistics", **{name: typed[name] for name in ("since", "until", "by")})
    if asked.output.json and typed["picture"] is None:
        asked.output.data(told)
    else:
        tell(statistics_of(told), asked, as_csv=typed["as_csv"], picture=typed["picture"])


def search(asked: Asked, typed: Mapping[str, Any]) -> None:
    """What has the words."""
    api, output = Api(asked), asked.output
    filters = {name: typed[name] for name in ("kind", "since", "limit")}
    told = api.get("/search", words=" ".join(typed["words"]), all_versions=typed["all_versions"], **filters)
    if output.json:
        output.data(told)
        return
    found = [_found(each) for each in told["found"]]
    if found and not told["all_words"]:
        output.print("Nothing has all of these words; these have some:", "")
    output.print(*(finding.shown(found, api.clock.now(), output) if found else ["Nothing was found."]))


def _row(told: Mapping[str, Any]) -> Row:
    fields: dict[str, Any] = {each.name: told[each.name] for each in dataclasses.fields(Row) if each.name in told}
    return Row(**fields | {name: _moment(told[name]) for name in ("started", "ended", "lease")})


def _found(told: Mapping[str, Any]) -> Found:
    texts = {name: Marked(str(each["text"]), _marks(each["marks"])) for name, each in told["texts"].items()}
    return Found(**{**told, "at": moment(str(told["at"])), "texts": texts})


def _marks(told: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((begin, end) for begin, end in told)


def _moment(text: object) -> datetime | None:
    return moment(str(text)) if text else None
