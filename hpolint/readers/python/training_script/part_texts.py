"""The texts of a script's expressions in parts: what is written, and what is the same in each trial."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from hpolint.model.training_script import AddressPart
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.call_paths import CallPaths, Frame
from hpolint.readers.python.training_script.parsed_options import ParsedOptions, option_member
from hpolint.readers.python.training_script.scope_names import MAX_NAMES, Place, ScopeNames
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, called_name, text_of

PATH_CLASSES = frozenset({"Path", "PurePath", "PosixPath", "S3Path"})
TEXT_METHODS = frozenset(
    {"split", "rsplit", "strip", "rstrip", "lstrip", "lower", "upper", "replace", "removeprefix", "removesuffix"}
)
"""Methods of strings that return the same for the same arguments."""

SAME_CALLS = frozenset({"default_bucket", "get_caller_identity"})
"""Methods that return the same for each trial, which all run in one account and region.

Source: sagemaker 2.257.7, ``session.py``, ``default_bucket``: the name is made of the region and the account.
"""

LOADERS = frozenset({"load", "safe_load", "full_load"})
"""Functions of json, yaml and tomllib that read an open file."""

MAX_DEPTH, MAX_STEPS = 30, 50_000
"""Levels of an expression, and expressions of one script, that are read."""

MAX_CHARACTERS, MAX_ADDRESS = 100, 1100
"""Characters of an unknown part, and of an address: a bucket has up to 63 of them, a key 1,024 bytes."""


Pieces = tuple["str | AddressPart", ...]


class PartTexts:
    """Reads the texts of expressions.

    A part is an ``AddressPart``. Its ``options`` are None if its value may differ between trials.
    """

    def __init__(self, trees: ScriptTrees, paths: CallPaths, names: ScopeNames, parsed: ParsedOptions) -> None:
        self._trees = trees
        self._paths = paths
        self._names = names
        self._parsed = parsed
        self._steps = 0

    def of(self, node: ast.expr, frame: Frame) -> Pieces:
        """The parts of an expression's text, in their order; adjacent known texts are one."""
        return merged(self._parts(node, frame, MAX_DEPTH))

    def _parts(self, node: ast.expr, frame: Frame, depth: int) -> Pieces:
        self._steps += 1
        if depth <= 0 or self._steps > MAX_STEPS:
            return unread(node)
        match node:
            case ast.Constant(value=str() | int() as value) if not isinstance(value, bool):
                return (str(value),)
            case ast.JoinedStr(values=values):
                return self._joined("", [(value, frame) for value in values], depth - 1)
            case ast.FormattedValue(value=value, conversion=-1 | 115, format_spec=None):
                return self._parts(value, frame, depth - 1)
            case ast.BinOp():
                return self._of_operator(node, frame, depth - 1)
            case ast.Call():
                return self._of_call(node, frame, depth - 1)
        return self._of_name(node, frame, depth)

    def _of_operator(self, node: ast.BinOp, frame: Frame, depth: int) -> Pieces:
        both = [(node.left, frame), (node.right, frame)]
        match node:
            case ast.BinOp(op=ast.Add()):
                return self._sum(node, both, depth)
            case ast.BinOp(op=ast.Div()):
                return self._joined("/", both, depth)
            case ast.BinOp(left=ast.Constant(value=str(form)), op=ast.Mod(), right=right):
                values = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._formatted(node, form.split("%s"), [(value, frame) for value in values], depth)
        return unread(node)

    def _of_name(self, node: ast.expr, frame: Frame, depth: int) -> Pieces:
        """The text of a name's value, of an option, or of another expression."""
        bound = self._names.bound(node, frame)
        if bound is not None and not self._is_option(node):
            return self._parts(*bound, depth - 1)
        options = self._options(node, frame, depth - 1)
        if options and isinstance(node, ast.Attribute):
            return (AddressPart(source_text(node), options, True, self.default(options[0])),)
        return unread(node, options)

    def _sum(self, node: ast.expr, places: list[Place], depth: int) -> Pieces:
        """The text of a sum; of two numbers it is unknown."""
        parts = self._joined("", places, depth)
        has_text = any(isinstance(part, str) and not part.isdigit() for part in parts)
        return parts if has_text else unread(node)

    def _of_call(self, node: ast.Call, frame: Frame, depth: int) -> Pieces:
        """The text that a function for texts or paths makes of its arguments; that of another call is unknown."""
        has_stars = any(isinstance(argument, ast.Starred) for argument in node.args)
        if node.args and not node.keywords and not has_stars:
            places = [(argument, frame) for argument in node.args]
            if _joins_path(node):
                return self._joined("/", places, depth)
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="join", value=ast.Constant(value=str(text))), args=[ast.List(elts=items)]
                ):
                    return self._joined(text, [(item, frame) for item in items], depth)
                case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(text)))):
                    return self._formatted(node, text.split("{}"), places, depth)
        return unread(node, self._options(node, frame, depth))

    def _formatted(self, node: ast.expr, texts: list[str], places: list[Place], depth: int) -> Pieces:
        """The text of a format with a place between any two of some texts."""
        if len(texts) != len(places) + 1 or any("%" in text or "{" in text for text in texts):
            return unread(node)
        parts: list[str | AddressPart] = [texts[0]]
        for place, text in zip(places, texts[1:], strict=True):
            parts += [*self._parts(*place, depth), text]
        return _bounded(parts)

    def _joined(self, separator: str, places: list[Place], depth: int) -> Pieces:
        parts: list[str | AddressPart] = []
        for place in places:
            inner = merged(self._parts(*place, depth))
            last = parts[-1] if parts else ""
            ends = isinstance(last, str) and last.endswith("/")
            if parts and separator and not (separator == "/" and ends):
                parts.append(separator)
            parts += inner
        return _bounded(parts)

    def _is_option(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and self._parsed.is_namespace(node.value, self._parsed.names)

    def _options(self, node: ast.expr, frame: Frame, depth: int) -> tuple[str, ...] | None:
        """The options of which alone an expression is made, so that the same options give it the same value.

        None for any other expression.
        """
        self._steps += 1
        if depth <= 0 or self._steps > MAX_STEPS:
            return None
        return self._found_options(node, frame, depth)

    def _found_options(self, node: ast.expr, frame: Frame, depth: int) -> tuple[str, ...] | None:
        match node:
            case ast.Constant():
                return ()
            case ast.Attribute(attr=name) if self._is_option(node):
                return (name,) if self._is_settled(name) else None
            case ast.Subscript(value=value, slice=ast.Constant()):
                return () if self._is_shipped(value, frame, depth - 1) else self._options(value, frame, depth - 1)
            case ast.Call():
                return self._options_of_call(node, frame, depth - 1)
            case ast.BoolOp(values=values):
                return self._all_options(values, frame, depth - 1)
            case ast.JoinedStr() | ast.BinOp() | ast.Name():
                return self._options_of_parts(node, frame, depth - 1)
        return None

    def _options_of_call(self, node: ast.Call, frame: Frame, depth: int) -> tuple[str, ...] | None:
        """The options in the result of a method that always returns the same for the same text and arguments."""
        if not isinstance(node.func, ast.Attribute) or node.keywords:
            return None
        if node.func.attr in SAME_CALLS and not node.args:
            return ()
        if node.func.attr in TEXT_METHODS:
            return self._all_options([node.func.value, *node.args], frame, depth)
        return None

    def _is_shipped(self, node: ast.expr, frame: Frame, depth: int) -> bool:
        """Whether an expression is the content of a file that is uploaded with the script, such as a configuration."""
        if depth <= 0 or self._may_change(node, frame):
            return False
        loaded, at = self._names.followed(node, frame)
        if isinstance(loaded, ast.Subscript):
            return self._is_shipped(loaded.value, at, depth - 1)
        if not isinstance(loaded, ast.Call):
            return False
        returned = self._returned(loaded, at)
        if returned is not None:
            return self._is_shipped(*returned, depth - 1)
        return called_name(loaded) in LOADERS and bool(loaded.args) and self._is_open_file(loaded.args[0], at)

    def _is_open_file(self, node: ast.expr, frame: Frame) -> bool:
        """Whether an expression is an open file of the folder in which the script runs."""
        opened, _ = self._names.followed(node, frame)
        if not isinstance(opened, ast.Call) or source_text(opened.func) != "open" or not opened.args:
            return False
        path = text_of(opened.args[0])
        return path is not None and not path.startswith(("/", "~", ".."))

    def _may_change(self, node: ast.expr, frame: Frame) -> bool:
        """Whether the script may change the object that a name stands for, here or in a function that gets it."""
        place: Place | None = (node, frame)
        for _ in range(MAX_NAMES):
            if place is None or not isinstance(place[0], ast.Name):
                return False
            if self._names.changes(place[0].id, place[1]):
                return True
            for call in self._names.passed_to(place[0].id, place[1]):
                function = self._paths.function_of(call)
                if function is not None and self._names.changes_parameters(function):
                    return True
            place = self._names.bound(*place)
        return True

    def _returned(self, call: ast.Call, frame: Frame) -> Place | None:
        """What a call of a function of the script returns, if that is one expression; None for any other call."""
        function = self._paths.function_of(call)
        if function is None:
            return None
        returned = [node.value for node in self._paths.inside(function) if isinstance(node, ast.Return)]
        value = returned[0] if len(returned) == 1 else None
        return (value, Frame(function, call, frame)) if value is not None else None

    def _options_of_parts(self, node: ast.expr, frame: Frame, depth: int) -> tuple[str, ...] | None:
        """The options in the text of a name, a sum or a format."""
        place = self._names.bound(node, frame)
        if isinstance(node, ast.Name):
            return self._options(*place, depth) if place is not None else None
        parts = self._parts(node, frame, depth)
        if parts == unread(node):
            return None
        options: list[str] = []
        for part in parts:
            if isinstance(part, AddressPart):
                if part.options is None:
                    return None
                options += part.options
        return tuple(dict.fromkeys(options))

    def _all_options(self, nodes: Iterable[ast.expr], frame: Frame, depth: int) -> tuple[str, ...] | None:
        options: list[str] = []
        for node in nodes:
            own = self._options(node, frame, depth)
            if own is None:
                return None
            options += own
        return tuple(dict.fromkeys(options))

    def _is_settled(self, member: str) -> bool:
        """Whether an option is declared once, keeps its value, and has no default but a written one."""
        declaration = self._declaration(member)
        if declaration is None or self._parsed.is_changed(member) or self._trees.calls_of("set_defaults"):
            return False
        default, converter = argument_of(declaration, "default"), argument_of(declaration, "type")
        is_whole = all(keyword.arg is not None for keyword in declaration.keywords)
        is_plain = converter is None or isinstance(converter, ast.Name)
        return is_whole and is_plain and (default is None or isinstance(default, ast.Constant))

    def default(self, member: str) -> str | None:
        """The text of an option's written default; None if it has none."""
        declaration = self._declaration(member)
        default = argument_of(declaration, "default") if declaration is not None else None
        is_written = isinstance(default, ast.Constant) and default.value is not None
        return str(default.value) if is_written and isinstance(default, ast.Constant) else None

    def _declaration(self, member: str) -> ast.Call | None:
        """The only call that declares an option."""
        calls = [call for call in self._trees.calls_of("add_argument") if option_member(call) == member]
        return calls[0] if len(calls) == 1 else None


def unread(node: ast.expr, options: tuple[str, ...] | None = None) -> Pieces:
    """The part for an expression whose text is not known. One that is too long to be shown is never the same."""
    text = source_text(node)
    if len(text) > MAX_CHARACTERS:
        return (AddressPart(text[:MAX_CHARACTERS]),)
    return (AddressPart(text, options),)


def _bounded(parts: list[str | AddressPart]) -> Pieces:
    """The parts of a text; one unknown part if they are more than an address in S3 has."""
    characters = sum(len(part) for part in parts if isinstance(part, str))
    if characters > MAX_ADDRESS or len(parts) > MAX_ADDRESS:
        return (AddressPart("a long text"),)
    return tuple(parts)


def _joins_path(call: ast.Call) -> bool:
    """Whether a call joins the parts of a path, or makes the text of one."""
    name = source_text(call.func)
    return name == "str" or name.endswith("path.join") or called_name(call) in PATH_CLASSES


def merged(parts: Iterable[str | AddressPart]) -> Pieces:
    """The parts, with adjacent texts as one and without empty ones."""
    texts: list[str | AddressPart] = []
    for part in parts:
        if isinstance(part, str) and texts and isinstance(texts[-1], str):
            texts[-1] += part
        elif part != "":
            texts.append(part)
    return tuple(texts)


def known_text(parts: Pieces) -> str | None:
    """The text if all of it is known; None else."""
    return "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None
