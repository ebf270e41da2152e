"""Build hook: adds the built-in rules and data to the wheel as JSON, and the rules' expressions as CEL compiles them.

So an installed hpolint parses no YAML and compiles no expression. An editable install has no compiled files.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilingHook(BuildHookInterface[Any]):
    """Adds ``compiled.json`` and ``expressions.msgpack`` to the rules, and ``compiled.json`` to the data."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile from the files of this source tree."""
        if version == "editable" or self.target_name != "wheel":
            return
        sys.path.insert(0, self.root)
        import msgspec

        from hpolint import data, registry
        from hpolint.registry.compiled_expressions import COMPILED_EXPRESSIONS, compiled_expressions
        from hpolint.registry.rule_checks import check_rule
        from hpolint.registry.rule_reader import read_rule_file

        files = Path(self.root, "hpolint", "data")
        names = sorted(path.relative_to(files).with_suffix("").as_posix() for path in files.rglob("*.yaml"))
        for path in registry.rule_files(registry.builtin_folder()):
            check_rule(read_rule_file(path, is_own=True))  # compiles each expression
        expressions = compiled_expressions(registry.builtin_rules())
        contents = {
            f"rules/{registry.COMPILED}": msgspec.json.encode(registry.parsed_rules(registry.builtin_folder())),
            f"rules/{COMPILED_EXPRESSIONS}": msgspec.msgpack.encode(expressions),
            f"data/{data.COMPILED}": msgspec.json.encode({name: data.parsed(name) for name in names}),
        }
        self._folder = tempfile.TemporaryDirectory()
        for number, (name, content) in enumerate(contents.items()):
            file = Path(self._folder.name, str(number))
            file.write_bytes(content)
            build_data["force_include"][str(file)] = f"hpolint/{name}"

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove the compiled files; the wheel has them."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()
