"""JSON values as people read them, as everywhere else."""

from nightcrew.knowledge.values import compact as compact  # noqa: PLC0414  commands show what reviews show
