"""AWS as runbooks may touch it: calls as values, the two walls around them, and probes that read what AWS answered."""
