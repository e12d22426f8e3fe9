"""Each day in one roll-up, and what many days add up to: start with ``statistics``."""
