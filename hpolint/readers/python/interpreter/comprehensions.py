"""Comprehensions: over what is known item by item, else unknown with all that they may change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.readers.python.interpreter import bounds, expressions, flow
from hpolint.readers.python.interpreter.operators import MAX_ITEMS, aliases, iterated, parts
from hpolint.readers.python.interpreter.values import Constant, Mapping, Sequence, Value, unknown

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
KINDS = {ast.SetComp: "set", ast.GeneratorExp: "iterator", ast.ListComp: "list"}


class Refused(Exception):
    """Something that the comprehension depends on cannot be told."""


def follow(interpreter: Interpreter, node: Comprehension) -> Value:
    """The value of a comprehension."""
    span = interpreter.span(node)
    made: Mapping | Sequence
    made = Mapping({}, span) if isinstance(node, ast.DictComp) else Sequence(KINDS[type(node)], [], span)
    try:
        with interpreter.inner_scope():  # one for all items: what a lambda names is what it is after the last
            _follow(interpreter, node, 0, made)
        return made
    except Refused:
        refused = unknown(is_a("a comprehension over what cannot be told"), span)
        return _open(interpreter, node, refused)


def follow_later(interpreter: Interpreter, node: ast.GeneratorExp) -> Value:
    """A generator that is not used at once: until it is, all that it reads may change."""
    return _open(interpreter, node, unknown(is_a("a generator that is used later"), interpreter.span(node)))


def _follow(interpreter: Interpreter, node: Comprehension, depth: int, made: Mapping | Sequence) -> None:
    """Go through one generator after the other. Raises Refused."""
    if not bounds.has_room(made.items if isinstance(made, Sequence) else made.entries):
        raise Refused
    if depth == len(node.generators):
        _add(interpreter, node, made)
        return
    generator = node.generators[depth]
    items = iterated(expressions.evaluate(interpreter, generator.iter))
    if items is None or len(items) > MAX_ITEMS or generator.is_async:
        raise Refused
    for item in items:
        interpreter.step()
        interpreter.assign(generator.target, item)
        tests = [expressions.truth(expressions.evaluate(interpreter, test)) for test in generator.ifs]
        if False in tests:
            continue
        if None in tests:
            _doubt(made)
        _follow(interpreter, node, depth + 1, made)


def _doubt(made: Mapping | Sequence) -> None:
    """From here on the items may be there or not: only `next` makes something of that."""
    if isinstance(made, Mapping) or made.kind not in ("iterator", "maybe"):
        raise Refused
    made.kind, made.open = "maybe", unknown(is_a("a comprehension over what cannot be told"), made.span)


def _add(interpreter: Interpreter, node: Comprehension, made: Mapping | Sequence) -> None:
    if isinstance(node, ast.DictComp) and isinstance(made, Mapping):
        key = expressions.evaluate(interpreter, node.key)
        value = expressions.evaluate(interpreter, node.value)
        if not isinstance(key, Constant):
            raise Refused
        made.entries[key.value], made.keys[key.value] = value, key.span
    elif isinstance(made, Sequence) and not isinstance(node, ast.DictComp):
        made.items.append(expressions.evaluate(interpreter, node.elt))


def _open(interpreter: Interpreter, node: Comprehension, refused: Unknown) -> Value:
    """Any number of items more: what one of them changes may have been changed, or not."""
    before = interpreter.snapshot()
    found: list[Value] = []
    for _ in range(flow.PASSES):
        with interpreter.inner_scope():
            for generator in node.generators:
                iterable = expressions.evaluate(interpreter, generator.iter)
                interpreter.assign(generator.target, aliases(parts(iterable), refused))
                for test in generator.ifs:
                    expressions.evaluate(interpreter, test)
            results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            found += [expressions.evaluate(interpreter, part) for part in results]
        after = interpreter.snapshot()
        if not flow.join(interpreter, [before, after], interpreter.span(node)):
            break
        before = interpreter.snapshot()
    return aliases(found, refused)
