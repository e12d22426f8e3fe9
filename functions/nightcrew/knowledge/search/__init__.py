"""Finding lessons and endings by words, in a file of one's own: start with ``search``."""
