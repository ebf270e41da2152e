"""YAML with positions, with plain scalars resolved as the consumer resolves them.

The tree is built here from the events of libyaml (through ruamel.yaml). A recursive composer would crash on deep
nesting, and one that copies aliases would use unbounded memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, auto
from io import StringIO
from typing import Any

import msgspec
from _ruamel_yaml import CParser
from ruamel.yaml import YAML
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import YAMLError

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, listed, small_span
from hpolint.model.reasons import TOO_LARGE
from hpolint.model.source import Source, Span
from hpolint.syntax import MAX_DEPTH, MAX_VALUES, SyntaxProblem
from hpolint.syntax.numbers import MAX_NUMERAL_CHARACTERS, is_in_double_range
from hpolint.syntax.scalars import TAG, YAML_1_1, YAML_1_2, Version, resolve_scalar

MAX_SLOW_PARSER_CHARACTERS = 200_000
"""Largest stream, in characters, that the slow parser reads again if libyaml refuses it."""

MERGE = "<<"
PROPERTIES = lazy_regex(r"(?:[&!]\S*\s*(?:#[^\n]*\s*)*)+")
NUMERAL = lazy_regex(r"[-+]?[.0-9][-+0-9a-fA-FxobXOB_.:]*+\Z")
"""Text that may be a number in some version of YAML."""

SHORT_BOOLEANS = ("y", "Y", "n", "N")

SCALAR_TAGS = frozenset(
    {TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "binary", "merge", "value")}
)
"""YAML's own tags of scalars. Only the consumer knows the meaning of other tags."""

RUN_ON_COMMENT = lazy_regex(r"[|>][-+0-9]*#|%YAML[ \t]++[0-9]++\.[0-9]++#")
"""A comment directly after a block scalar's header or a version. libyaml accepts it, other parsers refuse it."""


Tags = Callable[[str, Node, Span], "Node | None"]
"""A function from a consumer's own tag, the value and the tag's place to the tagged value; None if it is unknown."""


def parse_yaml(source: Source, version: Version = YAML_1_2, tags: Tags | None = None) -> Iterator[Node]:
    """The documents of a stream, one after the other.

    ``version`` is the version by which the consumer resolves plain scalars: in 1.1 a bare ``Off`` is false. ``tags``
    resolves the consumer's own tags; without it, a tagged value is unknown. The last value of a repeated key counts;
    ``Struct.shadowed`` has the earlier ones. Raises SyntaxProblem at the first syntax error, after yielding the
    documents before it.
    """
    if len(source.text) > MAX_SLOW_PARSER_CHARACTERS:
        yield from _streamed(source, _Builder(source, version, tags), CParser)
        return
    documents, refused = _all(source, _Builder(source, version, tags), CParser)
    if isinstance(refused, _RefusedStream):
        # libyaml refuses some flow scalars that YAML allows and the AWS CLI's parser accepts: `{a: b:c}`.
        again, refused_again = _all(source, _Builder(source, version, tags), _slow_parser)
        has_failed = isinstance(refused_again, _SlowParserFailure)
        if not has_failed and (refused_again is None or len(again) >= len(documents)):  # the parser that got further
            documents, refused = again, refused_again
    yield from documents
    if refused is not None:
        raise refused


class _RefusedStream(SyntaxProblem):
    """A syntax error of one parser; another parser may accept the stream, unlike one that exceeds a limit."""


class _SlowParserFailure(SyntaxProblem):
    """A stream on which the slow parser fails with an internal error, so that libyaml's error counts."""


