"""Statistics as one picture to paste into a review: an SVG that needs nothing else, by hand, on light and on dark.

Above the times to remediate of each week against people's; below what became of its runs. Everything in it is also
said in its description, for who hears it.
"""

from datetime import timedelta

from nightcrew.durations import in_words
from nightcrew.knowledge.recall.record import TRIED
from nightcrew.knowledge.statistics import panels
from nightcrew.knowledge.statistics.drawing import Frame, legend, safe, text
from nightcrew.knowledge.statistics.statistics import Statistics
from nightcrew.ledger.cases import HELPED

WIDE, HIGH = 760, 480
_TIMES, _RUNS = Frame(92, 742, 78, 238), Frame(92, 742, 322, 442)

_STYLE = """
  svg { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
  .paper { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; } .on { fill: #ffffff; }
  .grid { stroke: #d1d9e0; stroke-width: 1; } .title { font-size: 15px; font-weight: 600; }
  .median { stroke: #0969da; fill: #0969da; } .p90 { stroke: #8250df; fill: #8250df; }
  .people { stroke: #9a6700; fill: #9a6700; }
  .helped { fill: #1a7f37; } .not { fill: #cf222e; } .other { fill: #6e7781; }
  polyline { fill: none !important; stroke-width: 2; } .p90 polyline { stroke-dasharray: 5 3; }
  .people polyline { stroke-dasharray: 1 4; stroke-linecap: round; stroke-width: 3; } text { stroke: none; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
    .median { stroke: #4493f8; fill: #4493f8; } .p90 { stroke: #ab7df8; fill: #ab7df8; }
    .people { stroke: #d29922; fill: #d29922; } .on { fill: #0d1117; }
    .helped { fill: #3fb950; } .not { fill: #f85149; } .other { fill: #8b949e; }
  }
"""


def plot(statistics: Statistics, title: str = "Nightcrew") -> str:
    """The picture, as text of an SVG file. ``title`` may be anybody's."""
    weeks = statistics.weeks
    head = f"{title}, {statistics.since.isoformat()} to {statistics.until.isoformat()}"
    size = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
            f'<title id="title">{safe(head)}</title>',
            f'<desc id="desc">{safe(said(statistics))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{WIDE}" height="{HIGH}"/>',
            text(18, 28, head, "ink title"),
            text(18, _TIMES.top - 22, "Time to remediate, by week", "ink"),
            *legend(panels.lines(statistics.total), 300, _TIMES.top - 22, _TIMES.right, lines=True),
            *panels.times(weeks, _TIMES),
            text(18, _RUNS.top - 22, "Runs, by week", "ink"),
            *legend(panels.PARTS, 300, _RUNS.top - 22, _RUNS.right),
            *panels.runs(weeks, _RUNS),
            *panels.names(weeks, _RUNS),
            "</svg>\n",
        ]
    )


def said(statistics: Statistics) -> str:
    """What there is to see, in words."""
    total = statistics.total
    told = [f"{total.runs} runs, {total.helped} of {total.tried} tried helped ({' and '.join(HELPED)})."]
    if total.median is not None and total.p90 is not None:
        told.append(f"Time to remediate: median {_long(total.median)}, p90 {_long(total.p90)}.")
    if total.people_median is not None:
        sources = ", ".join(f"{source} {number}" for source, number in total.sources.items())
        told.append(f"In people's hands: median {_long(total.people_median)} ({sources}).")
    for week in statistics.weeks:
        helped, not_helped, other = panels.parted(week)
        took = f", median {_long(week.median)}" if week.median is not None else ""
        told.append(
            f"{week.name}: {helped} helped, {not_helped} did not ({', '.join(TRIED[2:])}), {other} other{took}."
        )
    return " ".join(told)


def _long(seconds: float) -> str:
    return in_words(timedelta(seconds=seconds))
