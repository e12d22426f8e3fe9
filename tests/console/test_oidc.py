"""Signing in to the deployed console, and what a session is good for."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from nightcrew.api.people import Right
from nightcrew.console.at import At
from nightcrew.console.oidc.people import VARIABLES
from nightcrew.console.oidc.sessions import COOKIE, LASTS
from nightcrew.console.pages import PAGES
from nightcrew.demo.embedded import ACCOUNT
from tests.api.desk import HOME, RUNBOOK
from tests.console.browser import Browser
from tests.console.issuer import ADA, URL
from tests.console.reader import Newsroom
from tests.console.stack import BOB, Stack, stack_of


@pytest.fixture
def stack(room: Newsroom) -> Iterator[Stack]:
    with stack_of(room) as made:
        yield made


def shown(browser: Browser) -> bool:
    """Whether the first page shows what is going on."""
    page = browser.open("/console")
    return page.status == 200 and "You are" in page.words


def test_who_follows_a_link_signs_in_and_is_where_it_leads(stack: Stack) -> None:
    """The address that API Gateway was asked by decides nothing: the console has its own."""
    ada = stack.browser()
    page = ada.signs_in(stack.issuer, at="/console/halt?runbook=restart-ec2-instance")
    assert page.status == 200
    assert page.form("/console/halt").fields["runbook"] == "restart-ec2-instance"
    assert f"oidc:127.0.0.1%3A{stack.issuer.port}:ada@example.com" in page.text


def test_the_first_page_is_where_one_comes_to_who_wanted_none(stack: Stack) -> None:
    ada = stack.browser()
    assert ada.signs_in(stack.issuer, at="/").path == "/console"
    assert shown(ada)


def test_who_only_knocks_makes_nobody_write(stack: Stack) -> None:
    """Nobody without an account at the issuer has the table written to, and the issuer is asked once, not each time."""
    for _ in range(3):
        stack.browser().knocks()
    stranger = stack.browser()
    for _ in range(3):
        stranger.knocks()
    assert stack.table.wrote == []
    assert len(stack.issuer.asked) == 4, "once in each environment"


def test_the_session_stands_in_the_table_as_a_hash(stack: Stack) -> None:
    """Who reads the table can neither take a session over nor send its forms; and no token of the issuer is kept."""
    ada = stack.browser()
    page = ada.signs_in(stack.issuer, at="/console/halt")
    (piece,) = stack.table.items
    item = {**piece.key, **(piece.put or {})}
    assert str(item["key"]).startswith("session#")
    assert item.keys() == {"key", "issuer", "client", "subject", "email", "groups", "since", "expires"}
    for secret in (ada.cookies[COOKIE], page.form("/console/halt").fields["token"], "hunter2", "code-0"):
        assert secret not in str(item)


def test_cookies_are_the_browsers_and_this_hosts_alone(stack: Stack) -> None:
    """No script reads them, none goes over HTTP or to another host; Lax, so that a link from a chat leads in."""
    ada = stack.browser()
    ada.signs_in(stack.issuer)
    begun, session, ended = ada.set
    assert begun.startswith("__Host-nightcrew-to-")
    assert session.startswith("__Host-nightcrew=")
    assert ended.startswith(begun.partition("=")[0] + "=; Max-Age=0")
    for cookie in ada.set:
        assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
        assert "Domain" not in cookie
    assert ada.open("/console").headers["strict-transport-security"]


def test_a_session_lasts_a_night(stack: Stack) -> None:
    """Whether DynamoDB has deleted it by then or not."""
    ada = stack.browser()
    ada.signs_in(stack.issuer)
    stack.later(LASTS - timedelta(minutes=1))
    assert shown(ada)
    stack.later(timedelta(minutes=1))
    assert not shown(ada)


def test_signing_out_ends_the_session_wherever_its_cookie_went(stack: Stack) -> None:
    """And nobody is signed in again at once by an issuer that knows them still."""
    ada, thief = stack.browser(), stack.browser()
    page = ada.signs_in(stack.issuer)
    thief.cookies |= ada.cookies
    assert shown(thief)
    left = ada.submit(page, "/console/leave")
    assert (left.path, left.status) == ("/console/left", 200)
    assert COOKIE not in ada.cookies
    assert not shown(thief)
    assert stack.table.wrote[-1].startswith("-session#")


def test_nobody_else_can_sign_somebody_out(stack: Stack) -> None:
    ada = stack.browser()
    ada.signs_in(stack.issuer)
    assert ada.send("POST", "/console/leave", {"token": "guessed"}).status == 403
    assert shown(ada)


def test_signing_in_anew_ends_the_session_before(stack: Stack) -> None:
    """On a machine that two people use, one does not leave the other's session behind; no value is used again."""
    browser, other = stack.browser(), stack.browser()
    browser.signs_in(stack.issuer)
    other.cookies |= browser.cookies
    browser._follow(browser.send("GET", "/console/enter"))
    page = browser._follow(browser.send("GET", stack.issuer.lets_in(browser.sent_to, BOB)))
    assert "bob@example.com" in page.text
    assert browser.cookies[COOKIE] != other.cookies[COOKIE]
    assert not shown(other)


