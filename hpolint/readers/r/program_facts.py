"""Facts of a whole program of R that decide how its parts are translated: which names are set, and from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeVar

import msgspec

from hpolint.readers.r.syntax import (
    Argument,
    Block,
    Call,
    For,
    Function,
    Index,
    Located,
    Name,
    Node,
    Number,
    Operation,
    Parameter,
    Parenthesis,
    String,
    While,
    Word,
    below,
    walk,
)

ASSIGNING = {"<-": 0, "=": 0, "<<-": 0, "->": 1, "->>": 1}
"""The operators that assign, with the place of the target among their operands."""

T = TypeVar("T", bound=Located)
Binding: TypeAlias = "tuple[str, bool, Node | None]"

SUPER = frozenset({"<<-", "->>"})

SETS_ANY_NAME = frozenset(
    {"source", "sys.source", "load", "attach", "eval", "evalq", "eval.parent", "eval_tidy", "list2env", "data"}
    | {"delayedAssign", "makeActiveBinding", "assignInNamespace", "assignInMyNamespace", "source_python", "detach"}
    | {"setMethod", "setGeneric", "setReplaceMethod", "registerS3method", "trace", "untrace", "knit", "purl", "spin"}
    | {"unlockBinding", "fix", "edit", "env_bind", "import_fun", "attachNamespace", "delayed_assign", "reassign"}
)
"""Functions that may set any name, or replace any function."""

GIVES_ENVIRONMENT = frozenset(
    {"globalenv", "environment", "parent.frame", "sys.frame", "sys.frames", "as.environment", "parent.env", "topenv"}
    | {".GlobalEnv", "pos.to.env", "caller_env", "current_env", "global_env", "sys.parents", "env_parent"}
    | {"parent.env<-", "environment<-", "dynGet", "sys.on.exit"}
)
"""Functions and names that give the environment of a variable: whoever has it may set the variable at any time."""

NAMES_ENVIRONMENT = frozenset({"assign", "get", "get0", "exists", "rm", "ls", "mget", "objects"})
"""Functions that take an environment, and do not keep it."""

TAKES_FUNCTION = frozenset(
    {"do.call", "match.fun", "get", "get0", "getFunction", "lapply", "sapply", "vapply", "mapply", "Map", "Reduce"}
    | {"Filter", "apply", "outer", "Vectorize", "invoke", "exec", "map", "walk", "getAnywhere", "tapply", "rapply"}
)
"""Functions that call another one, or give it, by its name."""

GRAMMAR = frozenset(
    {"(", "{", "if", "for", "while", "repeat", "<-", "<<-", "=", "function", "return", "break", "next", "&&", "||"}
    | {"[[<-", "$<-", "[<-", "@<-", "names<-", "$", "library", "import", "invisible", "tryCatch", "switch", "assign"}
)
"""Names behind the grammar: a program that sets one of them is not read."""

COMPUTES = frozenset(
    {"c", "list", "paste", "paste0", "sprintf", "round", "seq", "length", "max", "min", "sum", "import"}
)
"""Functions whose result is no function."""


class Facts(msgspec.Struct):
    """What is known of the names of a program.

    ``bound`` counts the places that set a name, ``names`` are all names in the program. ``hidden`` are those that
    functions set in more than one scope, so that no read of them is followed. ``volatile`` are names whose value may
    change while a call is running, and functions that name one. ``capturing`` are functions that make a function,
    which may read its arguments later. ``fixed`` are the names that are set once for the whole program. ``is_lost``:
    any name may be set at any time.
    """

    bound: Counter[str] = msgspec.field(default_factory=Counter)
    names: set[str] = msgspec.field(default_factory=set)
    super_assigned: set[str] = msgspec.field(default_factory=set)
    hidden: set[str] = msgspec.field(default_factory=set)
    volatile: set[str] = msgspec.field(default_factory=set)
    capturing: set[str] = msgspec.field(default_factory=set)
    fixed: set[str] = msgspec.field(default_factory=set)
    redefined: set[str] = msgspec.field(default_factory=set)
    is_lost: bool = False
    has_other_notation: bool = False
    converts: bool = True
    asks_for_missing: bool = False
    may_set_any_name: bool = False


def assignment(node: Located) -> tuple[Node, Node, bool] | None:
    """The target and value of an assignment, and whether it is one of an enclosing scope; None for other nodes."""
    if not isinstance(node, Operation) or node.operator not in ASSIGNING or len(node.operands) != 2:
        return None
    at = ASSIGNING[node.operator]
    return node.operands[at], node.operands[1 - at], node.operator in SUPER


def root_of(target: Node) -> Name | String | None:
    """The name that an assignment to a target sets; None for what cannot be assigned to."""
    while True:
        if isinstance(target, Name | String):
            return target
        if isinstance(target, Operation) and target.operator in ("$", "@"):
            target = target.operands[0]
        elif isinstance(target, Index):
            target = target.target
        elif isinstance(target, Call) and target.arguments and target.arguments[0].value is not None:
            target = target.arguments[0].value
        else:
            return None


def name_of(node: Name | String | None) -> str:
    """The name that a name or a string in its place stands for."""
    if node is None:
        return ""
    return node.id if isinstance(node, Name) else node.value or ""


def called_name(node: Located) -> str:
    """The name of the function of a call, without its package; empty for other nodes."""
    if not isinstance(node, Call):
        return ""
    function = node.function
    if isinstance(function, Operation) and function.operator in ("::", ":::"):
        function = function.operands[-1]
    return name_of(function) if isinstance(function, Name | String) else ""


def own_nodes(body: Located) -> Iterator[Located]:
    """A node and its descendants of the same function."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting += below(node)


