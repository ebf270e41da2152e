"""Who shows the findings of notebooks, so that none is shown twice."""

from __future__ import annotations

NOTEBOOKS_SHOWN = "HPOLINT_NOTEBOOKS_SHOWN"
"""The environment variable that JupyterLab's extension sets for the processes that its server starts.

python-lsp-server's plugin then says nothing about notebooks.
"""
