"""What one file gives, and what a run found: all that the reporters print."""
