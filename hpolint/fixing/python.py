"""Changes of Python and notebooks as edits: literals where they stand, arguments and entries beside the others."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hpolint.fixing.changes import Added, Change, Insert, Made, NoEditError, Replace
from hpolint.fixing.edits import Edit, Placed, difference
from hpolint.fixing.trees import PythonTree, bound_names, check_alone
from hpolint.node import ScalarValue
from hpolint.source import Cell, Source, Span
from hpolint.syntax.text import offsets


class PythonFile:
    """A module or a notebook, ready to be edited. Every method raises NoEditError."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._trees: dict[int, PythonTree] = {}

    def edits(self, changes: list[Change]) -> list[Placed]:
        """The edits that make some changes."""
        found: list[Placed] = []
        for change in changes:
            if isinstance(change, Replace):
                found += self._replaced(change)
            elif isinstance(change, Insert):
                found += self._inserted(change)
            else:
                raise NoEditError("of Python only values and arguments are changed")
        return found

    def _replaced(self, change: Replace) -> list[Placed]:
        cell, tree, start, end = self._place(change.span)
        value = tree.expression(start, end)
        for name in bound_names(tree, value):
            check_alone(self._all, name)
        return [Placed(cell, Edit(start, end, _literal(change.value, tree.text[start:end])))]

    def _inserted(self, change: Insert) -> list[Placed]:
        cell, tree, start, end = self._place(change.struct.span)
        text = tree.text[start:end]
        node = tree.call(start, end) if text.isidentifier() else tree.expression(start, end)
        if not isinstance(node, ast.Call | ast.Dict):
            raise NoEditError("it is written where nothing can be added")
        self._check_spread(node, change.members)
        statement = tree.statement(node)
        begin, finish = tree.offsets(statement)
        first, last = tree.offsets(node)
        before = tree.text[begin:finish]
        from hpolint.fixing.layouts import with_members  # libcst: only where something is added

        after = with_members(before, first - begin, last - begin, change.members)
        edits = [Placed(cell, edit) for edit in difference(before, after, begin)]
        made = [each for each in change.members.values() if isinstance(each, Made)]
        return [*edits, *(edit for each in made for edit in self._imported(each, cell))]

    def _imported(self, made: Made, cell: Cell | None) -> list[Placed]:
        """The edit that imports a class, beside what is imported from its module; none where it is there already."""
        from hpolint.fixing.layouts import with_import

        for number, tree in self._numbered:
            for node in ast.walk(tree.root):
                if not isinstance(node, ast.ImportFrom) or node.module != made.module or node.level:
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
            texts = (tree.text for tree in self._all)
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

    @property
    def _all(self) -> list[PythonTree]:
        return [tree for _, tree in self._numbered]

    @cached_property
    def _numbered(self) -> list[tuple[int, PythonTree]]:
        """The trees of all pieces; of a cell that does not parse nobody knows what it reads."""
        cells = [(cell.number, cell.text.text) for cell in self._source.cells] or [(0, self._source.text)]
        return [(number, self._tree(number, text)) for number, text in cells]


def _literal(value: ScalarValue, before: str) -> str:
    """A value in the quotes of what it takes the place of."""
    quote = "'" if before[:1] == "'" else '"'
    if isinstance(value, str) and value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return repr(value)
