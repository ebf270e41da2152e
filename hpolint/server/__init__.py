"""The language server: diagnostics, fixes and hovers for editors, over a ``Workspace``."""
