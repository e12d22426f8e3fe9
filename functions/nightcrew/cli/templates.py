"""A CloudFormation template of alarms that a command made: to a file, or to stdout with nothing else there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from nightcrew.cli.asked import Asked
from nightcrew.errors import BadInput


def option(writes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--cloudformation FILE``, whose value is the command's ``file``. ``writes`` is the start of its help."""
    return click.option(
        "--cloudformation",
        "file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
        help=f"{writes} as a template; - for stdout, and nothing else there.",
    )


def write(asked: Asked, template: Mapping[str, Any], file: Path, stack: str, *, lacking: str) -> None:
    """Write it, and say how to deploy it as ``stack``. Raises BadInput where it has no alarm, which ``lacking`` says
    in words, and where the file cannot be written.
    """
    if not template["Resources"]:
        raise BadInput("--cloudformation", str(file), lacking)
    text = yaml.safe_dump(dict(template), sort_keys=False, allow_unicode=True, width=120)
    if str(file) == "-":
        asked.output.document(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput("--cloudformation", str(file), f"a file that can be written ({error.strerror})") from error
    asked.output.print(f"{len(template['Resources'])} alarms: {file}")
    asked.output.hint(f"  aws cloudformation deploy --template-file {file} --stack-name {stack}")
