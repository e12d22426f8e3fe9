"""Game days: a fault is put where policy allows it, what follows is watched, and the fault is always taken back.

``allowed`` decides whether it may be played, ``faults`` are what can be put and taken back, ``note`` keeps what is to
be taken back for whoever comes after a process that died, ``watching`` sees what follows, ``play`` is the whole, and
``report`` what is kept of it. The run that answers is an ordinary run, decided and carried out as at night.
"""
