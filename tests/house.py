"""The house that tests work with; teams that have runbooks of their own work with the same."""

from nightcrew.demo.house import House

__all__ = ["House"]
