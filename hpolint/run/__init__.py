"""A check: which files, one file's way, worker processes, fixes written to files."""
