"""Fixes written into the source: fix and job → changes → edits → text, which is read again and held to the promise."""
