"""The morning after the night: Ada writes down what she learned, and the team looks at what the ledger teaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nightcrew.demo.stage import ADA, Stage
from nightcrew.demo.story import Night
from nightcrew.knowledge.lessons import PREFIX, Lesson, learn
from nightcrew.knowledge.postmortem.postmortem import Draft, draft
from nightcrew.knowledge.recall.recall import Recall, recall
from nightcrew.knowledge.search.index import Index, with_index
from nightcrew.knowledge.search.refresh import refresh
from nightcrew.knowledge.search.search import Findings, search
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.statistics import Statistics, statistics

LEARNED = (
    "The batch jobs take what is left of the vCPU limit at night: ask for a higher one, and stop nothing until then."
)
SOUGHT = "vcpu limits"
"""No word of the lesson as it is written: stems are searched."""

FAILED = "failed"
"""How the chapter ended that the team looks at: what was changed was taken back."""

A_WEEK = timedelta(days=6)  # with the day itself


@dataclass(frozen=True)
class Morning:
    """What the team sees, of ``run`` and of the whole night: what each command would show."""

    run: str
    recall: Recall
    lesson: Lesson
    found: Findings
    draft: Draft
    statistics: Statistics

    def told(self) -> Mapping[str, dict[str, Any]]:
        """The same for programs: kind of line → what it says."""
        return {
            "recalled": self.recall.to_json(),
            "learned": {"lesson": self.lesson.to_dict()},
            "found": {"words": SOUGHT, "found": [each.to_dict() for each in self.found.found]},
            "postmortem": self.draft.to_json(),
            "statistics": self.statistics.to_dict(),
        }


def morning(stage: Stage, night: Night) -> Morning | None:
    """Look back at the night that was played, and at what failed in it; None where nothing ran."""
    store, catalog = stage.crew.store, stage.crew.installation.catalog
    ran = [(played.end == FAILED, number, played.answer.run) for number, (_, played) in enumerate(night.played)]
    looked_at = [each for each in ran if each[2] is not None]
    if not looked_at:
        return None
    run = str(max(looked_at)[2])
    remembered = recall(store, stage.clock.now(), run=run, limit=2)
    lesson = learn(store, stage.clock, PREFIX + run, LEARNED, author=ADA, run=run)
    now = stage.clock.now()
    with TemporaryDirectory(prefix="nightcrew-") as folder:

        def work(index: Index) -> Findings:
            refresh(store, index, now)
            return search(index, SOUGHT, limit=2)

        found = with_index(Path(folder) / "search.sqlite", "the demo", work, lambda words: None)
    return Morning(
        run,
        remembered,
        lesson,
        found,
        draft(store, [run], now),
        statistics(
            *(days(store, now.date() - A_WEEK, now.date(), now=now), now.date() - A_WEEK, now.date()),
            by_hand=catalog.by_hand,
            families=catalog.families,
        ),
    )
