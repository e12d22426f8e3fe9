"""What would have happened: an account's alarm history, played through the gates that decide at night.

``account`` and ``exported`` read a history, ``events`` makes of each change of state the event that EventBridge sent,
``replay`` gives them to the real dispatcher over tables in memory, and ``figures`` counts. Nothing is written anywhere.
"""
