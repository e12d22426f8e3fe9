"""The embedded cloud: moto, a small fleet, the local engine with skipped waits. No account, no container, no server."""
