"""May it run? The policy, the gates, one transaction to open a run and one to close it."""
