"""Edits of Python modules and notebooks: replaced literals, and new, renamed and removed arguments and entries."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from keyword import iskeyword

from hpolint.fixes import insertions
from hpolint.fixes.changes import Change, Insert, NewMembers, NewObject, NoEditError, Remove, Rename, Replace
from hpolint.fixes.edits import Edit, PlacedEdit, difference
from hpolint.fixes.python_trees import Entry, PythonTree
from hpolint.fixes.result_readers import NameUse, ResultReaders
from hpolint.fixes.sharing import Pieces, check_object, check_value, importing_module, is_dict, magic_lines
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import TuningJob
from hpolint.model.message_text import joined_words
from hpolint.model.node import Scalar, ScalarValue, Struct, text_of, walk
from hpolint.model.observations import StaticShadowedByRange
from hpolint.model.source import Cell, Source, Span
from hpolint.readers.python.nbconvert import exported_cells
from hpolint.syntax.numbers import NUMBER
from hpolint.syntax.pieced_text import offsets

GAP = r"(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*+)*+"
CLOSED = lazy_regex(rf"(?:{GAP}\))*")
COMMA_AFTER = lazy_regex(GAP + ",")
REST_OF_LINE = lazy_regex(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r?\n|\Z)")
COMMA_BEFORE = lazy_regex(r",[ \t\f]*\Z")

MAX_PLACES = 3
"""Places that a reason names; the others are counted."""


TUNERS = ("HyperparameterTuner", "HyperparameterTuner.create")


class PythonFile:
    """Plans edits of a module or a notebook, which contains the ``jobs``. Every method raises NoEditError."""

    def __init__(self, source: Source, jobs: Sequence[TuningJob] = ()) -> None:
        self._source = source
        self._jobs = [job for job in jobs if job.source.name == source.name]
        self._trees: dict[int, PythonTree] = {}
        self._unparsed: list[str] = []
        self._places_by_name: dict[str, set[tuple[PythonTree, int]]] = {}

    def edits(self, changes: list[Change], job: TuningJob, readers: int) -> list[PlacedEdit]:
        """The edits that make the changes of a job, which ``readers`` jobs need alike."""
        edits: list[PlacedEdit] = []
        for change in changes:
            if isinstance(change, Replace):
                edits += self._replaced(change, readers)
            elif isinstance(change, Insert):
                edits += self._inserted(change, job, readers)
            elif isinstance(change, Rename):
                edits += self._renamed(change, job, readers)
            else:
                edits += self._removed(change, job, readers)
        return edits

    def _replaced(self, change: Replace, readers: int) -> list[PlacedEdit]:
        cell, tree, start, end = self._place(change.span)
        value = tree.expression(start, end)
        check_value(self._pieces, tree, value, readers)
        before = tree.text[start:end]
        readers_of_name = self._renamed_readers(change) if change.parameter is not None else []
        is_number = change.is_text and isinstance(change.value, str) and NUMBER.match(before)
        if is_number and NUMBER.match(str(change.value)):  # the SDK converts it to a string
            return [PlacedEdit(cell, Edit(start, end, str(change.value)))]
        return [PlacedEdit(cell, Edit(start, end, _literal(change.value, before))), *readers_of_name]

    def _renamed_readers(self, change: Replace) -> list[PlacedEdit]:
        """The edits of the code that reads a renamed parameter from the results of its tuner.

        Raises NoEditError, with the places, for code that uses the old name and may read it from these results.
        """
        old, new = change.parameter or "", str(change.value)
        own_tuners = self._tuners_by_name[change.span]
        edits: list[PlacedEdit] = []
        untraced: list[str] = []
        for use in self._result_readers.uses(old):
            if use.tuner is None and (use.tree, use.tree.offsets(use.node)[0]) in self._defining_places(old):
                continue
            if use.tuner is not None and use.tuner not in own_tuners:
                continue
            edit = _reader_edit(use, new) if use.tuner is not None else None
            if edit is None:
                untraced.append(self._line_in(self._number(use.tree), use.node.lineno))
            else:
                edits.append(PlacedEdit(self._cell(use.tree), edit))
        untraced += self._quoted_elsewhere(old)
        if untraced:
            raise NoEditError(_untraced_reason(old, list(dict.fromkeys(untraced))))
        return edits

    def _inserted(self, change: Insert, job: TuningJob, readers: int) -> list[PlacedEdit]:
        cell, tree, start, end = self._place(change.struct.span)
        text = tree.text[start:end]
        node = tree.call(start, end) if text.isidentifier() else tree.expression(start, end)
        if not isinstance(node, ast.Call | ast.Dict):
            raise NoEditError("nothing can be added where it is written")
        self._check_unpacking(node, change.members)
        if is_dict(node):
            check_value(self._pieces, tree, node, readers)
        elif isinstance(node, ast.Call) and not _makes_tuner(job, change.struct.span):
            check_object(self._pieces, tree, node, self._tuner(tree, job))
        statement = tree.statement(node)
        begin, finish = tree.offsets(statement)
        first, last = tree.offsets(node)
        before = tree.text[begin:finish]
        after = insertions.with_members(tree, statement, node, change.members, self._quote)
        if after is None:
            from hpolint.fixes.layouts import with_members  # imports libcst

            after = with_members(before, first - begin, last - begin, change.members, self._quote)
        edits = [PlacedEdit(cell, edit) for edit in difference(before, after, begin)]
        for value in change.members.values():
            if isinstance(value, NewObject):
                edits += self._imported(value, cell)
        return edits

    @cached_property
    def _quote(self) -> str:
        """The quote of most strings of the source that are on one line."""
        quotes: Counter[str] = Counter()
        for _, tree in self._numbered:
            for node in tree.nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    start, end = tree.offsets(node)
                    if insertions.SIMPLE_STRING.fullmatch(tree.text, start, end):
                        quotes[tree.text[end - 1]] += 1
        return "'" if quotes["'"] > quotes['"'] else '"'

    def _renamed(self, change: Rename, job: TuningJob, readers: int) -> list[PlacedEdit]:
        cell, tree, start, end = self._place(change.key)
        entry = tree.entry(start, end)
        self._check_holder(tree, entry, job, readers)
        if isinstance(entry.name, ast.keyword):
            if not change.name.isidentifier() or iskeyword(change.name):
                raise NoEditError(f"`{change.name}` cannot be the name of an argument")
            return [PlacedEdit(cell, Edit(start, start + len(entry.name.arg or ""), change.name))]
        if not isinstance(entry.name, ast.Constant) or tree.expression(start, end) is not entry.name:
            raise NoEditError("its name is written elsewhere")
        return [PlacedEdit(cell, Edit(start, end, _literal(change.name, tree.text[start:end])))]

    def _removed(self, change: Remove, job: TuningJob, readers: int) -> list[PlacedEdit]:
        cell, tree, start, end = self._place(change.key)
        entry = tree.entry(start, end)
        self._check_holder(tree, entry, job, readers)
        in_dict = not isinstance(entry.name, ast.keyword)
        _, end = tree.offsets(entry.value if in_dict else entry.name)
        return [PlacedEdit(cell, removal(tree.text, start, end, in_dict=in_dict))]

    def _check_holder(self, tree: PythonTree, entry: Entry, job: TuningJob, readers: int) -> None:
        """Raise NoEditError if other code uses the dict or object of a member; the tuner belongs to the job alone."""
        holder = entry.holder
        if is_dict(holder):
            check_value(self._pieces, tree, holder, readers)
        elif isinstance(holder, ast.Call) and holder is not (tuner := self._tuner(tree, job)):
            check_object(self._pieces, tree, holder, tuner)

    def _tuner(self, tree: PythonTree, job: TuningJob) -> ast.Call | None:
        """The call that creates the job itself; None if it is in another cell or is not a plain call."""
        _, own, start, end = self._place(job.request.span)
        if own is not tree or not own.text[start:end].isidentifier():
            return None
        return own.call(start, end)

    def _imported(self, made: NewObject, cell: Cell | None) -> list[PlacedEdit]:
        """The edit that adds a class to an import from its module; empty if the class is already imported."""
        for number, tree in self._numbered:
            for node in tree.nodes:
                if not isinstance(node, ast.ImportFrom) or node.module not in made.modules or node.level:
                    continue
                if any(alias.name == made.name and alias.asname is None for alias in node.names):
                    return []
                if cell is not None and number > cell.number:
                    break
                return self._with_import(tree, node, made.name)
        raise NoEditError(f"`{made.name}` would have to be imported, and there is no import to add it to")

    def _with_import(self, tree: PythonTree, node: ast.ImportFrom, name: str) -> list[PlacedEdit]:
        begin, finish = tree.offsets(node)
        before = tree.text[begin:finish]
        after = insertions.with_import(tree, node, name)
        if after is None:
            from hpolint.fixes.layouts import with_import  # imports libcst

            after = with_import(before, name)
        return [PlacedEdit(self._cell(tree), edit) for edit in difference(before, after, begin)]

    def _check_unpacking(self, node: ast.Call | ast.Dict, members: NewMembers) -> None:
        """Raise NoEditError if an unpacked mapping may already contain one of the new members."""
        if isinstance(node, ast.Call):
            has_unpacking = any(keyword.arg is None for keyword in node.keywords)
        else:
            has_unpacking = None in node.keys
        if not has_unpacking:
            return
        for name in members:
            word = re.compile(rf"\b{re.escape(name)}\b")
            if any(word.search(tree.text) for tree in self._pieces.trees):
                raise NoEditError(f"`{name}` may be in a mapping that is unpacked there")

    def _place(self, span: Span) -> tuple[Cell | None, PythonTree, int, int]:
        """The cell and tree that contain a span, and its offsets in them."""
        if not self._source.cells:
            return None, self._tree(0, self._source.text), *offsets(self._source, span)
        in_cell = self._source.in_cell(span)
        if in_cell is None:
            raise NoEditError("it is not in a cell")
        cell, within = in_cell
        return cell, self._tree(cell.number, cell.text.text), *offsets(cell.text, within)

    def _tree(self, number: int, text: str) -> PythonTree:
        if number not in self._trees:
            self._trees[number] = PythonTree(text)
        return self._trees[number]

    @cached_property
    def _numbered(self) -> list[tuple[int, PythonTree]]:
        """The trees of the cells that parse, with their cell numbers; 0 for a module."""
        numbered = []
        for number, text in self._texts(self._source.cells):
            try:
                numbered.append((number, self._tree(number, text)))
            except NoEditError:  # only the names in it can be found
                self._unparsed.append(text)
        return numbered

    def _texts(self, cells: Iterable[Cell]) -> list[tuple[int, str]]:
        """The texts of cells by their numbers; of a module, its text by 0."""
        return [(cell.number, cell.text.text) for cell in cells] or [(0, self._source.text)]

    @cached_property
    def _result_readers(self) -> ResultReaders:
        tuners = {job.variable for job in self._jobs if job.variable is not None}
        return ResultReaders([tree for _, tree in self._numbered], tuners)

    def _defining_places(self, name: str) -> set[tuple[PythonTree, int]]:
        """The places, as a tree and an offset, where the jobs of the source define a parameter of this name."""
        if name not in self._places_by_name:
            places: set[tuple[PythonTree, int]] = set()
            for span in self._spans_by_name[name]:
                with suppress(NoEditError):  # a part of a string, or in another file
                    _, tree, start, _ = self._place(span)
                    places.add((tree, start))
            self._places_by_name[name] = places
        return self._places_by_name[name]

    @cached_property
    def _spans_by_name(self) -> defaultdict[str, set[Span]]:
        """The places where the jobs of the source define each parameter, with a range or a static value."""
        spans: defaultdict[str, set[Span]] = defaultdict(set)
        for job in self._jobs:
            for _, node in walk(job.request):
                if (text := text_of(node)) is not None:
                    spans[text].add(node.span)
                elif isinstance(node, Struct):
                    for name, span in node.keys.items():
                        spans[name].add(span)
            for observation in job.observations:
                if isinstance(observation.observed, StaticShadowedByRange):
                    spans[observation.observed.name].add(observation.span)
        return spans

    @cached_property
    def _tuners_by_name(self) -> defaultdict[Span, set[str | None]]:
        """The variables of the tuners of each tuned parameter, by the place of the parameter's name."""
        tuners: defaultdict[Span, set[str | None]] = defaultdict(set)
        for job in self._jobs:
            for path, node in walk(job.request):
                if isinstance(node, Scalar) and path[-1] == "Name":
                    tuners[node.span].add(job.variable)
        return tuners

    def _quoted_elsewhere(self, name: str) -> list[str]:
        """The places of a string in what is not parsed: other cells, lines for IPython, modules that import this."""
        quoted = re.compile(rf"""(["']){re.escape(name)}\1""")
        places: list[str] = []
        parsed = dict(self._numbered)
        for number, text in self._texts(self._source.in_order):  # also cells of a shell and of written files
            lines = magic_lines(parsed[number]) if number in parsed else text.split("\n")
            places += [self._line_in(number, at) for at, line in enumerate(lines, 1) if quoted.search(line)]
        if any(quoted.search(text) for text in self._exported_cells):
            places.append("a cell in a string")
        module = importing_module(self._source.name, quoted)
        if module is not None:
            places.append(module)
        return places

    @property
    def _exported_cells(self) -> Sequence[str]:
        """The texts of cells that a module runs from strings."""
        return () if self._source.cells else exported_cells(self._source)

    def _line_in(self, number: int, line: int) -> str:
        return f"cell {number}, line {line}" if self._source.cells else f"line {line}"

    def _number(self, tree: PythonTree) -> int:
        return next(number for number, own in self._numbered if own is tree)

    def _cell(self, tree: PythonTree) -> Cell | None:
        """The cell of a tree; None in a module."""
        number = self._number(tree)
        return next((cell for cell in self._source.cells if cell.number == number), None)

    @cached_property
    def _pieces(self) -> Pieces:
        trees = [tree for _, tree in self._numbered]
        for text in self._exported_cells:
            try:
                trees.append(PythonTree(text))
            except NoEditError:
                self._unparsed.append(text)
        return Pieces(self._source.name, trees, self._unparsed)


