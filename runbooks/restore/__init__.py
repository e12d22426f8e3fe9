"""Backup restore: restore beside, prove, then cut over."""
