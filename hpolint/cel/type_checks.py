"""Type checks of expressions when a rule is loaded, so that at run time only unknown values can make them fail.

A condition must not hide an unknown value (``has``, ``in`` or ``size`` on a structure, …), must not read members that
do not exist, and must test a nullable value with ``!= null`` before it uses it. Evaluating examples would not find such
mistakes, because ``false && error`` is false.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from hpolint.cel.syntax_tree import Call, Comprehension, Constant, Expr, ListDisplay, Name, Select
from hpolint.cel.types import ANY, BOOL, DOUBLE, INT, NULL, STRING, Type

Key = tuple[str, ...]
"""The path of a value that an expression reads; ``*`` stands for the items of a list."""

ORDER = {"_<_", "_<=_", "_>_", "_>=_"}
ARITHMETIC = {"_+_", "_-_", "_*_", "_/_", "_%_"}
TEXT = {"startsWith", "endsWith", "contains", "matches"}
CONVERSIONS = {"int": INT, "double": DOUBLE, "string": STRING}
NUMBERS = ("int", "double")
MAX_PATHS, MAX_PATH_DEPTH = 3, 3


class ExpressionError(Exception):
    """Why an expression is refused, and the offset of the mistake in its text.

    ``unknown`` is the unknown name if that is the mistake, else empty.
    """

    def __init__(self, reason: str, offset: int, unknown: str = "") -> None:
        super().__init__(reason, offset, unknown)
        self.reason = reason
        self.offset = offset
        self.unknown = unknown

    def __str__(self) -> str:
        return self.reason


class Checked(msgspec.Struct, frozen=True):
    """An accepted expression's type, the paths that it reads, and those that are not null where it is true."""

    type: Type
    reads: frozenset[Key]
    not_null: frozenset[Key]


def check(root: Expr, names: Mapping[str, Type], known: frozenset[Key] = frozenset()) -> Checked:
    """Check an expression against the types of its names. Raises ExpressionError.

    ``known`` are the paths that are known not to be null when it is evaluated.
    """
    checker = _Checker(names)
    found = checker.type_of(root, known)
    return Checked(found, frozenset(checker.reads), known | checker.not_null(root, truth=True))


