"""A team's own procedures, run under the same gates: each call says which family they belong to."""
