"""What Nightcrew costs, measured beside the best that we know of: ``make bench``. How to read it is in README.md."""
