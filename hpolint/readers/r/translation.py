"""R to a syntax tree of Python that has the places of R's text.

Calls, names, branches, loops and functions are Python's; ``nodes`` has what Python has no counterpart for. What is not
translated makes all names that it mentions unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from hpolint.model.reasons import is_a
from hpolint.readers.python.interpreter.units import LINE_END
from hpolint.readers.r import r_nodes as nodes
from hpolint.readers.r.base_functions import EAGER, FUNCTIONS
from hpolint.readers.r.program_facts import (
    SETS_ANY_NAME,
    Facts,
    assignment,
    called_name,
    is_global_environment,
    is_literal,
    local_names,
    name_of,
    own_nodes,
    root_of,
)
from hpolint.readers.r.syntax import (
    Argument,
    Block,
    Call,
    For,
    Function,
    If,
    Index,
    Jump,
    Located,
    Name,
    Node,
    Number,
    Operation,
    Parenthesis,
    String,
    While,
    Word,
    walk,
)

T = TypeVar("T", bound="ast.expr | ast.stmt | ast.keyword | ast.arg | ast.ExceptHandler")
Finish = Callable[[ast.expr], list[ast.stmt]]
"""Makes the statements that use the value of the last expression of some code."""

CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
PACKAGES = frozenset({"base", "reticulate", "stats", "utils", "methods", "magrittr"})
"""Packages whose functions are known by their names, also with the package before them."""

QUOTING = frozenset(
    {"quote", "substitute", "bquote", "expression", "library", "require", "requireNamespace", "match.arg"}
    | {"loadNamespace", "UseMethod", "NextMethod", "alist", "sys.call", "match.call", "help", "vignette", "on.exit"}
    | {"setwd", "getwd", "sessionInfo", "install.packages", "pacman::p_load", "p_load", "Recall", "stop", "quit", "q"}
)
"""Functions that do not evaluate their arguments, or whose arguments have no effect on what is read."""

TRANSPARENT = frozenset(
    {"suppressWarnings", "suppressMessages", "suppressPackageStartupMessages", "withVisible", "capture.output"}
    | {"system.time", "isolate", "I"}
)
"""Functions that evaluate their first argument, and do nothing to it that is read later."""

WITH_VALUE = TRANSPARENT - {"withVisible", "capture.output", "system.time", "I"}
"""Those that return its value."""

MASKING = frozenset(
    {"with", "within", "local", "subset", "transform", "withr", "with_options", "with_envvar", "withCallingHandlers"}
)
"""Functions that evaluate an expression among other names."""

LEAVING = frozenset({"stop", "quit", "q", "abort"})
APPLYING = frozenset({"lapply", "sapply", "vapply"})


def translate(program: list[Node], text: str, facts: Facts) -> ast.Module:
    """The tree of one unit. ``facts`` are those of the whole program."""
    translator = _Translator(text, facts)
    return ast.Module(translator.statements(program), [])


class _Parameters(NamedTuple):
    """The parameters of a function, and those that it asks about by ``missing`` and does not set."""

    names: frozenset[str]
    asked: frozenset[str]


class _Positions:
    """Lines, and columns in bytes of UTF-8 as Python's parser counts them, of offsets in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in LINE_END.finditer(text))]
        self._is_ascii = text.isascii()

    def put(self, node: T, start: int, end: int) -> T:
        """Set the place of a node."""
        node.lineno, node.col_offset = self._position(start)
        node.end_lineno, node.end_col_offset = self._position(end)
        return node

    def _position(self, offset: int) -> tuple[int, int]:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        start = self._starts[low]
        if self._is_ascii:
            return low + 1, offset - start
        return low + 1, len(self._text[start:offset].encode("utf-8", "surrogatepass"))


