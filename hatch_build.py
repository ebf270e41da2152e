"""Build hook: adds the built-in rules and data to the wheel as JSON, so that an installed hpolint parses no YAML.

An editable install has no compiled files: hpolint parses the checkout's YAML.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilingHook(BuildHookInterface[Any]):
    """Adds ``hpolint/rules/compiled.json`` and ``hpolint/data/compiled.json``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile from the files of this source tree."""
        if version == "editable" or self.target_name != "wheel":
            return
        sys.path.insert(0, self.root)
        from hpolint import data, registry

        files = Path(self.root, "hpolint", "data")
        names = sorted(path.relative_to(files).with_suffix("").as_posix() for path in files.rglob("*.yaml"))
        self._folder = tempfile.TemporaryDirectory()
        contents = {
            f"hpolint/rules/{registry.COMPILED}": registry.parsed_rules(registry.builtin_folder()),
            f"hpolint/data/{data.COMPILED}": {name: data.parsed(name) for name in names},
        }
        for number, (path, content) in enumerate(contents.items()):
            file = Path(self._folder.name, f"{number}.json")
            file.write_text(json.dumps(content), encoding="utf-8")
            build_data["force_include"][str(file)] = path

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove the compiled files; the wheel has them."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()
