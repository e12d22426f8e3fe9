"""What a search found, for people: the match stands out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.padding import Padding
from rich.text import Text

from nightcrew.cli.output import PROSE, Output
from nightcrew.cli.resources import short
from nightcrew.cli.times import short as when
from nightcrew.cli.times import whole
from nightcrew.knowledge.names import person
from nightcrew.knowledge.search.search import Found, Marked

_ABOVE = ("runbook", "resource")
"""They stand in the first line, and are marked there; of a resource only its name."""


def shown(found: Sequence[Found], now: datetime, output: Output) -> Iterator[Text | Padding]:
    """Each in a few lines: what it is, its words, what else matches, and its id."""
    for number, each in enumerate(found):
        if number:
            yield Text()
        yield _head(each, now, output)
        for name, text in each.texts.items():
            if not text.text or (name in _ABOVE and (name == "runbook" or _end(text).marks)):
                continue
            label = [] if name == "words" else [(f"{'by' if name == 'who' else name}  ", "dim")]
            yield _indented(Text.assemble(*label, marked(text, output)), output)
        yield _indented(Text(_below(each), style="dim"), output)


def marked(text: Marked, output: Output) -> Text:
    """In one line, the match in bold; between brackets where there is no colour, as in a file."""
    plain = not output.console.is_terminal or output.console.no_color
    made, at = Text(), 0
    for begin, end in text.marks:
        match = text.text[begin:end]
        made.append(text.text[at:begin])
        made.append(f"[{match}]" if plain else match, style="" if plain else "bold yellow")
        at = end
    made.append(text.text[at:])
    return Text(" ").join(part for line in made.split() for part in [line] if part.plain.strip()) or Text()


def _head(found: Found, now: datetime, output: Output) -> Text:
    at = whole(found.at) if output.width > PROSE else when(found.at, now)
    if found.kind == "lesson":
        told = Text.assemble(("lesson", "bold cyan"), f"  {at}  {person(found.who)}")
    else:
        resource = found.texts.get("resource")
        shown_resource = marked(_end(resource), output) if resource else Text(short(found.resource))
        runbook = marked(found.texts["runbook"], output) if "runbook" in found.texts else Text(found.runbook)
        told = Text("  ").join([output.mark(found.outcome), Text(at), runbook, shown_resource])
    told.truncate(output.width, overflow="ellipsis")
    return told


def _end(resource: Marked) -> Marked:
    """The name at the end of an ARN, as far as it is marked."""
    begin = len(resource.text) - len(short(resource.text))
    marks = tuple((max(one, begin) - begin, other - begin) for one, other in resource.marks if other > begin)
    return Marked(resource.text[begin:], marks)


def _below(found: Found) -> str:
    if found.kind != "lesson":
        return found.id
    about = f"about {found.about}" if found.about else ""
    return " · ".join(filter(None, [found.id, about, "" if found.current else "corrected since"]))


def _indented(text: Text, output: Output) -> Padding:
    width = max(min(output.width, PROSE) - 2, 20)
    return Padding(Text("\n").join(text.wrap(output.console, width)), (0, 0, 0, 2), expand=False)
