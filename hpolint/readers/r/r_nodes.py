"""Expressions and targets of R in a syntax tree of Python: what Python has no counterpart for."""

from __future__ import annotations

import ast
from collections.abc import Sequence as AnySequence
from functools import partial
from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import callbacks, expressions, functions, operators
from hpolint.readers.python.interpreter.flow import FALLS
from hpolint.readers.python.interpreter.foreign import ForeignExpression, ForeignTarget
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Key,
    Mapping,
    Scope,
    Sequence,
    Symbol,
    Value,
    record_name,
    unknown,
)
from hpolint.readers.r import base_functions
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Passed
from hpolint.readers.r.r_interpreter import RInterpreter

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Argument = ast.expr | ast.keyword

NAMES_PER_STEP = 8
"""Names that are forgotten for the cost of one step."""


class BaseCall(ForeignExpression):
    """A call of a function or operator of R itself. ``arguments`` are in their order, named ones as keywords."""

    _fields = ("arguments",)
    arguments: list[Argument]

    def __init__(self, function: str, arguments: AnySequence[Argument]) -> None:
        super().__init__()
        self.function = function
        self.arguments = list(arguments)

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value of the function for the values of its arguments."""
        passed: list[Passed] = []
        for argument in self.arguments:
            if isinstance(argument, Dots):
                passed += argument.passed(interpreter)
            elif isinstance(argument, ast.keyword):
                value = expressions.evaluate(interpreter, argument.value)
                passed.append(Passed(argument.arg, value, interpreter.unit.head(argument, argument.arg or "")))
            else:
                passed.append(Passed(None, expressions.evaluate(interpreter, argument), interpreter.span(argument)))
        return _called(self.function, interpreter, passed, interpreter.span(self))


def _called(function: str, interpreter: Interpreter, passed: list[Passed], span: Span) -> Value:
    """The result of a function of R itself."""
    assert isinstance(interpreter, RInterpreter)
    return base_functions.call(function, Given(interpreter, passed, span))


class Unknowable(ForeignExpression):
    """An expression whose value is unknown; ``parts`` are evaluated."""

    _fields = ("parts",)
    parts: list[ast.expr]

    def __init__(self, reason: str, parts: AnySequence[ast.expr] = ()) -> None:
        super().__init__()
        self.reason = reason
        self.parts = list(parts)

    def evaluate(self, interpreter: Interpreter) -> Value:
        """An unknown value, which may be one of the parts."""
        evaluated = [expressions.evaluate(interpreter, part) for part in self.parts]
        return values.opaque(self.reason, interpreter.span(self), evaluated)


class AllNames(list[ast.Name]):
    """All names of a program as targets, which the calls that may set any name share."""

    @classmethod
    def of(cls, names: AnySequence[str], where: ast.expr) -> AllNames:
        """The targets of some names."""
        return cls(_targets(names, where))


def _targets(names: AnySequence[str], where: ast.expr) -> list[ast.Name]:
    return [ast.copy_location(ast.Name(name, ast.Store()), where) for name in names]


class Untranslated(ForeignExpression):
    """Code that is not translated: all names that it mentions are unknown from there on.

    ``changed`` are these names as targets, and ``declared`` says that those of enclosing scopes are meant, too.
    ``calls`` are the calls of members in it, none of which is evaluated. ``is_open``: it may set any other name, too.
    """

    _fields = ("declared", "changed", "calls")
    changed: list[ast.Name]
    declared: ast.Nonlocal
    calls: list[ast.expr]

    def __init__(
        self,
        names: AnySequence[str] | AllNames,
        reason: str,
        where: ast.expr,
        calls: AnySequence[ast.expr] = (),
        *,
        is_open: bool = False,
    ) -> None:
        super().__init__()
        self.reason = reason
        self.is_open = is_open
        self.calls = list(calls)
        self.changed = names if isinstance(names, AllNames) else _targets(names, where)
        self.declared = ast.copy_location(ast.Nonlocal([target.id for target in self.changed] or [""]), where)

    def evaluate(self, interpreter: Interpreter) -> Value:
        """An unknown value, after the names were forgotten."""
        assert isinstance(interpreter, RInterpreter)
        interpreter.is_open |= self.is_open
        why = unknown(self.reason, interpreter.span(self))
        for _ in range(len(self.changed) // NAMES_PER_STEP):
            interpreter.step()
        for target in self.changed:
            scope: Scope | None = interpreter.scope
            interpreter.scope.names.setdefault(target.id, why)
            while scope is not None:
                value = scope.names.get(target.id)
                if value is not None:
                    operators.forget(value, why)
                    scope.names[target.id] = operators.aliases([value], why)
                scope = scope.above
        return why


class Truth(ForeignExpression):
    """Whether a test holds, as ``if`` and ``&&`` judge it."""

    _fields = ("value",)
    value: ast.expr

    def __init__(self, value: ast.expr) -> None:
        super().__init__()
        self.value = value

    def evaluate(self, interpreter: Interpreter) -> Value:
        """True or False; unknown for all that is no single logical value or number."""
        value = expressions.evaluate(interpreter, self.value)
        if isinstance(value, Constant) and isinstance(value.value, bool | int | float):
            return Constant(bool(value.value), value.span)
        return values.opaque("depends on an unknown value", interpreter.span(self))


class Elements(ForeignExpression):
    """What a loop iterates over: the elements of a vector or list."""

    _fields = ("value",)
    value: ast.expr

    def __init__(self, value: ast.expr, name: str) -> None:
        super().__init__()
        self.value = value
        self.name = name

    def evaluate(self, interpreter: Interpreter) -> Value:
        """A list of the elements; without any, the variable of the loop is unknown."""
        value, span = expressions.evaluate(interpreter, self.value), interpreter.span(self)
        items = values.list_items(value)
        if items is None:
            return values.opaque(is_a("an unknown vector"), span, operators.with_parts([value]))
        if not items:
            interpreter.bind(self.name, unknown(is_a("the variable of a loop without a pass"), span))
        return Sequence("list", items, span)


class BlockValue(ForeignExpression):
    """Statements in braces, and the value of the last expression."""

    _fields = ("statements", "value")
    statements: list[ast.stmt]
    value: ast.expr

    def __init__(self, statements: list[ast.stmt], value: ast.expr) -> None:
        super().__init__()
        self.statements = statements
        self.value = value

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value after the statements."""
        ended = interpreter.block(self.statements)
        if ended != FALLS:
            return unknown(is_a("the value of code that ends before"), interpreter.span(self))
        return expressions.evaluate(interpreter, self.value)


