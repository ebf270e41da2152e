"""The experiments on tables that others published; see ``evidence/preregistration.md``."""
