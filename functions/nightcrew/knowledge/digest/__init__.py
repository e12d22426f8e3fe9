"""The week in one message: start with ``digest``."""
