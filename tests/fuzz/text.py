"""Mutations of any file: its bytes, its lines, its words."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ODD: tuple[bytes, ...] = (
    *(b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n", b"\t", b" ", b"\x0c", b"\x1b[31m", b"\x85"),
    *("\u2028".encode(), "\u200b".encode(), "é".encode(), "\U0001f600".encode(), b"\\ud800", b"\\u0000", b"\\x41"),
    *(b"{", b"}", b"[", b"]", b"(", b")", b'"', b"'", b"`", b"\\", b'\\"', b"#", b"//", b"/*", b"*/", b"<!--", b";"),
    *(b",", b":", b"=", b"|", b">", b"&a", b"*a", b"&a0 *a0", b"!", b"!!int", b"!!float", b"!!binary", b"!Sub", b"!x"),
    *(b"---", b"...", b"%YAML 1.1", b"%TAG ! x", b"? ", b"- ", b"<<: *a", b"@", b"%", b"$", b"~", b"null", b"None"),
    *(b"0", b"-1", b"1e999", b"-1e999", b"1e-400", b"NaN", b"Infinity", b".inf", b".nan", b"010", b"0o10", b"0x1F"),
    *(b"1_000", b"1:30", b"190:20:30.15", b"1" * 30, b"9" * 400, b"9" * 5000, b"0x" + b"f" * 4000, b"0." + b"0" * 400),
    *(b"true", b"yes", b"Off", b"n", b"2024-01-01", b"2024-01-01T00:00:00Z", b"=", b"<<", b"0b1", b"1.", b".5", b"+"),
    *(b"${", b"${x}", b"$X", b"{{", b"{{ x }}", b"{%", b"{% x %}", b"<NAME>", b"<<EOF", b"%{if x}"),
    b"<<-EOF\nx\nEOF\n",
    *(b"$.x", b"$$.Execution.Name", b"States.Format('{}', $.x)", b"arn:aws:states:::sagemaker:", b"HyperParameter"),
    *(b"HyperParameterTuningJobConfig", b"MaxParallelTrainingJobs", b"ParameterRanges", b"Strategy", b"Grid", b"Auto"),
    *(b"[" * 150, b"(" * 150, b"{" * 150, b'{"a":' * 250, b"[[" * 400, b"- " * 250, b"-" * 250, b"not " * 300),
    *(b"a" * 3000, b" " * 3000, b"\n" * 300, b"\\" * 999, b'"' * 999, b'\\"' * 999, b"1+" * 400),
    b".a" * 400,
)
"""Pieces that some reader of some format takes for something else than text, or cannot take at all."""

WORD = re.compile(rb"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|\d[\w.]*|\s+|[^\w\s]")
"""What nearly every format splits a line into."""


def _span(draw: random.Random, length: int, most: int = 60) -> tuple[int, int]:
    start = draw.randint(0, length)
    return start, min(start + draw.randint(1, most), length)


def change_byte(draw: random.Random, data: bytes) -> bytes:
    """One byte becomes another."""
    at = draw.randint(0, len(data))
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def drop_bytes(draw: random.Random, data: bytes) -> bytes:
    """Some bytes are gone."""
    start, end = _span(draw, len(data))
    return data[:start] + data[end:]


def repeat_bytes(draw: random.Random, data: bytes) -> bytes:
    """Some bytes stand there several times."""
    start, end = _span(draw, len(data))
    return data[:start] + data[start:end] * draw.choice((2, 2, 3, 50)) + data[end:]


def cut(draw: random.Random, data: bytes) -> bytes:
    """The file ends early."""
    return data[: draw.randint(0, len(data))]


def put_odd_piece(draw: random.Random, data: bytes) -> bytes:
    """A piece that means something to some reader stands somewhere."""
    at = draw.randint(0, len(data))
    return data[:at] + draw.choice(ODD) + data[at:]


def put_odd_word(draw: random.Random, data: bytes) -> bytes:
    """A word, string, number or sign becomes such a piece."""
    return _with_word(draw, data, lambda _: draw.choice(ODD))


def put_other_word(draw: random.Random, data: bytes) -> bytes:
    """A word becomes another one of the file."""
    words = WORD.findall(data)
    return _with_word(draw, data, lambda _: draw.choice(words))


def repeat_word(draw: random.Random, data: bytes) -> bytes:
    """A word stands there several times."""
    return _with_word(draw, data, lambda word: word * draw.choice((2, 3, 40)))


def _with_word(draw: random.Random, data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    found = list(WORD.finditer(data))
    if not found:
        return data
    word = draw.choice(found)
    return data[: word.start()] + change(word.group()) + data[word.end() :]


def drop_lines(draw: random.Random, data: bytes) -> bytes:
    """Some lines are gone."""
    lines = data.splitlines(keepends=True)
    start, end = _span(draw, len(lines), 4)
    return b"".join(lines[:start] + lines[end:])


def repeat_lines(draw: random.Random, data: bytes) -> bytes:
    """Some lines stand there several times."""
    lines = data.splitlines(keepends=True)
    start, end = _span(draw, len(lines), 6)
    return b"".join(lines[:start] + lines[start:end] * draw.choice((2, 2, 3, 30)) + lines[end:])


def swap_lines(draw: random.Random, data: bytes) -> bytes:
    """Two lines change places."""
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = draw.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def indent_line(draw: random.Random, data: bytes) -> bytes:
    """A line is indented otherwise."""
    lines = data.splitlines(keepends=True)
    if lines:
        at = draw.randrange(len(lines))
        lines[at] = draw.choice((b"", b" ", b"  ", b"\t", b"        ")) + lines[at].lstrip(b" \t")
    return b"".join(lines)


def put_odd_line(draw: random.Random, data: bytes) -> bytes:
    """A line of its own holds such a piece."""
    lines = data.splitlines(keepends=True)
    lines.insert(draw.randint(0, len(lines)), draw.choice(ODD) + b"\n")
    return b"".join(lines)


def encode_otherwise(draw: random.Random, data: bytes) -> bytes:
    """The text in another encoding, or with other ends of lines."""
    how = draw.choice(("utf-16", "utf-8-sig", "utf-32", "latin-1", "crlf", "cr"))
    if how in ("crlf", "cr"):
        return data.replace(b"\n", b"\r\n" if how == "crlf" else b"\r")
    return data.decode("utf-8", "replace").encode(how, "replace")


ANY = [
    *(change_byte, drop_bytes, repeat_bytes, cut, put_odd_piece, put_odd_piece, put_odd_word, put_odd_word),
    *(put_other_word, put_other_word, repeat_word, drop_lines, repeat_lines, swap_lines, indent_line, put_odd_line),
    encode_otherwise,
]
"""Mutations that any file bears."""
