"""How the demo shows the morning after: the commands that a team reviews with, and what each says."""

from datetime import datetime

from rich.text import Text

from nightcrew.cli.output import Output
from nightcrew.cli.reviewing import postmortem, recall, search, statistics
from nightcrew.demo.morning import SOUGHT, Morning


def show(morning: Morning, now: datetime, output: Output) -> None:
    """Print it: recall, a lesson and the search that finds it, the post-mortem's first lines, the statistics."""
    output.print()
    output.print(Text("The morning after: what the ledger teaches", style="bold underline"))
    _typed(f"recall --run {morning.run}", output)
    output.print(*recall.shown(morning.recall.to_json(), now, output))
    _typed(f'learn {morning.run} "…"', output)
    output.print(Text(f"Ada wrote: {morning.lesson.words}"))
    _typed(f"search {SOUGHT}", output)
    output.print(*search.shown(morning.found.found, now, output))
    _typed(f"postmortem {morning.run}", output)
    postmortem.head(morning.draft, output)
    output.print("", *_more(morning, output))
    _typed("stats --since 7d", output)
    statistics.show(morning.statistics, output)


def _more(morning: Morning, output: Output) -> list[Text]:
    draft = morning.draft
    told = [
        f"{len(made)} {word}{'' if len(made) == 1 else 's'}"
        for made, word in (
            (draft.incident.timeline, "moment"),
            (draft.questions, "open question"),
            (draft.actions, "action"),
        )
    ]
    words = f"… and {told[0]} in a timeline, what worked and what did not, {told[1]}, {told[2]}"
    return [*Text(words, style="dim").wrap(output.console, output.width)]


def _typed(command: str, output: Output) -> None:
    output.print()
    output.hint(f"$ nightcrew {command}")
