"""Comprehensions: evaluated item by item over known items; otherwise unknown, with their possible side effects."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.readers.python.interpreter import bounds, expressions, flow, iteration
from hpolint.readers.python.interpreter.operators import MAX_ITERATED_ITEMS, aliases, iterated, parts
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.values import Constant, Mapping, Sequence, Value, unknown

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
KINDS = {ast.SetComp: "set", ast.GeneratorExp: "iterator", ast.ListComp: "list"}


class UnknownItemsError(Exception):
    """The comprehension's items are unknown, or too many."""


def evaluate(interpreter: Interpreter, node: Comprehension) -> Value:
    """The value of a comprehension."""
    span = interpreter.span(node)
    made: Mapping | Sequence = Mapping({}, span)
    if not isinstance(node, ast.DictComp):
        made = Sequence(KINDS[type(node)], [], span)
    try:
        with interpreter.inner_scope():  # one scope for all items: a lambda reads the names after the last item
            _evaluate_generators(interpreter, node, 0, made)
        return made
    except UnknownItemsError:
        why = unknown(is_a("a comprehension over an unknown value"), span)
        return _evaluate_unknown_items(interpreter, node, why)


def evaluate_later(interpreter: Interpreter, node: ast.GeneratorExp) -> Value:
    """The value of a generator expression that is not used at once: what it reads may change until then."""
    span = interpreter.span(node)
    why = unknown(is_a("a generator that is used later"), span)
    run = partial(_evaluate_unknown_items, interpreter, node, why)
    others = interpreter.code_until_later()
    value, places = interpreter.suspended.interpret(
        interpreter, run, span, name="a generator expression", others=others, starts_late=True
    )
    interpreter.suspended.hold(places, value)
    return value


def _evaluate_generators(interpreter: Interpreter, node: Comprehension, depth: int, made: Mapping | Sequence) -> None:
    """Evaluate the ``for`` clauses from ``depth`` on, and add the items. Raises UnknownItemsError."""
    if not bounds.has_room(made.items if isinstance(made, Sequence) else made.entries):
        raise UnknownItemsError
    if depth == len(node.generators):
        _add(interpreter, node, made)
        return
    generator = node.generators[depth]
    span = interpreter.span(generator.iter)
    interpreter.awaited.add(generator.iter)
    items = iterated(iteration.start(interpreter, expressions.evaluate(interpreter, generator.iter), span))
    if items is None or len(items) > MAX_ITERATED_ITEMS or generator.is_async:
        raise UnknownItemsError
    loop = interpreter.trail.next_number()
    for index, item in enumerate(items, 1):
        interpreter.step()
        interpreter.assign(generator.target, item)
        tests = [expressions.truth(expressions.evaluate(interpreter, test)) for test in generator.ifs]
        if False in tests:
            continue
        if None in tests:
            _mark_uncertain(made)
        turn = Turn.PERHAPS if None in tests else Turn.PASS
        with interpreter.trail.within(Step(turn, loop, span, index, is_pass=True)):
            _evaluate_generators(interpreter, node, depth + 1, made)


def _mark_uncertain(made: Mapping | Sequence) -> None:
    """Note that each item may be absent, which only `next` can use. Raises UnknownItemsError for all but iterators."""
    if isinstance(made, Mapping) or made.kind not in ("iterator", "maybe"):
        raise UnknownItemsError
    made.kind, made.open = "maybe", unknown(is_a("a comprehension over an unknown value"), made.span)


def _add(interpreter: Interpreter, node: Comprehension, made: Mapping | Sequence) -> None:
    if isinstance(node, ast.DictComp) and isinstance(made, Mapping):
        key = expressions.evaluate(interpreter, node.key)
        value = expressions.evaluate(interpreter, node.value)
        if not isinstance(key, Constant):
            raise UnknownItemsError
        made.entries[key.value], made.keys[key.value] = value, key.span
    elif isinstance(made, Sequence) and not isinstance(node, ast.DictComp):
        made.items.append(expressions.evaluate(interpreter, node.elt))


def _evaluate_unknown_items(interpreter: Interpreter, node: Comprehension, why: Unknown) -> Value:
    """The unknown value of a comprehension with any number of items, with the possible side effects of each."""
    before = interpreter.snapshot()
    results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    values: list[Value] = []
    step = interpreter.trail.step(Turn.PASSES, interpreter.span(node))
    for _ in range(flow.MAX_LOOP_PASSES):
        with interpreter.inner_scope(), interpreter.trail.within(step):
            iterables: list[Value] = []
            for generator in node.generators:
                interpreter.awaited.add(generator.iter)
                iterable = expressions.evaluate(interpreter, generator.iter)
                iterable = iteration.start(interpreter, iterable, interpreter.span(generator.iter))
                iterables.append(iterable)
                interpreter.assign(generator.target, aliases(parts(iterable), why))
                for test in generator.ifs:
                    expressions.evaluate(interpreter, test)
            values += [expressions.evaluate(interpreter, result) for result in results]
            for generator, iterable in zip(node.generators, iterables, strict=True):
                iteration.finish(interpreter, generator.iter, iterable)
        after = interpreter.snapshot()
        if not flow.join(interpreter, [before, after], interpreter.span(node)):
            break
        before = interpreter.snapshot()
    return aliases(values, why)
