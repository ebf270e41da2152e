"""Fixes written into the source: fix and job → changes → edits → text, which is verified by reading it again."""
