"""How what the ledger teaches is shown: one module for each command, and what they share."""
