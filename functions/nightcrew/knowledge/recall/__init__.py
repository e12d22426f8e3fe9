"""What happened the last times that it was like this, and what helped: start with ``recall``."""
