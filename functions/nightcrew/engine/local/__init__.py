"""Durable executions without AWS: a SQLite journal instead of Lambda's backend, and a loop that invokes the handler.

For the demo, for tests, and for break-glass on a laptop. The replay core is the same SDK as on AWS.
"""

from nightcrew.engine.local.engine import Ended, LocalEngine
from nightcrew.engine.local.journal import Invocation, Journal

__all__ = ["Ended", "Invocation", "Journal", "LocalEngine"]
