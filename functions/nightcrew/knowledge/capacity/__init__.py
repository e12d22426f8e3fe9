"""Capacity: what scale-out keeps rescuing, the sizes that its metrics would want, and quotas close to their limit.

Start with ``capacity``; ``rescued`` reads the ledger's days, ``sizes`` and ``wanted`` are about groups, ``quotas`` and
``usage`` about Service Quotas, ``figures`` asks CloudWatch for all of them.
"""