class FunctionValue(ForeignExpression):
    """A function. Its definition is a child, so that it is a scope to each walk."""

    _fields = ("definition",)
    definition: ast.FunctionDef

    def __init__(self, definition: ast.FunctionDef) -> None:
        super().__init__()
        self.definition = definition

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The function in the current scope."""
        function = functions.make_function(interpreter, self.definition, self.definition.name)
        interpreter.units[self.definition] = interpreter.unit
        interpreter.defined.append(function)
        return function


class Missing(ForeignExpression):
    """The value of a parameter without an argument."""

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The symbol of a missing argument."""
        return Symbol(values.MISSING, interpreter.span(self))


class IsMissing(ForeignExpression):
    """Whether a parameter has no argument."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def evaluate(self, interpreter: Interpreter) -> Value:
        """True or False; unknown if the argument is."""
        value, span = interpreter.scope.names.get(self.name), interpreter.span(self)
        if isinstance(value, Symbol) and value.name == values.MISSING:
            return Constant(True, span)
        if value is None or isinstance(value, Unknown):
            return unknown("depends on an unknown argument", span)
        return Constant(False, span)


class Inherited(ForeignExpression):
    """The value that a name has outside of the function that may set it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value of the name in the enclosing scopes."""
        above = interpreter.scope.above
        value = above.find(self.name) if above is not None else None
        return value or unknown(is_a(f"`{self.name}`, which this source does not define"), interpreter.span(self))


class Dots(ForeignExpression):
    """The arguments that ``...`` stands for."""

    kinds: tuple[str, ...] = (values.DOTS,)
    """The kinds of sequences of arguments that are read."""

    def passed(self, interpreter: Interpreter) -> list[Passed]:
        """The arguments in their order; one unknown that may be any number of them if they are not known."""
        value, span = interpreter.scope.find("..."), interpreter.span(self)
        if isinstance(value, Sequence) and value.kind in self.kinds and value.open is None:
            return [_passed(pair) for pair in value.items]
        if _is_missing(value):
            return []
        anything = values.opaque("may come from `...`", span, [] if value is None else [value])
        return [Passed(None, anything, span, is_open=True)]

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The arguments without names, for a call with ``*``."""
        passed, span = self.passed(interpreter), interpreter.span(self)
        if any(argument.is_open for argument in passed):
            return passed[0].value
        return Sequence("list", [argument.value for argument in passed if argument.name is None], span)


