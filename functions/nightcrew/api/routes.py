"""The routes of the HTTP API: what comes in is validated, asked at the desk, and answered as JSON."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from pydantic import BaseModel

from nightcrew.api import answers, approvals, asked, deciding, halts, lessons, recall, runbooks, runs, search, start
from nightcrew.api import policy as policies
from nightcrew.api import statistics as figures
from nightcrew.api import why as reasons
from nightcrew.api.calls import NAMED, Call
from nightcrew.api.desk import Desk, Home
from nightcrew.api.idempotency import HEADER
from nightcrew.api.problem import MEDIA_TYPE
from nightcrew.api.told import told

DESK = "desk"
"""Under this name the resolver's context has the desk of the request."""

ALWAYS = {"Cache-Control": ["no-store"], "X-Content-Type-Options": ["nosniff"]}
"""Headers of each answer: what stands in it is for who asked."""

Handler = Callable[..., Response[Any]]

Name = Annotated[str, Path(min_length=1, max_length=asked.LONGEST, json_schema_extra={"examples": [asked.A_RUNBOOK]})]
Id = Annotated[str, Path(min_length=1, max_length=128, json_schema_extra={"examples": [asked.A_RUN]})]
Lesson = Annotated[str, Path(min_length=1, max_length=128, json_schema_extra={"examples": [asked.A_LESSON]})]
Text = Annotated[str | None, Query(min_length=1, max_length=asked.LONGEST)]
IdText = Annotated[str | None, Query(min_length=1, max_length=128)]
Since = Annotated[str | None, Query(min_length=1, max_length=40, description="24h, 7d, 2026-11-21 or 2026-11-21T03:00")]

Once = Annotated[
    asked.Key | None,
    Header(alias=HEADER, description="One's own name for this request, kept for a day: sent twice it is done once."),
]

Kind = Literal["lesson", "run"]
By = Literal["runbook", "family", "resource", "symptom", "week"]

_PROBLEMS = {
    401: "Nobody is named: the request is not signed.",
    403: "Who asks may not do this.",
    404: "There is no such runbook, run or lesson.",
    409: "A gate, or the state of things, refuses it; or others wrote at the same moment.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A value is not allowed: field, value, allowed.",
    500: "A slip of ours.",
    502: "AWS refused what was asked.",
    503: "Something is out of reach: try again.",
}


def resolver() -> APIGatewayHttpResolver:
    """All routes. Whoever resolves a request puts its desk into the context first."""
    app = APIGatewayHttpResolver(enable_validation=True, debug=False, serializer=written)
    route = _router(app)
    _runbooks(app, route)
    _runs(app, route)
    _decisions(app, route)
    _knowledge(app, route)
    _lessons(app, route)
    _standing(app, route)
    return app


def written(value: Any) -> str:
    """A body; letters beyond ASCII as they are."""
    return json.dumps(told(value), ensure_ascii=False, allow_nan=False)


class Route(Protocol):
    """Registers a handler for the call of this name."""

    def __call__(self, name: str, model: type[BaseModel], status: int = 200) -> Callable[[Handler], Handler]: ...


def _router(app: APIGatewayHttpResolver) -> Route:
    def route(name: str, model: type[BaseModel], status: int = 200) -> Callable[[Handler], Handler]:
        call = NAMED[name]

        def register(handler: Handler) -> Handler:
            app.route(
                call.path.replace("{", "<").replace("}", ">"),
                method=call.method,
                operation_id=name,
                summary=(handler.__doc__ or "").strip().split("\n")[0],
                description=f"For the {call.right}." if call.right != "viewer" else "For everybody whom AWS lets in.",
                tags=[call.path.split("/")[1]],
                responses=_responses(call, model, status),
            )(handler)
            return handler

        return register

    return route


def _responses(call: Call, model: type[BaseModel], status: int) -> dict[int, Any]:
    good: dict[int, Any] = {status: {"description": "Well.", "content": {"application/json": {"model": model}}}}
    bad = {
        code: {"description": words, "content": {MEDIA_TYPE: {"model": answers.ProblemAnswer}}}
        for code, words in _PROBLEMS.items()
        if call.method == "POST" or code not in {413, 415}
    }
    return good | bad


