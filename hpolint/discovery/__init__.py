"""From paths to candidates: folders are walked, and bytes are searched before any parser is imported."""