class PositionalDots(Dots):
    """The arguments without names that ``...`` stands for, for a call with ``*``."""

    kinds = (values.DOTS, values.MIXED_DOTS)


class NamedDots(PositionalDots):
    """The named arguments that ``...`` stands for, for a call with ``**``."""

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The named arguments as a mapping."""
        passed, span = self.passed(interpreter), interpreter.span(self)
        if any(argument.is_open for argument in passed):
            return passed[0].value
        named = [argument for argument in passed if argument.name is not None]
        entries: dict[Key, Value] = {argument.name: argument.value for argument in named}
        return Mapping(entries, span, {argument.name: argument.place for argument in named})


def _passed(pair: Value) -> Passed:
    """The argument that a pair of a name, or None, and a value stands for."""
    assert isinstance(pair, Sequence)
    name, argument = pair.items
    assert isinstance(name, Constant)
    return Passed(None if name.value is None else str(name.value), argument, name.span)


def _is_missing(value: Value | None) -> bool:
    return isinstance(value, Symbol) and value.name == values.MISSING


class Hazard(ForeignExpression):
    """An argument whose value a function of R may see changed, because it reads it later.

    ``assigned`` are the names that the argument assigns.
    """

    _fields = ("value",)
    value: ast.expr

    def __init__(self, value: ast.expr, assigned: AnySequence[str]) -> None:
        super().__init__()
        self.value = value
        self.assigned = tuple(assigned)

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value now; a call of a function of R takes it for unknown."""
        value = expressions.evaluate(interpreter, self.value)
        assert isinstance(interpreter, RInterpreter)
        interpreter.hazards.append((value, self.assigned))
        return value


class Switch(ForeignExpression):
    """A call of ``switch``; ``names`` are those of the branches, None for the default."""

    _fields = ("subject", "branches")
    subject: ast.expr
    branches: list[ast.expr]

    def __init__(self, subject: ast.expr, names: list[str | None], branches: list[ast.expr]) -> None:
        super().__init__()
        self.subject = subject
        self.names = names
        self.branches = branches

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value of the branch that the subject chooses; if that is unknown, the join of all."""
        subject, span = expressions.evaluate(interpreter, self.subject), interpreter.span(self)
        if isinstance(subject, Constant) and isinstance(subject.value, str):
            named = self.names.index(subject.value) if subject.value in self.names else None
            if named is None and None in self.names:
                named = self.names.index(None)
            return Constant(None, span) if named is None else expressions.evaluate(interpreter, self.branches[named])
        paths = [partial(expressions.evaluate, interpreter, branch) for branch in self.branches]
        return expressions.join_paths(interpreter, [*paths, lambda: Constant(None, span)], span)


class Apply(ForeignExpression):
    """A call of ``lapply``, ``sapply`` or ``vapply`` with a function for each element."""

    _fields = ("items", "call")
    items: ast.expr
    call: ast.Call

    def __init__(self, name: str, items: ast.expr, call: ast.Call) -> None:
        super().__init__()
        self.name = name
        self.items = items
        self.call = call
        """The call for one element, which is its first argument: an ``Element``."""

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The list or vector of the results."""
        value, span = expressions.evaluate(interpreter, self.items), interpreter.span(self)
        items = values.list_items(value)
        element = self.call.args[0]
        assert isinstance(element, Element)
        if items is None or len(items) > base_functions.MAX_CALLS:
            function = expressions.evaluate(interpreter, self.call.func)
            passed = Arguments(operators.with_parts([value]))
            callbacks.interpret(interpreter, [function], passed, span)
            return values.opaque(is_a(f"what `{self.name}()` returns"), span, [value])
        results: list[Value] = []
        for item in items:
            element.value = item
            results.append(expressions.evaluate(interpreter, self.call))
        return base_functions.applied(self.name, value, results, span)


