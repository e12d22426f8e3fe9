"""Restore drills, looked back on: what each measured, against which targets.

Of our own drills the ledger knows it, of AWS Backup's restore testing AWS Backup does. Nothing is kept beside.
"""
