"""How much each runbook may be trusted with, by evidence: what it did so far, and what policy lets it do.

``earned`` reckons from the ledger's days, ``promotion`` writes what follows from it as a patch for policy, which a
person applies; ``keep`` is the day's job's part, by which admission demotes a runbook by itself.
"""
