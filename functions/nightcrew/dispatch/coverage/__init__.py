"""What an account's alarms would do: which have a runbook, which nearly have, which never help, and which are missing.

``firing`` makes of an alarm the signal that it would send, ``standing`` says what would answer it, ``marks`` what is
wrong with the alarm itself, ``lacking`` which alarms a runbook's triggers want and nobody made, ``cloudformation``
writes those down. Nothing is written anywhere else.
"""