class _Translator:
    """The translation of one unit. ``_loops`` counts the loops around the current statement in its function."""

    def __init__(self, text: str, facts: Facts) -> None:
        self._positions = _Positions(text)
        self._facts = facts
        self._loops = 0
        self._functions: list[_Parameters] = []
        self._count = 0
        self._all_names: nodes.AllNames | None = None

    def _put(self, node: T, at: Located) -> T:
        return self._positions.put(node, at.start, at.end)

    def _temporary(self) -> str:
        """A name that no program can have."""
        self._count += 1
        return f"value {self._count}"

    # Statements

    def statements(self, nodes_: Iterable[Node]) -> list[ast.stmt]:
        """The statements of some expressions whose values are not used."""
        made: list[ast.stmt] = []
        for node in nodes_:
            made += self._statement(node)
        return made

    def _statement(self, node: Node) -> list[ast.stmt]:
        assigned = assignment(node)
        if assigned is not None:
            return self._assignment(node, *assigned)
        if isinstance(node, Block):
            return self.statements(node.statements)
        if isinstance(node, Parenthesis):
            return self._statement(node.value)
        if isinstance(node, If):
            return self._if(node, lambda branch: self._statement(branch), [])
        if isinstance(node, For | While):
            return self._loop(node)
        if isinstance(node, Jump):
            return self._jump(node)
        if isinstance(node, Call):
            return self._call_statement(node)
        return [self._put(ast.Expr(self.expression(node)), node)]

    def _body(self, node: Node, at: Located) -> list[ast.stmt]:
        """The statements of a branch or a loop, of which Python wants one at least."""
        return self._statement(node) or [self._put(ast.Pass(), at)]

    def _if(self, node: If, inner: Callable[[Node], list[ast.stmt]], otherwise: list[ast.stmt]) -> list[ast.stmt]:
        test = self._truth(node.test)
        then = inner(node.then) or [self._put(ast.Pass(), node)]
        orelse = inner(node.otherwise) if node.otherwise is not None else otherwise
        return [self._put(ast.If(test, then, orelse), node)]

    def _truth(self, node: Node) -> ast.expr:
        return self._put(nodes.Truth(self.expression(node)), node)

    def _loop(self, node: For | While) -> list[ast.stmt]:
        if isinstance(node, While):
            test = self._put(ast.Constant(True), node) if node.test is None else self._truth(node.test)
            return [self._put(ast.While(test, self._loop_body(node.body), []), node)]
        if node.variable.id in self._facts.hidden or self._facts.is_lost:
            return self._untranslated_statement(node)
        values = self._put(nodes.Elements(self.expression(node.values), node.variable.id), node.values)
        target = self._put(ast.Name(node.variable.id, ast.Store()), node.variable)
        return [self._put(ast.For(target, values, self._loop_body(node.body), []), node)]

    def _loop_body(self, body: Node) -> list[ast.stmt]:
        self._loops += 1
        made = self._body(body, body)
        self._loops -= 1
        return made

    def _jump(self, node: Jump) -> list[ast.stmt]:
        if not self._loops:
            return self._untranslated_statement(node)
        return [self._put(ast.Break() if node.word == "break" else ast.Continue(), node)]

    def _call_statement(self, node: Call) -> list[ast.stmt]:
        name = self._base_name(node)
        if name == "return" and self._functions:
            return self._return(node)
        if name in LEAVING:
            return [self._put(ast.Raise(), node)]
        evaluated = _only_evaluated(name, node)
        if evaluated is not None:
            return self._statement(evaluated)
        if name in ("tryCatch", "try"):
            return self._try(node, lambda value: [self._put(ast.Expr(value), node)])
        if name == "assign" and not self._facts.is_lost:
            return self._assign_call(node)
        if name == "rm":
            return self._remove(node)
        return [self._put(ast.Expr(self._call(node)), node)]

    def _return(self, node: Call) -> list[ast.stmt]:
        value = _first_value(node)
        if value is None:
            return [self._put(ast.Return(self._put(ast.Constant(None), node)), node)]
        return self.with_value(value, lambda result: [self._put(ast.Return(result), node)])

    def with_value(self, node: Node, finish: Finish) -> list[ast.stmt]:
        """The statements of an expression, of which ``finish`` uses the value."""
        assigned = assignment(node)
        if assigned is not None:
            return self._assignment(node, *assigned, finish=finish)
        match node:
            case Parenthesis(value=value):
                return self.with_value(value, finish)
            case Block(statements=[]):
                return finish(self._nothing(node))
            case Block(statements=statements):
                return self.statements(statements[:-1]) + self.with_value(statements[-1], finish)
            case If():
                return self._if(node, lambda branch: self.with_value(branch, finish), finish(self._nothing(node)))
            case For() | While():
                return self._loop(node) + finish(self._nothing(node))
            case Jump():
                return self._jump(node)
            case Call():
                return self._call_with_value(node, finish)
        return finish(self.expression(node))

    def _call_with_value(self, node: Call, finish: Finish) -> list[ast.stmt]:
        name = self._base_name(node)
        if (name == "return" and self._functions) or name in LEAVING:
            return self._call_statement(node)
        if name in ("tryCatch", "try"):
            return self._try(node, finish)
        if name in WITH_VALUE and len(node.arguments) == 1 and node.arguments[0].value is not None:
            return self.with_value(node.arguments[0].value, finish)
        return finish(self.expression(node))

    def _nothing(self, at: Located) -> ast.expr:
        """NULL."""
        return self._put(ast.Constant(None), at)

    def _try(self, node: Call, finish: Finish) -> list[ast.stmt]:
        """``tryCatch`` or ``try``: the handlers stand for any failure of the expression."""
        parts = _parts_of_try(node)
        last = [] if parts.last is None else self._statement(parts.last)
        if parts.body is None:
            return finish(self._nothing(node))
        tried = self.with_value(parts.body, finish) or [self._put(ast.Pass(), node)]
        caught = self._caught(node, parts.handlers, finish)
        may_catch = bool(caught) and not _cannot_fail(parts.body)
        if not may_catch and not last:
            return tried
        return [self._put(ast.Try(tried, caught, [], last), node)]

    def _caught(self, node: Call, handlers: list[Node], finish: Finish) -> list[ast.ExceptHandler]:
        """What a failure does: ``try`` goes on with an unknown value, ``tryCatch`` calls one of the handlers."""
        caught: list[ast.ExceptHandler] = []
        if called_name(node) == "try":
            failure = self._put(nodes.Unknowable(is_a("what a failure leaves")), node)
            caught.append(self._put(ast.ExceptHandler(None, None, finish(failure)), node))
        for handler in handlers:
            why = self._put(nodes.Unknowable(is_a("a caught condition")), handler)
            called = self._put(ast.Call(self.expression(handler), [why], []), handler)
            error = self._put(ast.Name("Exception", ast.Load()), handler)
            caught.append(self._put(ast.ExceptHandler(error, None, finish(called)), handler))
        return caught

    def _assign_call(self, node: Call) -> list[ast.stmt]:
        """``assign`` with a name that is written out, in the current or the global environment."""
        assigned = _assigned_by_call(node)
        if assigned is None:
            return [self._put(ast.Expr(self._any_name(node)), node)]
        name = name_of(assigned.name)
        if name in self._facts.hidden:
            return self._untranslated_statement(node)
        variable = self._put(ast.Name(name, ast.Store()), assigned.name)
        target: ast.expr = variable
        if assigned.has_environment and self._functions:
            target = self._put(nodes.OuterName(variable, is_global=True), assigned.name)
        return [self._put(ast.Assign([target], self.expression(assigned.value)), node)]

    def _remove(self, node: Call) -> list[ast.stmt]:
        names = [argument.value for argument in node.arguments if argument.name is None]
        if all(isinstance(name, Name | String) for name in names) and len(names) == len(node.arguments):
            return self._untranslated_statement(node)
        return [self._put(ast.Expr(self._any_name(node)), node)]

    # Assignments

    def _assignment(
        self, node: Node, target: Node, value: Node, is_super: bool, finish: Finish | None = None
    ) -> list[ast.stmt]:
        place = self._target(target, is_super=is_super)
        if place is None:
            evaluated = self._named(value, "function")
            lost = self._untranslated_statement(node)
            statements = [self._put(ast.Expr(evaluated), node), *lost]
            return statements if finish is None else statements + finish(self._unknown("is not read", node))
        name = name_of(root_of(target)) if isinstance(target, Name | String) else ""
        if finish is None:
            if name and not isinstance(value, Function):
                own = self._temporary()
                if _has_statements(value):
                    statements = self.with_value(value, lambda result: self._store(own, result, node))
                    return [*statements, self._put(ast.Assign([place], self._load(own, node)), node)]
            return [self._put(ast.Assign([place], self._named(value, name)), node)]
        own = self._temporary()
        statements = self.with_value(value, lambda result: self._store(own, result, node))
        statements.append(self._put(ast.Assign([place], self._load(own, node)), node))
        return statements + finish(self._load(own, node))

    def _store(self, name: str, value: ast.expr, at: Located) -> list[ast.stmt]:
        return [self._put(ast.Assign([self._put(ast.Name(name, ast.Store()), at)], value), at)]

    def _load(self, name: str, at: Located) -> ast.expr:
        return self._put(ast.Name(name, ast.Load()), at)

    def _named(self, value: Node, name: str) -> ast.expr:
        """An expression; a function gets the name that it is assigned to."""
        return self._function(value, name) if isinstance(value, Function) else self.expression(value)

    def _target(self, target: Node, *, is_super: bool) -> ast.expr | None:
        """The target of an assignment; None for one that is not translated."""
        root = root_of(target)
        identifier = name_of(root)
        if root is None or not identifier or self._facts.is_lost or identifier in self._facts.hidden:
            return None
        name = self._put(ast.Name(identifier, ast.Store()), root)
        if isinstance(target, Name | String):
            return self._put(nodes.OuterName(name), target) if is_super and self._functions else name
        place = self._place(target, is_super=is_super and bool(self._functions))
        return None if place is None else self._put(nodes.Replacement(place), target)

    def _place(self, target: Node, *, is_super: bool) -> ast.expr | None:
        """A part of a variable as a target; None for one that is not translated."""
        match target:
            case Name() | String():
                if is_super:
                    name = self._put(ast.Name(name_of(target), ast.Store()), target)
                    return self._put(nodes.OuterName(name), target)
                return self._put(ast.Name(name_of(target), ast.Load()), target)  # a change of a part, to each walk
            case Operation(operator="$", operands=[owner, Name() | String() as member]):
                inner = self._place(owner, is_super=is_super)
                return inner and self._put(ast.Attribute(inner, name_of(member), ast.Store()), target)
            case Index(arguments=[Argument(name=None, value=index)]) if index is not None:
                inner = self._place(target.target, is_super=is_super)
                return inner and self._element_place(target, inner, index)
            case Call(arguments=[Argument(value=owner)]) if owner is not None:
                inner = self._place(owner, is_super=is_super)
                return inner and self._put(nodes.PropertyPlace(called_name(target), inner), target)
        return None

    def _element_place(self, target: Index, inner: ast.expr, index: Node) -> ast.expr:
        place = nodes.ElementPlace(inner, self.expression(index), ast.Store())
        place.is_part = not target.is_double
        return self._put(place, target)

    # What is not translated

    def _untranslated_statement(self, node: Node) -> list[ast.stmt]:
        return [self._put(ast.Expr(self._untranslated(node)), node)]

    def _untranslated(self, node: Node, reason: str = "is named in R code that is not read") -> ast.expr:
        """Code that may change all that it mentions, and what the functions that it may call set."""
        inner = walk(node)
        names = {each.id for each in inner if isinstance(each, Name)}
        names |= {name_of(root_of(assigned[0])) for assigned in map(assignment, inner) if assigned is not None}
        if any(isinstance(each, Call) for each in inner):
            names |= self._facts.super_assigned
        where = self._put(ast.Constant(None), node)
        calls = [self._method(each) for each in inner if isinstance(each, Operation) and each.operator == "$"]
        return self._put(nodes.Untranslated(sorted(names - {""}), reason, where, calls), node)

    def _method(self, node: Operation) -> ast.expr:
        """A call of a member, as code that may launch a job is looked for."""
        member = node.operands[1]
        name = name_of(member) if isinstance(member, Name | String) else ""
        function = self._put(ast.Attribute(self._put(ast.Constant(None), node), name, ast.Load()), node)
        return self._put(ast.Call(function, [], []), node)

    def _any_name(self, node: Call) -> ast.expr:
        """A call that may set any name."""
        where = self._put(ast.Constant(None), node)
        if self._all_names is None:
            self._all_names = nodes.AllNames.of(sorted(self._facts.names), where)
        reason = f"may be set by `{called_name(node)}()`"
        return self._put(nodes.Untranslated(self._all_names, reason, where, is_open=True), node)

    def _unknown(self, reason: str, node: Node, parts: Sequence[ast.expr] = ()) -> ast.expr:
        return self._put(nodes.Unknowable(reason, parts), node)

    # Expressions

    def expression(self, node: Node) -> ast.expr:
        """The expression of a node."""
        translate_kind = self._by_kind.get(type(node), self._untranslated)
        return translate_kind(node)

    @cached_property
    def _by_kind(self) -> dict[type[Node], Callable[[Any], ast.expr]]:
        """The translations of the kinds of nodes that have a value."""
        return {
            Number: self._constant,
            String: self._constant,
            Word: self._word,
            Name: self._name,
            Parenthesis: lambda node: self.expression(node.value),
            Operation: self._operation,
            Index: self._index,
            Function: lambda node: self._function(node, "function"),
            Block: self._block,
            If: self._conditional,
            For: self._loop_value,
            While: self._loop_value,
            Call: self._call,
        }

    def _constant(self, node: Number | String) -> ast.expr:
        if node.value is None:
            return self._unknown(is_a("a constant that is not read"), node)
        return self._put(ast.Constant(node.value), node)

    def _word(self, node: Word) -> ast.expr:
        if node.word in CONSTANTS:
            return self._put(ast.Constant(CONSTANTS[node.word]), node)
        return self._unknown(is_a(f"`{node.word}`"), node)

    def _conditional(self, node: If) -> ast.expr:
        """The value of a branch; NULL for ``else`` that is not written."""
        otherwise = self._nothing(node) if node.otherwise is None else self.expression(node.otherwise)
        return self._put(ast.IfExp(self._truth(node.test), self.expression(node.then), otherwise), node)

    def _loop_value(self, node: For | While) -> ast.expr:
        """A loop within an expression, whose value is NULL."""
        loops, self._loops = self._loops, 0
        value = self._put(nodes.BlockValue(self._loop(node), self._nothing(node)), node)
        self._loops = loops
        return value

    def _name(self, node: Name) -> ast.expr:
        if self._facts.is_lost or node.id in self._facts.hidden:
            return self._unknown(is_a(f"`{node.id}`, which may be set in a way that is not read"), node)
        if node.id.startswith("..") and node.id.lstrip(".").isdigit():
            return self._unknown(is_a("an argument that `...` stands for"), node)
        return self._put(ast.Name(node.id, ast.Load()), node)

    def _block(self, node: Block) -> ast.expr:
        if not node.statements:
            return self._put(ast.Constant(None), node)
        if any(_leaves(statement) for statement in node.statements):
            return self._untranslated(node)
        name = self._temporary()
        loops, self._loops = self._loops, 0
        statements = self.with_value(node, lambda value: self._store(name, value, node))
        self._loops = loops
        return self._put(nodes.BlockValue(statements, self._load(name, node)), node)

    def _function(self, node: Function, name: str) -> ast.expr:
        """A function: a default that is no literal is evaluated at the beginning of its body."""
        loops, self._loops = self._loops, 0
        parameters: list[ast.arg] = []
        defaults: list[ast.expr] = []
        body: list[ast.stmt] = []
        local = local_names(node)
        names = [parameter.name for parameter in node.parameters]
        asked = _asked_parameters(node) & set(names)
        self._functions.append(_Parameters(frozenset(names), frozenset(asked - set(local))))
        for name in sorted(asked):
            body += self._store(_missing_name(name), self._put(nodes.IsMissing(name), node.body), node.body)
        for position, parameter in enumerate(node.parameters):
            parameters.append(self._put(ast.arg(parameter.name), parameter))
            is_asked = parameter.name in asked
            if parameter.default is not None and is_literal(parameter.default) and not is_asked:
                defaults.append(self.expression(parameter.default))
                continue
            defaults.append(self._put(nodes.Missing(), parameter))
            if parameter.default is not None:
                later = set(names[position:]) | set(local) | self._facts.volatile
                body.append(self._default(parameter.name, parameter.default, later))
        body += self._inherited(node, local, set(names))
        body += self.with_value(node.body, lambda value: [self._put(ast.Return(value), node.body)])
        self._functions.pop()
        self._loops = loops
        arguments = ast.arguments([], parameters, None, [], [], None, defaults)
        definition = ast.FunctionDef(name, arguments, body, [], None, None)
        definition.type_params = []  # type: ignore[attr-defined, unused-ignore]
        return self._put(nodes.FunctionValue(self._put(definition, node)), node)

    def _default(self, name: str, default: Node, later: set[str]) -> ast.stmt:
        """The statement that gives a parameter its default; one that may be evaluated later is unknown."""
        value = self.expression(default)
        inner = walk(default)
        if any(isinstance(each, Name) and each.id in later for each in inner) or any(map(assignment, inner)):
            value = self._unknown(is_a(f"the default of `{name}`, which R evaluates later"), default)
        test = self._put(nodes.IsMissing(name), default)
        return self._put(ast.If(test, self._store(name, value, default), []), default)

    def _inherited(self, node: Function, local: Iterable[str], parameters: set[str]) -> list[ast.stmt]:
        """The names that a function sets itself have the outer values until then, if others set them, too."""
        made: list[ast.stmt] = []
        own = local_names(node)
        for name in sorted(set(local) - parameters):
            if self._facts.bound[name] > own[name]:
                value: ast.expr = self._put(nodes.Inherited(name), node.body)
                if name in self._facts.super_assigned:  # another function may set it until then
                    value = self._unknown("may be set by another function", node.body)
                made += self._store(name, value, node.body)
        return made

    def _operation(self, node: Operation) -> ast.expr:
        sign = node.operator
        assigned = assignment(node)
        if assigned is not None:
            return self._assigned_value(node, *assigned)
        translate_sign = self._by_sign.get(sign)
        if translate_sign is not None and sign not in self._facts.redefined:
            return translate_sign(node)
        arguments = [_argument(operand) for operand in node.operands]
        if sign not in self._facts.redefined:
            if sign in FUNCTIONS:
                return self._base_call(sign, arguments, node)
            if any(part in sign.strip("%") for part in "<>=-"):
                return self._untranslated(node)
        return self._called(node, self._put(ast.Name(sign, ast.Load()), node), arguments)

    @cached_property
    def _by_sign(self) -> dict[str, Callable[[Operation], ast.expr]]:
        """The translations of operators that are no calls of a function with two values."""
        return {
            "$": self._member,
            **dict.fromkeys(("~", "::", ":::", "?"), self._object),
            "@": lambda node: self._unknown(is_a("a slot"), node, [self.expression(node.operands[0])]),
            **dict.fromkeys(("|>", "%>%"), self._pipe),
            **dict.fromkeys(("&&", "||"), self._truths),
            **dict.fromkeys(("-", "+"), self._signed),
            ":=": self._untranslated,
        }

    def _member(self, node: Operation) -> ast.expr:
        owner, member = node.operands
        if not isinstance(member, Name | String) or not name_of(member):
            return self._untranslated(node)
        return self._put(ast.Attribute(self.expression(owner), name_of(member), ast.Load()), node)

    def _object(self, node: Operation) -> ast.expr:
        return self._unknown(is_a("an object of R that is not read"), node)

    def _truths(self, node: Operation) -> ast.expr:
        operator = ast.And() if node.operator == "&&" else ast.Or()
        return self._put(ast.BoolOp(operator, [self._truth(operand) for operand in node.operands]), node)

    def _signed(self, node: Operation) -> ast.expr:
        """A sum or difference, or a number with its sign."""
        if is_literal(node):
            (number,) = node.operands
            value = number.value if isinstance(number, Number) else None
            if value is not None:
                return self._put(ast.Constant(-value if node.operator == "-" else value), node)
        return self._base_call(node.operator, [_argument(operand) for operand in node.operands], node)

    def _assigned_value(self, node: Operation, target: Node, value: Node, is_super: bool) -> ast.expr:
        """An assignment within an expression."""
        name = self._temporary()
        if _leaves(value):
            return self._untranslated(node)
        statements = self._assignment(node, target, value, is_super, lambda result: self._store(name, result, node))
        return self._put(nodes.BlockValue(statements, self._load(name, node)), node)

    def _pipe(self, node: Operation) -> ast.expr:
        left, right = node.operands
        if isinstance(right, Parenthesis):
            right = right.value
        if isinstance(right, Name) and node.operator == "%>%":
            return self.expression(Call(node.start, node.end, right, [_argument(left)]))
        if not isinstance(right, Call):
            return self._untranslated(node)
        arguments = _with_piped(right.arguments, left, "_" if node.operator == "|>" else ".")
        if arguments is None:
            return self._untranslated(node)
        return self.expression(Call(node.start, node.end, right.function, arguments))

    def _index(self, node: Index) -> ast.expr:
        sign = "[[" if node.is_double else "["
        if sign in self._facts.redefined:
            return self._untranslated(node)
        return self._base_call(sign, [_argument(node.target), *node.arguments], node)

    # Calls

    def _base_name(self, node: Call) -> str:
        """The name of a function of R itself that a call certainly means; empty for other calls."""
        function = node.function
        if isinstance(function, Operation):
            package = function.operands[0] if function.operator in ("::", ":::") else None
            if isinstance(package, Name) and package.id in PACKAGES:
                return called_name(node)
            return ""
        name = called_name(node)
        return "" if name in self._facts.redefined else name

    def _call(self, node: Call) -> ast.expr:
        name = self._base_name(node)
        translate_call = self._by_function.get(name)
        if translate_call is not None:
            return translate_call(node)
        if name in WITH_VALUE and len(node.arguments) == 1 and node.arguments[0].value is not None:
            return self.expression(node.arguments[0].value)
        if name in FUNCTIONS:
            return self._base_call(name, node.arguments, node)
        return self._called(node, self._callee(node.function), node.arguments)

    @cached_property
    def _by_function(self) -> dict[str, Callable[[Call], ast.expr]]:
        """The translations of calls of functions of R with a grammar of their own."""
        return {
            **dict.fromkeys(QUOTING, self._quoting),
            **dict.fromkeys(MASKING, self._untranslated),
            **dict.fromkeys(APPLYING, self._apply),
            **dict.fromkeys(SETS_ANY_NAME, self._any_name),
            **dict.fromkeys(("get", "get0"), self._get),
            **dict.fromkeys(("tryCatch", "try"), self._tried),
            "assign": self._untranslated if self._facts.is_lost else self._any_name,
            "rm": self._any_name,
            "return": self._untranslated,
            "missing": self._missing,
            "local": self._local,
            "switch": self._switch,
            "do.call": self._do_call,
        }

    def _quoting(self, node: Call) -> ast.expr:
        return self._unknown(is_a(f"what `{called_name(node)}()` returns"), node)

    def _local(self, node: Call) -> ast.expr:
        """A function without parameters that is called at once."""
        body = node.arguments[0].value if len(node.arguments) == 1 else None
        if body is None or _leaves(body):
            return self._untranslated(node)
        function = Function(node.start, node.end, [], body)
        return self._put(ast.Call(self._function(function, "local"), [], []), node)

    def _tried(self, node: Call) -> ast.expr:
        if _leaves(node):
            return self._untranslated(node)
        own = self._temporary()
        statements = self._try(node, lambda value: self._store(own, value, node))
        return self._put(nodes.BlockValue(statements, self._load(own, node)), node)

    def _get(self, node: Call) -> ast.expr:
        """The value of a variable by its name."""
        first = _first_value(node)
        if not isinstance(first, String) or not first.value:
            return self._called(node, self._callee(node.function), node.arguments)
        return self._name(Name(first.start, first.end, first.value))

    def _missing(self, node: Call) -> ast.expr:
        """Whether a parameter has no argument, as it was at the beginning of the function."""
        value = node.arguments[0].value if len(node.arguments) == 1 else None
        is_asked = isinstance(value, Name) and bool(self._functions) and value.id in self._functions[-1].asked
        if not is_asked or self._facts.is_lost:
            return self._unknown("depends on an unknown argument", node)
        return self._load(_missing_name(name_of_node(value)), node)

    def _callee(self, function: Node) -> ast.expr:
        if isinstance(function, String):
            return self._name(Name(function.start, function.end, function.value or ""))
        return self.expression(function)

    def _base_call(self, name: str, arguments: Sequence[Argument], node: Node) -> ast.expr:
        if any(argument.value is None for argument in arguments):
            parts = [self.expression(argument.value) for argument in arguments if argument.value is not None]
            return self._unknown(is_a("a part that is not read"), node, parts)
        translated = [self._base_argument(name, argument) for argument in arguments]
        return self._put(nodes.BaseCall(name, translated), node)

    def _base_argument(self, function: str, argument: Argument) -> ast.expr | ast.keyword:
        """An argument of a function of R itself, which may evaluate it later than the one before it."""
        assert argument.value is not None
        if _is_name(argument.value, "..."):
            return self._put(nodes.Dots(), argument)
        is_late = function not in EAGER and _assigns(argument.value)
        value = self._untranslated(argument.value) if is_late else self.expression(argument.value)
        return value if argument.name is None else self._keyword(argument, value)

    def _keyword(self, argument: Argument, value: ast.expr) -> ast.keyword:
        return self._put(ast.keyword(argument.name, value), argument)

    def _called(self, node: Node, function: ast.expr, arguments: Sequence[Argument]) -> ast.expr:
        """A call of a function that is not R's own."""
        names = [argument.name for argument in arguments if argument.name is not None]
        if len(set(names)) < len(names):
            return self._untranslated(node)
        positional: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        for argument in arguments:
            if argument.value is None:
                continue
            if _is_name(argument.value, "..."):
                spread = self._put(nodes.PositionalDots(), argument)
                positional.append(self._put(ast.Starred(spread, ast.Load()), argument))
                keywords.append(self._put(ast.keyword(None, self._put(nodes.NamedDots(), argument)), argument))
                continue
            value = self._argument_of(function, argument.value)
            if argument.name is None:
                positional.append(value)
            else:
                keywords.append(self._keyword(argument, value))
        return self._put(ast.Call(function, positional, keywords), node)

    def _argument_of(self, function: ast.expr, node: Node) -> ast.expr:
        """An argument, which a function of R evaluates at its first use, or never."""
        if is_literal(node):
            return self.expression(node)
        assignments = [assigned for assigned in map(assignment, walk(node)) if assigned is not None]
        assigned = [name_of(root_of(target)) for target, _, _ in assignments]
        if assigned and isinstance(function, ast.Name):
            return self._untranslated(node)
        value = self.expression(node)
        if assigned or self._may_change(function, node):
            return self._put(nodes.Hazard(value, assigned), node)
        return value

    def _may_change(self, function: ast.expr, node: Node) -> bool:
        """Whether an argument may have another value when the function that is called evaluates it."""
        names = {name.id for name in walk(node) if isinstance(name, Name)}
        if names & self._facts.volatile:
            return True
        is_captured = isinstance(function, ast.Name) and function.id in self._facts.capturing
        if is_captured and not names <= self._facts.fixed:
            return True
        if not self._facts.asks_for_missing or not self._functions:
            return False
        return name_of_node(node) in self._functions[-1].names  # it is missing there if it is missing here

    def _switch(self, node: Call) -> ast.expr:
        subject, *cases = node.arguments or [Argument(node.start, node.end, None, None)]
        defaults = [case for case in cases if case.name is None]
        may_leave = any(map(_leaves, cases))
        if subject.value is None or may_leave or len(defaults) > 1:
            return self._untranslated(node)
        names: list[str | None] = []
        branches: list[ast.expr] = []
        following: ast.expr | None = None
        for case in reversed(cases):
            if case.value is not None:
                following = self.expression(case.value)
            if following is None:
                return self._untranslated(node)
            names.insert(0, case.name)
            branches.insert(0, following)
        return self._put(nodes.Switch(self.expression(subject.value), names, branches), node)

    def _do_call(self, node: Call) -> ast.expr:
        """``do.call(f, list)``; a function by a name that is not written out may be any function."""
        match [argument.value for argument in node.arguments]:
            case [function, listed] if function is not None and listed is not None and _is_in_order(node.arguments):
                return self._call_with_list(node, function, listed)
        return self._any_name(node)

    def _call_with_list(self, node: Call, function: Node, listed: Node) -> ast.expr:
        name = name_of(function) if isinstance(function, Name | String) else ""
        if name in FUNCTIONS and name not in self._facts.redefined:
            return self._put(nodes.DoBaseCall(name, self.expression(listed)), node)
        if name not in self._facts.bound and not isinstance(function, Operation | Function):
            return self._any_name(node)
        spread = self._put(ast.Starred(self._put(nodes.Element(), listed), ast.Load()), listed)
        named = self._put(ast.keyword(None, self._put(nodes.Element(), listed)), listed)
        call = self._put(ast.Call(self._callee(function), [spread], [named]), node)
        return self._put(nodes.DoCall(call, self.expression(listed)), node)

    def _apply(self, node: Call) -> ast.expr:
        """``lapply`` and its kin: the function is called for each element."""
        applied = _applied(node)
        if applied is None or not self._is_applied_function(applied.function) or _assigns(applied.values):
            return self._called(node, self._load(called_name(node), node), node.arguments)
        element = self._put(nodes.Element(), applied.place)
        call = self._called(node, self.expression(applied.function), applied.passed)
        if not isinstance(call, ast.Call):
            return call
        call.args.insert(0, element)
        return self._put(nodes.Apply(called_name(node), self.expression(applied.values), call), node)

    def _is_applied_function(self, node: Node) -> bool:
        """Whether ``lapply`` gets a function of the program, or a member, and not one of R itself."""
        return isinstance(node, Function | Operation) or name_of_node(node) in self._facts.bound


