"""moto's answers in XML, written in one pass.

moto 5.2.5 has xmltodict 1.0 send each element through a SAX writer, and look at each name letter by letter: a third of
what a description of an instance costs. What is written is the same.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape, quoteattr

import xmltodict

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


@contextmanager
def quick_xml() -> Iterator[None]:
    """For as long as the block lasts, what moto writes is written sooner."""
    with patch.object(xmltodict, "unparse", _writing(xmltodict.unparse)):
        yield


def _writing(ordinary: Callable[..., str]) -> Callable[..., str]:
    named = lru_cache(4096)(xmltodict._validate_name)  # noqa: SLF001  there is no other way to ask

    def element(name: str, value: Any, short: bool, out: list[str]) -> None:
        named(name, "element")
        for each in value if isinstance(value, (list, tuple)) else (value,):
            attributes, inside = "", []
            if isinstance(each, (dict, Mapping)):
                for key, child in each.items():
                    if key == "#text":
                        inside.append(escape(_text(child)))
                    elif key.startswith("@"):
                        attributes += f" {key[1:]}={quoteattr(_text(child))}"
                    else:
                        element(key, child, short, inside)
            else:
                inside.append(escape(_text(each)))
            content = "".join(inside)
            out.append(f"<{name}{attributes}/>" if short and not content else f"<{name}{attributes}>{content}</{name}>")

    def unparse(
        body: Mapping[str, Any],
        *,
        full_document: bool = True,
        short_empty_elements: bool = False,
        pretty: bool = False,
        **more: Any,
    ) -> str:
        if pretty or more or (full_document and len(body) != 1):
            how = {"full_document": full_document, "short_empty_elements": short_empty_elements, "pretty": pretty}
            return ordinary(body, **how, **more)
        out = [_DECLARATION] if full_document else []
        for name, value in body.items():
            element(name, value, short_empty_elements, out)
        return "".join(out)

    return unparse


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode() if isinstance(value, bytes) else str(value)
