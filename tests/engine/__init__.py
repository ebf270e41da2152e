"""Rules evaluated on jobs."""
