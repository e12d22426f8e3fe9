"""The measures that need what is not built yet. They stand in the report all the same, as not met."""

from bench.report import Row, not_taken


def history() -> Row:
    """Measure 7."""
    return not_taken(
        7,
        "history: capacity and pages at 10⁶ rows ÷ at 10³",
        "×",
        "≤ 1.2; ≤ 1 RCU; no Scan",
        "not taken: it comes with knowledge, and a table of that size on disk",
    )


def recall() -> Row:
    """Measure 8."""
    return not_taken(
        8,
        "recall@5 of similar incidents ÷ that of an exhaustive scan",
        "×",
        "≥ 0.95; a fixed number of reads",
        "not taken: recall comes with knowledge",
    )
