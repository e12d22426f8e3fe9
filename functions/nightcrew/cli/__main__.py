"""``python -m nightcrew.cli``: the same as ``nightcrew``."""

from nightcrew.cli import main

main()
