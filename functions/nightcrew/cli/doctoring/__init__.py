"""Whether an installation is well: what is looked at, what was found, and what to do about it. Everything here only
reads.
"""
