"""Classes of the same source: their members, inheritance and instances."""

from __future__ import annotations

import ast
import itertools
from collections import Counter, deque
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
    is_own,
    present,
    returned_by,
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
    cls = UserClass(node.name, _interpret_body(interpreter, node), interpreter.span(node))
    cls.bases = [base for base in symbols if isinstance(base, UserClass)]
    ancestors = _ancestors(cls)
    if isinstance(ancestors, Unknown):
        interpreter.bind(node.name, ancestors)
        return
    cls.ancestors = ancestors
    _read_kind(interpreter, node, cls, symbols)
    for value in cls.members.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = cls
    interpreter.classes.append(cls)
    interpreter.bind(node.name, _decorated(interpreter, node, cls))


def _interpret_body(interpreter: Interpreter, node: ast.ClassDef) -> dict[str, Value]:
    """Interpret a class's body in a scope of its own. Returns the names that it binds."""
    interpreter.scope = scope = Scope(above=interpreter.scope, kind="class")
    interpreter.block(node.body)
    interpreter.scope = interpreter.scope.above or interpreter.scope
    return scope.names


def _read_kind(interpreter: Interpreter, node: ast.ClassDef, cls: UserClass, symbols: list[Value]) -> None:
    """Note what a class's bases and decorators make of it: a dataclass, a named tuple, a class of foreign code."""
    decorators = [_name_of(interpreter, decorator) for decorator in node.decorator_list]
    cls.foreign = _foreign(interpreter, node, symbols)
    if len(symbols) == 1 and isinstance(symbols[0], Symbol) and not node.keywords and not node.decorator_list:
        cls.imported = symbols[0].name
    is_named_tuple = _is_named_tuple(symbols)
    cls.fields = _fields(node, cls, DATACLASS in decorators or is_named_tuple)
    cls.is_frozen = is_named_tuple or _is_frozen_dataclass(interpreter, node)
    cls.is_constructed_elsewhere = cls.foreign is not None and not isinstance(member(cls, "__init__"), Function)
    _read_fields(interpreter, node, cls)


def _is_named_tuple(symbols: list[Value]) -> bool:
    return any(isinstance(base, Symbol) and base.name == NAMED_TUPLE for base in symbols)


def _ancestors(cls: UserClass) -> tuple[UserClass, ...] | Unknown:
    """The classes that a class inherits from, in Python's order; unknown if there is none, or if they are too many.

    The order is the C3 linearisation: each base's own order, and the order of the bases, merged.
    """
    orders = [[base, *base.ancestors] for base in cls.bases]
    orders.append(cls.bases)
    if sum(len(order) for order in orders) > MAX_ANCESTORS:
        return unknown(is_a(f"the class `{cls.name}`, which inherits from too many classes"), cls.span)
    merged = _merged(orders)
    if merged is None:
        why = f"the class `{cls.name}`, whose bases have no consistent order: its definition raises a TypeError"
        return unknown(is_a(why), cls.span)
    return tuple(merged)


def _merged(orders: list[list[UserClass]]) -> list[UserClass] | None:
    """The classes of some orders, in an order that is consistent with each; None if there is none.

    ``later`` counts how often a class is behind the first of an order, so that no order is searched.
    """
    later: Counter[UserClass] = Counter()
    for order in orders:
        later.update(order[1:])
    queues = [deque(order) for order in orders if order]
    merged: list[UserClass] = []
    while queues:
        chosen = next((queue[0] for queue in queues if not later[queue[0]]), None)
        if chosen is None:
            return None
        merged.append(chosen)
        queues = _advanced(queues, chosen, later)
    return merged


def _advanced(queues: list[deque[UserClass]], chosen: UserClass, later: Counter[UserClass]) -> list[deque[UserClass]]:
    """The queues without a class, which is the first of some; what is behind it there becomes the first."""
    for queue in queues:
        if queue[0] is chosen:
            queue.popleft()
            later.subtract(itertools.islice(queue, 1))
    return [queue for queue in queues if queue]


def _decorated(interpreter: Interpreter, node: ast.ClassDef, cls: UserClass) -> Value:
    """The class after its bases' ``__init_subclass__`` and its decorators."""
    span = interpreter.span(node)
    hook = _of_bases(cls, "__init_subclass__")
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
            cls.members |= dict.fromkeys(_data_names(cls), cls.foreign)
    return value


def _of_bases(cls: UserClass, name: str) -> Value | None:
    """A member that a class inherits; None if this source defines none."""
    for base in cls.bases:
        inherited = member(base, name)
        if inherited is not None:
            return inherited
    return None


def _data_names(cls: UserClass) -> list[str]:
    """The names of a class's own members that are no functions."""
    return [name for name, value in cls.members.items() if not isinstance(value, Function)]