def _makes_tuner(job: TuningJob, span: Span) -> bool:
    """Whether a call makes a job's own tuner, or the one whose settings it has: those uses are counted as jobs."""
    call = job.callees.get(span)
    return span == job.request.span or (call is not None and call.name in TUNERS)


def _literal(value: ScalarValue, before: str) -> str:
    """A value as a Python literal, in the quotes of the text that it replaces."""
    with_blank = _with_blank(value, before) if isinstance(value, str) and before[-1:] in ("'", '"') else None
    if with_blank is not None:
        return with_blank
    quote = "'" if before[:1] == "'" else '"'
    if isinstance(value, str) and value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return repr(value)


def _with_blank(value: str, before: str) -> str | None:
    """The literal with one more blank that has a value; None if there is none. It stays as raw as it is."""
    for at in range(len(before) - 1, 0, -1):
        longer = f"{before[:at]} {before[at:]}"
        with suppress(ValueError, SyntaxError):
            if ast.literal_eval(longer) == value:
                return longer
    return None


def _untraced_reason(name: str, places: list[str]) -> str:
    """Why a parameter is not renamed while code at other places uses its old name."""
    shown = places[:MAX_PLACES]
    if len(places) > MAX_PLACES:
        shown.append(f"{len(places) - MAX_PLACES} more")
    return (
        f"the old name `{name}` is also used in {joined_words(shown)}, perhaps to read the results of this job:"
        " change the name there, too"
    )


