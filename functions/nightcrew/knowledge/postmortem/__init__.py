"""A blameless draft from the entries of one incident: start with ``postmortem``."""
