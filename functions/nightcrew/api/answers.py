"""What is answered, for the OpenAPI document: the same JSON as the commands' ``--json``. A member that stands here is
always there; later versions may add others.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Object = dict[str, Any]


class Answer(BaseModel):
    """An answer may have more members than those that are named."""

    model_config = ConfigDict(extra="allow")


class ProblemAnswer(Answer):
    """What went wrong (RFC 9457). Where a value is: ``field``, ``value``, ``allowed``. Where a gate refused: ``gate``,
    ``figures``, ``until`` and ``run``.
    """

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    value: Any = None
    allowed: str | None = None
    errors: list[Object] | None = None
    gate: str | None = None
    figures: Object | None = None
    until: Time | None = None
    run: str | None = None


class RunbookListed(Answer):
    """A runbook in a few facts."""

    name: str
    title: str
    family: str
    families: list[str]
    risk: str
    said_at_call: list[str]
    triggers: list[Object]
    permissions: list[str]
    changes: list[Any]
    undo: str
    by_hand_seconds: int
    deadline_seconds: int


class RecordAnswer(Answer):
    """How its last runs ended; ``lower`` is the Wilson lower bound, 95 %, ``median`` in seconds."""

    tried: int
    cured: int
    lower: float
    median: float | None
    last: "RowAnswer | None"


class RunbookPage(RunbookListed):
    """A runbook's page. ``form`` is the JSON Schema of its parameters."""

    page: str
    lease_seconds: int
    parameters: list[Object]
    actions: list[str]
    requires: list[str]
    proofs: list[str]
    later: list[Object]
    parts: list[str]
    undo_if_ineffective: bool
    secret: list[str]
    proved_on: Object
    form: Object
    record: RecordAnswer


class PlanAnswer(Answer):
    """What a run would do now. An approval names the ``hash``."""

    runbook: str
    parameters: Object
    resource: str
    outcome: str
    words: str
    ends: str | None
    hash: str
    lines: list[Object]


class StartAnswer(Answer):
    """A run that was started, or was so before with the same key."""

    run: str
    outcome: str
    words: str
    runbook: str
    resource: str


class RowAnswer(Answer):
    """A run, or a refusal, in one line; ``words`` and ``actor`` may be cut short."""

    run: str
    runbook: str
    resource: str
    symptom: str | None
    outcome: str
    gate: str | None
    started: Time | None
    ended: Time | None
    seconds: float | None
    actor: str
    words: str
    lease: Time | None
    break_glass: bool


class RunsAnswer(Answer):
    """What runs now, and a page of what ended, newest first; ``after`` is the cursor of the next page."""

    running: list[RowAnswer]
    runs: list[RowAnswer]
    after: str | None


class EntryAnswer(Answer):
    """An entry of the ledger."""

    number: int
    kind: str
    at: Time
    body: Object
    previous: str
    hash: str


class LessonAnswer(Answer):
    """One version of a lesson."""

    id: str
    version: int
    words: str
    author: str
    at: Time
    run: str | None
    symptom: str | None


class RunAnswer(Answer):
    """One run, or a refusal by a ``gate``: its entries as they stand, and whether their chain is consistent."""

    run: str
    outcome: str
    runbook: str | None
    resource: str | None
    symptom: str | None
    actor: str | None
    words: str | None
    started: Time | None
    ended: Time | None
    seconds: float | None
    lease: Time | None
    gate: str | None
    consistent: bool
    broken: list[Object]
    entries: list[EntryAnswer]
    lessons: list[LessonAnswer]


class DecisionAnswer(Answer):
    """What was decided; ``outcome`` is ``waiting`` where another person must approve, too."""

    run: str
    outcome: str
    words: str
    decided: Object


class CancelAnswer(Answer):
    """Whether it was over already."""

    run: str
    over: bool
    words: str
    outcome: str | None


class ApprovalAnswer(Answer):
    """What waits for a person; ``lines`` is the plan, ``known`` what past runs tell."""

    run: str
    runbook: str
    resource: str
    requester: str
    deadline: Time
    hash: str
    wanted: int
    approvers: list[str]
    title: str | None
    lines: list[Any]
    seen: list[Any]
    known: Object


class RecallAnswer(Answer):
    """What is remembered of the like."""

    question: Object
    cases: list[Object]
    records: list[Object]
    similar: list[str]
    lessons: list[LessonAnswer]
    suggestion: Object | None
    reads: int


class SearchAnswer(Answer):
    """What was found, best first; ``marks`` are where in a text it matches."""

    words: str
    all_words: bool
    found: list[Object]
    searched: Object


class StatisticsAnswer(Answer):
    """Version 1; durations in seconds, whole UTC days."""

    version: int
    since: str
    until: str
    by: str
    total: Object
    groups: list[Object]
    weeks: list[Object]
    refused_by_gate: dict[str, int]
    symptoms: list[Object]
    old_proofs: list[Object]
    drills: Object
    reads: int


class HaltAnswer(Answer):
    """What is halted: ``all``, or a ``runbook`` or ``account`` of that name."""

    what: str
    name: str | None
    by: str | None
    reason: str | None
    at: Time | None


class ExplainAnswer(Answer):
    """Each setting, its value, and the rule that it comes from."""

    runbook: str
    resource: str
    alarm: str | None
    policy: Object
    binding: str | None
    settings: dict[str, Object]
    freezes: list[Object]
    notes: list[str]


class WhyAnswer(Answer):
    """What was decided, newest first, and how the gates stand now."""

    resource: str | None
    alarm: str | None
    decisions: list[Object]
    now: list[Object]
    suggestions: list[Object]
    halts: list[Object]
    second_tries: list[Object]


class RunbooksAnswer(RootModel[list[RunbookListed]]):
    """All runbooks."""


class ApprovalsAnswer(RootModel[list[ApprovalAnswer]]):
    """All that waits, the nearest deadline first."""


class LessonsAnswer(RootModel[list[LessonAnswer]]):
    """Lessons, newest first."""


class HaltsAnswer(RootModel[list[HaltAnswer]]):
    """What is halted now."""
