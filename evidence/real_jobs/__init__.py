"""Finished tuning jobs of public repositories: what one finds, not a sample. ``jobs.json`` holds their figures."""
