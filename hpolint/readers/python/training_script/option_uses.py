"""Where a script uses the value of an option, and the conditions under which it comes there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from hpolint.model.node import ScalarValue
from hpolint.model.training_script import Condition, OptionUse, Shown
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.receivers import Receivers, read_member
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name
from hpolint.readers.python.training_script.unused_options import UnusedOptions

MAX_NAMES = 3
"""Names through which a value is followed."""

CASES = frozenset({"lower", "upper"})
"""Methods of strings after which a value may be compared."""

CONVERSIONS = frozenset({"int", "float"})


class OptionUses:
    """Tells where options are used, for a script in which every use of the parsed options is seen."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings, receivers: Receivers | None) -> None:
        self._trees = trees
        self._bindings = bindings
        self._receivers = receivers
        self.unused = UnusedOptions(trees)
        self._parsed = self.unused.parsed

    def of(self, member: str, unused: tuple[Shown, ...] | None) -> tuple[tuple[OptionUse, ...], tuple[Shown, ...]]:
        """The uses of an option's value that may change what the script does, and where it is only printed.

        No uses if one may not be seen, or if one is reached under no condition and is no argument of a constructor.
        ``unused`` is where an option is printed that is never used; None for any other.
        """
        if unused is not None:
            return (), unused
        if not member or self.unused.may_be_read_as_a_whole:
            return (), ()
        uses: dict[OptionUse, None] = {}
        shown: list[Shown] = []
        for use in self._of_reads(member):
            if isinstance(use, Shown):
                shown.append(use)
            elif use.conditions or use.parameter:
                uses[use] = None
            else:
                return (), ()
        # few options come this far: which strings may name one takes longer to find out
        return ((), ()) if not uses or member in self._named else (tuple(uses), tuple(shown))

    def _of_reads(self, member: str) -> Iterator[OptionUse | Shown]:
        for node in self._reads[member]:
            yield from self._followed(node, (), MAX_NAMES)

    @cached_property
    def _reads(self) -> dict[str, list[ast.Attribute]]:
        """The reads of attributes, by name."""
        reads: dict[str, list[ast.Attribute]] = defaultdict(list)
        for node in self._trees.attributes:
            if isinstance(node.ctx, ast.Load):
                reads[node.attr].append(node)
        return reads

    @cached_property
    def _named(self) -> set[str]:
        """The strings by which an option may be read: those that are no keys, and declare no option."""
        named: set[str] = set()
        for constant, text in self._trees.texts.items():
            above = self._trees.parents.get(constant)
            is_key = isinstance(above, ast.Dict | ast.Subscript)
            if not is_key and not self.unused.is_declared(constant) and not self.unused.is_shown(constant):
                named.add(text)
        return named

    def _followed(self, node: ast.expr, known: tuple[Condition, ...], names_left: int) -> Iterator[OptionUse | Shown]:
        """The uses of a value at one place: itself, or those of the name that it gets there."""
        if self.unused.is_shown(node):
            yield self.unused.place(node)
            return
        conditions = tuple(dict.fromkeys((*known, *self._conditions(node))))
        value = self._converted(node)
        name = self._name_of(value) if names_left else None
        if name is not None and [*self._bindings.of(name)] == [value]:
            for load in self._trees.loads(name):
                yield from self._followed(load, conditions, names_left - 1)
            return
        yield OptionUse(conditions, *self._place(value))

    def _converted(self, node: ast.expr) -> ast.expr:
        """A value, or the call that converts it to a number."""
        above = self._trees.parents.get(node)
        if isinstance(above, ast.Call) and called_name(above) in CONVERSIONS and above.args == [node]:
            return above
        return node

    def _name_of(self, value: ast.expr) -> str | None:
        """The name that a value gets by an assignment, or as the parameter of a function of the script."""
        match self._trees.parents.get(value):
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return name
        received = self.unused.parameter_of(value)
        return None if received is None else received[1]

    def _place(self, value: ast.expr) -> tuple[int, str]:
        """The number of the constructor that gets a value, and its parameter; nothing for any other use."""
        keyword = self._trees.parents.get(value)
        call = self._trees.parents.get(keyword) if isinstance(keyword, ast.keyword) else None
        if self._receivers is None or not isinstance(keyword, ast.keyword) or not isinstance(call, ast.Call):
            return -1, ""
        number = self._receivers.number_of(call)
        return (-1, "") if number is None or keyword.arg is None else (number, keyword.arg)

    def _conditions(self, node: ast.expr) -> Iterator[Condition]:
        """What options certainly are where the script comes to an expression."""
        inner: ast.AST = node
        for above in self._trees.around(node):
            match above:
                case ast.If(test=test, body=body, orelse=orelse):
                    if inner in body or inner in orelse:
                        yield from self._tested(test, is_true=inner in body)
                case ast.IfExp(test=test, body=chosen, orelse=other):
                    if inner is chosen or inner is other:
                        yield from self._tested(test, is_true=inner is chosen)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                    return
            inner = above

    def _tested(self, test: ast.expr, *, is_true: bool) -> list[Condition]:
        """What options certainly are if a condition is true, or if it is false."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._tested(operand, is_true=not is_true)
            case ast.BoolOp(op=operator, values=values):
                parts = [self._tested(value, is_true=is_true) for value in values]
                if isinstance(operator, ast.And) == is_true:
                    return [*chain.from_iterable(parts)]
                return _either(parts)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self._compared(left, operator, right, is_true=is_true)
        member, _ = self._member(test)
        return [Condition(member, "", (), is_in=is_true, is_truth=True)] if member else []

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, *, is_true: bool) -> list[Condition]:
        member, conversion = self._member(left)
        match operator:
            case ast.Eq() | ast.NotEq():
                items = [right]
            case ast.In() | ast.NotIn() if isinstance(right, ast.Tuple | ast.List | ast.Set):
                items = right.elts
            case _:
                return []
        values: list[ScalarValue] = []
        for item in items:
            match item:
                case ast.Constant(value=str() | int() | float() | bool() as value):
                    values.append(value)
        if not member or len(values) != len(items):
            return []
        is_in = isinstance(operator, ast.Eq | ast.In) == is_true
        return [Condition(member, conversion, tuple(values), is_in=is_in)]

    def _member(self, value: ast.expr) -> tuple[str, str]:
        """The option whose value an expression has, and what was done to it; empty for any other expression."""
        match value:
            case ast.Call(func=ast.Attribute(value=holder, attr=method), args=[], keywords=[]) if method in CASES:
                member, conversion = self._member(holder)
                return (member, method) if not conversion else ("", "")
        member, conversion = read_member(value, self._parsed, self._bindings)
        return ("", "") if member and self._parsed.is_changed(member) else (member, conversion)


def _either(parts: list[list[Condition]]) -> list[Condition]:
    """The condition that one of several values of an option is true; none for other alternatives."""
    first = parts[0][0] if len(parts[0]) == 1 else None
    if first is None or not first.is_in or first.is_truth:
        return []
    values: list[ScalarValue] = []
    for part in parts:
        match part:
            case [Condition(member=first.member, conversion=first.conversion, is_in=True, is_truth=False) as condition]:
                values += condition.values
            case _:
                return []
    return [Condition(first.member, first.conversion, tuple(values))]
