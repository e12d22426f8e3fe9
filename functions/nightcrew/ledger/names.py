"""The placeholders of one request: DynamoDB reserves hundreds of words, and values never stand in an expression."""

from typing import Any

from nightcrew.ledger.values import wire


class Names:
    """The placeholders of one request: ``#0`` for an attribute's name, ``:0`` for a value."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        """The placeholder of an attribute, the same one each time."""
        return self._names.setdefault(attribute, f"#{len(self._names)}")

    def value(self, value: Any) -> str:
        """A placeholder for a value."""
        placeholder = f":{len(self._values)}"
        self._values[placeholder] = wire(value)
        return placeholder

    def parameters(self) -> dict[str, Any]:
        """What goes beside the expressions; empty parts are left out, since DynamoDB refuses them."""
        parts = {
            "ExpressionAttributeNames": {placeholder: name for name, placeholder in self._names.items()},
            "ExpressionAttributeValues": self._values,
        }
        return {name: part for name, part in parts.items() if part}
