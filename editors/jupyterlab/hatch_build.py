"""Says in one line what is missing, where the extension has to be built and Node is not there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("jupyterlab_hpolint", "labextension", "static", "style.js")
MISSING = (
    "jupyterlab-hpolint is built with Node 20 or later, which is not here: install it from https://nodejs.org, "
    "or install the wheels that a machine with Node has built (see docs/editors.md)"
)


class NodeHook(BuildHookInterface[Any]):
    """Ends the build before it begins, unless the built files are there already."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Look for Node. Raises SystemExit without it."""
        if not Path(self.root, BUILT).exists() and shutil.which("node") is None:
            raise SystemExit(MISSING)
