"""The command line: what people type, and what they see."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """``nightcrew``. Ends the process with one of the exit codes of ``nightcrew.cli.exits``."""
    try:
        import click
        import rich
    except ModuleNotFoundError as missing:
        sys.exit(f"nightcrew's command line needs {missing.name}: pip install 'nightcrew[cli]'")
    del click, rich
    from nightcrew.cli.group import root

    root.main(prog_name="nightcrew")
