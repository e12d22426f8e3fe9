"""Scale-out: there is more work than capacity."""
