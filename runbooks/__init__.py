"""The catalog: one file for each runbook. Loaded by name; nothing imports it."""
