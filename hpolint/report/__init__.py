"""The outcome of one file, and the report of a run: the data that the reporters print."""