class _Checker:
    def __init__(self, names: Mapping[str, Type]) -> None:
        self._names = dict(names)
        self._items: dict[str, Key] = {}
        self.reads: set[Key] = set()

    def type_of(self, expr: Expr, known: frozenset[Key]) -> Type:
        """The expression's type, given that the paths in ``known`` are not null. Raises ExpressionError."""
        match expr:
            case Constant(value=value):
                return _constant_type(value)
            case Name():
                return self._name(expr, known)
            case Select():
                return self._select(expr, known)
            case ListDisplay(items=items):
                types = [self._present(item, known) for item in items]
                return Type("list", item=types[0] if types else ANY)
            case Comprehension():
                return self._comprehension(expr, known)
            case Call():
                return self._call(expr, known)
        raise ExpressionError("a map or message literal is not allowed", expr.offset)

    def _name(self, expr: Name, known: frozenset[Key]) -> Type:
        if expr.name not in self._names:
            raise ExpressionError(f"unknown name `{expr.name}`{_choices(self._names)}", expr.offset)
        key = (expr.name,)
        self._read(key)
        return _narrowed(self._names[expr.name], key in known)

    def _select(self, expr: Select, known: frozenset[Key]) -> Type:
        if expr.test:
            raise ExpressionError("has() would hide an unknown value: compare with null instead", expr.offset)
        operand = self._present(expr.operand, known)
        if operand.kind == "any":
            return ANY
        if operand.shape is None:
            raise ExpressionError(f"cannot read `{expr.member}`: {_a(operand)} has no members", expr.offset)
        members = operand.shape.members()
        if expr.member not in members:
            reason = f"`{operand.shape.name}` has no member `{expr.member}`{_choices(members)}"
            raise ExpressionError(reason, expr.offset)
        key = self.path(expr)
        read = key or self._read_path(expr)
        if read:
            self._read(read)
        return _narrowed(members[expr.member], key in known)

    def _read_path(self, expr: Expr) -> Key | None:
        """The path that an expression reads if it is a member of some item of a list: ``list.filter(…)[0].member``."""
        match expr:
            case Select(operand=operand, member=member):
                parent = self._read_path(operand)
                return (*parent, member) if parent else None
            case Call(function="_[_]", arguments=(values, _)):
                parent = self._read_path(_filtered(values))
                return (*parent, "*") if parent else None
        return self.path(expr)

    def path(self, expr: Expr) -> Key | None:
        """The path of members and constant indexes that an expression reads; None for any other expression."""
        match expr:
            case Name(name=name):
                return (name,)
            case Select(operand=operand, member=member):
                parent = self.path(operand)
                return (*parent, member) if parent else None
            case Call(function="_[_]", arguments=(values, Constant(value=int(index)))):
                parent = self.path(values)
                return (*parent, f"[{index}]") if parent else None
        return None

    def _read(self, key: Key) -> None:
        """Record a path as read. A macro's variable is recorded as the items of its list."""
        head = self._items.get(key[0], (key[0],))
        if head:
            self.reads.add((*head, *("*" if step.startswith("[") else step for step in key[1:])))

    def _present(self, expr: Expr, known: frozenset[Key]) -> Type:
        """The type of an expression that must not be null here."""
        type_ = self.type_of(expr, known)
        if type_.nullable or type_.kind == "null":
            text = ".".join(self.path(expr) or ()) or "this value"
            raise ExpressionError(f"`{text}` can be null: write `{text} != null &&` before it", expr.offset)
        return type_

    def _call(self, expr: Call, known: frozenset[Key]) -> Type:
        function, arguments = expr.function, expr.arguments
        if function in ("_&&_", "_||_"):
            return self._logic(expr, known)
        if function in ("_==_", "_!=_"):
            return self._equality(expr, known)
        if function == "_?_:_":
            return self._choice(expr, known)
        if function in ("!_", "@not_strictly_false"):
            return self._expect(arguments[0], known, "bool")
        types = [self._present(argument, known) for argument in arguments]
        if function in ORDER:
            return self._ordered(expr, types)
        if function in ARITHMETIC or function == "-_":
            return self._arithmetic(expr, types)
        return self._function(expr, types)

    def _function(self, expr: Call, types: list[Type]) -> Type:
        function = expr.function
        if function == "@in":
            return self._membership(expr, types)
        if function == "size":
            fits = types[0].kind in ("list", "string", "any")
            return _require(fits, f"size() takes a list or a string, not {_a(types[0])}", expr, INT)
        if function in TEXT:
            fits = all(kind.kind in ("string", "any") for kind in types)
            return _require(fits, f"{function}() takes strings", expr, BOOL)
        if function in CONVERSIONS:
            plain = types[0].kind in (*NUMBERS, "string", "bool", "any")
            return _require(plain, f"{function}() does not take {_a(types[0])}", expr, CONVERSIONS[function])
        if function == "_[_]":
            fits = types[0].kind == "list" and types[1].kind == "int"
            reason = f"[] takes a list and an int, not {_a(types[0])} and {_a(types[1])}"
            return _require(fits, reason, expr, types[0].item or ANY)
        raise ExpressionError(f"`{function.strip('_@')}` is not allowed in a rule", expr.offset)

    def _logic(self, expr: Call, known: frozenset[Key]) -> Type:
        """A bool. ``b`` in ``a && b`` may rely on the null checks of a true ``a``; in ``a || b``, of a false ``a``."""
        truth = expr.function == "_&&_"
        first, second = expr.arguments
        self._expect(first, known, "bool")
        self._expect(second, known | self.not_null(first, truth=truth), "bool")
        return BOOL

    def not_null(self, expr: Expr, *, truth: bool) -> frozenset[Key]:
        """The paths that are not null if the expression is true (or, without ``truth``, false)."""
        if not isinstance(expr, Call):
            return frozenset()
        if expr.function == "!_":
            return self.not_null(expr.arguments[0], truth=not truth)
        if expr.function in ("_&&_", "_||_"):
            first, second = (self.not_null(part, truth=truth) for part in expr.arguments)
            both_hold = (expr.function == "_&&_") is truth
            return first | second if both_hold else first & second
        if expr.function not in ("_==_", "_!=_"):
            return frozenset()
        left, right = expr.arguments
        if _is_null(left):
            left, right = right, left
        # A value that differs from null or equals another constant is not null.
        differs = (expr.function == "_!=_") is truth
        key = self.path(left) if isinstance(right, Constant) and differs is _is_null(right) else None
        return frozenset({key}) if key else frozenset()

    def _equality(self, expr: Call, known: frozenset[Key]) -> Type:
        left, right = (self.type_of(argument, known) for argument in expr.arguments)
        if "null" in (left.kind, right.kind):
            return BOOL
        for side in (left, right):
            if side.kind == "struct" or (side.kind == "list" and side.item and side.item.kind == "struct"):
                raise ExpressionError("a structure can only be compared with null", expr.offset)
        for kind, argument in ((left, expr.arguments[1]), (right, expr.arguments[0])):
            _require_choice(kind, argument)
        reason = f"{_a(left)} never equals {_a(right)}{_to_number(left, right)}"
        return _require(_comparable(left, right), reason, expr, BOOL)

    def _choice(self, expr: Call, known: frozenset[Key]) -> Type:
        condition, then, otherwise = expr.arguments
        self._expect(condition, known, "bool")
        one = self.type_of(then, known | self.not_null(condition, truth=True))
        other = self.type_of(otherwise, known | self.not_null(condition, truth=False))
        nullable = one.nullable or other.nullable or "null" in (one.kind, other.kind)
        base = other if one.kind == "null" else one
        if {one.kind, other.kind} == {"int", "double"}:
            base = DOUBLE
        return Type(base.kind, nullable, base.item, base.shape)

    def _ordered(self, expr: Call, types: list[Type]) -> Type:
        left, right = types
        fits = _comparable(left, right) and left.kind in (*NUMBERS, "string", "any")
        return _require(fits, f"{_a(left)} cannot be ordered with {_a(right)}{_to_number(left, right)}", expr, BOOL)

    def _arithmetic(self, expr: Call, types: list[Type]) -> Type:
        kinds = {kind.kind for kind in types} - {"any"}
        if kinds == {"int", "double"}:
            reason = "an int cannot be mixed with a double: convert it with double(…) or write 2.0"
            raise ExpressionError(reason, expr.offset)
        joined = expr.function == "_+_" and kinds in ({"string"}, {"list"})
        convert = _to_text if expr.function == "_+_" else _to_number
        reason = f"no arithmetic is possible on {' and '.join(map(_a, types))}{convert(types[0], types[-1])}"
        return _require(joined or kinds <= set(NUMBERS), reason, expr, types[-1])

    def _membership(self, expr: Call, types: list[Type]) -> Type:
        needle, haystack = types
        if haystack.kind != "list":
            raise ExpressionError("`in` takes only lists: otherwise it would hide an unknown value", expr.offset)
        item = haystack.item or ANY
        if item.kind == "struct":
            raise ExpressionError("`in` cannot compare structures: test a member with exists()", expr.offset)
        searched, listed = expr.arguments
        if isinstance(listed, ListDisplay):
            for argument in listed.items:
                _require_choice(needle, argument)
        _require_choice(item, searched)
        return _require(_comparable(needle, item), f"{_a(needle)} is never in a list of {item}", expr, BOOL)

    def _comprehension(self, expr: Comprehension, known: frozenset[Key]) -> Type:
        values = self._present(expr.range, known)
        if values.kind != "list":
            raise ExpressionError("a macro takes only lists: otherwise it would hide an unknown member", expr.offset)
        path = self.path(_filtered(expr.range))
        saved = dict(self._names), dict(self._items)
        self._names[expr.variable] = values.item or ANY
        self._items[expr.variable] = (*self._items.get(path[0], path[:1]), *path[1:], "*") if path else ()
        self._items[expr.accumulator] = ()
        inner = frozenset(key for key in known if key[0] != expr.variable)
        self._names[expr.accumulator] = self.type_of(expr.start, inner)
        self.type_of(expr.condition, inner)
        self._names[expr.accumulator] = self.type_of(expr.step, inner)
        result = self.type_of(expr.result, inner)
        self._names, self._items = saved
        return result

    def _expect(self, expr: Expr, known: frozenset[Key], kind: str) -> Type:
        type_ = self._present(expr, known)
        reason = f"{_a(kind)} is required here, but this is {_a(type_)}"
        return _require(type_.kind in (kind, "any"), reason, expr, type_)


