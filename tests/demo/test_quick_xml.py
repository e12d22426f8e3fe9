"""What the quick writer writes is what xmltodict writes."""

from typing import Any

import pytest
import xmltodict

from nightcrew.demo.quick_xml import quick_xml

ANSWERS: list[dict[str, Any]] = [
    {"Response": {"@xmlns": "http://example.com/doc/", "id": "i-1", "none": None, "empty": "", "gone": []}},
    {"Response": {"set": {"item": [{"a": 1, "b": True}, {"a": 2.5, "b": False}, None, "three"]}}},
    {"Response": {"text": "a < b & \"c\" > 'd'\n", "bytes": b"plain", "#text": "inside", "@of": 'x"y'}},
    {"Response": [{"only": "one"}]},
    {"Response": {}},
    {"Response": {"pair": ("a", "b")}},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("full", [True, False])
def test_it_is_the_same_text(answer: dict[str, Any], short: bool, full: bool) -> None:
    how: dict[str, Any] = {"full_document": full, "short_empty_elements": short}
    with quick_xml():
        quick = xmltodict.unparse(answer, **how)
        # What else one may ask for is left to xmltodict itself, so one of its defaults asks it.
        assert quick == xmltodict.unparse(answer, **how, attr_prefix="@")


@pytest.mark.parametrize("name", ["a b", "a<b", "a/b", "?a", 'a"b'])
def test_a_name_that_would_break_out_is_refused(name: str) -> None:
    with quick_xml(), pytest.raises(ValueError, match="Invalid element name"):
        xmltodict.unparse({"Response": {name: "x"}})
