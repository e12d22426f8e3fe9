"""From a signal or a person to a run: match, admit, start."""
