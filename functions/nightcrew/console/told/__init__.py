"""What the page of a run tells, in the order and the size in which a template shows it."""