def _slow_parser(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.doc_infos.append(DocInfo())  # the parser stores a document's version in it
    return yaml.get_constructor_parser(StringIO(text))[1]


def _streamed(source: Source, builder: _Builder, parser: Callable[[str], Any]) -> Iterator[Node]:
    """The documents one after the other. Raises SyntaxProblem at the first syntax error."""
    try:
        yield from _documents(builder, parser(source.text))
    except YAMLError as error:
        problem = _problem(source, error)
        raise _RefusedStream(problem.reason, problem.span) from None
    except (IndexError, ValueError, AssertionError, RecursionError):  # on some directives and deep nesting
        at = max(len(source.text.rstrip()) - 1, 0)
        reason = "a directive or nesting that the parser does not read"
        raise _SlowParserFailure(reason, source.span(at, at + 1)) from None


def _all(source: Source, builder: _Builder, parser: Callable[[str], Any]) -> tuple[list[Node], SyntaxProblem | None]:
    """The documents before the first syntax error, and that error if there is one."""
    documents: list[Node] = []
    try:
        documents.extend(_streamed(source, builder, parser))
    except SyntaxProblem as problem:
        return documents, problem
    return documents, None


def _documents(builder: _Builder, parser: Any) -> Iterator[Node]:
    """The documents of a parser's events."""
    while parser.check_event():
        event = parser.get_event()
        document = builder.take(event)
        if document is not None:
            yield document


def _problem(source: Source, error: YAMLError) -> SyntaxProblem:
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    mark = getattr(error, "problem_mark", None)
    offset = mark.index if mark is not None else int(getattr(error, "position", 0) or 0)
    text = f"{reason} ({context})" if context else str(reason)
    before = source.text[source.text.rfind("\n", 0, offset) + 1 : offset]
    if source.text.startswith("\t", offset) and not before.strip():
        text = "a tab: YAML indents with spaces"
    return SyntaxProblem(text, source.span(min(offset, len(source.text)), min(offset + 1, len(source.text))))


class _NoName(Enum):
    """Keys that name no member: YAML's merge key, and keys that are not strings."""

    MERGE = auto()
    TRUTH = auto()
    STRUCTURE = auto()


class _Frame(msgspec.Struct):
    """An open collection. ``key`` is the key of the next member. ``is_key``: the collection is itself a key."""

    node: Struct | Array
    start: int
    anchor_name: str | None
    key: tuple[str | _NoName, Span] | None = None
    size: int = 1
    merged: list[Node] = msgspec.field(default_factory=list)
    tag: str | None = None
    tag_start: int = 0
    is_key: bool = False


class _Anchored(msgspec.Struct):
    node: Node
    size: int


class _Builder:
    """Builder of the tree from events. ``take`` returns a document's root when it is complete."""

    def __init__(self, source: Source, version: Version, tags: Tags | None = None) -> None:
        self._source = source
        self._tags = tags
        self._version = version
        self._stream_version = version
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._root: Node | None = None
        self._values = 0

    def take(self, event: Any) -> Node | None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._anchors.clear()
            self._root = None
            self._version = tuple(event.version) if event.version else self._stream_version
            if event.version:
                at = self._source.text.find("%YAML", event.start_mark.index, event.end_mark.index)
                self._check_comment(max(at, event.start_mark.index))
        elif kind == "DocumentEndEvent":
            return self._root
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind == "AliasEvent":
            self._alias(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, mapping=kind == "MappingStartEvent")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(event)
        return None

    def _count(self, values: int, span: Span) -> None:
        """Count values over the whole stream, those of an alias each time. Raises SyntaxProblem above the limit."""
        self._values += values
        if self._values > MAX_VALUES:
            raise SyntaxProblem(f"more than {MAX_VALUES:,} values, counting those of aliases", span)

    def _scalar(self, event: Any) -> None:
        span = self._span(event)
        self._count(1, span)
        if event.style in ("|", ">"):
            self._check_comment(self._source.offset(span.line, span.column))
        mapping = self._mapping_before_key()
        if mapping is not None:
            node: Node = Scalar(event.value, span)
            self._key(mapping, event.value, span, plain=bool(event.implicit[0]))
        else:
            node = self._resolve(event, span)
            self._add(node, 1)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(node, 1)

    def _mapping_before_key(self) -> _Frame | None:
        """The open mapping, if a key comes next."""
        frame = self._stack[-1] if self._stack else None
        if frame is None or frame.key is not None or not isinstance(frame.node, Struct):
            return None
        return frame

    def _check_comment(self, start: int) -> None:
        """Raise SyntaxProblem if a comment begins directly after the header or version at an offset."""
        comment = RUN_ON_COMMENT.match(self._source.text, start)
        if comment is not None:
            place = self._source.span(comment.end() - 1, comment.end())
            raise SyntaxProblem("a comment must be preceded by a space", place)

    def _resolve(self, event: Any, span: Span) -> Node:
        tag = event.tag if event.tag not in (None, "!") else None
        if tag is not None and tag not in SCALAR_TAGS:
            if tag.startswith(TAG) and "," in tag.removeprefix(TAG):  # only libyaml accepts it
                raise SyntaxProblem(f"`!!{tag.removeprefix(TAG)}` is not a tag", self._tag_place(event))
            return self._tagged(tag, Scalar(event.value, span), self._tag_place(event))
        if tag is None and not event.implicit[0]:
            return Scalar(event.value, span)
        if tag is None and self._version == YAML_1_1 and event.value in SHORT_BOOLEANS:
            reason = f"is an unquoted `{event.value}`, which only some YAML 1.1 parsers read as a boolean"
            return Unknown(reason, span)
        return _plain_scalar(event.value, tag, self._version, span)

    def _tagged(self, tag: str, node: Node, place: Span) -> Node:
        """The value of a node with a tag that is not YAML's own."""
        value = self._tags(tag, node, place) if self._tags is not None else None
        if value is not None:
            return value
        shown = f"!!{tag.removeprefix(TAG)}" if tag.startswith(TAG) else tag
        return Unknown(f"the YAML tag `{shown}` is not resolved", small_span(node))

    def _tag_place(self, event: Any) -> Span:
        begin = event.start_mark.index
        start = self._source.text.find(event.tag, begin, event.end_mark.index)
        if start < 0:  # written with a handle or with escapes
            return self._source.span(begin, begin + 1)
        return self._source.span(start, start + len(event.tag))

    def _key(self, frame: _Frame, name: str, span: Span, *, plain: bool) -> None:
        if not isinstance(frame.node, Struct):
            return
        if plain and name == MERGE:
            frame.key = (_NoName.MERGE, span)
            return
        if plain and self._version == YAML_1_1 and _is_boolean(name):
            reason = f"has the unquoted key `{name}`, which YAML 1.1 parsers may read as a boolean"
            frame.node.open = frame.node.open or Unknown(reason, span)
            frame.key = (_NoName.TRUTH, span)
            return
        if name in frame.node.members:
            frame.node.shadowed.append((name, frame.node.keys[name]))
        frame.key = (name, span)

    def _alias(self, event: Any) -> None:
        name, span = event.anchor, self._span(event)
        anchored = self._anchors.get(name)
        if anchored is None:
            problem = "contains itself" if name in self._anchors else "has no anchor"
            raise SyntaxProblem(f"the alias *{name} {problem}", span)
        self._count(anchored.size, span)
        mapping = self._mapping_before_key()
        if mapping is None:
            self._add(anchored.node, anchored.size)
        elif isinstance(anchored.node, Struct | Array):
            _open_by_key(mapping, span)
        else:
            value = anchored.node.value if isinstance(anchored.node, Scalar) else None
            self._key(mapping, str(value), span, plain=False)

    def _open(self, event: Any, *, mapping: bool) -> None:
        start = event.start_mark.index
        anchor = self._source.span(start, start + 1)
        if len(self._stack) > MAX_DEPTH:
            raise SyntaxProblem(f"nested more than {MAX_DEPTH} levels deep", anchor)
        is_key = self._mapping_before_key() is not None
        if is_key and self._source.text.startswith("{{", start - 1):  # probably a placeholder of a template
            raise SyntaxProblem("a key that is a list or mapping", anchor)
        if self._stack and self._stack[-1].key:
            anchor = self._stack[-1].key[1]
        self._count(1, anchor)
        node: Struct | Array = Struct({}, anchor, anchor) if mapping else Array([], anchor, anchor)
        frame = _Frame(node, start, event.anchor, is_key=is_key)
        if event.anchor:
            self._anchors[event.anchor] = None
        if event.tag and event.tag != "!" and not event.tag.startswith(TAG):
            frame.tag = event.tag
            frame.tag_start = max(self._source.text.find(event.tag, start), start)  # an anchor may stand before it
        self._stack.append(frame)

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        # A block collection's end mark is at the next token, so trailing white space is removed.
        end = event.end_mark.index
        text = self._source.text
        while end > frame.start + 1 and text[end - 1] in " \t\r\n":
            end -= 1
        frame.node.span = self._source.span(frame.start, end)
        if isinstance(frame.node, Struct):
            _merge(frame.node, frame.merged)
        node: Node = frame.node
        if frame.tag:
            start = frame.tag_start
            node = self._tagged(frame.tag, node, self._source.span(start, start + len(frame.tag)))
        if frame.anchor_name:
            self._anchors[frame.anchor_name] = _Anchored(node, frame.size)
        if frame.is_key:
            _open_by_key(self._stack[-1], self._source.span(frame.start, frame.start + 1))
        else:
            self._add(node, frame.size)

    def _add(self, node: Node, size: int) -> None:
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        frame.size += size
        if isinstance(frame.node, Array):
            frame.node.items.append(node)
            return
        name, span = frame.key or ("", node.span)
        frame.key = None
        if name is _NoName.MERGE:
            frame.merged += listed(node)
        if isinstance(name, _NoName):
            return
        frame.node.members[name] = node
        frame.node.keys[name] = span

    def _span(self, event: Any) -> Span:
        """The span of a scalar or alias, without the anchor and tag before it."""
        start, end = event.start_mark.index, event.end_mark.index
        if (event.anchor or getattr(event, "tag", None)) and type(event).__name__ == "ScalarEvent":
            properties = PROPERTIES.match(self._source.text, start, end)
            if properties:
                start = properties.end()
        return self._source.span(start, end)


def _open_by_key(frame: _Frame, span: Span) -> None:
    """Use a list or mapping as the key of the next member, which makes the structure open."""
    frame.key = (_NoName.STRUCTURE, span)
    if isinstance(frame.node, Struct):
        frame.node.open = frame.node.open or Unknown("has a key that is a list or mapping", span)


def _merge(struct: Struct, merged: list[Node]) -> None:
    """Apply YAML's merge key: own members take precedence, then those of earlier mappings."""
    for other in merged:
        if isinstance(other, Struct):
            for name, member in other.members.items():
                if name not in struct.members:
                    struct.members[name] = member
                    struct.keys[name] = other.keys[name]
            struct.open = struct.open or other.open
        elif isinstance(other, Unknown):
            struct.open = struct.open or other


def _is_boolean(word: str) -> bool:
    return word in SHORT_BOOLEANS or isinstance(resolve_scalar(word, None, YAML_1_1), bool)


def _plain_scalar(text: str, tag: str | None, version: Version, span: Span) -> Scalar | Unknown:
    """The value of a plain scalar, or of one with a tag of YAML's own."""
    if len(text) > MAX_NUMERAL_CHARACTERS:
        is_number = tag in (f"{TAG}int", f"{TAG}float") or (tag is None and NUMERAL.match(text))
        return Unknown(TOO_LARGE, span) if is_number else Scalar(text, span)
    try:
        value = resolve_scalar(text, tag, version)
    except (ValueError, LookupError):
        kind = (tag or "").removeprefix(TAG) or "number"
        raise SyntaxProblem(f"`{text[:40]}` is not a valid {kind}", span) from None
    if isinstance(value, int) and not is_in_double_range(value):
        return Unknown(TOO_LARGE, span)
    return Scalar(value, span)