class Element(ForeignExpression):
    """The element that ``Apply`` passes to a function."""

    value: Value

    def evaluate(self, _: Interpreter) -> Value:
        """The current element."""
        return self.value


class DoCall(ForeignExpression):
    """A call of ``do.call``: the function gets the elements of a list as its arguments."""

    _fields = ("call", "arguments")
    call: ast.Call
    arguments: ast.expr

    def __init__(self, call: ast.Call, arguments: ast.expr) -> None:
        super().__init__()
        self.call = call
        self.arguments = arguments

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The result of the call. A function of R itself is one of ``BaseCall``."""
        listed = expressions.evaluate(interpreter, self.arguments)
        spread: Value = listed
        unnamed: list[Value] = []
        if isinstance(listed, Sequence):
            items = values.list_items(listed)
            spread = Mapping({}, listed.span, open=None if items is not None else unknown("is unknown", listed.span))
            unnamed = items or []
        holder = self.call.args[0]
        assert isinstance(holder, ast.Starred)
        assert isinstance(holder.value, Element)
        holder.value.value = Sequence("list", unnamed, interpreter.span(self))
        named = self.call.keywords[0].value
        assert isinstance(named, Element)
        named.value = spread
        return expressions.evaluate(interpreter, self.call)


class DoBaseCall(ForeignExpression):
    """A call of ``do.call`` with a function of R itself."""

    _fields = ("arguments",)
    arguments: ast.expr

    def __init__(self, function: str, arguments: ast.expr) -> None:
        super().__init__()
        self.function = function
        self.arguments = arguments

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The result of the call."""
        listed, span = expressions.evaluate(interpreter, self.arguments), interpreter.span(self)
        passed = [Passed(None, values.opaque("is unknown", span, [listed]), span, is_open=True)]
        if isinstance(listed, Mapping) and operators.is_closed(listed):
            passed = [Passed(str(key), value, listed.place(key)) for key, value in listed.entries.items()]
        elif isinstance(listed, Sequence | Constant) and values.list_items(listed) is not None:
            passed = [Passed(None, value, span) for value in values.list_items(listed) or []]
        return _called(self.function, interpreter, passed, span)


# Targets


class OuterName(ForeignTarget):
    """The target of ``<<-``: the name in the nearest enclosing scope that has it, else among the global ones."""

    _fields = ("declared", "name")
    name: ast.Name
    declared: ast.Nonlocal

    def __init__(self, name: ast.Name, *, is_global: bool = False) -> None:
        super().__init__()
        self.name = name
        self.declared = ast.copy_location(ast.Nonlocal([name.id]), name)
        self.is_global = is_global

    def evaluate(self, interpreter: Interpreter) -> Value:
        """The value of the name in the enclosing scopes."""
        value = (interpreter.scope.above or interpreter.scope).find(self.name.id)
        return value or unknown(is_a(f"`{self.name.id}`, which this source does not define"), interpreter.span(self))

    def assign(self, interpreter: Interpreter, value: Value) -> None:
        """Bind the name."""
        scope = interpreter.scope.above or interpreter.scope
        if self.is_global:
            scope = interpreter.scope.outermost()
        while scope.above is not None and self.name.id not in scope.names:
            scope = scope.above
        scope.names[self.name.id] = value
        record_name(interpreter.variables, self.name.id, value)