def test_two_browsers_have_sessions_of_their_own(stack: Stack) -> None:
    """Nothing that one does ends the other's, and a form of one is not taken from the other."""
    ada, bob = stack.browser(), stack.browser()
    form = ada.signs_in(stack.issuer, at="/console/halt").form("/console/halt")
    bob.signs_in(stack.issuer, {**BOB, "groups": ["oncall-eu"]})
    assert bob.send("POST", "/console/halt", {**form.fields, "reason": "x"}).status == 403
    bob.submit(bob.open("/console"), "/console/leave")
    assert shown(ada)
    assert not shown(bob)


def test_two_tabs_sign_in_at_once(stack: Stack) -> None:
    ada = stack.browser()
    first, second = ada.knocks("/console/halt"), ada.knocks()
    assert ada._follow(ada.send("GET", stack.issuer.lets_in(first))).path == "/console/halt"
    assert ada._follow(ada.send("GET", stack.issuer.lets_in(second))).path == "/console"
    assert shown(ada)


def test_what_was_begun_and_never_ended_does_not_pile_up(stack: Stack) -> None:
    """API Gateway takes 10,240 bytes of headers, then refuses them all."""
    ada = stack.browser()
    for _ in range(30):
        ada.knocks("/console/history?words=" + "x" * 450)
        assert sum(len(name) + len(value) for name, value in ada.cookies.items()) < 5_000
    ada.signs_in(stack.issuer)
    assert shown(ada)


def test_a_form_without_a_session_does_nothing_and_says_so(stack: Stack) -> None:
    """It is not sent to the issuer, where it would be lost without a word."""
    stranger = stack.browser()
    sent = stranger.send("POST", "/console/halt", {"reason": "x"})
    assert sent.status == 401
    assert "nothing was done" in sent.words
    assert sent.links["Sign in at 127.0.0.1:" + str(stack.issuer.port)] == f"{URL}/console/enter"


def test_a_page_that_refreshes_itself_is_not_sent_to_the_issuer(stack: Stack) -> None:
    """Else each open page whose session is over would begin a sign-in every few seconds."""
    seen = stack.browser().send("GET", "/console", headers={"sec-fetch-mode": "cors", "x-live": "1"})
    assert seen.status == 401
    assert not seen.cookies


def test_a_page_asks_once_for_its_session(stack: Stack) -> None:
    """docs/cost.md says so; and a style sheet never does."""
    ada = stack.browser()
    page = ada.signs_in(stack.issuer)
    before = stack.table.reads
    assert shown(ada)
    assert stack.table.reads - before == 1
    sheet = page.text.partition('href="/console/static/')[2].partition('"')[0]
    assert ada.open(f"/console/static/{sheet}").status == 200
    assert stack.table.reads - before == 1


def test_the_style_sheet_is_for_everybody(stack: Stack) -> None:
    """Nor does it cost a read of the table."""
    stranger = stack.browser()
    page = stranger.open("/console/left")
    assert page.status == 200
    sheet = page.text.partition('href="/console/static/')[2].partition('"')[0]
    assert stranger.open(f"/console/static/{sheet}").status == 200


@pytest.mark.parametrize("page", PAGES, ids=lambda each: f"{each.method} {each.path}")
def test_no_page_is_for_who_has_no_session(stack: Stack, page: At) -> None:
    """Whatever IAM says of who asks, or whatever a header claims."""
    stranger = stack.browser()
    path = re.sub(r"{[a-z]+}", "20261121-030004-k3f9qa", page.path)
    claimed = {"authorization": "Bearer x", "x-amz-security-token": "x", "cookie": f"{COOKIE}={'a' * 43}"}
    sent = stranger.send(page.method, path, {} if page.method == "POST" else None, headers=claimed)
    if page.method == "GET":
        assert (sent.status, sent.headers["location"].partition("?")[0]) == (303, f"{URL}/console/enter")
        assert stranger.send("HEAD", path).status == 401
    else:
        assert sent.status == 401


