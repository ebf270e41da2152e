"""Classes of the same source: their members, inheritance and instances."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.functions import bind_parameters, bound, interpret_uncalled
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Function,
    Instance,
    Scope,
    Symbol,
    UserClass,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

DATACLASS, NAMED_TUPLE = "dataclasses.dataclass", "typing.NamedTuple"
PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", NAMED_TUPLE})
ENUMS = ("Enum", "Flag")
MAX_ANCESTORS = 10_000
"""Classes in the orders of all bases of a class, which are merged."""

DYNAMIC = ("__getattribute__", "__setattr__", "__new__")
"""Methods that can compute any attribute; their effect is known only when the code runs."""


def define(interpreter: Interpreter, node: ast.ClassDef) -> None:
    """Interpret a class's body and bind its name."""
    symbols = [interpreter.evaluate(_unsubscripted(base)) for base in node.bases]
    interpreter.scope = Scope(above=interpreter.scope, kind="class")
    interpreter.block(node.body)
    members = interpreter.scope.names
    interpreter.scope = interpreter.scope.above or interpreter.scope
    cls = UserClass(node.name, members, interpreter.span(node))
    cls.bases = [base for base in symbols if isinstance(base, UserClass)]
    ancestors = _ancestors(cls)
    if isinstance(ancestors, Unknown):
        interpreter.bind(node.name, ancestors)
        return
    cls.ancestors = ancestors
    decorators = [_name_of(interpreter, decorator) for decorator in node.decorator_list]
    cls.foreign = _foreign(interpreter, node, symbols)
    if len(symbols) == 1 and isinstance(symbols[0], Symbol) and not node.keywords and not node.decorator_list:
        cls.imported = symbols[0].name
    is_named_tuple = _has_base(symbols, NAMED_TUPLE)
    cls.fields = _fields(node, cls, DATACLASS in decorators or is_named_tuple)
    cls.is_frozen = is_named_tuple or _is_frozen_dataclass(interpreter, node)
    cls.is_constructed_elsewhere = cls.foreign is not None and not isinstance(member(cls, "__init__"), Function)
    _read_fields(interpreter, node, cls)
    for value in members.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = cls
    interpreter.classes.append(cls)
    interpreter.bind(node.name, _decorated(interpreter, node, cls))


def _ancestors(cls: UserClass) -> tuple[UserClass, ...] | Unknown:
    """The classes that a class inherits from, in Python's order; unknown if there is none, or if they are too many.

    The order is the C3 linearisation: each base's own order, and the order of the bases, merged. ``later`` counts how
    often a class is behind the first of a list, so that no list is searched.
    """
    lists = [(base, *base.ancestors) for base in cls.bases] + [tuple(cls.bases)]
    if sum(map(len, lists)) > MAX_ANCESTORS:
        return unknown(is_a(f"the class `{cls.name}`, which inherits from too many classes"), cls.span)
    later = Counter(id(each) for order in lists for each in order[1:])
    places = [0] * len(lists)
    merged: list[UserClass] = []
    while True:
        firsts = [order[place] for order, place in zip(lists, places, strict=True) if place < len(order)]
        if not firsts:
            return tuple(merged)
        chosen = next((each for each in firsts if not later[id(each)]), None)
        if chosen is None:
            why = f"the class `{cls.name}`, whose bases have no consistent order: its definition raises a TypeError"
            return unknown(is_a(why), cls.span)
        merged.append(chosen)
        for number, order in enumerate(lists):
            if places[number] < len(order) and order[places[number]] is chosen:
                places[number] += 1
                if places[number] < len(order):
                    later[id(order[places[number]])] -= 1


