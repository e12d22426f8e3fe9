"""What a runbook is written with: its declaration, its triggers, its run."""