def local_names(function: Function) -> Counter[str]:
    """The names that a function sets in its own scope, without its parameters."""
    return Counter(name for name, is_super, _ in _bindings(own_nodes(function.body)) if not is_super)


def _bindings(nodes: Iterable[Located]) -> Iterator[Binding]:
    """The names that nodes set, whether in an enclosing scope, and the values if they are whole."""
    for node in nodes:
        assigned = assignment(node)
        if assigned is not None:
            target, value, is_super = assigned
            yield name_of(root_of(target)), is_super, value if isinstance(target, Name | String) else None
        elif isinstance(node, For):
            yield node.variable.id, False, None
        elif isinstance(node, Operation):
            yield from _bindings_by_operator(node)
        elif called_name(node) in ("assign", "delayedAssign", "makeActiveBinding") and isinstance(node, Call):
            yield from _bindings_by_call(node)


def _bindings_by_operator(operation: Operation) -> Iterator[Binding]:
    """The names in an operation such as ``x %<>% f()``, any of which it may set."""
    if not operation.operator.startswith("%") or not _assigns(operation.operator):
        return
    for name in _names(operation):
        yield name, False, None


def _bindings_by_call(call: Call) -> Iterator[Binding]:
    first = call.arguments[0].value if call.arguments else None
    if isinstance(first, String):
        yield first.value or "", len(call.arguments) > 2, None


def _assigns(operator: str) -> bool:
    """Whether an operator such as ``%<>%`` or ``%<-%`` assigns, by its signs."""
    return operator != "%in%" and any(sign in operator for sign in "<>-=") and operator not in ("%>%", "%<=%", "%>=%")


def _names(node: Located) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, Name)}


def facts_of(program: list[Node]) -> Facts:
    """The facts of all expressions of a program."""
    nodes = walk(*program)
    functions = _of_kind(nodes, Function)
    bindings = list(_bindings(nodes))
    parameters = [parameter.name for parameter in _of_kind(nodes, Parameter)]
    bound = Counter(name for name, _, _ in bindings) + Counter(parameters)
    super_assigned = _super_assigned(bindings)
    called = {called_name(node) for node in nodes}
    return Facts(
        bound=bound,
        names={name.id for name in _of_kind(nodes, Name)} | set(bound),
        super_assigned=super_assigned,
        hidden=_hidden(functions) if super_assigned else set(),
        volatile=_volatile(nodes, functions, super_assigned),
        capturing=_capturing(bindings),
        fixed=_fixed(program, bound),
        redefined=_perhaps_functions(bindings) | set(parameters),
        is_lost=_is_lost(nodes, bound),
        has_other_notation=any(map(_changes_notation, nodes)),
        converts=all(argument.name != "convert" for argument in _of_kind(nodes, Argument)),
        asks_for_missing="missing" in called,
        may_set_any_name=bool(called & (SETS_ANY_NAME | {"assign", "rm"})),
    )


def _of_kind(nodes: Iterable[Located], kind: type[T]) -> list[T]:
    """The nodes of one kind, in their order."""
    return [node for node in nodes if isinstance(node, kind)]


def _super_assigned(bindings: Iterable[Binding]) -> set[str]:
    """The names that are set in an enclosing scope."""
    return {name for name, is_super, _ in bindings if is_super}


def _capturing(bindings: Iterable[Binding]) -> set[str]:
    """The names of functions that make a function, which may read their arguments later."""
    return {name for name, _, value in bindings if isinstance(value, Function) and _captures(value)}


def _perhaps_functions(bindings: Iterable[Binding]) -> set[str]:
    """The names that may be set to a function."""
    return {name for name, _, value in bindings if not _is_data(value)}


def _hidden(functions: list[Function]) -> set[str]:
    """The names that a function has as its own, and sets in a scope around it, or a function in it does."""
    hidden: set[str] = set()
    for function in functions:
        local = set(local_names(function)) | {parameter.name for parameter in function.parameters}
        hidden |= local & _super_assigned(_bindings(walk(function.body)))
    return hidden


def _is_data(value: Node | None) -> bool:
    """Whether a value is certainly no function, so that a call of its name does not mean it."""
    while isinstance(value, Parenthesis):
        value = value.value
    if isinstance(value, Number | String | Word):
        return True
    if isinstance(value, Operation):
        return value.operator in ("+", "-", "*", "/", "^", ":", "==", "!=", "<", ">", "&&", "||", "!")
    return called_name(value) in COMPUTES if value is not None else False


