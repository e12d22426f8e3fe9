"""The story of one run, step by step, from its entries alone: start with ``steps``."""
