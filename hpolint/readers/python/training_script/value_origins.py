"""The hyperparameters with which the values of a script are made."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import below, walk
from hpolint.readers.python.training_script.call_paths import CallPaths, Frame
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.scope_names import Place, ScopeNames, parameters
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

ALL = "*"
"""All hyperparameters: the whole of the parsed options, or of the toolkit's variables and file."""

ALL_VARIABLES = frozenset({"SM_HPS", "SM_TRAINING_ENV", "SM_USER_ARGS"})
VARIABLE_PREFIX = "SM_HP_"
FILE = "hyperparameters.json"

MAX_DEPTH = 40
MAX_CALLS = 6
"""Calls of the script's functions within each other that are followed."""

MAX_STEPS = 20_000
"""Expressions that are visited for one script; beyond it nothing more is known."""

Origins = frozenset[str]
NONE: Origins = frozenset()


class ValueOrigins:
    """Follows values through the names and functions of a script.

    A hyperparameter has the name of its option's attribute, of its key, or of its environment variable.
    """

    def __init__(self, trees: ScriptTrees, paths: CallPaths, names: ScopeNames, parsed: ParsedOptions) -> None:
        self._trees = trees
        self._paths = paths
        self._names = names
        self._parsed = parsed
        self._of_names: dict[tuple[str, ast.AST, tuple[ast.Call, ...]], Origins] = {}
        self._of_classes: dict[str, Origins] = {}
        self._steps = 0

    def of(self, node: ast.expr, frame: Frame, depth: int = MAX_DEPTH) -> Origins:
        """The hyperparameters with which an expression's value is made."""
        self._steps += 1
        if depth <= 0 or self._steps > MAX_STEPS:
            return NONE
        return self._found(node, frame, depth - 1)

    def of_all(self, nodes: Iterable[ast.AST], frame: Frame, depth: int = MAX_DEPTH) -> Origins:
        """Those of several expressions."""
        origins = NONE
        for node in nodes:
            if isinstance(node, ast.expr):
                origins |= self.of(node, frame, depth)
            else:  # a keyword, or a part of a comprehension
                origins |= self.of_all(below(node), frame, depth)
        return origins

    def _found(self, node: ast.expr, frame: Frame, depth: int) -> Origins:
        match node:
            case ast.Name(id=name):
                return self._of_name(name, frame, depth)
            case ast.Attribute(value=owner, attr=name) if self._parsed.is_namespace(owner, self._parsed.names):
                return frozenset({name})
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
                return self._of_item(value, key, frame, depth)
            case ast.Call():
                return self._of_call(node, frame, depth)
            case ast.Constant(value=str(text)):
                return frozenset({ALL}) if text.endswith(FILE) else NONE
            case ast.Lambda():
                return NONE
        return self.of_all(below(node), frame, depth)

    def _of_name(self, name: str, frame: Frame, depth: int) -> Origins:
        key = (name, frame.scope, frame.calls)
        if key not in self._of_names:
            self._of_names[key] = NONE  # a name that is made of itself adds nothing
            origins = self._of_places(self._names.origins(name, frame), depth)
            self._of_names[key] = origins | self._of_functions(name, frame, depth)
        return self._of_names[key]

    def _of_places(self, places: list[Place], depth: int) -> Origins:
        origins = NONE
        for place in places:
            origins |= self.of(*place, depth)
        return origins

    def _of_functions(self, name: str, frame: Frame, depth: int) -> Origins:
        """Those with which functions of the script change the object that they get under a name."""
        origins = NONE
        for call in self._names.passed_to(name, frame):
            function = self._paths.function_of(call)
            if function is None or len(frame.calls) >= MAX_CALLS:
                continue
            inner = Frame(function, call, frame)
            for parameter in parameters(function):
                passed = inner.argument(parameter)
                if passed is not None and isinstance(passed[0], ast.Name) and passed[0].id == name:
                    origins |= self._of_places(self._names.changes(parameter, inner), depth)
                    origins |= self._of_functions(parameter, inner, depth)
        return origins

    def _of_item(self, value: ast.expr, key: str, frame: Frame, depth: int) -> Origins:
        """Those of an item under a written key."""
        if source_text(value) in ("os.environ", "environ"):
            return _of_variable(key)
        origins = self.of(value, frame, depth)
        return (origins - {ALL}) | {key} if ALL in origins else origins

    def _of_call(self, call: ast.Call, frame: Frame, depth: int) -> Origins:
        first = call.args[0] if call.args else None
        match call.func, first:
            case ast.Attribute(attr="getenv") | ast.Name(id="getenv"), ast.Constant(value=str(key)):
                return _of_variable(key)
            case ast.Attribute(attr="get" | "pop", value=owner), ast.Constant(value=str(key)):
                return self._of_item(owner, key, frame, depth)
            case ast.Name(id="vars"), ast.expr() if self._parsed.is_namespace(first, self._parsed.names):
                return frozenset({ALL})
        function = self._paths.function_of(call)
        if function is not None and len(frame.calls) < MAX_CALLS:
            return self._of_returned(function, Frame(function, call, frame), depth)
        origins = self.of_all(below(call), frame, depth)
        name = called_name(call)
        return origins | self._of_class(name) if name in self._trees.defined else origins

    def _of_returned(self, function: ast.FunctionDef, frame: Frame, depth: int) -> Origins:
        """Those of what a function returns."""
        returned = [node for node in self._paths.inside(function) if isinstance(node, ast.Return)]
        return self.of_all(returned, frame, depth)

    def _of_class(self, name: str) -> Origins:
        """The options that the statements of a class of the script read."""
        if name not in self._of_classes:
            origins: set[str] = set()
            for node in self._trees.nodes_of(ast.ClassDef):
                for inner in walk(node) if node.name == name else ():
                    if isinstance(inner, ast.Attribute) and self._parsed.is_namespace(inner.value, self._parsed.names):
                        origins.add(inner.attr)
            self._of_classes[name] = frozenset(origins)
        return self._of_classes[name]


def _of_variable(name: str) -> Origins:
    """The hyperparameters that an environment variable may hold."""
    if name in ALL_VARIABLES:
        return frozenset({ALL})
    return frozenset({name.removeprefix(VARIABLE_PREFIX).lower() if name.startswith(VARIABLE_PREFIX) else name})
