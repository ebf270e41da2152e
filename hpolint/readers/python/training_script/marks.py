"""The text that a script's loggers put before and after a message, by the formats in the script.

Source: Python's ``logging``. Without a format, a handler prints only the message, ``basicConfig`` ``BASIC_FORMAT``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hpolint.model.training_script import NUMBER, TEXT, WORD, Marks, Wildcard
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.printed_lines import PERCENT, date_pieces, split_lines
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.wildcards import WORD_PATTERN

ISO = "%Y-%m-%d %H:%M:%S,%f"
BARE, BASIC = "%(message)s", "%(levelname)s:%(name)s:%(message)s"
MESSAGE = "message"
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
    name = WORD if all(map(_is_plain, trees.calls_of("getLogger"))) else TEXT
    found = [_marks(BARE, None, name), _marks(BASIC, None, name)]
    for call in (*trees.calls_of("basicConfig"), *trees.calls_of("Formatter")):
        date = _argument(call, "datefmt", 1)
        if date is not None and _constant(date) is None:
            return None
        for text in _formats(call, bindings):
            marks = None if text is None else _marks(text, _constant(date), name)
            if marks is None:
                return None
            found.append(marks)
    marks_ = tuple(dict.fromkeys(each for each in found if each is not None))
    return marks_ if len(marks_) <= MAX_MARKS else None


def _is_customized(trees: ScriptTrees) -> bool:
    """Whether the script formats messages by other means than a format string."""
    if any(trees.calls_of(name) for name in CUSTOMIZING_CALLS) or trees.defined & CUSTOMIZING_MEMBERS:
        return True
    for node in trees.nodes():
        if isinstance(node, ast.ClassDef) and any(_named(base).endswith(CUSTOMIZING_BASES) for base in node.bases):
            return True
        if isinstance(node, ast.Attribute) and node.attr in CUSTOMIZING_MEMBERS and _is_changed(node):
            return True
        if isinstance(node, ast.alias) and node.asname is not None and node.name in LOGGING_NAMES:
            return True
        if isinstance(node, ast.Call) and _named(node.func).endswith("Formatter") and _named(node.func) != "Formatter":
            return True
    return False


def _is_changed(node: ast.Attribute) -> bool:
    """Whether a logging member is set, or its contents may be changed."""
    return isinstance(node.ctx, ast.Store) or node.attr in ("filters", "_STYLES", "_style")


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_plain(call: ast.Call) -> bool:
    """Whether a logger's name is known to be a word."""
    name = _argument(call, "name", 0)
    if isinstance(name, ast.Name):
        return name.id == "__name__"
    return name is None or (isinstance(name, ast.Constant) and WORD_PATTERN.match(str(name.value)) is not None)


def _argument(call: ast.Call, name: str, index: int | None = None) -> ast.expr | None:
    """The argument of a call, by name or by position; None if it has none."""
    keyword_value = next((each.value for each in call.keywords if each.arg == name), None)
    return keyword_value or (call.args[index] if index is not None and index < len(call.args) else None)


def _formats(call: ast.Call, bindings: Bindings) -> Iterator[str | None]:
    """The possible formats in a call; None for an unknown one."""
    if any(each.arg is None or each.arg == "style" for each in call.keywords) or len(call.args) > 2:
        yield None
        return
    format_ = _argument(call, "format") or _argument(call, "fmt", 0)
    if isinstance(format_, ast.Name):
        yield from map(_constant, bindings.of(format_.id) or [None])
    elif format_ is not None:
        yield _constant(format_)


def _constant(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        return None if left is None or right is None else left + right
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _marks(text: str, date: str | None, name: Wildcard) -> Marks | None:
    """The pieces before and after the message in a format; None if it does not have one message on one line."""
    before: list[str | Wildcard] = []
    behind: list[str | Wildcard] = []
    pieces, at, messages = before, 0, 0
    for match in PERCENT.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        if match["name"] == MESSAGE and match[0] == BARE:
            pieces, messages = behind, messages + 1
        else:
            pieces += _mark(match, date, name)
    pieces.append(text[at:])
    if messages != 1 or "\n" in text or "\r" in text:
        return None
    first, last = split_lines(before), split_lines(behind)
    return (first[0] if first else (), last[0] if last else ())


def _mark(match: re.Match[str], date: str | None, name: Wildcard) -> list[str | Wildcard]:
    """The pieces of one attribute of a record. A width pads it with spaces, which the number wildcard includes."""
    attribute = match["name"]
    if match["kind"] == "%":
        return ["%"]
    width = match[0] != f"%({attribute}){match['kind']}"
    if "." in match[0] or match["kind"] not in "sdif":
        return [TEXT]
    if attribute == "asctime":
        return [TEXT] if width else date_pieces(ISO if date is None else date)
    if attribute in NUMBERS:
        return [NUMBER]
    wildcard = name if attribute == "name" else WORD if attribute in WORDS else TEXT
    return [NUMBER, wildcard, NUMBER] if width else [wildcard]
