"""State machine definitions in files beside a template, with the template's values for ``${name}``.

Many resources may name one file. It is decoded once, and parsed once for each distinct set of values.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.readers.cloudformation.intrinsics import Template
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.step_functions import LaunchingTask, is_states, tasks_of
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import REFERENCE, Text, placeholder

MAX_PARSED_CHARACTERS = 16 * 1024 * 1024
"""Limit of such files' characters that are parsed for one template. One file has at most 1 MB."""

Values = Mapping[str, Scalar | Unknown]


class ParseLimitError(Exception):
    """More than ``MAX_PARSED_CHARACTERS`` characters would have to be parsed for one template."""


class Definitions:
    """The definitions beside one template."""

    def __init__(self, source: Source) -> None:
        self._beside = source.beside
        self._sources: dict[str, Source | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._escaped: set[str] = set()
        self._parsed: dict[tuple[object, ...], list[LaunchingTask]] = {}
        self._left = MAX_PARSED_CHARACTERS

    def find(self, uri: str, template: Template) -> tuple[Source, list[LaunchingTask]] | None:
        """The file ``uri`` and its launching states, with a template's substitutions.

        None if there is no such file. Raises ParseLimitError.
        """
        source = self._source(uri)
        if source is None:
            return None
        substitutions = template.substitutions
        names = substitutions if source.name in self._escaped else self._names[source.name]
        values = {name: template.text(substitutions[name]).as_node() for name in names if name in substitutions}
        key = (source.name, *((name, _value_key(value)) for name, value in values.items()))
        if key not in self._parsed:
            self._left -= len(source.text)
            if self._left < 0:
                raise ParseLimitError
            self._parsed[key] = _tasks(source, values)
        return source, self._parsed[key]

    def _source(self, uri: str) -> Source | None:
        """The source of a file; None if it cannot be decoded, which its own check reports."""
        if uri not in self._beside:
            return None
        name, data = self._beside[uri]
        if name not in self._sources:
            try:
                source = self._sources[name] = Source.decode(name, data)
                self._names[name] = tuple(dict.fromkeys(REFERENCE.findall(source.text)))
                if not source.is_json and "\\" in source.text:  # a name may be written in escapes
                    self._escaped.add(name)
            except UndecodableError:
                self._sources[name] = None
        return self._sources[name]


def _value_key(value: Scalar | Unknown) -> object:
    """A key that is equal for values that give the same text."""
    if isinstance(value, Unknown):
        return value.reason, repr(value.choices), repr(value.default)
    return str(value.value)


def _tasks(source: Source, values: Values) -> list[LaunchingTask]:
    try:
        root = _Substitution(source, values).document()
    except SyntaxProblem:
        return []  # the file's own check reports it
    if not isinstance(root, Struct) or not is_states(root):
        return []
    return tasks_of(root)


class _Substitution:
    """A file's definition with a template's values for its ``${name}``."""

    def __init__(self, source: Source, values: Values) -> None:
        self._source = source
        self._values = values

    def document(self) -> Node | None:
        """The definition. JSON is substituted before parsing, since numbers have no quotes. Raises SyntaxProblem."""
        if self._source.is_json:
            return resolve_placeholders(parse_text(Text.file(self._source).filled(self._value)))
        from hpolint.syntax.yaml_syntax import parse_yaml  # takes 10 ms, which JSON does not need

        root = next(iter(parse_yaml(self._source)), None)
        return resolve_placeholders(self.node(root)) if root is not None else None

    def node(self, node: Node) -> Node:
        """A part of a YAML definition, with values substituted as strings."""
        if isinstance(node, Array | Struct):
            return node.mapped(lambda _, below: self.node(below))
        if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
            return Text.of(self._source, node).filled(self._value).as_node(node.span)
        return node

    def _value(self, name: str, place: Span) -> Text:
        """The text of a name. Its span is the name's own place, since the template's place is in another file."""
        value = self._values.get(name)
        if value is None:
            return placeholder(self._source, name, place)
        if isinstance(value, Scalar):
            return Text.written(self._source, str(value.value), place)
        reason = f"is the placeholder ${{{name}}}, which {value.reason}"
        default = replace(value.default, span=place) if value.default is not None else None
        return Text.gap(self._source, Unknown(reason, place, choices=value.choices, default=default))