def _unsubscripted(base: ast.expr) -> ast.expr:
    """A base without its type parameters: ``Generic`` for ``Generic[T]``."""
    return base.value if isinstance(base, ast.Subscript) else base


def _name_of(interpreter: Interpreter, decorator: ast.expr) -> str:
    value = interpreter.evaluate(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return value.name if isinstance(value, Symbol) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a call's keyword; None if the call does not have it."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return None


def _is_frozen_dataclass(interpreter: Interpreter, node: ast.ClassDef) -> bool:
    """Whether a class's decorator makes it a dataclass whose fields cannot be assigned."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _name_of(interpreter, decorator) == DATACLASS:
            frozen = _keyword(decorator, "frozen")
            return isinstance(frozen, ast.Constant) and frozen.value is True
    return False


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
    dataclasses = [base.fields for base in cls.bases if base.fields is not None]
    if not made and not dataclasses:
        return None
    names = dict.fromkeys(itertools.chain.from_iterable(dataclasses))
    if made:
        names |= dict.fromkeys(_annotated(node))
    return list(names)


def _annotated(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    """The annotated names of a class's body, without its class variables."""
    annotated: dict[str, ast.AnnAssign] = {}
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or "ClassVar" in source_text(statement.annotation):
            continue
        if isinstance(statement.target, ast.Name):
            annotated[statement.target.id] = statement
    return annotated


def _read_fields(interpreter: Interpreter, node: ast.ClassDef, cls: UserClass) -> None:
    """Replace annotated members by a dataclass field's default, or by unknown values if the class is ``foreign``."""
    annotated = _annotated(node)
    if cls.foreign is not None:
        names = list(annotated)
        if any(source_text(base).endswith(ENUMS) for base in node.bases):
            names += _data_names(cls)
        cls.members |= {name: cls.foreign for name in names if name in cls.members}
    elif cls.fields is not None:
        for name, statement in annotated.items():
            if isinstance(statement.value, ast.Call):
                default = _keyword(statement.value, "default")
                if _name_of(interpreter, statement.value) == "dataclasses.field" and default is not None:
                    cls.members[name] = interpreter.evaluate(default)


def member(cls: UserClass, name: str) -> Value | None:
    """A class's own or inherited member; None if this source defines none."""
    if name in cls.members:
        return cls.members[name]
    values = [ancestor.members[name] for ancestor in cls.ancestors if name in ancestor.members]
    if not values:
        return None
    if cls.foreign is not None and len(cls.bases) > 1 and any(value is not values[0] for value in values):
        return unknown(f"is defined by several bases of `{cls.name}`", cls.span)
    return values[0]


def attribute(receiver: Instance | UserClass, name: str) -> Value | None:
    """An attribute of a class of this source or of its instance; None if this source defines none."""
    if isinstance(receiver, UserClass):
        value = member(receiver, name)
        return bound(value, receiver, by_class=True) if isinstance(value, Function) else value
    cls = receiver.user_class
    if cls is not None and any(member(cls, dynamic) is not None for dynamic in DYNAMIC):
        return unknown(f"is computed by methods of `{cls.name}` when the code runs", cls.span)
    if cls is None or name in receiver.attributes:
        return receiver.attributes.get(name)
    value = member(cls, name)
    if isinstance(value, Function):  # also of an instance that escaped: hardly any code replaces a method of an object
        return bound(value, cls if value.kind == "class" else receiver)
    if receiver.escaped is not None and not cls.is_frozen:
        return receiver.escaped
    return cls.foreign if value is None else value


def own_method(value: Value, name: str) -> Function | None:
    """A method of an instance whose class this source defines; None if there is none."""
    method = attribute(value, name) if is_own(value) else None
    return method if isinstance(method, Function) else None


def assigned_names(receiver: Instance) -> set[str]:
    """The names under which an instance or its class has data or a property; hardly any code replaces a method."""
    names = set(receiver.attributes)
    waiting = present([receiver.user_class])
    while waiting:
        cls = waiting.pop()
        names |= {name for name, value in cls.members.items() if not isinstance(value, Function) or _is_property(value)}
        waiting += cls.bases
    return names


def _of_class(receiver: Instance, name: str) -> Value | None:
    """A member of the class of an instance; None if this source does not define it."""
    return member(receiver.user_class, name) if receiver.user_class is not None else None


def has_property(receiver: Instance, name: str) -> bool:
    """Whether an attribute of an instance is a property: assigning to it calls a function."""
    return _is_property(_of_class(receiver, name))


def _is_property(value: Value | None) -> bool:
    return isinstance(value, Function) and value.kind == "property"


def set_attribute(interpreter: Interpreter, receiver: Instance, name: str, value: Value, span: Span) -> None:
    """Assign to an instance's attribute; a property's setter is called."""
    member_ = _of_class(receiver, name)
    if isinstance(member_, Function) and member_.setter is not None:
        interpreter.call_function(bound(member_.setter, receiver), Arguments([value]), span)
        return
    if isinstance(member_, Unknown) or _is_property(member_):
        value = unknown("is set through a property", span)
    if not is_own(receiver):
        value = interpreter.libraries.assigned(receiver, value)
    receiver.attributes[name] = value


def instantiate(interpreter: Interpreter, cls: UserClass, arguments: Arguments, span: Span) -> Value:
    """The instance that a call of the class makes."""
    passed_on = _pass_through(interpreter, cls, arguments, span)
    if passed_on is not None:
        return passed_on
    interpreter.libraries.instantiated(cls, arguments, span)
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
    if cls.imported is None or not interpreter.libraries.extends(cls.imported) or cls.members.keys() - {"__init__"}:
        return None
    constructor = cls.members.get("__init__")
    if constructor is None:
        return interpreter.libraries.call(cls.imported, arguments, span, span)
    if not isinstance(constructor, Function):
        return None
    call = _only_call(constructor.node)
    if call is None:
        return None
    from hpolint.readers.python.interpreter.calls import read_arguments

    interpreter.called.add(constructor.node)
    scope = Scope(above=constructor.scope)
    itself = Instance(cls.name, arguments, span, user_class=cls)
    bind_parameters(bound(constructor, itself), arguments, scope, span)
    with interpreter.call_frame(constructor, scope):
        passed = read_arguments(interpreter, call)
    return interpreter.libraries.call(cls.imported, passed, span, span)


def _only_call(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> ast.Call | None:
    """The call of ``super().__init__``, if a constructor does nothing else; None otherwise."""
    if isinstance(node, ast.Lambda):
        return None
    statements = [statement for statement in node.body if not _is_docstring(statement)]
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        return None
    call = statements[0].value
    if isinstance(call, ast.Call) and source_text(call.func) == "super().__init__":
        return call
    return None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _forget_attributes(instance: Instance, why: Unknown) -> None:
    """Make an instance's attributes unknown: a constructor outside this source may set any of them."""
    cls = instance.user_class
    names = list(instance.attributes)
    while cls is not None:
        names += _data_names(cls)
        cls = cls.bases[0] if cls.bases else None
    instance.attributes |= dict.fromkeys([*names, *instance.arguments.keywords], why)


def _set_fields(instance: Instance, fields: list[str], arguments: Arguments, span: Span) -> None:
    values = {**dict(zip(fields, arguments.positional, strict=False)), **arguments.keywords}
    for name in fields:
        missing = unknown(is_a(f"the field `{name}`, which is not set"), span)
        default = _of_class(instance, name) or missing
        instance.attributes[name] = values.get(name) or arguments.open or default


def inherited(interpreter: Interpreter, name: str, span: Span) -> Value:
    """The value of ``super().name`` in the current method."""
    owner, receiver = _current_method(interpreter)
    if owner is None or not isinstance(receiver, Instance | UserClass):
        return returned_by("super", span)
    several = _has_several_bases(receiver)
    value = None if several else _of_bases(owner, name)
    if isinstance(value, Function):
        return bound(value, receiver)
    if value is None and isinstance(receiver, Instance) and (several or owner.foreign is not None):
        _forget_attributes(receiver, owner.foreign or unknown("may be set by one of several bases", span))
    return value or returned_by("super", span)


def _has_several_bases(receiver: Instance | UserClass) -> bool:
    cls = receiver.user_class if isinstance(receiver, Instance) else receiver
    return cls is not None and any(len(ancestor.bases) > 1 for ancestor in (cls, *cls.ancestors))


def _current_method(interpreter: Interpreter) -> tuple[UserClass | None, Value | None]:
    """The class whose method is interpreted, and what its first parameter is bound to."""
    if not interpreter.frames:
        return None, None
    function = interpreter.frames[-1]
    parameters = function.node.args.args
    return function.owner, interpreter.scope.find(parameters[0].arg) if parameters else None


def interpret_uncalled_methods(interpreter: Interpreter) -> None:
    """Interpret the methods that are never called, on an instance of each class with an unknown constructor call."""
    uncalled = {function.node for function in interpreter.defined} - interpreter.called
    for cls in list(interpreter.classes):
        methods = [method for method in _methods(cls).values() if method.node in uncalled]
        now = interpreter.scope.find(cls.name)
        if isinstance(now, UserClass) and now.span == cls.span:
            cls = now  # with members that were set since
        if methods:
            _interpret_methods(interpreter, cls, methods)


def _interpret_methods(interpreter: Interpreter, cls: UserClass, methods: list[Function]) -> None:
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
    methods: dict[str, Function] = {}
    for ancestor in reversed((cls, *cls.ancestors)):
        methods |= {name: value for name, value in ancestor.members.items() if isinstance(value, Function)}
    return methods