def test_the_log_hears_who_came_and_went_and_why_not(stack: Stack) -> None:
    """Without a code or a token, of the issuer or of ours."""
    ada = stack.browser()
    page = ada.signs_in(stack.issuer)
    ada.submit(page, "/console/leave")
    stack.browser().open("/console/signed-in", code="code-7", state="x" * 43)
    actor = f"oidc:127.0.0.1%3A{stack.issuer.port}:ada@example.com"
    assert stack.told[:2] == [("signed in", actor), ("signed out", actor)]
    assert stack.told[2][0] == "not signed in"
    assert not any(secret in str(stack.told) for secret in ("code-", "hunter2", *ada.cookies.values()))


# --- what they may


def test_who_may_what_is_decided_at_each_request(stack: Stack) -> None:
    """Who is taken out of a parameter may no more, whatever session they have."""
    ada = stack.browser()
    ada.signs_in(stack.issuer)
    assert ada.open("/console/halt").status == 200
    stack.environment[VARIABLES[Right.OPERATE]] = "bob@example.com"
    after = stack.browser()
    after.cookies |= ada.cookies
    assert after.open("/console").status == 200
    refused = after.open("/console/halt")
    assert refused.status == 403
    assert "ConsoleOperators" in refused.words


def test_who_is_named_by_nothing_sees_nothing(stack: Stack) -> None:
    """An issuer such as Google, or a pool where anybody signs up, lets strangers in: the console does not."""
    mallory = stack.browser()
    page = mallory.signs_in(stack.issuer, {**BOB, "email": "bob@elsewhere.example"})
    assert page.status == 403
    assert "ConsoleViewers" in page.words
    assert "Waits" not in page.words


def test_another_issuer_or_client_knows_no_session_of_before(stack: Stack) -> None:
    """Whom the company's old issuer let in, the new one has not."""
    ada = stack.browser()
    ada.signs_in(stack.issuer)
    stack.environment["NIGHTCREW_CONSOLE_CLIENT"] = "another"
    after = stack.browser()
    after.cookies |= ada.cookies
    assert not shown(after)


def test_who_acts_is_in_the_ledger_and_on_pages_by_name(stack: Stack) -> None:
    ada = stack.browser()
    page = ada.submit(ada.signs_in(stack.issuer, at="/console/halt"), "/console/halt", reason="a storm")
    assert page.status == 200
    assert "Halted: everything" in page.words
    assert "ada@example.com" in page.words


@pytest.mark.parametrize("value", ["", "x", "é", "a" * 43, "a" * 5000, "../approval", "*"])
def test_a_made_up_cookie_is_no_session(stack: Stack, value: str) -> None:
    stranger = stack.browser()
    stranger.cookies[COOKIE] = value
    assert not shown(stranger)


# --- who asked does not approve


@pytest.fixture
def careful_stack(careful: Newsroom) -> Iterator[Stack]:
    """Where a restart waits for an approval."""
    with stack_of(careful) as made:
        yield made


def test_nobody_approves_on_a_page_what_they_asked_for_in_aws(careful_stack: Stack, instance: str) -> None:
    """Ada by her IAM user is Ada by her address; who only looks reads who may decide; Bob may, and does."""
    room = careful_stack.room
    ada = f"arn:aws:iam::{ACCOUNT}:user/ada"
    where = {"account": HOME.account, "region": HOME.region}
    run = str(room.door.person(RUNBOOK, {"instance_id": instance}, actor=ada, reason="it hangs", **where).run)
    room.until_it_asks(run)
    at, approve = f"/console/approvals/{run}", f"/console/approvals/{run}/approve"
    hers = careful_stack.browser()
    page = hers.signs_in(careful_stack.issuer, {**ADA, "groups": ["leads"]}, at=at)
    assert "You cannot approve it" in page.words
    fields = page.form(f"{at}/decline").fields
    assert hers.send("POST", approve, {**fields, "reason": "x"}).status == 409
    looks = careful_stack.browser()
    assert "ConsoleApprovers" in looks.signs_in(careful_stack.issuer, BOB, at=at).words
    his = careful_stack.browser()
    done = his.submit(his.signs_in(careful_stack.issuer, {**BOB, "groups": ["leads"]}, at=at), approve, reason="go")
    assert "Approved." in done.words
    assert "bob@example.com" in done.words
