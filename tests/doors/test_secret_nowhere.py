"""A run that hands a secret on, through an approval, a kill and its end: wherever it left words, the secret is not."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import executor
from nightcrew import Run, calls
from nightcrew.api.calls import CALLS
from nightcrew.aws.kept import SecretRef, kept
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.scripted import Refusal
from nightcrew.engine.news import piece
from nightcrew.errors import BadParameter
from tests.api.desk import Office
from tests.console.conftest import signed_in
from tests.console.reader import Newsroom, Reader
from tests.doors.conftest import Lines
from tests.doors.test_logs import logged_by_executor
from tests.engine.shift import ADA, Shift
from tests.house import House
from tests.queues import Queue, url

HIDDEN = "hunter2-in-the-vault"
PERMISSIONS = ["secretsmanager:GetSecretValue", "sqs:ListQueueTags", "sqs:TagQueue", "sqs:UntagQueue"]
sqs = calls("sqs")


def remedy(run: Run, queue: Queue, password: SecretRef) -> str:
    """Labels the queue with what is kept in a vault, which nobody would do."""
    labels = sqs.list_queue_tags(QueueUrl=url(queue))
    take_off = sqs.untag_queue(QueueUrl=url(queue), TagKeys=["key"])
    run.read("see its labels", labels)
    run.change("label it", sqs.tag_queue(QueueUrl=url(queue), Tags={"key": kept(password)}), undo=take_off)
    run.prove("it has the label", labels, bool, within=timedelta(minutes=1), pick=lambda answer: answer)
    run.change("label it for good", sqs.tag_queue(QueueUrl=url(queue), Tags={"key": kept(password)}), irreversible=True)
    run.prove("it has the label still", labels, bool, within=timedelta(minutes=1), pick=lambda answer: answer)
    run.later("do it again", "remedy", {"queue": queue, "password": password}, after=timedelta(days=1))
    return f"labelled with {password}"


@pytest.fixture
def shift(house: House, tmp_path: Path, executor_log: Lines) -> Shift:
    """People must agree, the journal is a file, and what happens is logged as the executor logs it."""
    del executor_log
    made = Shift.build(
        house, remedy, level="approve", permissions=PERMISSIONS, secret=["key"], at=tmp_path / "journal.sqlite"
    )

    def watch(kind: str, what: Mapping[str, Any]) -> None:
        made.house.told.append((kind, dict(what)))
        executor._tell(kind, what)

    logged_by_executor(made, lambda kind, what: made.news.append((kind, dict(what))), watch)
    return made


@pytest.fixture
def reference(shift: Shift) -> str:
    """Where the secret is kept."""
    made = shift.crew.client("secretsmanager").create_secret(Name=f"nowhere-{shift.queue}", SecretString=HIDDEN)
    return str(made["ARN"])


def asked(shift: Shift, reference: str) -> str:
    """Ada asks for it; the run."""
    given = {"queue": shift.queue, "password": reference}
    answer = shift.crew.dispatcher.person("remedy", given, actor=ADA, account=ACCOUNT, region=REGION, reason="it is")
    assert answer.run is not None
    return answer.run


def kept_and_told(shift: Shift, tmp_path: Path, lines: Lines) -> Iterator[tuple[str, str]]:
    """What is written down, or goes out, by its place."""
    for table, items in vars(shift.crew.store)["_items"].items():
        yield table, str(items)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            yield file.name.partition("-")[0], file.read_bytes().decode(errors="replace")
    yield "log", json.dumps(lines())
    yield "told", json.dumps(shift.house.told, default=str)
    yield "news", json.dumps([[kind, what, piece(kind, what)] for kind, what in shift.news], default=str)


def answered(shift: Shift, run: str, files: Path) -> Iterator[tuple[str, str]]:
    """What the API and the console answer to whoever asks for anything."""
    office, queue = Office.of(shift.house, files), f"arn:aws:sqs:{REGION}:{ACCOUNT}:{shift.queue}"
    query = {
        "recall": {"run": run},
        "listLessons": {"run": run},
        "search": {"words": "label"},
        "why": {"what": queue},
    }
    for call in CALLS:
        if call.method == "GET":
            at = call.path.format(name="remedy", id=run)
            said = office.ask("GET", at, query=query.get(call.name, {}))
            assert said.status == 200, (call, said.text)
            yield f"API {at}", said.text
    reader = signed_in(Newsroom.of(shift.house, files))
    begin = ("/console", f"/console/runs/{run}", f"/console/runs/{run}/entries.json", f"/console/approvals/{run}")
    yield from crawled(reader, begin)


def crawled(reader: Reader, begin: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """All pages that links lead to, each path once."""
    left, seen = list(begin), set()
    while left:
        at = left.pop()
        path = at.partition("?")[0].partition("#")[0]
        if path.startswith("/console") and path not in seen:
            seen.add(path)
            page = reader.send("GET", at)
            left += page.links.values() if "html" in page.headers["content-type"] else ()
            yield f"page {path}", page.text


def test_wherever_a_run_leaves_words_there_is_no_secret(
    shift: Shift, reference: str, tmp_path: Path, executor_log: Lines
) -> None:
    """While people are asked, where it is killed as it hands the secret on, and when all is over."""
    places: dict[str, str] = {}

    def look() -> None:
        found = [*kept_and_told(shift, tmp_path, executor_log), *answered(shift, run, tmp_path)]
        assert [name for name, text in found if HIDDEN in text] == []
        for name, text in found:
            places[name] = places.get(name, "") + text

    run = asked(shift, reference)
    shift.on(run)
    look()
    shift.decide(run)
    killed_at(shift, "TagQueue")
    with pytest.raises(KeyboardInterrupt):
        shift.on(run)
    look()
    shift.house.scripted.script("sqs", "TagQueue", lambda _: None)
    shift.on(run)
    look()
    shift.decide(run)
    assert shift.through(run)["outcome"] == "succeeded"
    assert tags(shift) == {"key": HIDDEN}
    look()
    # The look would have found it: where the parameter goes, its reference is.
    page = f"page /console/runs/{run}"
    for name in ("ledger", "state", "journal.sqlite", "told", "news", f"API /runs/{run}", page, f"{page}/entries.json"):
        assert reference in places[name], name
    assert {"API /approvals", "API /statistics", f"page /console/approvals/{run}", f"{page}/postmortem"} <= set(places)


def test_what_aws_says_back_when_it_refuses_is_nowhere_either(
    shift: Shift, reference: str, tmp_path: Path, executor_log: Lines
) -> None:
    """It stands in an error, which the closing, the post-mortem and the news tell."""
    run = asked(shift, reference)
    shift.on(run)
    shift.decide(run)
    shift.house.scripted.script("sqs", "TagQueue", lambda _: Refusal("InvalidTag", f"'{HIDDEN}' is no label"))
    assert shift.through(run)["outcome"] == "failed"
    found = [*kept_and_told(shift, tmp_path, executor_log), *answered(shift, run, tmp_path)]
    assert [name for name, text in found if HIDDEN in text] == []
    assert any("'redacted' is no label" in text for _, text in found)


def test_a_secret_that_somebody_gives_is_not_taken_and_nothing_of_it_stays(
    shift: Shift, tmp_path: Path, executor_log: Lines, event: Callable[[str], dict[str, Any]]
) -> None:
    """Neither by hand, nor by the API, nor by an alarm's tag; not under a mistyped name either."""
    given = {"queue": shift.queue, "password": HIDDEN}
    with pytest.raises(BadParameter) as bad:
        shift.crew.dispatcher.person("remedy", given, actor=ADA, account=ACCOUNT, region=REGION)
    assert HIDDEN not in str(bad.value)
    said = Office.of(shift.house, tmp_path).start(runbook="remedy", **given)
    assert said.status == 422
    for parameter in ("password", "pasword"):
        answer = shift.crew.dispatcher.event(tagged(shift, event("ec2-status-check"), parameter))
        assert (answer.kind, answer.reason) == ("left", "bad-parameter")
        assert HIDDEN not in str(answer)
    found = [("answer", said.text), *kept_and_told(shift, tmp_path, executor_log)]
    assert [name for name, text in found if HIDDEN in text] == []
    assert "would answer, but" in dict(found)["told"]


def tagged(shift: Shift, event: dict[str, Any], parameter: str) -> dict[str, Any]:
    """An alarm whose tags ask for the runbook, and give it the secret."""
    sent = shift.event(event)
    given = {"queue": shift.queue, "password": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/p", parameter: HIDDEN}
    tags = {"nightcrew:runbook": "remedy", **{f"nightcrew:param:{name}": value for name, value in given.items()}}
    sent["detail"] |= {"alarmTags": tags, "alarmTagsStatus": "SUCCESS", "alarmName": "its-tags-say"}
    return sent


def killed_at(shift: Shift, operation: str) -> None:
    """The process dies as it sends that."""

    def die(parameters: Mapping[str, Any]) -> None:
        assert parameters["Tags"] == {"key": HIDDEN}
        raise KeyboardInterrupt

    shift.house.scripted.script("sqs", operation, die)


def tags(shift: Shift) -> dict[str, str]:
    """The queue's labels in the cloud itself."""
    found = shift.crew.client("sqs").list_queue_tags(QueueUrl=url(shift.queue))
    return dict(found.get("Tags", {}))
