"""The files of the repository that a source imports as modules, or loads as JSON or YAML under a literal path."""

from __future__ import annotations

import ast
import posixpath

from hpolint.model.node import Array, Node, Scalar, Struct
from hpolint.model.source import DATA_FILE, Source, Span, UndecodableError, data_file_key
from hpolint.readers.python.interpreter.paths import known_path_text
from hpolint.readers.python.interpreter.plain import literal
from hpolint.readers.python.interpreter.units import DataUnit, Problem, Unit, module_unit
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Mapping, Sequence, Value
from hpolint.syntax import SyntaxProblem

OPEN, FILE = "builtins.open", "io.TextIOWrapper"
READING_MODES = frozenset({"r", "rt", "rb", "r+"})
JSON_LOADERS = frozenset({"json.load"})
YAML_LOADERS = frozenset({"yaml.safe_load", "yaml.load", "yaml.full_load"})
"""PyYAML's functions for one document. It resolves plain scalars by YAML 1.1, in which `1e-3` is a string.

Source: PyYAML 6.0.2, ``yaml/resolver.py``.
"""


class ImportedFiles:
    """The files beside a source that were found for it, read at their first use.

    ``units`` has those that are used, numbered from ``first`` on: their values have spans in them.
    """

    def __init__(self, source: Source, first: int) -> None:
        self._source = source
        self._first = first
        self._loaded: dict[str, Unit] = {}
        self.units: dict[int, Unit] = {}

    def module(self, name: str, importing: Unit) -> tuple[Unit, ast.Module] | None:
        """A module to interpret; None if it was not found or cannot be parsed."""
        if name.startswith(".") and posixpath.dirname(importing.source.name) != posixpath.dirname(self._source.name):
            return None  # relative to another folder
        try:
            unit = self._unit(name)
            return (unit, unit.parse()) if unit is not None else None
        except (UndecodableError, Problem):
            return None

    def call(self, name: str, arguments: Arguments, span: Span) -> Value | None:
        """The result of opening or loading a file; None for other functions, and for files that were not found."""
        if name == OPEN:
            return self._opened(arguments, span)
        file = next(iter(arguments.positional), None)
        if name not in JSON_LOADERS | YAML_LOADERS or not isinstance(file, Instance) or file.cls != FILE:
            return None
        try:
            unit = self._unit(self._key(file.arguments.positional[0]))
            return _value(_document(unit.source, name), unit) if isinstance(unit, DataUnit) else None
        except (UndecodableError, SyntaxProblem):
            return None

    def _opened(self, arguments: Arguments, span: Span) -> Instance | None:
        path = next(iter(arguments.positional), None)
        mode = next(iter(arguments.positional[1:]), arguments.keywords.get("mode"))
        if path is None or self._key(path) not in self._source.beside:
            return None
        if mode is not None and not (isinstance(mode, Constant) and mode.value in READING_MODES):
            return None
        return Instance(FILE, Arguments([path]), span)

    def _key(self, path: Value) -> str:
        return data_file_key(known_path_text(path) or "")

    def _unit(self, key: str) -> Unit | None:
        """The unit of a file, by its name in ``Source.beside``; None if it was not found. Raises UndecodableError."""
        path, data = self._source.beside.get(key, ("", b""))
        if not path:
            return None
        if key not in self._loaded:
            source = Source.decode(path, data)
            unit = DataUnit(source, "", lambda _: (0, 0)) if key.startswith(DATA_FILE) else module_unit(source)
            unit.number = self._first + len(self.units)
            self._loaded[key] = self.units[unit.number] = unit
        return self._loaded[key]


def _document(source: Source, loader: str) -> Node | None:
    """The only document of a file; None if it has another number of them. Raises SyntaxProblem."""
    if loader in JSON_LOADERS:
        from hpolint.syntax.json_syntax import parse_json

        return parse_json(source)
    from hpolint.syntax.scalars import YAML_1_1
    from hpolint.syntax.yaml_syntax import parse_yaml

    documents = list(parse_yaml(source, YAML_1_1))
    return documents[0] if len(documents) == 1 else None


def _value(node: Node | None, unit: DataUnit) -> Value | None:
    """The value that a loader makes of a node."""
    if node is None:
        return None
    span = unit.placed(node.span)
    if isinstance(node, Scalar):
        return literal(node.value, span)
    if isinstance(node, Array):
        items = [_value(item, unit) for item in node.items]
        return Sequence("list", [item for item in items if item is not None], span, node.open)
    if isinstance(node, Struct):
        mapping = Mapping({}, span, {}, node.open)
        for name, member in node.members.items():
            value = _value(member, unit)
            if value is not None:
                mapping.entries[name] = value
                mapping.keys[name] = unit.placed(node.keys[name])
        return mapping
    return node
