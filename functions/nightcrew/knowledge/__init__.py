"""What the ledger teaches. Everything here is read, or derived from what was read: nothing starts a run, and nothing is
written on a run's path.

===================  ==============================================================================================
recall               ``recall`` puts together ``candidates`` (a fixed number of reads), ``similarity`` (one score, by
                     ``likeness`` of symptoms), ``record`` (how often each runbook helped) and ``suggestion``;
                     ``brief`` says it to who approves, ``unanswered`` to who meets an alarm that nothing answers;
                     ``vocabulary`` knows the symptoms
lessons              ``lessons``, ``wording``; ``search`` and its rooms
post-mortem          ``postmortem`` and its page, from ``incident``, ``told``, ``moments``, ``findings``, ``earlier``
statistics           ``days`` (one roll-up a day), ``statistics``, ``figures``, ``people``, ``plot``, ``spreadsheet``
digest, evidence     ``digest``; ``evidence`` and its ``manifest``
shown alike          ``names``, ``amounts``, ``values``, ``saying``, ``markdown``, ``cells``
read alike           ``reads`` counts requests
===================  ==============================================================================================

Import from the modules: nothing is re-exported here.
"""
