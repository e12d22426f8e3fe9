"""A period for an auditor, and whether it was touched since: start with ``evidence``."""
