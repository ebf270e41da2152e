"""The comments of a text that contain ``hpolint:``. Strings that look like comments do not count."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator
from itertools import accumulate

import msgspec

from hpolint.model.forms import language_of
from hpolint.model.ignore_comment import MARK
from hpolint.model.node import Scalar, walk
from hpolint.model.source import Source, Span
from hpolint.syntax import SyntaxProblem


class Comment(msgspec.Struct, frozen=True):
    """A comment: its text, its span, and whether there is only white space before it on its line."""

    text: str
    span: Span
    is_alone: bool


def comments(source: Source) -> list[Comment]:
    """The comments of a text that contain ``hpolint:``. JSON has no comments; a notebook cell is Python."""
    if MARK not in source.text or source.is_json:
        return []
    language = language_of(source.name).name
    found = {"Python": _of_python, "notebooks": _of_python, "Terraform": _of_terraform}.get(language, _of_yaml)
    return [comment for comment in found(source) if MARK in comment.text]


def _comment(source: Source, start: int, end: int) -> Comment:
    span = source.span(start, end)
    before = source.line(span.line)[: span.column - 1]
    return Comment(source.text[start:end], span, not before.strip())


def _of_python(source: Source) -> Iterator[Comment]:
    import tokenize

    from hpolint.readers.python.notebook import without_magics

    text = without_magics(source.text)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                start = source.offset(token.start[0], token.start[1] + 1)
                yield _comment(source, start, start + len(token.string))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # comments before the error count


def _of_terraform(source: Source) -> Iterator[Comment]:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    data, at, start = source.text.encode("utf-8", "surrogatepass"), 0, 0
    pending = [Parser(Language(tree_sitter_hcl.language())).parse(data).root_node]
    while pending:
        node = pending.pop()
        if node.type == "comment":
            start += len(data[at : node.start_byte].decode("utf-8", "surrogatepass"))
            at = node.start_byte  # comments are in text order: nothing is decoded twice
            text = data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")
            yield _comment(source, start, start + len(text))
        else:
            pending += reversed(node.children)


def _of_yaml(source: Source) -> Iterator[Comment]:
    """Comments of YAML: a ``#`` that begins a word and is not part of a key or value."""
    from hpolint.syntax.yaml_syntax import parse_yaml

    ranges: list[tuple[int, int]] = []
    try:
        for document in parse_yaml(source):
            for _, node in walk(document):
                spans = [node.span] if isinstance(node, Scalar) else list(getattr(node, "keys", {}).values())
                ranges += [(source.offset(s.line, s.column), source.offset(s.end_line, s.end_column)) for s in spans]
    except SyntaxProblem:
        return  # values cannot be distinguished from comments
    ranges.sort()
    starts = [start for start, _ in ranges]
    reach = list(accumulate((stop for _, stop in ranges), max))
    at = source.text.find("#")
    while at >= 0:
        end = source.text.find("\n", at)
        end = len(source.text) if end < 0 else end
        starts_word = at == 0 or source.text[at - 1] in " \t\n"
        last = bisect.bisect_right(starts, at) - 1
        if starts_word and (last < 0 or reach[last] <= at):
            yield _comment(source, at, end)
            at = source.text.find("#", end)
        else:
            at = source.text.find("#", at + 1)
