"""The measures that need what is not built yet. They stand in the report all the same, as not met."""

from bench.report import Row, not_taken


def storm() -> Row:
    """Measure 5."""
    return not_taken(
        5,
        "storm: runs that 10,000 copies of an alarm start",
        "runs",
        "1; a repeat ≤ 1 call, ≤ 0.1 when warm; no EC2 client",
        "not taken: it comes with the gates against storms",
    )


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
