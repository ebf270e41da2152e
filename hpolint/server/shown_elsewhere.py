"""Who shows the findings of notebooks, so that none is shown twice."""

from __future__ import annotations

import os

NOTEBOOKS_SHOWN = "HPOLINT_NOTEBOOKS_SHOWN"
"""The environment variable by which JupyterLab's extension names a file to the processes that its server starts.

The file exists as long as the extension shows findings: python-lsp-server's plugin then says nothing about notebooks.
"""


def are_notebooks_shown() -> bool:
    """Whether JupyterLab's extension shows the findings of notebooks now."""
    path = os.environ.get(NOTEBOOKS_SHOWN)
    return path is not None and os.path.exists(path)
