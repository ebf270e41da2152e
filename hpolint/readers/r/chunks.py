"""The chunks of documents of R Markdown and Quarto: code between fences, with options that say whether it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hpolint.lazy_regex import lazy_regex

FENCE = lazy_regex(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*\{(?P<header>[^}\n]*)\}[ \t]*$", re.MULTILINE)
ENGINE = lazy_regex(r"\s*\.?(?P<engine>\w+)")
EVAL = lazy_regex(r"(?<![\w.])eval\s*=\s*(?P<value>[^,]+)")
LINE_OPTION = lazy_regex(r"^#\|[ \t]*eval[ \t]*[:=][ \t]*(?P<value>[^\n]+)$", re.MULTILINE)
DEFAULT = lazy_regex(r"opts_chunk\s*\$\s*set\s*\((?P<options>[^()]*)\)")
OTHER_CODE = lazy_regex(r"(?<![\w.])(?:code|file|ref\.label|engine)\s*=")
INLINE = lazy_regex(r"(?<!`)`r[ \t]+(?P<code>[^`\n]+)`(?!`)")

TRUE, FALSE = frozenset({"TRUE", "T", "true"}), frozenset({"FALSE", "F", "false"})


class Chunk(msgspec.Struct, frozen=True):
    """A chunk by the offsets of its code. ``runs`` is None if its option is computed."""

    engine: str
    start: int
    end: int
    runs: bool | None = True


def chunks(text: str) -> Iterator[Chunk]:
    """The chunks in their order, also code in a line of text, which runs, too."""
    default: bool | None = True
    at = 0
    while True:
        opening = FENCE.search(text, at)
        end_of_text = len(text) if opening is None else opening.start()
        for inline in INLINE.finditer(text, at, end_of_text):
            yield Chunk("r", inline.start("code"), inline.end("code"))
        if opening is None:
            return
        start = min(opening.end() + 1, len(text))
        closing = re.compile(rf"^[ \t>]*{re.escape(opening['fence'])}[`~]*[ \t]*$", re.MULTILINE).search(text, start)
        end = len(text) if closing is None else closing.start()
        chunk = _chunk(text, opening, start, end, default)
        yield chunk
        if chunk.engine == "r" and chunk.runs is not False:
            default = _next_default(text[start:end], default)
        at = len(text) if closing is None else closing.end()


def _chunk(text: str, opening: re.Match[str], start: int, end: int, default: bool | None) -> Chunk:
    engine = ENGINE.match(opening["header"])
    name = engine["engine"].lower() if engine is not None else ""
    option = LINE_OPTION.search(text, start, end) or EVAL.search(opening["header"])
    runs = default if option is None else _truth(option["value"])
    if OTHER_CODE.search(opening["header"]) and runs:
        runs = None
    return Chunk(name, start, end, runs)


def _truth(value: str) -> bool | None:
    word = value.strip()
    if word in TRUE:
        return True
    return False if word in FALSE else None


def _next_default(code: str, default: bool | None) -> bool | None:
    """Whether chunks run by default after a chunk that may set it."""
    for call in DEFAULT.finditer(code):
        option = EVAL.search(call["options"])
        if option is not None:
            default = _truth(option["value"])
    return default


def masked(text: str, *engines: str) -> str:
    """A text of the same length with only the code of some engines, for what looks at lines."""
    parts: list[str] = []
    at = 0
    for chunk in chunks(text):
        if chunk.engine in engines:
            parts += (_blank(text[at : chunk.start]), text[chunk.start : chunk.end])
            at = chunk.end
    return "".join((*parts, _blank(text[at:])))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
