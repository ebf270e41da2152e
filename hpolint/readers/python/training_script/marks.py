"""The text that a script's loggers put before and after a message, by the formats in the script.

Source: Python's ``logging``. Without a format, a handler prints only the message, ``basicConfig`` ``BASIC_FORMAT``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hpolint.model.training_script import NUMBER, TEXT, WORD, Marks, Template, Wildcard
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.printed_lines import PERCENT, Pieces, date_pieces, split_lines, written_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of
from hpolint.readers.python.training_script.wildcards import WORD_PATTERN

ISO = "%Y-%m-%d %H:%M:%S,%f"
BARE, BASIC = "%(message)s", "%(levelname)s:%(name)s:%(message)s"
MAX_MARKS = 20
NUMBERS = frozenset({"created", "levelno", "lineno", "msecs", "process", "relativeCreated", "thread"})
WORDS = frozenset({"filename", "funcName", "levelname", "module", "pathname", "processName"})
CUSTOMIZING_CALLS = (
    *("dictConfig", "fileConfig", "DictConfigurator", "setLogRecordFactory", "makeLogRecord", "LoggerAdapter"),
    *("addFilter", "addLevelName", "getChild", "setattr", "globals", "setLoggerClass"),
)
CUSTOMIZING_BASES = ("Formatter", "Handler", "LoggerAdapter", "LogRecord", "Logger")
CUSTOMIZING_MEMBERS = frozenset(
    {"_fmt", "_style", "format", "formatter", "emit", "makeRecord", "formatMessage", "formatTime", "filters", "handle"}
    | {"default_time_format", "default_msec_format", "_STYLES", "process", "filter"}
)
LOGGING_NAMES = frozenset(
    {"basicConfig", "Formatter", "getLogger", "dictConfig", "fileConfig", "StreamHandler", "Handler"}
)


def log_marks(trees: ScriptTrees, bindings: Bindings) -> tuple[Marks, ...] | None:
    """The possible texts before and after a logged message; None if they are unknown."""
    if _is_customized(trees):
        return None
    name = _logger_name(trees)
    possible = [_marks(BARE, ISO, name), _marks(BASIC, ISO, name)]
    for call in trees.calls_of("basicConfig", "Formatter"):
        date = written_text(argument_of(call, "datefmt", 1) or ast.Constant(ISO))
        if date is None:
            return None
        possible += [_marks(text, date, name) for text in _formats(call, bindings)]
    known = tuple(marks for marks in dict.fromkeys(possible) if marks is not None)
    if None in possible or len(known) > MAX_MARKS:
        return None
    return known


def _is_customized(trees: ScriptTrees) -> bool:
    """Whether the script formats messages by other means than a format string."""
    if trees.calls_of(*CUSTOMIZING_CALLS) or trees.defined & CUSTOMIZING_MEMBERS:
        return True
    return any(map(_customizes, trees.nodes_of(ast.ClassDef, ast.Attribute, ast.alias, ast.Call)))


def _customizes(node: ast.AST) -> bool:
    match node:
        case ast.ClassDef(bases=bases):
            return any(last_name(base).endswith(CUSTOMIZING_BASES) for base in bases)
        case ast.Attribute(attr=name, ctx=context) if name in CUSTOMIZING_MEMBERS:
            # it is set, or its contents may be changed
            return isinstance(context, ast.Store) or name in ("filters", "_STYLES", "_style")
        case ast.alias(name=name, asname=str()):
            return name in LOGGING_NAMES
        case ast.Call(func=function):
            return last_name(function).endswith("Formatter") and last_name(function) != "Formatter"
    return False


def _logger_name(trees: ScriptTrees) -> Wildcard:
    """The wildcard for the names of all loggers."""
    return WORD if all(map(_is_plain, trees.calls_of("getLogger"))) else TEXT


def _is_plain(call: ast.Call) -> bool:
    """Whether a logger's name is known to be a word."""
    match argument_of(call, "name", 0):
        case None:
            return True
        case ast.Name(id=name):
            return name == "__name__"
        case ast.Constant(value=value):
            return WORD_PATTERN.match(str(value)) is not None
    return False


def _formats(call: ast.Call, bindings: Bindings) -> Iterator[str | None]:
    """The possible formats in a call; None for an unknown one."""
    if any(keyword.arg in (None, "style") for keyword in call.keywords) or len(call.args) > 2:
        yield None
        return
    format_ = argument_of(call, "format") or argument_of(call, "fmt", 0)
    if isinstance(format_, ast.Name):
        yield from map(written_text, bindings.of(format_.id) or [None])
    elif format_ is not None:
        yield written_text(format_)


def _marks(text: str | None, date: str, name: Wildcard) -> Marks | None:
    """The pieces before and after the message in a format; None if it does not have one message on one line."""
    if text is None or "\n" in text or "\r" in text:
        return None
    before: Pieces = []
    behind: Pieces = []
    pieces, at, messages = before, 0, 0
    for match in PERCENT.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        if match[0] == BARE:
            pieces, messages = behind, messages + 1
        else:
            pieces += _mark(match, date, name)
    pieces.append(text[at:])
    return (_line(before), _line(behind)) if messages == 1 else None


def _line(pieces: Pieces) -> Template:
    lines = split_lines(pieces)
    return lines[0] if lines else ()


def _mark(match: re.Match[str], date: str, name: Wildcard) -> Pieces:
    """The pieces of one attribute of a record. A width pads it with spaces, which the number wildcard includes."""
    attribute, kind = match["name"], match["kind"]
    if kind == "%":
        return ["%"]
    if "." in match[0] or kind not in "sdif":
        return [TEXT]
    if attribute in NUMBERS:
        return [NUMBER]
    is_padded = match[0] != f"%({attribute}){kind}"
    if attribute == "asctime":
        return [TEXT] if is_padded else date_pieces(date)
    wildcard = (dict.fromkeys(WORDS, WORD) | {"name": name}).get(attribute, TEXT)
    return [NUMBER, wildcard, NUMBER] if is_padded else [wildcard]