def name_of_node(node: Node | None) -> str:
    """The name that a node is; empty for other nodes."""
    return node.id if isinstance(node, Name) else ""


class _AssignedByCall(NamedTuple):
    """What a call of ``assign`` sets; without an environment it is the current one, else the global one."""

    name: String
    value: Node
    has_environment: bool


def _assigned_by_call(call: Call) -> _AssignedByCall | None:
    """What a call of ``assign`` sets; None if the name is not written out, or the environment is another one."""
    places = [argument for argument in call.arguments if argument.name in ("envir", "pos")]
    if not all(is_global_environment(place.value) for place in places):
        return None
    match [argument for argument in call.arguments if argument.name not in ("envir", "pos")]:
        case [Argument(name=None | "x", value=String() as name), Argument(name=None | "value", value=value)]:
            if name.value and value is not None:
                return _AssignedByCall(name, value, has_environment=bool(places))
    return None


def _first_value(call: Call) -> Node | None:
    """The value of the first argument of a call; None if it has none."""
    return call.arguments[0].value if call.arguments else None


def _only_evaluated(name: str, call: Call) -> Node | None:
    """The argument that a call such as ``invisible(x)`` only evaluates; None for other calls."""
    if name in TRANSPARENT or (name == "invisible" and len(call.arguments) == 1):
        return _first_value(call)
    return None


