"""Changes of Python and notebooks as edits: literals where they stand, arguments and entries beside the others."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from keyword import iskeyword

from hpolint.fixes.changes import Added, Change, Insert, Made, NoEditError, Remove, Rename, Replace
from hpolint.fixes.edits import Edit, Placed, difference
from hpolint.fixes.python_trees import Entry, PythonTree
from hpolint.fixes.removing import without
from hpolint.fixes.sharing import Pieces, check_object, check_value, is_dict
from hpolint.model.job import TuningJob
from hpolint.model.node import ScalarValue
from hpolint.model.source import Cell, Source, Span
from hpolint.readers.python.nbconvert import exported_cells
from hpolint.syntax.numbers import NUMBER
from hpolint.syntax.pieced_text import offsets


class PythonFile:
    """A module or a notebook, ready to be edited. Every method raises NoEditError."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._trees: dict[int, PythonTree] = {}
        self._unparsed: list[str] = []

    def edits(self, changes: list[Change], job: TuningJob, readers: int) -> list[Placed]:
        """The edits that make some changes of a job; so many jobs want the same ones."""
        found: list[Placed] = []
        for change in changes:
            if isinstance(change, Replace):
                found += self._replaced(change, readers)
            elif isinstance(change, Insert):
                found += self._inserted(change, job, readers)
            elif isinstance(change, Rename):
                found += self._renamed(change, job, readers)
            else:
                found += self._removed(change, job, readers)
        return found

    def _replaced(self, change: Replace, readers: int) -> list[Placed]:
        cell, tree, start, end = self._place(change.span)
        value = tree.expression(start, end)
        check_value(self._pieces, tree, value, readers)
        before = tree.text[start:end]
        is_number = change.is_text and isinstance(change.value, str) and NUMBER.match(before)
        if is_number and NUMBER.match(str(change.value)):  # the SDK makes a text of it
            return [Placed(cell, Edit(start, end, str(change.value)))]
        return [Placed(cell, Edit(start, end, _literal(change.value, before)))]

    def _inserted(self, change: Insert, job: TuningJob, readers: int) -> list[Placed]:
        cell, tree, start, end = self._place(change.struct.span)
        text = tree.text[start:end]
        node = tree.call(start, end) if text.isidentifier() else tree.expression(start, end)
        if not isinstance(node, ast.Call | ast.Dict):
            raise NoEditError("it is written where nothing can be added")
        self._check_spread(node, change.members)
        if is_dict(node):
            check_value(self._pieces, tree, node, readers)
        elif isinstance(node, ast.Call) and change.struct.span != job.request.span:
            check_object(self._pieces, tree, node, self._tuner(tree, job))
        statement = tree.statement(node)
        begin, finish = tree.offsets(statement)
        first, last = tree.offsets(node)
        before = tree.text[begin:finish]
        from hpolint.fixes.layouts import with_members  # libcst: only where something is added

        quote = "'" if tree.text.count("'") > tree.text.count('"') else '"'
        after = with_members(before, first - begin, last - begin, change.members, quote)
        edits = [Placed(cell, edit) for edit in difference(before, after, begin)]
        made = [each for each in change.members.values() if isinstance(each, Made)]
        return [*edits, *(edit for each in made for edit in self._imported(each, cell))]

    def _renamed(self, change: Rename, job: TuningJob, readers: int) -> list[Placed]:
        cell, tree, start, end = self._place(change.key)
        entry = tree.entry(start, end)
        self._check_holder(tree, entry, job, readers)
        if isinstance(entry.name, ast.keyword):
            if not change.name.isidentifier() or iskeyword(change.name):
                raise NoEditError(f"`{change.name}` cannot be the name of an argument")
            return [Placed(cell, Edit(start, start + len(entry.name.arg or ""), change.name))]
        if not isinstance(entry.name, ast.Constant) or tree.expression(start, end) is not entry.name:
            raise NoEditError("its name is written elsewhere")
        return [Placed(cell, Edit(start, end, _literal(change.name, tree.text[start:end])))]

    def _removed(self, change: Remove, job: TuningJob, readers: int) -> list[Placed]:
        cell, tree, start, end = self._place(change.key)
        entry = tree.entry(start, end)
        self._check_holder(tree, entry, job, readers)
        in_dict = not isinstance(entry.name, ast.keyword)
        _, end = tree.offsets(entry.value if in_dict else entry.name)
        return [Placed(cell, without(tree.text, start, end, in_dict=in_dict))]

    def _check_holder(self, tree: PythonTree, entry: Entry, job: TuningJob, readers: int) -> None:
        """Whoever else has the dict, or the object, that a member is given to; the tuner is the job's own."""
        holder = entry.holder
        if is_dict(holder):
            check_value(self._pieces, tree, holder, readers)
        elif isinstance(holder, ast.Call) and holder is not (tuner := self._tuner(tree, job)):
            check_object(self._pieces, tree, holder, tuner)

    def _tuner(self, tree: PythonTree, job: TuningJob) -> ast.Call | None:
        """The call that makes the job itself, and no object that it is given; None where it is in another piece."""
        _, own, start, end = self._place(job.request.span)
        return own.call(start, end) if own is tree and own.text[start:end].isidentifier() else None

    def _imported(self, made: Made, cell: Cell | None) -> list[Placed]:
        """The edit that imports a class, beside what is imported from its module; none where it is there already."""
        from hpolint.fixes.layouts import with_import

        for number, tree in self._numbered:
            for node in ast.walk(tree.root):
                if not isinstance(node, ast.ImportFrom) or node.module not in made.modules or node.level:
                    continue
                if any(each.name == made.name and each.asname is None for each in node.names):
                    return []
                if cell is not None and number > cell.number:
                    break
                begin, finish = tree.offsets(node)
                before = tree.text[begin:finish]
                where = next((each for each in self._source.cells if each.number == number), None)
                return [Placed(where, edit) for edit in difference(before, with_import(before, made.name), begin)]
        raise NoEditError(f"`{made.name}` would have to be imported, for which there is no place")

    def _check_spread(self, node: ast.Call | ast.Dict, members: Added) -> None:
        """What is spread into a call may bring an argument, turned off, that would be given twice then."""
        spread = any(each.arg is None for each in node.keywords) if isinstance(node, ast.Call) else None in node.keys
        for name in members if spread else ():
            texts = (tree.text for tree in self._pieces.trees)
            if any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts):
                raise NoEditError(f"`{name}` may be among what is spread there")

    def _place(self, span: Span) -> tuple[Cell | None, PythonTree, int, int]:
        """The piece of Python that a place is in, and its offsets there."""
        if not self._source.cells:
            return None, self._tree(0, self._source.text), *offsets(self._source, span)
        found = self._source.in_cell(span)
        if found is None:
            raise NoEditError("it stands in no cell")
        cell, within = found
        return cell, self._tree(cell.number, cell.text.text), *offsets(cell.text, within)

    def _tree(self, number: int, text: str) -> PythonTree:
        if number not in self._trees:
            self._trees[number] = PythonTree(text)
        return self._trees[number]

    @cached_property
    def _numbered(self) -> list[tuple[int, PythonTree]]:
        """The trees of the pieces that parse, by the number of their cell."""
        found = []
        for number, text in self._texts:
            try:
                found.append((number, self._tree(number, text)))
            except NoEditError:  # nobody can tell what else it does than name names
                self._unparsed.append(text)
        return found

    @property
    def _texts(self) -> list[tuple[int, str]]:
        return [(cell.number, cell.text.text) for cell in self._source.cells] or [(0, self._source.text)]

    @cached_property
    def _pieces(self) -> Pieces:
        trees = [tree for _, tree in self._numbered]
        for text in () if self._source.cells else exported_cells(self._source):
            try:
                trees.append(PythonTree(text))
            except NoEditError:
                self._unparsed.append(text)
        return Pieces(self._source.name, trees, self._unparsed)


def _literal(value: ScalarValue, before: str) -> str:
    """A value in the quotes of what it takes the place of."""
    quote = "'" if before[:1] == "'" else '"'
    if isinstance(value, str) and value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return repr(value)
