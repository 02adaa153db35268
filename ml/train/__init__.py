"""Training, behind a process boundary: the only part that imports tensorflow."""
