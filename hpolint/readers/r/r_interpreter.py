"""The interpreter of Python with the rules of R: copies at assignments, matched arguments, converted values."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import expressions
from hpolint.readers.python.interpreter.calls import Site
from hpolint.readers.python.interpreter.chosen_items import of_each
from hpolint.readers.python.interpreter.interpreter import Interpreter
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.operators import aliases
from hpolint.readers.python.interpreter.syntax_facts import Change
from hpolint.readers.python.interpreter.units import BEGINNING
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Function,
    Instance,
    Sequence,
    Symbol,
    Value,
    unknown,
)
from hpolint.readers.r import r_values as values
from hpolint.readers.r.arguments import matched
from hpolint.readers.r.program_facts import Facts

OWN_NAMES = {"T": True, "F": False, "pi": 3.141592653589793}
"""Variables that R has at its start, which a program may set."""


class RInterpreter(Interpreter):
    """An interpreter of the trees that `translation` makes.

    ``hazards`` are values of arguments that a function of R may see changed, and the names that these arguments set.
    ``is_open``: a call may have set any name, also those of R's own functions.
    """

    def __init__(self, world: LibraryModel, facts: Facts) -> None:
        super().__init__(world)
        self.facts = facts
        self.is_open = False
        self.hazards: list[tuple[Value, tuple[str, ...]]] = []
        for name in facts.names:
            reason = is_a(f"`{name}`, which this source does not define")
            self.scope.names[name] = unknown(reason, BEGINNING)
        for name, value in OWN_NAMES.items():
            self.scope.names[name] = Constant(value, BEGINNING)
        for letters in ("letters", "LETTERS"):
            texts = [Constant(chr(code), BEGINNING) for code in range(ord("a"), ord("z") + 1)]
            if letters == "LETTERS":
                texts = [Constant(str(text.value).upper(), BEGINNING) for text in texts]
            self.scope.names[letters] = Sequence(values.VECTOR, [*texts], BEGINNING)

    def member(self, receiver: Value, name: str, span: Span) -> Value:
        """``receiver$name``."""
        if isinstance(receiver, Either) and receiver.complete:
            return of_each(receiver, lambda candidate: self.member(candidate, name, span), span)
        if isinstance(receiver, Sequence) and receiver.kind == values.PYTHON:
            return values.opaque(is_a("a part of a dict of Python"), span, [receiver])
        if values.is_plain(receiver):
            return values.member(receiver, name, span)
        return self._from_python(expressions.member(self, receiver, name, span), span)

    def apply(self, function: Value, arguments: Arguments, site: Site) -> Value:
        """Call a function of R, or one of Python with converted values."""
        if isinstance(function, Function) or (isinstance(function, Either) and function.complete):
            return super().apply(function, arguments, site)
        if isinstance(function, Symbol) and function.name == values.MISSING:
            function = unknown(is_a("a missing argument"), site.span)
        result = super().apply(function, values.arguments_to_python(arguments), site)
        self._settle(arguments.values(), is_late=not values.is_object(function))
        return self._from_python(result, site.span)

    def _from_python(self, value: Value, span: Span) -> Value:
        if not self.facts.converts and values.is_plain(value):
            return values.opaque(is_a("an object of Python that is not converted"), span, [value])
        return values.from_python(value, span)

    def call_function(self, function: Function, arguments: Arguments, span: Span, *, is_awaited: bool = True) -> Value:
        """Interpret a call of a function of R, with its arguments matched as R does."""
        passed = self._settle(arguments.values(), is_late=True)
        keywords = {name: self._late(value, passed) for name, value in arguments.keywords.items()}
        positional = [self._late(value, passed) for value in arguments.positional]
        given = Arguments(positional, keywords, arguments.places, arguments.open)
        names = {parameter.arg for parameter in function.node.args.args}
        if given.open is not None:
            exact = {name: value for name, value in keywords.items() if name in names}
            bound: Arguments | None = Arguments(keywords=exact, open=given.open)
        else:
            bound = matched(function, given, span)
        if bound is None:
            self.skip_call(function, given, span)
            return unknown(is_a("what a call with arguments that do not match returns"), span)
        return super().call_function(function, bound, span, is_awaited=is_awaited)

    def skip_call(self, function: Function, arguments: Arguments, span: Span) -> Value:
        """The result of a call that is not analysed."""
        self.is_open |= self.facts.may_set_any_name
        return super().skip_call(function, arguments, span)

    def forget_part(self, change: Change, value: Value, why: Unknown) -> None:
        """Make unknown what an assignment to a part may have set: the part of an object of Python, or the variable."""
        if isinstance(value, Instance):
            super().forget_part(change, value, why)
        elif not change.method:
            self.bind(change.name, aliases([value], why))

    def _settle(self, passed: Iterable[Value], *, is_late: bool) -> list[Value]:
        """Take the hazards among the arguments of a call from the list, and forget the names that they set."""
        own = list(passed)
        own_identities = set(map(id, own))
        found = [hazard for hazard in self.hazards if id(hazard[0]) in own_identities]
        self.hazards = [hazard for hazard in self.hazards if hazard not in found]
        for _, names in found if is_late else ():
            for name in names:
                self.bind(name, unknown("may be set by an argument, which R evaluates later", BEGINNING))
        return [value for value, _ in found]

    def _late(self, value: Value, hazards: list[Value]) -> Value:
        """The value of an argument when a function of R reads it."""
        if any(value is hazard for hazard in hazards):
            return values.opaque("may change before a function reads it", BEGINNING, [value])
        return value
