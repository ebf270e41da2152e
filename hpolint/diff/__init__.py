"""The comparison of two states of a repository: added, removed and changed jobs, and the change of their cost."""
