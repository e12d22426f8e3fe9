"""Values in a Markdown document: they show what they say, and nothing of the document becomes something else."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nightcrew.clock import StoppedClock
from nightcrew.knowledge.markdown import clean, code, escaped, table
from nightcrew.knowledge.postmortem.page import page
from nightcrew.knowledge.postmortem.postmortem import draft
from nightcrew.ledger.book import Book
from tests.knowledge.incidents import THREE, Ledger

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
"""CommonMark with GitHub's tables: HTML is let through, so that it would be seen."""

NASTY = st.lists(
    st.sampled_from([*"`|\\*_[]()<>#-+=~!&;:@$.1a\n\r\t \u2028\u202e\x1b\x00", "http://", "www.", "\n# ", "```"]),
    max_size=30,
).map("".join)
RUN = "20261121-030004-nasty1"


def shown(text: str) -> str:
    """What a reader sees of one line."""
    [token] = [each for each in READER.parse(text) if each.type == "inline"]
    assert {child.type for child in token.children or ()} <= {"text", "code_inline", "text_special"}, text
    return "".join(child.content for child in token.children or ()).replace("@\u200b", "@")


@settings(max_examples=40)
@given(NASTY)
@example("a\\|b")
@example("__init__ *a* `b` ``c`")
@example("1. one")
@example("- [ ] x")
@example("&lt;script&gt; <b>x</b> ![i](u)")
def test_a_value_shows_as_itself_and_is_nothing_else(value: str) -> None:
    """In a line, and in a table's cell; as text and as code."""
    for written in (escaped(value), code(value)):
        assert shown(f"- seen: {written}, then") == f"seen: {clean(value) or '–'}, then"
        rows = READER.parse("\n".join(table(["a", "b"], [[written, "x"], ["y", written]])))
        assert [each.type for each in rows].count("td_open") == 4
        cells = [each for each in rows if each.type == "inline"][2:]
        seen = ["".join(child.content for child in cell.children or ()).replace("@\u200b", "@") for cell in cells]
        assert seen == [clean(value) or "–", "x", "y", clean(value) or "–"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("see https://evil.example/x", r"see https:\//evil.example/x"),
        ("www.evil.example", r"www\.evil.example"),
        ("@channel and ada@example.com", "@&#8203;channel and ada@&#8203;example.com"),
        ("StatusCheckFailed_Instance", "StatusCheckFailed_Instance"),
        ("a\nb\x1b[31mc", r"a b \[31mc"),
        ("", "–"),
        ("x" * 300, "x" * 239 + "…"),
    ],
)
def test_what_readers_would_make_of_plain_text_is_not_made(value: str, written: str) -> None:
    """Links, mentions and e-mail addresses, which need no markup on GitHub; controls; what has no end."""
    assert escaped(value) == written


def a_draft_with(value: str) -> str:
    """A draft in which each value of an entry that anybody could choose is this one."""
    ledger = Ledger()
    glass = {"by": value, "trouble": value, "not_asked": [value]}
    chain = ledger.opened(
        *(RUN, THREE), runbook=value, resource=value, symptom=f"s{value}", alarm=f"a{value}", why=value, policy=value
    )
    facts: list[dict[str, Any]] = [
        {"read": value, "call": value, "value": {value: [value]}, "at": chain.at(1)},
        {"require": value, "held": True},
        {"require": value, "held": False},
        {"asked": value, "decision": value, "by": [value], "reason": value, "hash": value, "at": chain.at(2)},
        {"later": value, "runbook": value, "parameters": {}, "due": chain.at(900)},
        {"held": [value]},
    ]
    chain.change(5, value, value, facts, undo=value)
    made = {"changed": value, "how": value, "error": {"code": value, "message": value}, "at": chain.at(6)}
    waited = {"proved": value, "tries": 2, "seen": value, "faults": 1, "since": chain.at(6), "at": chain.at(9)}
    chain.wait(10, value, [made, waited])
    left = [{"title": value, "words": value}]
    chain.close(20, value or "failed", value, [], not_undone=left, undone=[value], error=value, break_glass=glass)
    ledger.refused(
        "refused-nasty1", THREE + timedelta(minutes=1), value or "lock", value, runbook=value, figures={value: value}
    )
    lesson = {"words": value, "author": value, "run": RUN}
    Book(ledger.store, StoppedClock(THREE), "lesson-nasty").write("lesson", lesson)
    return page(draft(ledger.store, [RUN, "refused-nasty1"], THREE))


def structure(text: str) -> list[str]:
    """Its headings, and of all else what it is."""
    tokens = READER.parse(text)
    headings = [after.content for each, after in itertools.pairwise(tokens) if each.type == "heading_open"]
    kinds = [each.type for each in tokens if each.type != "inline"]
    inline = {child.type for each in tokens if each.type == "inline" for child in each.children or ()}
    breaks = [
        child.content
        for each in tokens
        if each.type == "inline"
        for child in each.children or ()
        if child.type == "html_inline"
    ]
    assert inline <= {
        "text",
        "text_special",
        "code_inline",
        "html_inline",
        "em_open",
        "em_close",
        "strong_open",
        "strong_close",
    }
    assert set(breaks) <= {"<br>"}
    return [*headings[1:], *kinds, str(len(breaks))]


@settings(max_examples=15, deadline=None)
@given(NASTY)
@example("| a |\n| --- |\n| b |")
@example("</td></table><script>")
def test_no_value_changes_the_structure_of_a_draft(value: str) -> None:
    """The same headings, tables, rows, cells and lists as with a harmless one."""
    assert structure(a_draft_with(value)) == structure(a_draft_with("x" if value else ""))