def _answer(value: Any, status: int = 200, **headers: str) -> Response[Any]:
    said: dict[str, Any] = {**ALWAYS, **{name.replace("_", "-"): [text] for name, text in headers.items()}}
    return Response(status, "application/json", written(value), headers=said)


def _desk(app: APIGatewayHttpResolver) -> Desk:
    found: Desk = app.context[DESK]
    return found


def _where(desk: Desk, given: asked.PlanAsked) -> Home:
    return Home(given.account or desk.who.account, given.region or desk.who.region)


def _runbooks(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("listRunbooks", answers.RunbooksAnswer)
    def listed() -> Response[Any]:
        """All runbooks."""
        return _answer(runbooks.runbooks(_desk(app).catalog))

    @route("showRunbook", answers.RunbookPage)
    def shown(name: Name) -> Response[Any]:
        """A runbook's page, the JSON Schema of its form, and its record."""
        return _answer(runbooks.runbook(_desk(app), name))

    @route("planRunbook", answers.PlanAnswer)
    def planned(name: Name, body: Annotated[asked.PlanAsked, Body()]) -> Response[Any]:
        """What it would do now: it reads, and changes nothing."""
        desk = _desk(app)
        return _answer(runbooks.plan(desk, name, body.parameters, _where(desk, body)))


def _runs(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("startRun", answers.StartAnswer, 202)
    def started(
        key: Annotated[asked.Key, Header(alias=HEADER, description="One's own name for this start, kept for a day.")],
        body: Annotated[asked.StartAsked, Body()],
    ) -> Response[Any]:
        """Start a runbook: the same key and body give the same run."""
        desk = _desk(app)
        made = start.start(desk, body.runbook, body.parameters, key=key, reason=body.reason, where=_where(desk, body))
        return _answer(made, 202, Location=f"/runs/{made['run']}")

    @route("listRuns", answers.RunsAnswer)
    def listed(
        resource: Text = None,
        runbook: Text = None,
        symptom: Text = None,
        outcome: Annotated[runs.Outcome | None, Query()] = None,
        person: Text = None,
        since: Since = None,
        until: Since = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        after: Annotated[str | None, Query(min_length=1, max_length=4000)] = None,
    ) -> Response[Any]:
        """What runs now, and what ended or was refused, newest first."""
        wanted = runs.Wanted(resource, runbook, symptom, outcome, limit=limit, after=after, person=person)
        return _answer(runs.runs(_desk(app), wanted, since, until))

    @route("showRun", answers.RunAnswer)
    def shown(id: Id) -> Response[Any]:  # noqa: A002  so the path calls it
        """One run: its entries, its chain, and what people learned of it."""
        return _answer(runs.run(_desk(app), id))


def _decisions(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("approveRun", answers.DecisionAnswer)
    def approved(id: Id, body: Annotated[asked.ApproveAsked, Body()]) -> Response[Any]:  # noqa: A002
        """Agree to the plan that a run asks about. Whoever asked for the run cannot."""
        return _answer(deciding.approve(_desk(app), id, plan=body.plan, reason=body.reason))

    @route("declineRun", answers.DecisionAnswer)
    def declined(id: Id, body: Annotated[asked.DeclineAsked, Body()]) -> Response[Any]:  # noqa: A002
        """Turn down what a run asks."""
        return _answer(deciding.decline(_desk(app), id, reason=body.reason, plan=body.plan))

    @route("cancelRun", answers.CancelAnswer)
    def cancelled(id: Id, body: Annotated[asked.CancelAsked, Body()]) -> Response[Any]:  # noqa: A002
        """Stop a run: it takes back what it did."""
        return _answer(deciding.cancel(_desk(app), id, reason=body.reason))

    @route("listApprovals", answers.ApprovalsAnswer)
    def listed() -> Response[Any]:
        """What waits for a person."""
        return _answer(approvals.approvals(_desk(app)))


def _knowledge(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("recall", answers.RecallAnswer)
    def recalled(
        resource: Text = None,
        symptom: Text = None,
        run: IdText = None,
        error: Text = None,
        limit: Annotated[int, Query(ge=1, le=20)] = 5,
    ) -> Response[Any]:
        """What is remembered of the like: a resource, a symptom, a run or an error."""
        found = recall.recall(_desk(app), resource=resource, symptom=symptom, run=run, error=error, limit=limit)
        return _answer(found)

    @route("search", answers.SearchAnswer)
    def searched(
        words: Annotated[str, Query(min_length=1, max_length=asked.LONGEST)],
        kind: Annotated[Kind | None, Query()] = None,
        since: Since = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        all_versions: Annotated[bool, Query()] = False,
    ) -> Response[Any]:
        """Lessons and endings of runs that have all the words."""
        found = search.search(_desk(app), words, kind=kind, since=since, limit=limit, all_versions=all_versions)
        return _answer(found)

    @route("showStatistics", answers.StatisticsAnswer)
    def reckoned(
        since: Annotated[str, Query(min_length=1, max_length=40)] = figures.USUAL,
        until: Since = None,
        by: Annotated[By, Query()] = "runbook",
    ) -> Response[Any]:
        """How often runs helped, how fast against people's hands, and what that saved."""
        return _answer(figures.statistics(_desk(app), since=since, until=until, by=by))


def _lessons(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("listLessons", answers.LessonsAnswer)
    def listed(
        run: IdText = None,
        symptom: Text = None,
        lesson: IdText = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Response[Any]:
        """Lessons of a run, of a symptom or of everything; or all versions of one."""
        return _answer(lessons.lessons(_desk(app), run=run, symptom=symptom, lesson=lesson, limit=limit))

    @route("learn", answers.LessonAnswer, 201)
    def learned(body: Annotated[asked.LearnAsked, Body()], key: Once = None) -> Response[Any]:
        """Write down what the next one should know."""
        return _answer(lessons.learn(_desk(app), body.words, run=body.run, symptom=body.symptom, key=key), 201)

    @route("correctLesson", answers.LessonAnswer, 201)
    def corrected(id: Lesson, body: Annotated[asked.CorrectAsked, Body()]) -> Response[Any]:  # noqa: A002
        """A new version of a lesson; the old one stays."""
        return _answer(lessons.correct(_desk(app), id, body.words, version=body.version), 201)


def _standing(app: APIGatewayHttpResolver, route: Route) -> None:
    @route("listHalts", answers.HaltsAnswer)
    def listed() -> Response[Any]:
        """What is halted."""
        return _answer(halts.halts(_desk(app)))

    @route("halt", answers.HaltsAnswer)
    def halted(body: Annotated[asked.HaltAsked, Body()], key: Once = None) -> Response[Any]:
        """Halt everything, or a runbook, or an account."""
        desk = _desk(app)
        return _answer(halts.halt(desk, reason=body.reason, runbook=body.runbook, account=body.account, key=key))

    @route("liftHalt", answers.HaltsAnswer)
    def lifted(
        runbook: Text = None,
        account: Annotated[str | None, Query(pattern="^[0-9]{12}$")] = None,
    ) -> Response[Any]:
        """Set it free again."""
        return _answer(halts.lift(_desk(app), runbook=runbook, account=account))

    @route("explainPolicy", answers.ExplainAnswer)
    def explained(body: Annotated[asked.ExplainAsked, Body()]) -> Response[Any]:
        """What policy says about a runbook on a resource, and why."""
        found = policies.explained(
            _desk(app),
            body.runbook,
            body.resource,
            alarm=body.alarm,
            alarm_tags=body.alarm_tags,
            resource_tags=body.resource_tags,
        )
        return _answer(found)

    @route("why", answers.WhyAnswer)
    def asked_why(
        what: Annotated[str, Query(min_length=1, max_length=asked.LONGEST)],
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> Response[Any]:
        """Why something was done to a resource or for an alarm, or was not."""
        desk = _desk(app)
        return _answer(reasons.why(desk, desk.catalog, lambda: desk.policy, what, limit, "what").to_dict())