class _TryParts(NamedTuple):
    """The parts of a call of ``tryCatch`` or ``try``: the expression, its handlers, and ``finally``."""

    body: Node | None
    handlers: list[Node]
    last: Node | None


def _parts_of_try(call: Call) -> _TryParts:
    """The parts of a call of ``tryCatch`` or ``try``."""
    body: Node | None = None
    last: Node | None = None
    handlers: list[Node] = []
    for argument in call.arguments:
        if argument.value is None:
            continue
        if argument.name in (None, "expr") and body is None:
            body = argument.value
        elif argument.name == "finally":
            last = argument.value
        elif argument.name not in (None, "silent"):
            handlers.append(argument.value)
    return _TryParts(body, handlers, last)


def _with_piped(arguments: list[Argument], value: Node, placeholder: str) -> list[Argument] | None:
    """The arguments of a call that a pipe gives a value: in place of the placeholder, else before the others.

    None if the placeholder stands more than once, or within an argument.
    """
    positions = [number for number, argument in enumerate(arguments) if _is_name(argument.value, placeholder)]
    placeholder_count = sum(_is_name(node, placeholder) for node in walk(*arguments))
    if placeholder_count > len(positions) or len(positions) > 1:
        return None
    if not positions:
        return [_argument(value), *arguments]
    (position,) = positions
    old = arguments[position]
    piped = Argument(value.start, value.end, old.name, value, old.name_end)
    return [*arguments[:position], piped, *arguments[position + 1 :]]


