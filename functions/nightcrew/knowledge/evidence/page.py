"""Evidence as a page for people: what is in the directory, how to check it, and the tables, cut where they are long."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.knowledge.evidence.manifest import NAME
from nightcrew.knowledge.markdown import code, escaped, table
from nightcrew.knowledge.names import named, person, short

MOST_ROWS = 100

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "runs": ("run", "ended", "outcome", "runbook", "resource", "actor", "policy", "approved_by", "words"),
    "changes": ("run", "at", "title", "undoing", "call", "parameters", "result"),
    "refusals": ("run", "at", "gate", "runbook", "resource", "policy", "words"),
    "approvals": ("run", "asked", "title", "decision", "by", "reason", "decided"),
    "policies": ("policy", "first", "last", "runs", "refusals"),
    "lessons": ("lesson", "version", "at", "author", "run", "symptom", "words"),
}
_LOOKED = {"runs": "runs and refusals"}
_NAMES = ("run", "gate", "runbook", "policy", "outcome", "lesson", "decision", "symptom", "call", "parameters")

_CONTENTS = """\
| file | what it holds |
| --- | --- |
| `runs.csv`, `changes.csv`, `refusals.csv`, `approvals.csv`, `policies.csv`, `lessons.csv` | the tables below, whole |
| `evidence.json` | the same as JSON, a row in a line |
| `entries.jsonl` | the ledger's entries themselves: of these runs, of the daily roots, and of what the roots name |
| `verification.json` | what `nightcrew verify` found in these entries when this was made |
| `policy.yaml` | the policy at that time, where it was at hand; its version is the beginning of its SHA-256 |
| `aws-artifact.json` | AWS's own reports that AWS Artifact lists for the account, or why there is no list |
| `manifest.json` | a SHA-256 of each file and, cut to 16 digits, of each of its lines |

`nightcrew evidence --check DIR` names the file and the line that was touched, `nightcrew verify --export DIR`
recomputes the chains of hashes; neither needs AWS. Without nightcrew, the hashes of whole files:

```
jq -r '.files | to_entries[] | "\\(.value.sha256)  \\(.key)"' manifest.json | sha256sum --check
```
"""


def page(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    found: Mapping[str, Any],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    by: str,
) -> str:
    """The page, as Markdown. ``found`` is what the verification found, as JSON."""
    lines = [
        f"# Evidence, {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC",
        "",
        f"Made {now:%Y-%m-%d %H:%M:%S} UTC by {escaped(person(by))}. All times are UTC.",
        "",
        "## Verification",
        "",
        *_verified(found),
        "",
        "## What is here",
        "",
        *_CONTENTS.splitlines(),
    ]
    for name, columns in _SHOWN.items():
        lines += ["", f"## {name.capitalize()} ({len(tables[name])})", ""]
        rows = [[_cell(column, row.get(column)) for column in columns] for row in tables[name][:MOST_ROWS]]
        lines += table([column.replace("_", " ") for column in columns], rows) if rows else ["None."]
        if len(tables[name]) > MOST_ROWS:
            lines += ["", f"And {len(tables[name]) - MOST_ROWS} more in `{name}.csv`."]
    return "\n".join(lines) + "\n"


def _verified(found: Mapping[str, Any]) -> list[str]:
    words = {
        "consistent": "Each entry follows from the one before it, and stands as the daily roots name it. Whoever may "
        "write to the table could have written all of it anew: only an anchor outside the table tells.",
        "untampered": "What the anchored roots name stands as they name it. What is not anchored yet is consistent.",
        "broken": "Something was touched:",
    }
    lines = [f"**{str(found['verdict']).capitalize()}.** {words[str(found['verdict'])]}"]
    breaks = found["broken"][:MOST_ROWS]
    lines += ["", *(f"- {code(each['run'])}, entry {each['number']}: {escaped(each['what'])}" for each in breaks)]
    counts = ("runs", "entries", "open", "roots", "anchors")
    told = ", ".join(f"{_LOOKED.get(name, name)}: {found[name]}" for name in counts if found[name] is not None)
    return [*lines, *([] if not breaks else [""]), f"Looked at {told}. The manifest is `{NAME}`."]


def _cell(column: str, value: Any) -> str:
    if value in (None, "", []):
        return escaped("")
    if isinstance(value, list | tuple):
        return ", ".join(escaped(person(str(each))) for each in value)
    text = str(value)
    if column == "resource":
        return code(short(text))
    if column in ("actor", "author"):
        return escaped(person(text))
    return code(text) if column in _NAMES else escaped(named(text))