def _decorated(interpreter: Interpreter, node: ast.ClassDef, cls: UserClass) -> Value:
    """The class after its bases' ``__init_subclass__`` and its decorators."""
    span = interpreter.span(node)
    hook = next((found for base in cls.bases if (found := member(base, "__init_subclass__")) is not None), None)
    if isinstance(hook, Function):
        keywords = {k.arg: interpreter.evaluate(k.value) for k in node.keywords if k.arg is not None}
        hook = Function(*(hook.node, hook.name, hook.scope, hook.defaults), receiver=cls, owner=hook.owner)
        interpreter.call_function(hook, Arguments([], keywords), span)
    value: Value = cls
    for decorator in reversed(node.decorator_list):
        if _name_of(interpreter, decorator) == DATACLASS:
            continue
        maker = interpreter.evaluate(decorator)
        if isinstance(maker, Function):
            value = interpreter.call_function(maker, Arguments([value]), span)
        else:
            cls.foreign = unknown(f"belongs to `{node.name}`, which a decorator changes", span)
            open_ = {name: cls.foreign for name, each in cls.members.items() if not isinstance(each, Function)}
            cls.members |= open_
    return value


def _unsubscripted(base: ast.expr) -> ast.expr:
    """A base without its type parameters: ``Generic`` for ``Generic[T]``."""
    return base.value if isinstance(base, ast.Subscript) else base