def _filtered(expr: Expr) -> Expr:
    """The list whose items an expression has: for ``list.filter(…)``, the list; for any other expression, itself."""
    while isinstance(expr, Comprehension) and _keeps_items(expr):
        expr = expr.range
    return expr


def _keeps_items(expr: Comprehension) -> bool:
    """Whether a macro is ``filter``: a step adds the item itself, or nothing."""
    step = expr.step
    added = step.arguments[1] if isinstance(step, Call) and step.function == "_?_:_" else None
    items = added.arguments[1] if isinstance(added, Call) and added.function == "_+_" else None
    if not isinstance(items, ListDisplay) or len(items.items) != 1:
        return False
    (item,) = items.items
    return isinstance(item, Name) and item.name == expr.variable


def _require(fits: bool, reason: str, expr: Expr, result: Type) -> Type:
    if not fits:
        raise ExpressionError(reason, expr.offset)
    return result


def _require_choice(kind: Type, argument: Expr) -> None:
    """Raise ExpressionError for a constant that a value of the type never equals."""
    value = argument.value if isinstance(argument, Constant) else None
    if kind.choices and isinstance(value, str) and value not in kind.choices:
        values = ", ".join(f'"{choice}"' for choice in kind.choices)
        raise ExpressionError(f'"{value}" is not one of the possible values: {values}', argument.offset)


