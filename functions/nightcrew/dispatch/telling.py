"""Telling the team of a run under break-glass, over whichever of topic and bus is there and can be reached; and
knowing whether anybody was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcrew.aws.cloud import ClientMaker
from nightcrew.engine.news import AwsNews
from nightcrew.errors import Unreachable


@dataclass
class TeamNews:
    """Sends news by each way there is. ``told`` are the ways that took the last one; ``failed`` says why others did
    not.
    """

    clients: ClientMaker
    topic: str | None = None
    bus: str | None = None
    told: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def ways(self) -> list[str]:
        """How people could be told: by the topic, by the bus."""
        return [*([f"topic {self.topic}"] if self.topic else []), *([f"bus {self.bus}"] if self.bus else [])]

    def __call__(self, kind: str, what: Mapping[str, Any]) -> None:
        """Send one piece of news. Raises Unreachable where a way did not take it, after trying each."""
        self.told, self.failed = [], {}
        news = [
            *([AwsNews(self.clients, topic=self.topic)] if self.topic else []),
            *([AwsNews(self.clients, bus=self.bus)] if self.bus else []),
        ]
        for way, send in zip(self.ways, news, strict=True):
            try:
                send(kind, what)
            except Exception as error:  # noqa: BLE001  whatever it is, the other way may still work
                self.failed[way] = f"{type(error).__name__}: {error}"[:200]
            else:
                self.told.append(way)
        if self.failed:
            raise Unreachable("; ".join(f"{way}: {words}" for way, words in self.failed.items()))