class _Applied(NamedTuple):
    """A call of ``lapply`` or its kin: what the function is called for, and the other arguments that it gets."""

    values: Node
    function: Node
    place: Argument
    passed: list[Argument]


def _applied(call: Call) -> _Applied | None:
    """The parts of a call of ``lapply`` or its kin; None for arguments in another order, and with other options."""
    values = [argument.value for argument in call.arguments if argument.value is not None]
    if len(values) < len(call.arguments) or len(values) < 2:
        return None
    first, second, *others = call.arguments
    if first.name not in (None, "X") or second.name not in (None, "FUN"):
        return None
    passed = _passed_on(called_name(call), others)
    if any(argument.name in ("simplify", "USE.NAMES") for argument in passed):
        return None
    return _Applied(values[0], values[1], second, passed)


def _passed_on(name: str, arguments: list[Argument]) -> list[Argument]:
    """The arguments of ``lapply`` or its kin that the function gets; those of ``vapply`` are not passed on."""
    if name == "vapply":
        return []
    return [argument for argument in arguments if argument.name != "FUN.VALUE"]


def _missing_name(name: str) -> str:
    """The name of the variable that says whether a parameter has no argument."""
    return f"missing {name}"


def _asked_parameters(function: Function) -> set[str]:
    """The names of which a function asks whether they are missing."""
    asked: set[str] = set()
    for node in own_nodes(function.body):
        if called_name(node) == "missing" and isinstance(node, Call) and node.arguments:
            value = node.arguments[0].value
            asked.add(name_of(value) if isinstance(value, Name) else "")
    return asked


