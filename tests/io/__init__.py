"""Files, streams, signals and processes."""
