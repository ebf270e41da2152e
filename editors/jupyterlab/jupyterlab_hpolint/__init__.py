"""hpolint in JupyterLab: where its prebuilt extension lies, and the server's part of it."""

from __future__ import annotations

import os
from typing import Any

from hpolint.server.shown_elsewhere import NOTEBOOKS_SHOWN


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-hpolint"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyterlab_hpolint"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the handlers to a Jupyter server. Jupyter looks for this name."""
    from jupyterlab_hpolint.handlers import handlers

    os.environ[NOTEBOOKS_SHOWN] = (
        "1"  # python-lsp-server, which is started later, then leaves notebooks to this extension
    )
    server.web_app.add_handlers(".*$", handlers(server.web_app.settings["base_url"], server.root_dir))
