"""hpolint in JupyterLab: where its prebuilt extension lies, and the server's part of it."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path
from typing import Any

from hpolint.server.shown_elsewhere import NOTEBOOKS_SHOWN


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-hpolint"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyterlab_hpolint"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the handlers to a Jupyter server. Jupyter looks for this name."""
    from jupyterlab_hpolint.handlers import handlers

    folder = tempfile.TemporaryDirectory(prefix="hpolint-")
    atexit.register(folder.cleanup)
    shown = Path(folder.name, "shown")
    os.environ[NOTEBOOKS_SHOWN] = str(shown)  # for python-lsp-server, which is started later
    settings = server.web_app.settings
    server.web_app.add_handlers(".*$", handlers(settings["base_url"], server.root_dir, shown))
