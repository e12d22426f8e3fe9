"""A request that reaches moto on the quick way says what it says on moto's own."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.hooks import EventAliaser, HierarchicalEmitter
from moto.core.request import Request

from nightcrew.aws.cloud import ClientMaker
from nightcrew.demo.quick_requests import quick_requests
from nightcrew.ledger.store import client_config

Way = Any
_ORDINARY = Request.__dict__["from_primitives"]
HEADERS = {
    "X-Amz-Target": b"DynamoDB_20120810.GetItem",
    "User-Agent": b"Botocore/1.44.5 m/Z,E",
    "amz-sdk-request": "attempt=1; max=5",
}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def quick() -> Iterator[Way]:
    """How requests are made where they are made quickly."""
    with quick_requests():
        yield Request.__dict__["from_primitives"]


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "https://dynamodb.eu-west-1.amazonaws.com/", b"{}"),
        ("POST", "https://ec2.eu-west-1.amazonaws.com/", "Action=DescribeInstances&Filter.1.Name=\u00e4"),
        ("POST", "http://sqs.eu-west-1.amazonaws.com", b""),
        ("POST", "http://127.0.0.1:5000/", b"{}"),
        ("POST", "https://ec2.eu-west-1.amazonaws.com/?Action=DescribeInstances", ""),
        ("GET", "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/a%2Fb", None),
        ("PUT", "https://backup.eu-west-1.amazonaws.com/vaults/v/points/arn%3Aaws%3A%C3%A4%20x", b"{}"),
        ("GET", "https://route53.amazonaws.com/2013-04-01/zone/Z/rrset?name=%C3%A4&maxitems=1", b""),
        ("DELETE", "https://x.s3.amazonaws.com/a;b//c", None),
        ("GET", "https://x.s3.amazonaws.com//a/%FF", None),
        ("GET", "https://x.s3.amazonaws.com", None),
    ],
)
@pytest.mark.parametrize("kind", [b"application/x-amz-json-1.0", FORM, f"{FORM}; charset=utf-8", None])
@pytest.mark.parametrize("whole", [True, False])
def test_it_says_the_same(quick: Way, method: str, url: str, body: Any, kind: Any, whole: bool) -> None:
    """Its environment, its URL, its headers, and what was posted or asked for."""
    headers = HEADERS | ({"Content-Type": kind} if kind else {}) | ({} if whole else {"Transfer-Encoding": "chunked"})
    seen = []
    for way in (_ORDINARY, quick):
        request = way.__get__(None, Request)(method, url, headers, body)
        environ = {name: value for name, value in request.environ.items() if not name.startswith(("wsgi.", "werkzeug"))}
        posted = request.data, dict(request.form), dict(request.files), request.get_data(), request.stream.read()
        asked = request.url, request.raw_url, request.raw_path, request.path, request.host, dict(request.args)
        seen.append((environ, asked, dict(request.headers), request.content_type, posted, dict(request.values)))
    assert seen[0] == seen[1]


def test_every_answer_has_an_id_of_its_own(clients: ClientMaker) -> None:
    """As AWS's have: support asks for it."""
    client = clients("dynamodb", client_config())
    ids = [client.list_tables()["ResponseMetadata"]["RequestId"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(len(each) == 52 for each in ids)


def test_an_event_goes_by_botocores_names(quick: Way) -> None:
    """A service's older names among them; where a session has other ones, by those alone."""
    del quick
    heard: list[str] = []
    for aliases in (None, {"elb": "other"}, None):
        events = EventAliaser(HierarchicalEmitter(), aliases)
        for name in ("elastic-load-balancing", "other"):
            events._emitter.register(f"before-call.{name}", lambda name=name, **_: heard.append(name))
        events.emit("before-call.elb")
    assert heard == ["elastic-load-balancing", "other", "elastic-load-balancing"]