def _argument(node: Node) -> Argument:
    return Argument(node.start, node.end, None, node)


def _cannot_fail(node: Node) -> bool:
    """Whether an expression is so simple that no handler of its errors runs."""
    if isinstance(node, Name) or is_literal(node):
        return True
    is_plain = called_name(node) in ("c", "list", "paste", "paste0")
    if not isinstance(node, Call) or not is_plain:
        return False
    return all(argument.value is not None and _cannot_fail(argument.value) for argument in node.arguments)


def _is_in_order(arguments: Sequence[Argument]) -> bool:
    """Whether the two arguments of ``do.call`` are the function and the list."""
    first, second = (argument.name for argument in arguments)
    return first in (None, "what") and second in (None, "args")


def _is_name(node: Located | None, name: str) -> bool:
    return isinstance(node, Name) and node.id == name


def _assigns(node: Located) -> bool:
    return any(assignment(each) is not None for each in walk(node))


def _leaves(node: Located) -> bool:
    """Whether code may leave the function or the loop around it."""
    for each in own_nodes(node):
        if called_name(each) == "return":
            return True
        if isinstance(each, Jump) and not _is_in_own_loop(node, each):
            return True
    return False


def _is_in_own_loop(root: Located, jump: Jump) -> bool:
    loops = [each for each in own_nodes(root) if isinstance(each, For | While)]
    return any(loop.start <= jump.start and jump.end <= loop.end for loop in loops)


def _has_statements(node: Node) -> bool:
    """Whether an expression is better translated as statements: branches, blocks and calls that catch errors."""
    return isinstance(node, If | Block) or called_name(node) in ("tryCatch", "try") or called_name(node) in WITH_VALUE
