"""`nightcrew digest`: a week in a minute, on a terminal, for a page, for programs, and sent to people."""

from datetime import timedelta

import pytest

from nightcrew.clock import SkippingClock
from tests.cli.cloud import Demo
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed
from tests.cli.rights import refused
from tests.knowledge.chronicle import Chronicle

NOW = SkippingClock().now()


@pytest.fixture
def week(demo: Demo) -> Chronicle:
    """Three restarts of one instance, a refusal, and a name that is no plain text."""
    chronicle = Chronicle(demo.store)
    for number in range(3):
        chronicle.ran(NOW - timedelta(minutes=number + 1), resource="digest")
    chronicle.ran(NOW, "failed", resource="a|b\x1b[31m<b>")
    chronicle.refused(NOW, "lock", resource="digest")
    return chronicle


def test_it_says_what_to_mend_first_and_fits_the_terminal(week: Chronicle) -> None:
    seen = typed("--demo", "digest", columns=80)
    assert seen.code == 0, seen.err
    assert seen.widest <= 80
    assert "Mend at the root\n  - i-digest was restarted 3 times: toil hides a fault\n" in seen.out
    assert "\x1b[31m" not in seen.out
    assert seen.out.index("Mend at the root") < seen.out.index("What did not help") < seen.out.index("What helped")


def test_as_markdown_it_can_be_pasted(week: Chronicle) -> None:
    out = typed("--demo", "digest", "--markdown").out
    assert out.startswith("# Nightcrew, ")
    assert "- `i-digest` was restarted 3 times: toil hides a fault" in out.splitlines()
    assert "<b>" not in out.replace("\\<b", "")


def test_programs_get_it_whole(week: Chronicle) -> None:
    told = typed("--demo", "digest", "--since", "2d", "--json").json
    assert (told["version"], told["quiet"]) == (1, False)
    assert told["total"]["outcomes"] == {"cured": 3, "failed": 1}
    assert {each["name"] for each in told["sections"]} >= {"mend", "helped", "did_not_help", "gates"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--since", "soon"), "--since: 'soon'"),
        (("--since", "800d"), "--since: '800d'"),
        (("--until", "2026-11-01", "--since", "2026-11-20"), "--since: '2026-11-20'"),
        (("--markdown", "--json"), "cannot be given together"),
        (("--send",), "only a deployed stack has news"),
    ],
)
def test_what_is_not_allowed_is_named(demo: Demo, words: tuple[str, ...], named: str) -> None:
    seen = typed("--demo", "digest", *words)
    assert seen.code == 2
    assert named in seen.err + seen.out


def test_a_stacks_is_sent_by_an_operator_and_read_by_whoever_looks(deployed: Deployed) -> None:
    eve, ada = deployed.person("digest-eve"), deployed.person("digest-ada")
    topic = deployed.demo.client("sns")
    queue = deployed.demo.client("sqs").create_queue(QueueName="digest-heard")["QueueUrl"]
    arn = next(each["TopicArn"] for each in topic.list_topics()["Topics"] if "nightcrew" in each["TopicArn"])
    topic.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-central-1:123456789012:{'digest-heard'}")
    seen = typed("--stack", NAME, "digest", **eve)
    assert seen.code == 0, seen.err
    assert refused(["ViewerAccess"], deployed.executor.requests.of(eve)) == []
    sent = typed("--stack", NAME, "digest", "--send", **ada)
    assert sent.code == 0, sent.err
    assert "sent to the stack's news" in sent.err
    assert refused(["ViewerAccess", "OperatorAccess"], deployed.executor.requests.of(ada)) == []
    messages = deployed.demo.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert "nightcrew digest --since" in messages[0]["Body"]
