"""What a script's loggers put before and behind a message, by the formats that its text gives them.

Source: Python's ``logging``; without a format a handler shows the message alone, ``basicConfig`` ``BASIC_FORMAT``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hpolint.model.training_script import NUMBER, TEXT, WORD, Marks, Wildcard
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.printed_lines import PERCENT, dated, split
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.wildcards import PLAIN

ISO = "%Y-%m-%d %H:%M:%S,%f"
BARE, BASIC = "%(message)s", "%(levelname)s:%(name)s:%(message)s"
MESSAGE = "message"
MOST_MARKS = 20
NUMBERS = frozenset({"created", "levelno", "lineno", "msecs", "process", "relativeCreated", "thread"})
WORDS = frozenset({"filename", "funcName", "levelname", "module", "pathname", "processName"})
STRANGE_CALLS = (
    *("dictConfig", "fileConfig", "DictConfigurator", "setLogRecordFactory", "makeLogRecord", "LoggerAdapter"),
    *("addFilter", "addLevelName", "getChild", "setattr", "globals", "setLoggerClass"),
)
STRANGE_BASES = ("Formatter", "Handler", "LoggerAdapter", "LogRecord", "Logger")
STRANGE_MEMBERS = frozenset(
    {"_fmt", "_style", "format", "formatter", "emit", "makeRecord", "formatMessage", "formatTime", "filters", "handle"}
    | {"default_time_format", "default_msec_format", "_STYLES", "process", "filter"}
)
RENAMED = frozenset({"basicConfig", "Formatter", "getLogger", "dictConfig", "fileConfig", "StreamHandler", "Handler"})


def log_marks(trees: ScriptTrees, bindings: Bindings) -> tuple[Marks, ...] | None:
    """What may stand before and behind a logged message; None where that cannot be told."""
    if _is_strange(trees):
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
    told = tuple(dict.fromkeys(each for each in found if each is not None))
    return told if len(told) <= MOST_MARKS else None


def _is_strange(trees: ScriptTrees) -> bool:
    """Whether messages are shown in another way than by a format that is given as one."""
    if any(trees.calls_of(name) for name in STRANGE_CALLS) or trees.defined & STRANGE_MEMBERS:
        return True
    for node in trees.nodes():
        if isinstance(node, ast.ClassDef) and any(_named(base).endswith(STRANGE_BASES) for base in node.bases):
            return True
        if isinstance(node, ast.Attribute) and node.attr in STRANGE_MEMBERS and _is_changed(node):
            return True
        if isinstance(node, ast.alias) and node.asname is not None and node.name in RENAMED:
            return True
        if isinstance(node, ast.Call) and _named(node.func).endswith("Formatter") and _named(node.func) != "Formatter":
            return True
    return False


def _is_changed(node: ast.Attribute) -> bool:
    """Whether something that loggers have is set, or got hold of."""
    return isinstance(node.ctx, ast.Store) or node.attr in ("filters", "_STYLES", "_style")


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_plain(call: ast.Call) -> bool:
    """Whether a logger's name is a word."""
    name = _argument(call, "name", 0)
    if isinstance(name, ast.Name):
        return name.id == "__name__"
    return name is None or (isinstance(name, ast.Constant) and PLAIN.match(str(name.value)) is not None)


def _argument(call: ast.Call, name: str, index: int | None = None) -> ast.expr | None:
    """What a call is given by name, or by position."""
    given = next((each.value for each in call.keywords if each.arg == name), None)
    return given or (call.args[index] if index is not None and index < len(call.args) else None)


def _formats(call: ast.Call, bindings: Bindings) -> Iterator[str | None]:
    """The formats that a call may be given; None for one that cannot be told."""
    if any(each.arg is None or each.arg == "style" for each in call.keywords) or len(call.args) > 2:
        yield None
        return
    given = _argument(call, "format") or _argument(call, "fmt", 0)
    if isinstance(given, ast.Name):
        yield from map(_constant, bindings.of(given.id) or [None])
    elif given is not None:
        yield _constant(given)


def _constant(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        return None if left is None or right is None else left + right
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _marks(text: str, date: str | None, name: Wildcard) -> Marks | None:
    """The pieces before and behind the message of a format; None where it does not have one message on one line."""
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
    first, last = split(before), split(behind)
    return (first[0] if first else (), last[0] if last else ())


def _mark(match: re.Match[str], date: str | None, name: Wildcard) -> list[str | Wildcard]:
    """What stands for one attribute of a record; a width pads it with spaces, which a number may have, too."""
    attribute = match["name"]
    if match["kind"] == "%":
        return ["%"]
    width = match[0] != f"%({attribute}){match['kind']}"
    if "." in match[0] or match["kind"] not in "sdif":
        return [TEXT]
    if attribute == "asctime":
        return [TEXT] if width else dated(ISO if date is None else date)
    if attribute in NUMBERS:
        return [NUMBER]
    hole = name if attribute == "name" else WORD if attribute in WORDS else TEXT
    return [NUMBER, hole, NUMBER] if width else [hole]
