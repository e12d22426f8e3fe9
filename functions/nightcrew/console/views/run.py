"""A run: what it did and whether it helped, why it was admitted or refused, what is known of the like, and what people
learned. While it goes on, the page follows it.
"""

from collections.abc import Mapping
from typing import Any

from nightcrew.admission.cancelling import wished
from nightcrew.api.deciding import cancel
from nightcrew.api.desk import Desk
from nightcrew.api.idempotency import HEADER
from nightcrew.api.lessons import learn
from nightcrew.api.people import Right
from nightcrew.api.runs import run as everything
from nightcrew.api.runs import story
from nightcrew.api.told import told as as_json
from nightcrew.console.answers import Answer, File, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.told.again import again
from nightcrew.console.told.brief import brief
from nightcrew.console.told.exactly import exactly_all
from nightcrew.console.told.grounds import admitted, refusal
from nightcrew.console.told.items import goes_on, items
from nightcrew.console.told.lessons import lessons
from nightcrew.console.told.parts import part
from nightcrew.console.under_way import waits
from nightcrew.console.words import path
from nightcrew.dispatch.ids import new_run_id
from nightcrew.errors import BadInput, Unknown
from nightcrew.knowledge.names import short
from nightcrew.knowledge.postmortem.earlier import is_symptom
from nightcrew.knowledge.recall.recall import recall
from nightcrew.knowledge.story.seen import differences
from nightcrew.knowledge.story.steps import steps
from nightcrew.knowledge.wording import secret_in
from nightcrew.ledger.chain import Chain
from nightcrew.ledger.verify import FIRST_KINDS

MOST_REASON = 1000
WHY = f"say why, in at most {MOST_REASON} characters: whoever reads the ledger will ask"
ANEW = "from that page another lesson was written down already; this one was not: send it once more, and it is one, too"
LIKE = 3
"""Past runs that are shown beside."""

Typed = Mapping[str, str]


def page(desk: Desk, asked: Asked) -> Answer:
    """The run as it stands."""
    return _page(desk, asked)


def cancelled(desk: Desk, asked: Asked) -> Answer:
    """Ask it to stop. Sent twice, the first reason stays."""
    run = asked.place["run"]
    try:
        reason = asked.must("reason", WHY)
        if len(reason) > MOST_REASON:
            raise BadInput("reason", reason, WHY)
        done = cancel(desk, run, reason=reason)
    except BadInput as error:
        return _page(desk, asked, {"reason": asked.given("reason") or ""}, {error.field: error.allowed})
    return GoTo(path("runs", run), said="over" if done["over"] else "cancelled")


def learned(desk: Desk, asked: Asked) -> Answer:
    """Write down what somebody learned of it, or of its symptom. Sent twice, it is one lesson: the form has a key."""
    run = asked.place["run"]
    typed = {name: asked.given(name) or "" for name in ("words", "about", "key")}
    try:
        words = asked.must("words", "say in a sentence what the next one should know")
        about = {"symptom": _symptom(story(desk, run))} if typed["about"] == "symptom" else {"run": run}
        learn(desk, words, key=typed["key"] or None, **about)
    except BadInput as error:
        said = ANEW if error.field == HEADER else error.allowed
        # What was refused because it looks like a credential is not said back, neither here.
        words = "" if secret_in(typed["words"]) else typed["words"]
        return _page(desk, asked, {**typed, "words": words, "key": ""}, {"words": said})
    return GoTo(path("runs", run), said="learned")


def back(desk: Desk, asked: Asked) -> Answer:
    """A form that came back with errors has an address, too: whoever opens it anew sees the run."""
    del desk
    return GoTo(path("runs", asked.place["run"]))


def entries(desk: Desk, asked: Asked) -> Answer:
    """All of it, as the HTTP API tells it."""
    run = asked.place["run"]
    return File("application/json", exactly_all(as_json(everything(desk, run))), f"{run}.json")


def _page(desk: Desk, asked: Asked, typed: Typed | None = None, wrong: Typed | None = None) -> Page:
    run = asked.place["run"]
    try:
        chain = story(desk, run)
    except Unknown as unknown:
        return Page("run_unknown", "No such run", {"run": run, "words": str(unknown)}, 404)
    about = {name: str(chain.opening.get(name) or "") for name in ("runbook", "resource", "actor", "reason", "symptom")}
    title = f"{about['runbook'] or 'A run'} on {short(about['resource'])}" if about["resource"] else f"Run {run}"
    values = {"run": run, "chain": chain, "about": about, "typed": typed or {}, "wrong": wrong or {}}
    values |= {**_told(desk, chain, asked), **_beside(desk, chain, asked)}
    return Page("run", title, values, 422 if wrong else 200)


def _told(desk: Desk, chain: Chain, asked: Asked) -> dict[str, Any]:
    """What its own entries tell; of what goes on one read more, and of a refusal how the gates stand."""
    told, over = steps(chain.entries), chain.closing is not None
    lines = items(chain.entries, told)
    at_work = None if over else goes_on(lines)
    resource = str(chain.opening.get("resource") or "")
    return {
        "over": over,
        "brief": brief(chain, told),
        "differences": differences(told),
        "part": part(lines, asked.wanted("part"), goes_on=not over),
        "at_work": at_work,
        "asks": at_work is not None and at_work.verb == "approve" and waits(desk, chain.run),
        "wished": wished(desk.store, chain.run, resource) if not over and resource else None,
        "dead": not over and chain.lease is not None and chain.lease < desk.clock.now(),
        "admitted": admitted(chain, desk),
        "refusal": refusal(chain, desk),
        "again": again(chain, desk),
    }


def _beside(desk: Desk, chain: Chain, asked: Asked) -> dict[str, Any]:
    """What is known of the like, and what people learned: not asked for again and again while somebody follows."""
    values: dict[str, Any] = {
        "known": None,
        "lessons": None,
        "symptom": _symptom(chain),
        "key": new_run_id(desk.clock.now()),
    }
    if "x-live" in asked.headers:
        return values
    if not chain.entries or chain.entries[0].kind not in FIRST_KINDS:
        return values  # nobody knows what the run was about
    now = desk.clock.now()
    known = recall(desk.store, now, run=chain.run, limit=LIKE, entries=chain.entries).to_json()
    return {**values, "known": known, "lessons": lessons(known["lessons"], chain.run, values["symptom"])}


def _symptom(chain: Chain) -> str:
    """What trouble it answers; empty for what was started without one."""
    symptom = str(chain.opening.get("symptom") or "")
    return symptom if is_symptom(symptom) else ""


PAGES = (
    At("GET", "/console/runs/{run}", page),
    At("GET", "/console/runs/{run}/entries.json", entries),
    At("GET", "/console/runs/{run}/cancel", back),
    At("GET", "/console/runs/{run}/lessons", back),
    At("POST", "/console/runs/{run}/cancel", cancelled, Right.OPERATE),
    At("POST", "/console/runs/{run}/lessons", learned, Right.OPERATE),
)
