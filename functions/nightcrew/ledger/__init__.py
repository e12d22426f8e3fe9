"""What happened: the chain of entries of each run, and the state that runs compete for.

Two DynamoDB tables. ``ledger`` is append-only: a run is a chain of entries, each carrying the hash of the one before
it. ``state`` is what changes: locks, claims, budgets, counters. Read from the ground up:

::

    values        Python values as DynamoDB writes them
    conditions    what must hold of an item: one tree that DynamoDB evaluates and that judges the old item
    transaction   each gate's piece of a transaction, merged into one write for each item
    requests      a write as a request
    replies       a refusal or a fault as an error of ours
    chance        jitter and request tokens: the one place that draws lots
    store         the door to both tables
    wal           SQLite's log, turned on by many at once
    memory, disk  the same tables without DynamoDB: for models, and for a laptop cut off from it
    canonical     one text for one value
    entries       an entry, its hash and its item
    book          the one writer of a run's chain
    cases         a run as a case: what recall finds it by
    rows          a run in one line: what the indexes hold
    cursor        where a page of history ended
    history       reading: pages of runs, one run's chain, what is running
    period        what ended, or was learned, in a span of time
    roots         the daily root: one entry that names what ended on a day
    anchors       the roots outside the table, under Object Lock
    verify        was a chain touched?
    chain         a run's chain as it is stored, and how the run stands
    kept          where entries are read to be verified: the tables, or an export
    audit         was anything touched: chains, roots and anchors
    redaction     what must never be written down
    schema        the two tables and their indexes

Import from the modules: nothing is re-exported here.
"""
