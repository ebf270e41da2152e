"""The comments of a text that contain ``hpolint:``. Strings that look like comments do not count."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.forms import language_of
from hpolint.model.ignore_comment import MARK
from hpolint.model.node import Array, Node, Struct, walk
from hpolint.model.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.pieced_text import offsets

if TYPE_CHECKING:
    from tokenize import TokenInfo


TERRAFORM_TEXTS = ("template_expr", "string_lit", "comment")
"""The nodes of HCL that may have several lines and hold no comments: heredocs, and what is between quotes or marks."""


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
    readers = {
        "Python": _of_python,
        "notebooks": _of_python,
        "Terraform": _of_terraform,
        "R": _of_r,
        "R documents": _of_document,
    }
    found = readers.get(language, _of_yaml)
    return [comment for comment in found(source) if MARK in comment.text]


def _comment(source: Source, start: int, end: int) -> Comment:
    span = source.span(start, end)
    before = source.line(span.line)[: span.column - 1]
    return Comment(source.text[start:end], span, not before.strip())


def _of_python(source: Source) -> Iterator[Comment]:
    import tokenize

    for token in _python_tokens(source):
        if token.type == tokenize.COMMENT:
            start = source.offset(token.start[0], token.start[1] + 1)
            yield _comment(source, start, start + len(token.string))


def _python_tokens(source: Source) -> Iterator[TokenInfo]:
    """The tokens of Python, with IPython's lines masked; in a text that does not parse, those before the error."""
    import tokenize

    from hpolint.readers.python.notebook import without_magics

    text = without_magics(source.text)
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def _of_r(source: Source) -> Iterator[Comment]:
    from hpolint.readers.r.text_lines import comment_ranges

    for start, end in comment_ranges(source.text):
        yield _comment(source, start, end)


def _of_document(source: Source) -> Iterator[Comment]:
    """The comments of the chunks, in the language of each."""
    from hpolint.readers.r.text_lines import chunk_sources

    for part in chunk_sources(source):
        yield from comments(part)


def _of_terraform(source: Source) -> Iterator[Comment]:
    for start, end in _terraform_ranges(source, "comment"):
        yield _comment(source, start, end)


def _terraform_ranges(source: Source, *kinds: str) -> Iterator[tuple[int, int]]:
    """The outermost nodes of some kinds, as offsets in the order of the text."""
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    data, at, start = source.text.encode("utf-8", "surrogatepass"), 0, 0
    pending = [Parser(Language(tree_sitter_hcl.language())).parse(data).root_node]
    while pending:
        node = pending.pop()
        if node.type in kinds:
            start += len(data[at : node.start_byte].decode("utf-8", "surrogatepass"))
            at = node.start_byte  # the nodes are in text order: nothing is decoded twice
            yield start, start + len(data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass"))
        else:
            pending += reversed(node.children)


def _of_yaml(source: Source) -> Iterator[Comment]:
    """Comments of YAML: a ``#`` that begins a word and is not part of a key or value."""
    ranges = _yaml_ranges(source)
    if ranges is None:
        return  # values cannot be distinguished from comments
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


def _yaml_ranges(source: Source) -> list[tuple[int, int]] | None:
    """The keys and values of YAML as offsets in the order of the text; None if it does not parse."""
    from hpolint.syntax.yaml_syntax import parse_yaml

    places: list[Span] = []
    try:
        for document in parse_yaml(source, tags=_tagged_value):
            for _, node in walk(document):
                if isinstance(node, Struct):
                    places += node.keys.values()
                elif not isinstance(node, Array):
                    places.append(node.span)
    except SyntaxProblem:
        return None
    return sorted(offsets(source, place) for place in places)


def _tagged_value(_tag: str, value: Node, _place: Span) -> Node:
    return value


def lines_for_comments(source: Source) -> set[int]:
    """The lines above which a comment may be written: not those that begin within a text of several lines.

    Such a text is a block scalar of YAML, a heredoc or a string of Python, which holds no comments of the file.
    """
    language = language_of(source.name).name
    if source.is_json or language == "shell scripts":
        return set()
    if language in ("Python", "notebooks"):
        return _free_python_lines(source)
    if language in ("R", "R documents"):
        from hpolint.readers.r.text_lines import chunk_lines, free_lines

        return free_lines(source) if language == "R" else chunk_lines(source)
    ranges = [*_terraform_ranges(source, *TERRAFORM_TEXTS)] if language == "Terraform" else _yaml_ranges(source)
    if ranges is None:
        return set()
    free = set(range(1, len(source.line_starts) + 1))
    for start, end in ranges:
        span = source.span(start, end)
        first_inside, last_inside = span.line + 1, span.end_line
        if span.end_column == 1:  # the text ends with the line before
            last_inside -= 1
        free.difference_update(range(first_inside, last_inside + 1))
    return free


def _free_python_lines(source: Source) -> set[int]:
    """The lines of Python that begin neither within a string nor behind a backslash; none of an unread rest."""
    import tokenize

    free = {1}
    for token in _python_tokens(source):
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            free.add(token.start[0] + 1)
    return free
