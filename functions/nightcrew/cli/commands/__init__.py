"""The commands, one in a file; each is loaded when it is called."""
