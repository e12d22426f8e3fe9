"""``nightcrew completion``: how a shell is told to complete commands, options and runbooks."""

import click
from rich.text import Text

from nightcrew.cli.asked import Asked, json_option

HOW = {
    "bash": ("~/.bashrc", 'eval "$(_NIGHTCREW_COMPLETE=bash_source nightcrew)"'),
    "zsh": ("~/.zshrc", 'eval "$(_NIGHTCREW_COMPLETE=zsh_source nightcrew)"'),
    "fish": ("~/.config/fish/completions/nightcrew.fish", "_NIGHTCREW_COMPLETE=fish_source nightcrew | source"),
}
"""Shell → the file that it reads at its start, and the line to put there."""


@click.command()
@click.argument("shell", required=False, type=click.Choice(list(HOW)))
@json_option
@click.pass_obj
def command(asked: Asked, shell: str | None) -> None:
    """Say how your shell completes commands, options and the names of runbooks.

    The line that is shown can be tried in the shell at once; in the file it stays.
    """
    chosen = {name: how for name, how in HOW.items() if shell in (None, name)}
    if asked.output.json:
        asked.output.data([{"shell": name, "file": file, "line": line} for name, (file, line) in chosen.items()])
        return
    for number, (name, (file, line)) in enumerate(chosen.items()):
        if number:
            asked.output.print()
        asked.output.print(Text.assemble((name, "bold"), f": put this into {file}"), f"  {line}")
