"""A page of an application is asked over real HTTP, and nothing else is."""

import pytest

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed
from nightcrew.aws.web import Page, Web, answers
from nightcrew.errors import Forbidden
from tests.pages import application


def test_its_status_is_what_it_says() -> None:
    with application(200, 503) as page:
        seen = [Web(local=True).read(Page(page.url)).value for _ in range(2)]
    assert seen == [{"status": 200}, {"status": 503}]
    assert [answers(each) for each in seen] == [True, False]


def test_a_redirect_is_not_followed_and_is_not_well() -> None:
    with application(302) as page:
        assert not answers(Web(local=True).read(Page(page.url)).value)
        assert page.asked == ["/health"]


def test_where_nobody_answers_the_call_is_lost() -> None:
    with application(200) as page:
        pass
    with pytest.raises(CallFailed) as failed:
        Web(local=True).read(Page(page.url))
    assert failed.value.kind == "lost"


def test_the_machine_itself_is_not_asked_whatever_it_is_called() -> None:
    """A function's runtime listens there, and would give the next event away."""
    with application(200) as page:
        for url in (page.url, page.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(CallFailed, match="address of this machine"):
                Web().read(Page(url))
        assert page.asked == []


def test_only_pages_are_asked_and_nothing_is_changed() -> None:
    with pytest.raises(Forbidden):
        Web().read(calls("sqs").list_queues())
    with pytest.raises(Forbidden):
        Web().change(Page("https://checkout.example.com/"))