def _reader_edit(use: NameUse, name: str) -> Edit | None:
    """The edit that makes a reader use another name; None if it is not written as one simple string or attribute."""
    start, end = use.tree.offsets(use.node)
    if isinstance(use.node, ast.Attribute):
        is_name = name.isidentifier() and not iskeyword(name)
        return Edit(end - len(use.node.attr), end, name) if is_name else None
    before, old = use.tree.text[start:end], str(use.node.value)
    if before not in (f'"{old}"', f"'{old}'"):
        return None
    return Edit(start, end, _literal(name, before))


def removal(text: str, start: int, end: int, *, in_dict: bool) -> Edit:
    """The edit that removes an argument or dict entry with its comma, its line and its trailing comment.

    ``start`` and ``end`` span its name and value.
    """
    closed = CLOSED.match(text, end)
    if in_dict and closed is not None:  # parentheses around a value are not part of its node
        end = closed.end()
    comma = COMMA_AFTER.match(text, end)
    if comma is not None:
        end = comma.end()
    line = text.rfind("\n", 0, start) + 1
    rest = REST_OF_LINE.match(text, end)
    if not text[line:start].strip() and rest is not None:
        return Edit(line, rest.end(), "")
    if comma is not None:
        while text[end : end + 1] in (" ", "\t"):
            end += 1
        return Edit(start, end, "")
    before = COMMA_BEFORE.search(text, line, start)
    if before is not None:
        start = before.start()
    return Edit(start, end, "")
