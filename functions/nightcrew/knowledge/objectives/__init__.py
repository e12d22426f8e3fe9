"""Service level objectives: what is left of their error budgets, how fast these burn, and what remediation gave back.

``objective`` reads CloudWatch Application Signals, ``gave_back`` the ledger's days, ``burn_alarms`` writes alarms down.
"""
