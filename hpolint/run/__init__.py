"""A check: its files, the check of one file, worker processes, and fixes written to files."""
