"""moto's way from a request to its answer, without what is worked out anew for each one.

For each request moto 5.2.5 lists the methods of a class, for each member of an answer the names under which a thing may
have it, and for each thing of EC2 it looks through the tags of all of them; and botocore reads each time stamp as if it
could be written in any way. The answers are moto's.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from botocore import parsers
from moto.core.constants import MISSING
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import get_value
from moto.ec2.models.tags import TagBackend


@contextmanager
def quick_answers() -> Iterator[None]:
    """For as long as the block lasts, moto answers sooner."""
    with ExitStack() as stack:
        stack.enter_context(patch("moto.core.responses.method_names_from_class", _Methods))
        stack.enter_context(patch.object(ResponseSerializer, "get_value", _picking(ResponseSerializer.get_value)))
        read = lru_cache(4096)(parsers.DEFAULT_TIMESTAMP_PARSER)  # by clients that are made within the block
        stack.enter_context(patch.object(parsers, "DEFAULT_TIMESTAMP_PARSER", read))
        stack.enter_context(patch.object(TagBackend, "describe_tags", _tagging(TagBackend.describe_tags)))
        yield


class _Methods:
    """The names of a class's methods; each is looked up when it is asked for."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __contains__(self, name: str) -> bool:
        return inspect.isfunction(getattr(self._kind, name, None))


def _picking(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """The names of a member depend on the member and on the kind of thing; few members are transformed."""
    names: dict[tuple[Any, str, type], tuple[str, ...]] = {}
    transformed: dict[tuple[int, str], Mapping[str, Any]] = {}

    def pick(self: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
        picker = self._value_picker
        if type(picker) is not XFormedAttributePicker:
            return ordinary(self, value, key, shape)
        all_of_them = picker.response_transformers
        if all_of_them:
            its = transformed.get((id(all_of_them), key))
            if its is None:  # they belong to moto's classes, and stay
                its = {path: each for path, each in all_of_them.items() if f".{key}".endswith(path.rpartition(".")[2])}
                transformed[id(all_of_them), key] = its
            if its:
                return ordinary(self, value, key, shape)
        possible = names.get((shape, key, type(value)))
        if possible is None:
            asked = AttributePickerContext(obj=value, key=key, shape=shape)
            possible = names[shape, key, type(value)] = tuple(dict.fromkeys(picker.get_possible_keys(asked)))
        read = None if hasattr(value, "__getitem__") else getattr
        for name in possible:
            found = read(value, name, MISSING) if read and "." not in name else get_value(value, name, MISSING)
            if found is not MISSING:
                return found
        return None

    return pick


def _tagging(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """Whose tags are asked for by an id without wildcards is looked at alone."""

    def describe_tags(self: TagBackend, filters: dict[str, list[str]] | None = None) -> Any:
        ids = (filters or {}).get("resource-id", ())
        if not ids or any(sign in each for each in ids for sign in "*?["):
            return ordinary(self, filters)
        tagged = {each: self.tags[each] for each in ids if self.tags.get(each)}
        if not tagged:
            return []
        seen = TagBackend()
        seen.tags.update(tagged)
        return ordinary(seen, filters)

    return describe_tags