def _constant_type(value: object) -> Type:
    if value is None:
        return NULL
    for python, kind in ((bool, BOOL), (int, INT), (float, DOUBLE), (str, STRING)):
        if isinstance(value, python):
            return kind
    return ANY


def _narrowed(kind: Type, present: bool) -> Type:
    return replace(kind, nullable=False) if present else kind


def _is_null(expr: Expr) -> bool:
    return isinstance(expr, Constant) and expr.value is None


def _comparable(one: Type, other: Type) -> bool:
    if "any" in (one.kind, other.kind):
        return True
    return one.kind == other.kind or (one.kind in NUMBERS and other.kind in NUMBERS)


def _choices(names: Mapping[str, object]) -> str:
    available = sorted(name for name in names if not name.startswith(("@", "$")))
    return f" (available: {', '.join(available)})"


def _a(kind: object) -> str:
    """A type with its indefinite article."""
    return f"{'an' if str(kind)[:1] in 'aeiou' else 'a'} {kind}"


def paths_to(name: str, names: Mapping[str, Type]) -> list[str]:
    """The paths of members below some names that end in ``name``: the shortest, and not too many."""
    level = list(names.items())
    for _ in range(MAX_PATH_DEPTH):
        below: list[tuple[str, Type]] = []
        for path, kind in level:
            if kind.shape is not None:
                below += [(f"{path}.{member}", type_) for member, type_ in kind.shape.members().items()]
        level = below
        if paths := [path for path, _ in level if path.endswith(f".{name}")]:
            return paths[:MAX_PATHS]
    return []


def _to_text(one: Type, other: Type) -> str:
    """How to join a text and a number; empty for other types."""
    return ": convert the number with string(…)" if _are_text_and_number(one, other) else ""


def _to_number(one: Type, other: Type) -> str:
    """How to compare a text and a number; empty for other types."""
    return ": convert the string with int(…) or double(…)" if _are_text_and_number(one, other) else ""


def _are_text_and_number(one: Type, other: Type) -> bool:
    kinds = {one.kind, other.kind}
    return "string" in kinds and not kinds.isdisjoint(NUMBERS)
