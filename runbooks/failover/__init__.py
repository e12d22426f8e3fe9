"""Failover: another place takes over."""
