"""Edits of a training script: the changes by which a mistake that a finding shows is corrected."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable

from hpolint.fixes.changes import NoEditError, check_line_ends
from hpolint.fixes.edits import Edit, PlacedEdit
from hpolint.fixes.insertions import SIMPLE_STRING
from hpolint.fixes.python_trees import PythonTree
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import TuningJob
from hpolint.model.source import Cell, Source, Span
from hpolint.model.training_script import Script, ScriptChange
from hpolint.syntax.pieced_text import offsets

FIELD = lazy_regex(r":[^{}:]*\.(0)(?=[fF%]\})")
"""A field of an f-string, or of a text before ``.format``, that shows a number without decimals."""

CONVERSION = lazy_regex(r"%[-+ #0]*\d*\.(0)(?=[fF])")
"""The same of a text before the operator ``%``."""

DECIMALS = "4"
READ, VARIABLE = "os.environ.get", "SM_MODEL_DIR"
"""The function that reads an environment variable, and the variable that names the folder of a trial's model."""

DIVISION = lazy_regex(r"//")
DECLARATION = lazy_regex(r"\w+\.add_argument(?=\()")


def script_source(job: TuningJob, changes: Iterable[ScriptChange]) -> Source:
    """The file that the changes of a script are in. Raises NoEditError if they are in several."""
    names = {change.site.source for change in changes}
    if len(names) > 1:
        raise NoEditError("the changes are in several files")
    for script in job.scripts.values():
        for source in script.sources if isinstance(script, Script) else ():
            if source.name in names:
                return source
    raise NoEditError("the training script is not known any more")


def script_edits(source: Source, changes: Iterable[ScriptChange]) -> list[PlacedEdit]:
    """The edits of a script, or of the cell of a notebook that writes it. Raises NoEditError."""
    check_line_ends(source.text)
    return [_placed_edit(source, change) for change in changes]


def _placed_edit(source: Source, change: ScriptChange) -> PlacedEdit:
    cell, text, start, end = _place(source, change.site.span)
    line_end = "\r\n" if "\r\n" in text else "\n"
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    edit = _edit(text[start:end], change, f"{line_end}{indent}")
    return PlacedEdit(cell, Edit(start + edit.start, start + edit.end, edit.text))


def _place(source: Source, span: Span) -> tuple[Cell | None, str, int, int]:
    """The cell and its text, or None and the whole text, and the offsets of a span in it."""
    if not source.cells and not source.written:
        return None, source.text, *offsets(source, span)
    in_cell = source.in_cell(span)
    if in_cell is None:
        raise NoEditError("it is not in a cell")
    cell, within = in_cell
    return cell, cell.text.text, *offsets(cell.text, within)


def _edit(text: str, change: ScriptChange, new_line: str) -> Edit:
    """The edit of the text at the site of a change. ``new_line`` ends its line, and begins one with the same indent."""
    match change.kind:
        case "decimals":
            return _with_decimals(text, change.number)
        case "divide":
            return _with_true_division(text)
        case "dataset":
            return _with_dataset(text)
        case "samples":
            return Edit(len(text), len(text), f" * {change.name}.size(0)")
        case "path" | "folder":
            return Edit(0, len(text), _in_model_folder(text, is_folder=change.kind == "folder"))
        case "import":
            return Edit(0, 0, f"import {change.name}{new_line}")
        case "value":
            return Edit(0, len(text), change.name)
        case "argument":
            return Edit(len(text), len(text), f", {change.name}")
        case "option":
            return _with_option(text, change, new_line)


def _with_decimals(text: str, number: int) -> Edit:
    """The edit that gives a format in a string four decimals."""
    places = [match.span(1) for match in FIELD.finditer(text)]
    if not places:
        places = [match.span(1) for match in CONVERSION.finditer(text)]
    if number >= len(places):
        raise NoEditError("the format is not written in one string")
    return Edit(*places[number], DECIMALS)


def _with_true_division(text: str) -> Edit:
    """The edit of an expression `a // b`, or a statement `a //= b`."""
    tree, statement, before = _parsed(text)
    match statement:
        case ast.Expr(value=ast.BinOp(left=left, right=right)) | ast.AugAssign(target=left, value=right):
            start, end = tree.offsets(left)[1], tree.offsets(right)[0]
        case _:
            raise NoEditError("the division is not written in one place")
    operators = list(DIVISION.finditer(tree.text, start, end))
    if len(operators) != 1:
        raise NoEditError("there is a comment within the division")
    return Edit(operators[0].start() - before, operators[0].end() - before, "/")


def _with_dataset(text: str) -> Edit:
    """The edit of `len(loader)` to `len(loader.dataset)`."""
    tree, statement, before = _parsed(text)
    match statement:
        case ast.Expr(value=ast.Call(args=[ast.Name() | ast.Attribute() as loader])):
            end = tree.offsets(loader)[1] - before
            return Edit(end, end, ".dataset")
    raise NoEditError("the loader has no name")


def _with_option(text: str, change: ScriptChange, new_line: str) -> Edit:
    """The edit that declares another option after a statement that declares one."""
    declaration = DECLARATION.match(text)
    if declaration is None or new_line.strip():
        raise NoEditError("the options are not declared line by line")
    quote = "'" if text.count("'") > text.count('"') else '"'
    dashes = "-" if len(change.name) == 1 else "--"  # as the container passes them
    added = f"{declaration[0]}({quote}{dashes}{change.name}{quote}, type={change.type})"
    return Edit(len(text), len(text), f"{new_line}{added}")


def _in_model_folder(literal: str, *, is_folder: bool) -> str:
    """The path, or folder, of a string literal as one in the folder of the model, with the present one as default."""
    if SIMPLE_STRING.fullmatch(literal) is None or literal[0] not in "\"'":
        raise NoEditError("the path is not a plain string")
    quote, path = literal[0], literal[1:-1].rstrip("/")
    folder, name = (path, "") if is_folder else posixpath.split(path.removeprefix("./"))
    default = folder or "."
    kept = f"{READ}({quote}{VARIABLE}{quote}, {quote}{default}{quote})"
    return kept if is_folder else f"os.path.join({kept}, {quote}{name}{quote})"


def _parsed(text: str) -> tuple[PythonTree, ast.stmt, int]:
    """The tree of a statement or expression, its statement, and the number of characters that the tree has before it.

    An expression is put in parentheses, since it may have several lines.
    """
    try:
        tree, before = PythonTree(f"({text}\n)"), 1
    except NoEditError:
        tree, before = PythonTree(text), 0
    if len(tree.root.body) != 1:
        raise NoEditError("it is not one expression")
    return tree, tree.root.body[0], before
