"""An expression's syntax tree, decoded from the compiler's serialization.

``Expression.serialize()`` returns a protobuf message (``cel.expr.CheckedExpr`` in an ``Any``, see
cel-spec's ``checked.proto`` and ``syntax.proto``; the numbers below are that file's field numbers).
Its wire format is simple enough to decode here, without a protobuf package.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import TypeAlias

import msgspec

Field: TypeAlias = int | bytes
Message = dict[int, list[Field]]


class Expr(msgspec.Struct, frozen=True):
    """Base of all expressions; ``offset`` is the position in the text, in code points."""

    offset: int


class Constant(Expr, frozen=True):
    value: str | int | float | bool | bytes | None


class Name(Expr, frozen=True):
    name: str


class Select(Expr, frozen=True):
    """``operand.member``; if ``test`` is true, ``has(operand.member)``."""

    operand: Expr
    member: str
    test: bool


class Call(Expr, frozen=True):
    """An operator or function; a method's receiver is the first argument."""

    function: str
    arguments: tuple[Expr, ...]


class ListDisplay(Expr, frozen=True):
    items: tuple[Expr, ...]


class MapDisplay(Expr, frozen=True):
    """A map or message literal, which rules may not use. Its entries are not decoded."""


class Comprehension(Expr, frozen=True):
    """The expansion of a macro: ``all``, ``exists``, ``map``, …"""

    variable: str
    range: Expr
    accumulator: str
    start: Expr
    condition: Expr
    step: Expr
    result: Expr


def possible_constants(expr: Expr) -> set[object] | None:
    """The constants that an expression can evaluate to, chosen by ``?:``; None if other results are possible."""
    if isinstance(expr, Constant):
        return {expr.value}
    if not (isinstance(expr, Call) and expr.function == "_?_:_"):
        return None
    first, second = (possible_constants(argument) for argument in expr.arguments[1:])
    if first is None or second is None:
        return None
    return first | second


def read_tree(serialized: bytes) -> Expr:
    """The root of a serialized expression."""
    checked = _message(_bytes(_message(serialized), 2))
    positions = {}
    for entry in _message(_bytes(checked, 5)).get(4, []):
        pair = _message(_as_bytes(entry))
        positions[_int(pair, 1)] = _int(pair, 2)
    return _Reader(positions).read(_bytes(checked, 4))


def in_one_order(serialized: bytes) -> bytes:
    """A serialized expression with the entries of its maps sorted: the compiler writes them in any order."""
    wrapped = _message(serialized)
    checked = _message(_bytes(wrapped, 2))
    source = _encoded(_message(_bytes(checked, 5)))
    return _encoded({**wrapped, 2: [_encoded({**checked, 5: [source]})]})


def _encoded(message: Message) -> bytes:
    """A message of which each field is a string, a message or packed numbers, as those above an expression's tree."""
    parts = bytearray()
    for number, values in sorted(message.items()):
        for value in sorted(map(_as_bytes, values)):
            parts += bytes([number << 3 | 2]) + _encoded_varint(len(value)) + value
    return bytes(parts)


def _encoded_varint(value: int) -> bytes:
    groups = bytearray()
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


class _Reader:
    def __init__(self, positions: dict[int, int]) -> None:
        self._positions = positions

    def read(self, data: bytes) -> Expr:
        message = _message(data)
        offset = self._positions.get(_int(message, 2), 0)
        if 3 in message:
            return Constant(offset, _constant(_message(_bytes(message, 3))))
        if 4 in message:
            return Name(offset, _text(_message(_bytes(message, 4)), 1))
        if 5 in message:
            select = _message(_bytes(message, 5))
            operand = self.read(_bytes(select, 1))
            return Select(offset, operand, _text(select, 2), bool(_int(select, 3)))
        if 6 in message:
            call = _message(_bytes(message, 6))
            receiver = [_bytes(call, 1)] if 1 in call else []
            arguments = [*receiver, *map(_as_bytes, call.get(3, []))]
            return Call(offset, _text(call, 2), tuple(map(self.read, arguments)))
        if 7 in message:
            items = map(_as_bytes, _message(_bytes(message, 7)).get(1, []))
            return ListDisplay(offset, tuple(map(self.read, items)))
        if 9 in message:
            parts = _message(_bytes(message, 9))
            expressions = [self.read(_bytes(parts, number)) for number in (2, 4, 5, 6, 7)]
            values, start, condition, step, result = expressions
            return Comprehension(offset, _text(parts, 1), values, _text(parts, 3), start, condition, step, result)
        return MapDisplay(offset)


def _constant(message: Message) -> str | int | float | bool | bytes | None:
    if 2 in message:
        return bool(_int(message, 2))
    if 3 in message:
        value = _int(message, 3)
        return value - 2**64 if value >= 2**63 else value
    if 4 in message:
        return _int(message, 4)
    if 5 in message:
        number: float = struct.unpack("<d", _bytes(message, 5))[0]
        return number
    if 6 in message:
        return _text(message, 6)
    return _bytes(message, 7) if 7 in message else None


def _message(data: bytes) -> Message:
    """A message's fields by number, each with its values in serialized order."""
    fields: Message = defaultdict(list)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        value: Field
        if wire == 0:
            value, at = _varint(data, at)
        else:
            size, at = _varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            value, at = data[at : at + size], at + size
        fields[number].append(value)
    return dict(fields)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _as_bytes(field: Field) -> bytes:
    if not isinstance(field, bytes):
        raise TypeError("not a CEL syntax tree")
    return field


def _bytes(message: Message, number: int) -> bytes:
    return _as_bytes(message[number][-1]) if number in message else b""


def _int(message: Message, number: int) -> int:
    value = message[number][-1] if number in message else 0
    if not isinstance(value, int):
        raise TypeError("not a CEL syntax tree")
    return value


def _text(message: Message, number: int) -> str:
    return _bytes(message, number).decode("utf-8")
