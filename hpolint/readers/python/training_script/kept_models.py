"""The changes of a script by which the model that it saves is kept: its path begins with the folder of the service."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from hpolint.model.training_script import ScriptChange
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name, text_of

OS = "os"


def keeping_changes(paths: Iterable[ast.expr], trees: ScriptTrees, bindings: Bindings) -> tuple[ScriptChange, ...]:
    """The changes of the paths to which models are saved; none if one is not a literal, or is used elsewhere, too."""
    changes: dict[ast.Constant, ScriptChange] = {}
    for path in paths:
        value = _only_value(path.id, bindings) if isinstance(path, ast.Name) else path
        change = _change(value, trees)
        if change is None:
            return ()
        changes |= change
    modules = {trees.closest(literal, ast.Module) for literal in changes}
    module = modules.pop()
    if modules or module is None or any(_is_used_elsewhere(literal, changes, trees) for literal in changes):
        return ()
    imported = _import_of_os(module, trees)
    return (*imported, *changes.values()) if imported is not None else ()


def _only_value(name: str, bindings: Bindings) -> ast.expr | None:
    """The only value that a name is bound to; None if there are several, or it is not known."""
    values = bindings.of(name)
    return values[0] if len(values) == 1 else None


def _change(path: ast.expr | None, trees: ScriptTrees) -> dict[ast.Constant, ScriptChange] | None:
    """The change of a path by the literal that it begins with; None if it is no literal.

    The folder of the model is there. A folder in it would have to be made.
    """
    match path:
        case ast.Constant(value=str()):
            return {path: ScriptChange("path", trees.site_of(path))}
        case ast.Call(func=function, args=[ast.Constant(value=str()) as folder, ast.Constant(value=str(name))]):
            if source_text(function) == "os.path.join" and "/" not in name:
                return {folder: ScriptChange("folder", trees.site_of(folder))}
    return None


def _is_used_elsewhere(literal: ast.Constant, changed: Collection[ast.Constant], trees: ScriptTrees) -> bool:
    """Whether the same path is written at another place, where the script may read what it has saved."""
    for node, text in trees.texts.items():
        if text == literal.value and node not in changed and not _is_joined(node, trees):
            return True
    return False


def _is_joined(node: ast.Constant, trees: ScriptTrees) -> bool:
    """Whether a text is joined to a folder, such as the one that a function which loads the model is given."""
    match trees.parents.get(node):
        case ast.Call(args=[first, *_]) as call if called_name(call) == "join":
            return first is not node and text_of(first) is None
    return False


def _import_of_os(module: ast.Module, trees: ScriptTrees) -> tuple[ScriptChange, ...] | None:
    """The change by which a module imports ``os``; empty if it does, None if the name stands for something else."""
    imports = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if any(map(_imports_os, imports)):
        return ()
    first = next((node for node in imports if _may_stand_behind(node)), None)
    if trees.is_bound(OS) or first is None:
        return None
    return (ScriptChange("import", trees.site_of(first), name=OS),)


def _imports_os(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.Import) and any(alias.name == OS and alias.asname is None for alias in node.names)


def _may_stand_behind(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether another import may be written before a statement: it begins its line, and is not about the future."""
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return node.col_offset == 0 and not is_future
