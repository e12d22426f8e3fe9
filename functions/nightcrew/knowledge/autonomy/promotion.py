"""A promotion as a patch for the text of policy: a person reads it, and applies it or does not.

Only what is written is changed: a rule about the runbook alone gets its new level in its own line, else a rule is
added. What the patched text says is checked by reading it: a patch that would say anything else is none.
"""

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nightcrew.admission.policy import Policy, When
from nightcrew.admission.policy_compiled import compiled
from nightcrew.admission.policy_file import load
from nightcrew.admission.settings import Level
from nightcrew.errors import BadInput, BadPolicy


@dataclass(frozen=True)
class Promotion:
    """``runbook`` may do ``level`` instead of ``now``; or, with a ``tag``, no more than ``level`` on what has it, where
    the runbook as a whole is raised and the evidence is not there for these.
    """

    runbook: str
    now: Level
    level: Level
    why: str
    tag: tuple[str, str] | None = None

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        tag = f"{self.tag[0]}={self.tag[1]}" if self.tag else None
        return {
            "runbook": self.runbook,
            "tag": tag,
            "now": str(self.now),
            "level": str(self.level),
            "why": self.why,
        }

    @property
    def when(self) -> When:
        """What its rule is about."""
        return When(runbook=self.runbook, resource_tag=dict([self.tag]) if self.tag else {})


def patched(text: str, promotions: Sequence[Promotion]) -> str:
    """The policy's text with the promotions in it. Raises BadPolicy where they cannot be written into it."""
    before, made = load(text), text
    for each in promotions:
        made = _with(made, each)
        try:
            load(made)
        except BadInput as bad:  # the text itself is well: it is the patch that is not
            hand = f"a list with an item in each line: write by hand {each.when}, autonomy: {each.level}"
            raise BadPolicy(before.file, 1, "rules", "the patch", hand) from bad
    _check(before, load(made), promotions)
    return made


def diff(text: str, made: str, file: str) -> str:
    """The patch, as ``patch -p1`` and ``git apply`` take it; empty where nothing changes."""
    lines = difflib.unified_diff(
        text.splitlines(keepends=True), made.splitlines(keepends=True), f"a/{file}", f"b/{file}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _with(text: str, each: Promotion) -> str:
    policy = load(text)
    own = next((rule for rule in policy.rules if rule.when == each.when), None)
    if own is None:
        return _added(text, policy, each)
    lines = text.splitlines(keepends=True)
    end = min((rule.line for rule in policy.rules if rule.line > own.line), default=len(lines) + 1)
    for number in range(own.line - 1, min(end - 1, len(lines))):
        found = re.search(r"(^|[\s{,-])autonomy\s*:\s*([\"']?)[a-z]+\2", lines[number].split(" #")[0])
        if found:
            at = found.span()
            told = re.sub(r"[\"']?[a-z]+[\"']?$", str(each.level), found[0])
            lines[number] = lines[number][: at[0]] + told + lines[number][at[1] :]
            return "".join(lines)
    line = lines[own.line - 1]
    if re.match(r"\s*-\s*\{", line):  # all of it in one line
        raise BadPolicy(policy.file, own.line, "rules", str(own), f"add autonomy: {each.level} to it by hand")
    indent = re.match(r"\s*-\s*", line)
    blank = " " * len(indent[0]) if indent else "    "
    return "".join([*lines[: own.line], f"{blank}autonomy: {each.level}\n", *lines[own.line :]])


def _added(text: str, policy: Policy, each: Promotion) -> str:
    """A rule more, before the first one; or the first one of all."""
    tag = f", resource_tag: {{{_quoted(each.tag[0])}: {_quoted(each.tag[1])}}}" if each.tag else ""
    rule = ["- when: {runbook: " + each.runbook + tag + "}", f"  autonomy: {each.level} # {each.why}"]
    lines = text.splitlines(keepends=True)
    if policy.rules:
        at = policy.rules[0].line - 1
        indent = str(re.match(r"\s*", lines[at])[0])  # type: ignore[index]  # it matches anything
        return "".join([*lines[:at], *(f"{indent}{line}\n" for line in rule), *lines[at:]])
    written = "rules:\n" + "\n".join(f"  {line}" for line in rule)
    made = re.sub(r"(?m)^rules:[ ]*(\[\])?[ ]*$", lambda _: written, text, count=1)
    return made if made != text else f"{text.rstrip()}\n\n{written}\n".lstrip("\n")


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_./-]+", text) else "'" + text.replace("'", "''") + "'"


def _check(before: Policy, after: Policy, promotions: Sequence[Promotion]) -> None:
    """Every promoted rule says its level once, and nothing else is different."""
    for each in promotions:
        said = [rule.values.get("autonomy") for rule in after.rules if rule.when == each.when]
        if said != [each.level]:
            raise BadPolicy(after.file, 1, "rules", str(each.when), f"one rule about it, with autonomy: {each.level}")
    if _rest(before, promotions) != _rest(after, promotions):
        raise BadPolicy(after.file, 1, "rules", "the patch", "rules that can be told apart: write it by hand")


def _rest(policy: Policy, promotions: Sequence[Promotion]) -> dict[str, Any]:
    """What a policy says beside the promotions, without its lines."""
    content: dict[str, Any] = _lineless(json.loads(compiled(policy)))
    del content["version"]
    promoted = [dict(each.when.given) for each in promotions]
    for rule in content["rules"]:
        if rule["when"] in promoted:
            rule["values"].pop("autonomy", None)
    content["rules"] = [rule for rule in content["rules"] if rule["values"]]
    return content


def _lineless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lineless(each) for name, each in value.items() if name != "line"}
    return [_lineless(each) for each in value] if isinstance(value, list) else value
