"""One text for one value: what is hashed must be written the same way by everyone, for ever."""

import json
import math
from collections.abc import Mapping
from typing import Any

from nightcrew.errors import BadInput


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces, in plain Unicode.

    Takes dicts with text keys, lists, tuples (written as lists), texts, numbers, booleans and None. Raises BadInput,
    with the path in ``field``, for anything else, for NaN and infinity, and for half of a surrogate pair, which has
    no UTF-8.
    """
    return json.dumps(_checked(value, "$"), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _checked(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return _text(value, path)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadInput(path, value, "a number in an entry is finite")
        return value
    if isinstance(value, (dict, Mapping)):  # dict first: to ask for a Mapping takes ten times as long
        return {_key(key, path): _checked(member, f"{path}.{key}") for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_checked(member, f"{path}[{index}]") for index, member in enumerate(value)]
    raise BadInput(path, value, "an entry holds JSON: objects, lists, texts, numbers, booleans and null")


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise BadInput(path, key, "a key in an entry is text")
    return _text(key, path)


def _text(text: str, path: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput(path, text, "a text in an entry is valid Unicode") from None
    return text
