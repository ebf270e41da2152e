"""From paths to candidates: walks folders and searches files' bytes, before any parser is imported."""
