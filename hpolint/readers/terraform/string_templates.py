"""HCL's string templates: quoted strings and heredocs, their escapes and their indentation.

Source: the HCL native syntax specification, github.com/hashicorp/hcl.
"""

from __future__ import annotations

import re

from tree_sitter import Node as Tree

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.syntax.hcl_syntax import Hcl
from hpolint.syntax.pieced_text import Text

ESCAPE = lazy_regex(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\"\\])|\$\$\{|%%\{")
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
MAX_CHARACTER = 0x10FFFF
TEMPLATE_PARTS = ("template_literal", "template_interpolation", "template_directive")


def only_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation of a quoted template that contains nothing else, not even white space; else None."""
    parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
    if tree.type != "quoted_template" or len(parts) != 1 or parts[0].type != "template_interpolation":
        return None
    return parts[0] if (parts[0].start_byte, parts[0].end_byte) == content(file, tree) else None


def sole_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation of a template that otherwise contains only white space; else None."""
    parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
    inner = [part for part in parts if part.type != "template_literal"]
    blank = all(not file.text(part).strip() for part in parts if part.type == "template_literal")
    return inner[0] if blank and len(inner) == 1 and inner[0].type == "template_interpolation" else None


def content(file: Hcl, tree: Tree) -> tuple[int, int]:
    """The start and end of a template's content, as byte offsets."""
    if tree.type != "heredoc_template":
        return tree.start_byte + 1, max(tree.end_byte - 1, tree.start_byte + 1)
    names = [child for child in tree.named_children if child.type == "heredoc_identifier"]
    first = file.bytes.find(b"\n", names[0].end_byte) + 1
    last = file.bytes.rfind(b"\n", 0, names[-1].start_byte) + 1
    return first, max(first, last)


def literal(file: Hcl, start: int, end: int, *, heredoc: bool) -> Text:
    """A literal part of a template, unescaped. A heredoc has only the escapes of ``${`` and ``%{``."""
    text, at, stop = Text(file.source), file.at(start), file.at(end)
    source_text = file.source.text
    for match in ESCAPE.finditer(source_text, at, stop):
        if heredoc and match.group().startswith("\\"):
            continue
        character = unescaped(match.group())
        if character is None:
            reason = "has an escape that HCL does not allow"
            return Text.gap(file.source, Unknown(reason, file.source.span(at, stop)))
        text.add([(source_text[at : match.start()], at, match.start())])
        text.add([(character, match.start(), match.end())])
        at = match.end()
    return text.add([(source_text[at:stop], at, stop)])


def unescaped(escape: str) -> str | None:
    """The text of an escape; None for one that HCL rejects: a lone surrogate, or beyond the last code point."""
    if escape[1] not in "uU":
        return ESCAPES[escape]
    code = int(escape[2:], 16)
    return None if 0xD800 <= code <= 0xDFFF or code > MAX_CHARACTER else chr(code)


def dedented(pieces: list[Text]) -> list[Text]:
    """The pieces of a ``<<-`` heredoc, with the common indentation removed from its literals (every other piece).

    Blank lines do not count and keep their white space. Interpolated values stay unchanged.
    """
    lines: list[Text] = []
    literal: list[bool] = []
    for index, piece in enumerate(pieces):
        starts = [0, *(match.end() for match in re.finditer("\n", piece.value))] if index % 2 == 0 else [0]
        for start, end in zip(starts, [*starts[1:], len(piece.value)], strict=True):
            if start < end or index % 2:
                lines.append(piece.part(start, end))
                literal.append(index % 2 == 0)
    indents: dict[int, int] = {}
    for index, line in enumerate(lines):
        if index and not (literal[index - 1] and lines[index - 1].value.endswith("\n")):
            continue  # in the middle of a line
        value = line.value
        if not literal[index]:
            indents[index] = 0
        elif value.strip() or not value.endswith("\n"):
            indents[index] = len(value) - len(value.lstrip())
    common = min(indents.values(), default=0)
    return [
        line.part(common, len(line.value)) if index in indents and literal[index] else line
        for index, line in enumerate(lines)
    ]
