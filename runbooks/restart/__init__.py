"""Restart: the thing is there, and something in it is stuck."""
