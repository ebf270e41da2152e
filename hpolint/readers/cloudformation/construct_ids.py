"""The texts in a CDK app's program, and which of them is the id of a construct. Nothing is parsed or run.

A construction is recognised by its form: ``new X(this, 'Id'`` in TypeScript, JavaScript, Java and C#, ``X(self, "Id"``
in Python, also by the factories of aws-cdk-lib and by Java's builders. Any other text may become an id, too, by way of
a variable: it counts as another use of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hpolint.io import work
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Source, Span

PYTHON_SUFFIX = ".py"
QUOTES = "\"'`"
MAX_ID_CHARACTERS = 255
"""Characters of an id that is searched: the service takes no longer name of a resource."""

_QUOTED = r"(?<!\\)(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')"
"""No text begins at an escaped quote: else each quote of a line of them would be tried to the end of the line."""

_SLASH_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
_REGEX = r"(?<=[=(,:\[!&|?{};])[ \t]*+/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,60}\]|[^/\\\n\[]){1,300}/"
SLASH_TOKEN = lazy_regex(rf"(?s:{_SLASH_COMMENT}|{_REGEX}|`(?:[^`\\]|\\.)*+(?:`|\Z)|{_QUOTED})")
HASH_TOKEN = lazy_regex(
    r"(?s:#[^\n]*+|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)"
    rf"|{_QUOTED})"
)
"""Comments and texts, so that a quote in a comment begins no text."""

CALL = lazy_regex(
    r"(?<![\w$.])(?P<new>new\s++)?(?P<callee>[\w$.]++)(?:<[^<>(){};]{0,100}>)?\s*+\("
    r"\s*+(?:scope\s*+=\s*+)?[\w$.]++\s*+,\s*+(?:id\s*+=\s*+)?(?=[\"'`])"
)
"""A call up to its second argument, if that is a text and the first one a plain name."""

FACTORY = lazy_regex(r"(?:\A|\.)[A-Z]\w*\.(?:jsonata|jsonPath|json_path|Builder\.create)\Z")
"""The end of a callee that constructs its class: states of aws-cdk-lib, and classes in Java."""

CLASS = lazy_regex(r"(?:\A|\.)[A-Z]\w*\Z")
"""The end of a callee that is a class by Python's convention."""

KEY = lazy_regex(r"(?<![\w$.])(?P<name>[\w$]++)[\"']?+\s*+:\s*+\{")
"""The key of a structure: the name of a state that is written as JSON or as an object."""

OWN_NAME = lazy_regex(
    r"(?<!\w)(?:stateMachineName|pipelineName|state_machine_name|pipeline_name)\s*+[:=]\s*+(?=[\"'`])"
)
"""A property that names a resource, often by the id of its construct. Its text is no id."""


def construct_path(path: str) -> str:
    """The path of the construct that a program makes, from that of a resource which it creates within itself."""
    return path.removesuffix("/Default").removesuffix("/Resource")


class Use(msgspec.Struct, frozen=True):
    """A use of a name in a program. ``span`` is its place if it is the id of a construction that begins at ``line``."""

    file: str
    span: Span | None = None
    line: int = 0


def uses_of_names(source: Source) -> Iterator[tuple[str, Use]]:
    """The names in a program with their uses. Counts its work."""
    text = source.text
    is_python = source.name.endswith(PYTHON_SUFFIX)
    constructions = _constructions(text, is_python=is_python)
    own_names = {match.end() for match in OWN_NAME.finditer(text)}
    for start, end in _texts(text, HASH_TOKEN if is_python else SLASH_TOKEN):
        name = text[start + 1 : end - 1]
        if start in constructions:
            line = source.span(constructions[start], start).line
            yield name, Use(source.name, source.span(start, end), line)
        elif start not in own_names:
            yield name, Use(source.name)
    for key in KEY.finditer(text):
        work.spend(1)
        yield key["name"], Use(source.name)


def _texts(text: str, tokens: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The start and end of each text that may be an id, with its quotes."""
    for token in tokens.finditer(text):
        work.spend(1)
        start, end = token.span()
        if text[start] in QUOTES and end - start <= MAX_ID_CHARACTERS + 2:
            yield start, end


def _constructions(text: str, *, is_python: bool) -> dict[int, int]:
    """Where each construction begins, by the offset of its second argument."""
    constructions: dict[int, int] = {}
    for call in CALL.finditer(text):
        work.spend(1)
        if call["new"] is not None or _is_constructor(call["callee"], is_python=is_python):
            constructions[call.end()] = call.start()
    return constructions


def _is_constructor(callee: str, *, is_python: bool) -> bool:
    """Whether a function constructs something, by its name: a factory, or in Python a class."""
    if FACTORY.search(callee):
        return True
    return is_python and CLASS.search(callee) is not None