def _changes_notation(node: Located) -> bool:
    """Whether a node may change how numbers are written."""
    if isinstance(node, Argument):
        return node.name in ("scipen", "OutDec")
    if called_name(node) != "options" or not isinstance(node, Call):
        return False
    return any(argument.name is None for argument in node.arguments)


def _is_lost(nodes: list[Located], bound: Counter[str]) -> bool:
    """Whether an environment is a value, or a function is passed on that may set any name."""
    calls = _of_kind(nodes, Call)
    if bound.keys() & GRAMMAR or any(_is_setting_call(call, bound) for call in calls):
        return True
    allowed = _member_names(nodes)
    for call in calls:
        allowed |= _allowed_names(call)
    forbidden = SETS_ANY_NAME | GIVES_ENVIRONMENT | {"assign"}
    mentions = [name for name in _of_kind(nodes, Name) if name.id in forbidden]
    return any(id(name) not in allowed for name in mentions)


def _member_names(nodes: Iterable[Located]) -> set[int]:
    """The names of members, such as ``load`` in ``x$load``, which do not mean a function of R: their identities."""
    members = [operation for operation in _of_kind(nodes, Operation) if operation.operator in ("$", "@")]
    return {id(member.operands[1]) for member in members}


def _is_setting_call(call: Call, bound: Counter[str]) -> bool:
    """Whether a call gets a function that may set any name, or sets names at the end of a function."""
    name = called_name(call)
    return (name in TAKES_FUNCTION and _takes_setter(call)) or (name == "on.exit" and _may_set(call, bound))


def _allowed_names(call: Call) -> set[int]:
    """The names in a call that are not used as values: the callee, and the global environment for a moment."""
    name = called_name(call)
    allowed: set[int] = set()
    if name in SETS_ANY_NAME | {"assign"}:
        allowed |= {id(node) for node in walk(call.function)}
    if name in NAMES_ENVIRONMENT:
        allowed |= _environments(call)
    return allowed


def _environments(call: Call) -> set[int]:
    """The names of the global environment in the arguments of a call."""
    allowed: set[int] = set()
    for argument in call.arguments:
        value = argument.value
        if is_global_environment(value):
            assert value is not None
            allowed |= {id(each) for each in walk(value)}
    return allowed


def is_global_environment(value: Node | None) -> bool:
    """Whether an expression is the global environment."""
    if isinstance(value, Name):
        return value.id == ".GlobalEnv"
    return isinstance(value, Call) and called_name(value) == "globalenv" and not value.arguments


def _takes_setter(call: Call) -> bool:
    texts = {argument.value.value for argument in call.arguments if isinstance(argument.value, String)}
    return bool(texts & (SETS_ANY_NAME | GIVES_ENVIRONMENT | GRAMMAR))


def _may_set(call: Call, bound: Counter[str]) -> bool:
    """Whether code that runs at the end of a function may set what is read later."""
    nodes = walk(call)
    if any(assignment(node) is not None or called_name(node) in ("return", "assign") for node in nodes):
        return True
    return any(called_name(node) in bound for node in nodes)


def _fixed(program: list[Node], bound: Counter[str]) -> set[str]:
    """The names that one statement outside of loops and functions sets, and nothing else."""
    names: set[str] = set()
    waiting: list[Located] = list(program)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | For | While):
            continue
        assigned = assignment(node)
        if assigned is not None and isinstance(assigned[0], Name) and bound[assigned[0].id] == 1:
            names.add(assigned[0].id)
        waiting += below(node)
    return names


def _volatile(nodes: list[Located], functions: list[Function], super_assigned: set[str]) -> set[str]:
    """The names that a function may change while a call is running, members that it sets, and functions with them."""
    volatile = set(super_assigned)
    for function in functions:
        volatile |= _members_set(function)
    mentioning: dict[str, list[str]] = {}
    for name, _, value in _bindings(nodes):
        for mentioned in _names(value) if isinstance(value, Function) else ():
            mentioning.setdefault(mentioned, []).append(name)
    waiting = list(volatile)
    while waiting:
        more = set(mentioning.pop(waiting.pop(), ())) - volatile
        volatile |= more
        waiting += more
    return volatile


def _members_set(function: Function) -> set[str]:
    """The members that a function sets."""
    members: set[str] = set()
    for node in own_nodes(function.body):
        assigned = assignment(node)
        if assigned is not None and isinstance(assigned[0], Operation):
            member = assigned[0].operands[-1]
            members.add(name_of(member) if isinstance(member, Name | String) else "")
    return members


def _captures(function: Function) -> bool:
    """Whether a function makes another one that reads its parameters, perhaps later."""
    parameters = {parameter.name for parameter in function.parameters}
    inner = [node for node in own_nodes(function.body) if isinstance(node, Function)]
    return any(_names(node) & parameters for node in inner)


def is_literal(node: Node | None) -> bool:
    """Whether an expression is written out: a number, with or without a sign, a string or a constant."""
    if isinstance(node, Operation) and node.operator in ("-", "+") and len(node.operands) == 1:
        return isinstance(node.operands[0], Number)
    return isinstance(node, Number | String | Word)


def statements_of(node: Node) -> list[Node]:
    """The expressions of a block, or the only one."""
    return node.statements if isinstance(node, Block) else [node]