class Replacement(ForeignTarget):
    """A part of a variable's value: the variable gets a changed copy, an object of Python is changed itself."""

    _fields = ("place",)
    place: ast.expr

    def __init__(self, place: ast.expr) -> None:
        super().__init__()
        self.place = place

    def assign(self, interpreter: Interpreter, value: Value) -> None:
        """Bind the variable to the changed value."""
        _replace(interpreter, self.place, value)


class ElementPlace(ast.Subscript):
    """The target ``x[[index]]``, or ``x[index]`` if it ``is_part``."""

    is_part: bool


class PropertyPlace(ForeignExpression):
    """The target ``f(x)``, such as ``names(x)``."""

    _fields = ("value",)
    value: ast.expr

    def __init__(self, function: str, value: ast.expr) -> None:
        super().__init__()
        self.function = function
        self.value = value


def _replace(interpreter: Interpreter, place: ast.expr, value: Value) -> None:
    """Set a place; a part of a value by setting the value of which it is a part."""
    if not isinstance(place, ast.Attribute | ElementPlace | PropertyPlace):
        interpreter.assign(place, value)
        return
    current, span = _current(interpreter, place.value), interpreter.span(place)
    if isinstance(place, PropertyPlace):
        changed = _with_property(place.function, current, value, span)
    elif isinstance(place, ast.Attribute):
        if not values.is_plain(current):
            _set_attribute(interpreter, place, current, value, span)
            if values.is_object(current):
                return
        changed = values.with_member(current, place.attr, value, _end(interpreter, place))
    else:
        index = expressions.evaluate(interpreter, place.slice)
        if _may_be_of_python(current):
            operators.forget(current, unknown("may be changed by an assignment to an item", span))
            interpreter.libraries.item_used(current, span, index)
            if values.is_object(current):
                return
        change = values.with_part if place.is_part else values.with_element
        changed = change(current, index, value, interpreter.span(place.slice))
    _replace(interpreter, place.value, changed)


def _may_be_of_python(value: Value) -> bool:
    """Whether a value may be an object of Python, which a change of an item changes itself."""
    is_python = isinstance(value, Sequence) and value.kind == values.PYTHON
    return is_python or not values.is_plain(value)


def _current(interpreter: Interpreter, place: ast.expr) -> Value:
    """The value of a place before it is set."""
    if not isinstance(place, ast.Attribute | ElementPlace | PropertyPlace):
        return expressions.evaluate(interpreter, place)
    owner, span = _current(interpreter, place.value), interpreter.span(place)
    if isinstance(place, ast.Attribute):
        return interpreter.member(owner, place.attr, span)
    if isinstance(place, PropertyPlace) or not values.is_plain(owner):
        return values.opaque(is_a("a part that is not read"), span, [owner])
    read = values.part if place.is_part else values.element
    return read(owner, expressions.evaluate(interpreter, place.slice), span)


def _end(interpreter: Interpreter, place: ast.Attribute) -> Span:
    """The place of the name in ``x$name``."""
    return interpreter.unit.tail(place)


def _set_attribute(interpreter: Interpreter, place: ast.Attribute, current: Value, value: Value, span: Span) -> None:
    """Set an attribute of an object of Python, or of what may be one."""
    interpreter.set_attribute(current, place.attr, values.to_python(value), span)
    if isinstance(place.value, ast.Name):
        record_name(interpreter.variables, f"{place.value.id}${place.attr}", value)


def _with_property(function: str, current: Value, value: Value, span: Span) -> Value:
    """What ``f(x) <- value`` makes of a value: names are read, and nothing else."""
    renamed = _renamed(current, value, span) if function == "names" else None
    return values.opaque("has other attributes", span, [current, value]) if renamed is None else renamed


def _renamed(current: Value, names: Value, span: Span) -> Value | None:
    """A list with other names; None if one of them is not known, or empty."""
    items, constants = values.list_items(current), values.elements(names)
    if not items or constants is None or not values.is_list(current):
        return None
    texts = values.nonempty_texts(constants)
    if texts is None or len(texts) != len(items):
        return None
    return values.named_list(texts, items, span, [constant.span for constant in constants])
