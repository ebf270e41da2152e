"""A check of many files."""