def _name_of(interpreter: Interpreter, decorator: ast.expr) -> str:
    value = interpreter.evaluate(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return value.name if isinstance(value, Symbol) else ""


def _is_frozen_dataclass(interpreter: Interpreter, node: ast.ClassDef) -> bool:
    """Whether a class's decorator makes it a dataclass whose fields cannot be assigned."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or _name_of(interpreter, decorator) != DATACLASS:
            continue
        frozen = [keyword.value for keyword in decorator.keywords if keyword.arg == "frozen"]
        return bool(frozen) and isinstance(frozen[0], ast.Constant) and frozen[0].value is True
    return False


def _has_base(symbols: list[Value], name: str) -> bool:
    return any(isinstance(base, Symbol) and base.name == name for base in symbols)


def _foreign(interpreter: Interpreter, node: ast.ClassDef, symbols: list[Value]) -> Unknown | None:
    """The reason why code outside this source may change the class; None if none does."""
    span = interpreter.span(node)
    for base in symbols:
        if not isinstance(base, UserClass) and not (isinstance(base, Symbol) and base.name in PLAIN_BASES):
            return unknown(f"belongs to `{node.name}`, which has a base that this source does not define", span)
    if any(keyword.arg == "metaclass" for keyword in node.keywords):
        return unknown(f"belongs to `{node.name}`, which has a metaclass", span)
    return next((base.foreign for base in symbols if isinstance(base, UserClass) and base.foreign), None)


def _fields(node: ast.ClassDef, cls: UserClass, made: bool) -> list[str] | None:
    """A dataclass's fields, in order: its bases' and, if ``made``, its own. None if neither is a dataclass."""
    inherited = list(dict.fromkeys(name for base in cls.bases for name in base.fields or []))
    if not made:
        return inherited if any(base.fields is not None for base in cls.bases) else None
    own = [field.target.id for field in _annotated(node) if isinstance(field.target, ast.Name)]
    return list(dict.fromkeys([*inherited, *own]))


def _annotated(node: ast.ClassDef) -> list[ast.AnnAssign]:
    found = [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]
    return [statement for statement in found if "ClassVar" not in source_text(statement.annotation)]


def _read_fields(interpreter: Interpreter, node: ast.ClassDef, cls: UserClass) -> None:
    """Replace annotated members by a dataclass field's default, or by unknown values if the class is ``foreign``."""
    for statement in _annotated(node):
        name = statement.target.id if isinstance(statement.target, ast.Name) else ""
        if cls.foreign is not None and name in cls.members:
            cls.members[name] = cls.foreign
        elif isinstance(statement.value, ast.Call) and cls.fields is not None:
            defaults = [keyword.value for keyword in statement.value.keywords if keyword.arg == "default"]
            if _name_of(interpreter, statement.value) == "dataclasses.field" and defaults:
                cls.members[name] = interpreter.evaluate(defaults[0])
    if cls.foreign is not None and any(source_text(base).endswith(ENUMS) for base in node.bases):
        for name, member in cls.members.items():
            cls.members[name] = member if isinstance(member, Function) else cls.foreign


def member(cls: UserClass, name: str) -> Value | None:
    """A class's own or inherited member; None if this source defines none."""
    if name in cls.members:
        return cls.members[name]
    found = [each.members[name] for each in cls.ancestors if name in each.members]
    if cls.foreign is not None and len(cls.bases) > 1 and any(each is not found[0] for each in found):
        return unknown(f"is defined by several bases of `{cls.name}`", cls.span)
    return found[0] if found else None


def attribute(receiver: Instance | UserClass, name: str) -> Value | None:
    """An attribute of a class of this source or of its instance; None if this source defines none."""
    if isinstance(receiver, UserClass):
        found = member(receiver, name)
        return bound(found, receiver, by_class=True) if isinstance(found, Function) else found
    cls = receiver.user_class
    if cls is None:
        return receiver.attributes.get(name)
    if any(member(cls, each) is not None for each in DYNAMIC):
        return unknown(f"is computed by methods of `{cls.name}` when the code runs", cls.span)
    if name in receiver.attributes:
        return receiver.attributes[name]
    found = member(cls, name)
    if isinstance(found, Function):  # also of an instance that escaped: hardly any code replaces a method of an object
        return bound(found, cls if found.kind == "class" else receiver)
    if receiver.escaped is not None and not cls.is_frozen:
        return receiver.escaped
    return found if found is not None else cls.foreign


def assigned_names(receiver: Instance) -> set[str]:
    """The names under which an instance or its class has data or a property; hardly any code replaces a method."""
    names = set(receiver.attributes)
    waiting = [receiver.user_class] if receiver.user_class is not None else []
    while waiting:
        cls = waiting.pop()
        names |= {name for name, value in cls.members.items() if not isinstance(value, Function) or _is_property(value)}
        waiting += cls.bases
    return names


def has_property(receiver: Instance, name: str) -> bool:
    """Whether an attribute of an instance is a property: assigning to it calls a function."""
    found = member(receiver.user_class, name) if receiver.user_class is not None else None
    return found is not None and _is_property(found)


def _is_property(value: Value) -> bool:
    return isinstance(value, Function) and value.kind == "property"


def set_attribute(interpreter: Interpreter, receiver: Instance, name: str, value: Value, span: Span) -> None:
    """Assign to an instance's attribute; a property's setter is called."""
    found = member(receiver.user_class, name) if receiver.user_class is not None else None
    if isinstance(found, Function) and found.setter is not None:
        interpreter.call_function(bound(found.setter, receiver), Arguments([value]), span)
        return
    if isinstance(found, Unknown) or (isinstance(found, Function) and found.kind == "property"):
        value = unknown("is set through a property", span)
    receiver.attributes[name] = (
        value if receiver.user_class is not None else interpreter.libraries.assigned(receiver, value)
    )


def instantiate(interpreter: Interpreter, cls: UserClass, arguments: Arguments, span: Span) -> Value:
    """The instance that a call of the class makes."""
    passed_on = _pass_through(interpreter, cls, arguments, span)
    if passed_on is not None:
        return passed_on
    interpreter.libraries.instantiated(cls.name, arguments)
    instance = Instance(cls.name, arguments, span, user_class=cls)
    constructor = member(cls, "__init__")
    if isinstance(constructor, Function):
        interpreter.call_function(bound(constructor, instance), arguments, span)
    elif cls.foreign is not None:
        _forget_attributes(instance, cls.foreign)
    elif cls.fields is not None:
        _set_fields(instance, cls.fields, arguments, span)
        after = member(cls, "__post_init__")
        if isinstance(after, Function):
            interpreter.call_function(bound(after, instance), Arguments(), span)
    return instance


def _pass_through(interpreter: Interpreter, cls: UserClass, arguments: Arguments, span: Span) -> Value | None:
    """An instance of the imported base, for a subclass that only passes arguments to it; None for any other class."""
    if cls.imported is None or not interpreter.libraries.extends(cls.imported):
        return None
    constructor = cls.members.get("__init__")
    if cls.members.keys() - {"__init__"}:
        return None
    if constructor is None:
        return interpreter.libraries.call(cls.imported, arguments, span, span)
    call = _only_call(constructor.node) if isinstance(constructor, Function) else None
    if not isinstance(constructor, Function) or call is None:
        return None
    from hpolint.readers.python.interpreter.calls import read_arguments

    interpreter.called.add(constructor.node)
    scope = Scope(above=constructor.scope)
    itself = Instance(cls.name, arguments, span, user_class=cls)
    bind_parameters(bound(constructor, itself), arguments, scope, span)
    with interpreter.call_frame(constructor, scope):
        passed = read_arguments(interpreter, call)
    return interpreter.libraries.call(cls.imported, passed, span, span)


def _only_call(node: ast.AST) -> ast.Call | None:
    """The call of ``super().__init__``, if a constructor does nothing else; None otherwise."""
    body = [each for each in getattr(node, "body", []) if not (isinstance(each, ast.Expr) and _is_text(each.value))]
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if isinstance(call, ast.Call) and source_text(call.func) == "super().__init__":
        return call
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _forget_attributes(instance: Instance, why: Unknown) -> None:
    """Make an instance's attributes unknown: a constructor outside this source may set any of them."""
    cls = instance.user_class
    while cls is not None:
        plain = [name for name, value in cls.members.items() if not isinstance(value, Function)]
        instance.attributes |= dict.fromkeys([*instance.attributes, *plain], why)
        cls = cls.bases[0] if cls.bases else None
    instance.attributes |= dict.fromkeys(instance.arguments.keywords, why)


def _set_fields(instance: Instance, fields: list[str], arguments: Arguments, span: Span) -> None:
    values = {**dict(zip(fields, arguments.positional, strict=False)), **arguments.keywords}
    for name in fields:
        cls = instance.user_class
        default = (member(cls, name) if cls is not None else None) or unknown(
            is_a(f"the field `{name}`, which is not set"), span
        )
        instance.attributes[name] = values.get(name) or arguments.open or default


def inherited(interpreter: Interpreter, name: str, span: Span) -> Value:
    """The value of ``super().name`` in the current method."""
    function = interpreter.frames[-1] if interpreter.frames else None
    names = function.node.args.args if function is not None else []
    receiver = interpreter.scope.find(names[0].arg) if names else None
    owner = function.owner if function is not None else None
    if owner is None or not isinstance(receiver, Instance | UserClass):
        return unknown(is_a("what `super()` returns"), span)
    cls = receiver.user_class if isinstance(receiver, Instance) else receiver
    several = cls is not None and _has_several_bases(cls)
    member_ = None if several else next((m for base in owner.bases if (m := member(base, name)) is not None), None)
    if isinstance(member_, Function):
        return bound(member_, receiver)
    if member_ is None and isinstance(receiver, Instance) and (several or owner.foreign is not None):
        _forget_attributes(receiver, owner.foreign or unknown("may be set by one of several bases", span))
    return member_ or unknown(is_a("what `super()` returns"), span)


def _has_several_bases(cls: UserClass) -> bool:
    return any(len(each.bases) > 1 for each in (cls, *cls.ancestors))


def interpret_uncalled_methods(interpreter: Interpreter) -> None:
    """Interpret the methods that are never called, on an instance of each class with an unknown constructor call."""
    uncalled = {function.node for function in interpreter.defined if function.node not in interpreter.called}
    for cls in list(interpreter.classes):
        methods = [method for method in _methods(cls).values() if method.node in uncalled]
        if not methods:
            continue
        now = interpreter.scope.find(cls.name)
        cls = now if isinstance(now, UserClass) and now.span == cls.span else cls  # with members that were set since
        receiver = Instance(cls.name, Arguments(), cls.span, user_class=cls)
        constructor = member(cls, "__init__")
        if isinstance(constructor, Function):
            methods = [constructor, *(method for method in methods if method.node is not constructor.node)]
        elif cls.foreign is not None:
            _forget_attributes(receiver, cls.foreign)
        for method in methods:
            interpreter.unit = interpreter.units[method.node]
            interpret_uncalled(interpreter, bound(method, cls if method.kind == "class" else receiver))


def _methods(cls: UserClass) -> dict[str, Function]:
    """The own and inherited methods of a class, by name."""
    found: dict[str, Function] = {}
    for each in reversed((cls, *cls.ancestors)):
        found |= {name: value for name, value in each.members.items() if isinstance(value, Function)}
    return found
