"""The full names of what a script imports."""

from __future__ import annotations

import ast

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names


class ImportedNames:
    """The full names of imported modules and functions, by the names that only these imports bind."""

    def __init__(self, trees: ScriptTrees) -> None:
        imported: dict[str, str] = {}
        for node in trees.nodes_of(ast.Import):
            imported |= {bound_names(alias)[0]: _module(alias) for alias in node.names}
        for statement in trees.nodes_of(ast.ImportFrom):
            imported |= {bound_names(alias)[0]: f"{statement.module}.{alias.name}" for alias in statement.names}
        bound: list[str] = []
        for binding in trees.nodes():
            bound += bound_names(binding)
        self._full_names = {name: full_name for name, full_name in imported.items() if bound.count(name) == 1}

    def full_name(self, function: ast.expr) -> str:
        """The full name of an imported function; empty for any other."""
        root, dot, rest = source_text(function).partition(".")
        module = self._full_names.get(root)
        return f"{module}{dot}{rest}" if module is not None else ""


def _module(alias: ast.alias) -> str:
    """The module that an import binds to a name: without ``as`` it is the outermost one."""
    return alias.name if alias.asname is not None else alias.name.partition(".")[0]
