"""Whether Python names a tuning job in what it runs: not only in a comment, a text cell or an import."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from hpolint.discovery.byte_patterns import has_definition_pattern
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import language_of
from hpolint.model.source import Source
from hpolint.readers.r.chunks import masked
from hpolint.readers.unread_launches import is_unrelated_python

VARIABLE = lazy_regex(r"(?i)ranges$|static_?hyper_?parameters$")
"""Names that variables share with members of a request."""

COMMENT_LINE = lazy_regex(r"^[ \t]*#.*$", re.MULTILINE)


def mentions_a_job(source: Source) -> bool:
    """Whether a source that has a definition's pattern may launch a job; True for other languages than Python."""
    language = language_of(source.name).name
    if language in ("R", "R documents"):
        text = source.text if language == "R" else masked(source.text, "r", "python")
        return has_definition_pattern(COMMENT_LINE.sub("", text).encode("utf-8", "surrogatepass"))
    if language not in ("Python", "notebooks"):
        return True
    if is_unrelated_python(source):
        return False
    is_notebook = language == "notebooks"
    texts = [cell.text.text for cell in (*source.cells, *source.shells)] if is_notebook else [source.text]
    imported: set[str] = set()
    used: set[str] = set()
    for text in texts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            used.add(COMMENT_LINE.sub("", text))
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.alias):
                imported |= {node.asname or node.name} if _is_pattern(node.name) else set()
            else:
                used |= set(_words(node))
    return bool(imported & used) or any(map(_is_pattern, used))


def _words(node: ast.AST) -> Iterator[str]:
    """The names and strings of a node itself, but for variables with the name of a request's member."""
    match node:
        case ast.Name(id=word):
            yield word if not VARIABLE.search(word) else ""
        case (
            ast.Attribute(attr=word) | ast.keyword(arg=str(word)) | ast.FunctionDef(name=word) | ast.Constant(str(word))
        ):
            yield word
        case ast.ClassDef(name=word):
            yield word


def _is_pattern(text: str) -> bool:
    """Whether a name or string has a definition's pattern, also one with what is around a call or a string."""
    return has_definition_pattern(f'{text} "{text}" .{text}('.encode("utf-8", "surrogatepass"))
