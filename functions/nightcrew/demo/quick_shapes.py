"""moto writes, and botocore reads, the members of a structure by a plan that is made once for each shape.

An instance of EC2 has sixty members, of which moto knows twenty: for each of them, in each answer, moto asks by which
names a thing may have it, and botocore by which name it was sent. And botocore reads a time stamp as if it could be
written in any way.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from typing import Any
from unittest.mock import patch

from botocore import utils
from botocore.parsers import BaseJSONParser, BaseXMLResponseParser, ResponseParser
from moto.core.constants import MISSING
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import get_value

Named = tuple[str, Any, tuple[str, ...] | None]
"""A member, its shape, and the names that it may have; None where more is to be looked at."""

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?Z", re.ASCII)


@contextmanager
def quick_shapes() -> Iterator[None]:
    """For as long as the block lasts, structures are written and read sooner."""
    stamp = "_parse_timestamp_with_tzinfo"
    with ExitStack() as stack:
        for place, name, quick in (
            (ResponseSerializer, "_serialize_type_structure", _writing()),
            (BaseXMLResponseParser, "_handle_structure", _reading_xml()),
            (BaseXMLResponseParser, "_node_tag", _tag),
            (BaseJSONParser, "_handle_structure", _reading_json()),
            (utils, stamp, _stamping(getattr(utils, stamp))),
        ):
            stack.enter_context(patch.object(place, name, quick))
        yield


# --- moto


def _writing() -> Callable[..., None]:
    ordinary = ResponseSerializer._serialize_type_structure  # noqa: SLF001  moto's own way of making another one
    of_a_member = "_serialize_structure_member"  # where a protocol has its own, members go to other places
    member = getattr(ResponseSerializer, of_a_member)
    plans: dict[Any, list[Named]] = {}

    def structure(self: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        picker = self._value_picker
        plain = getattr(type(self), of_a_member) is member and type(picker) is XFormedAttributePicker
        if value is None or not plain:
            return ordinary(self, serialized, value, shape, key)
        changed = picker.response_transformers  # they belong to moto's classes, and stay
        known = (id(changed) if changed else 0, len(changed), shape, type(value))
        plan = plans.get(known)
        if plan is None:
            plan = plans[known] = _plan(picker, value, shape)
        wrapper = self.MAP_TYPE() if key else serialized
        read = dict.get if type(value) is dict else get_value if hasattr(value, "__getitem__") else getattr
        for name, its, names in plan:
            found = None
            if names is None:
                found = self.get_value(value, name, its)
            else:
                for each in names:
                    found = read(value, each, MISSING)
                    if found is not MISSING:
                        break
                else:
                    continue
            if found is not None:
                self._serialize(wrapper, found, its, name)
        if key:
            self._default_serialize(serialized, wrapper, shape, key)
        return None

    return structure


def _plan(picker: XFormedAttributePicker, value: Any, shape: Any) -> list[Named]:
    plan: list[Named] = []
    for key, member in shape.members.items():
        member.parent = shape
        asked = AttributePickerContext(obj=value, key=key, shape=member)
        names = tuple(dict.fromkeys(picker.get_possible_keys(asked)))
        changed = any(f".{key}".endswith(path.rpartition(".")[2]) for path in picker.response_transformers)
        plan.append((key, member, None if changed or any("." in name for name in names) else names))
    return plan


# --- botocore


def _reading_xml() -> Callable[..., Any]:
    ordinary = BaseXMLResponseParser._handle_structure  # noqa: SLF001  botocore's own way of making another one

    def structure(self: BaseXMLResponseParser, shape: Any, node: Any) -> Any:
        plan = _read_by(shape, lambda name, member: self._member_key_name(member, name))
        if plan is None:
            return ordinary(self, shape, node)
        sent = self._build_name_to_xml_node(node)
        return {name: self._parse_shape(member, sent[sent_as]) for name, member, sent_as in plan if sent_as in sent}

    return structure


def _reading_json() -> Callable[..., Any]:
    ordinary = BaseJSONParser._handle_structure  # noqa: SLF001  botocore's own way of making another one

    def structure(self: BaseJSONParser, shape: Any, value: Any) -> Any:
        plan = _read_by(shape, lambda name, member: member.serialization.get("name", name))
        if plan is None or type(value) is not dict:
            return ordinary(self, shape, value)
        return {
            name: self._parse_shape(member, value[sent_as])
            for name, member, sent_as in plan
            if value.get(sent_as) is not None
        }

    return structure


def _read_by(shape: Any, called: Callable[[str, Any], str]) -> list[tuple[str, Any, str]] | None:
    """Each member and the name by which it is sent, or None for a shape that is read in a way of its own."""
    kept: dict[str, Any] = vars(shape)
    if "nightcrew_plan" not in kept:
        members = shape.members.items()
        special = shape.is_tagged_union or shape.is_document_type or shape.metadata.get("exception")
        special = special or any(_SPECIAL & member.serialization.keys() for _, member in members)
        kept["nightcrew_plan"] = None if special else [(name, member, called(name, member)) for name, member in members]
    plan: list[tuple[str, Any, str]] | None = kept["nightcrew_plan"]
    return plan


_SPECIAL = {"location", "eventheader", "xmlAttribute"}


def _tag(_: ResponseParser, node: Any) -> str:
    tag: str = node.tag
    return tag[tag.rfind("}") + 1 :] if tag.startswith("{") else tag


def _stamping(ordinary: Callable[..., datetime]) -> Callable[..., datetime]:
    def read(value: Any, zone: Callable[[], tzinfo]) -> datetime:
        if isinstance(value, str) and _STAMP.fullmatch(value):
            return datetime.fromisoformat(value[:-1]).replace(tzinfo=utils.tzutc())
        return ordinary(value, zone)

    return read
