"""HCL's string templates: quoted strings and heredocs, their escapes and their indentation.

Source: the HCL native syntax specification, github.com/hashicorp/hcl.
"""

from __future__ import annotations

from tree_sitter import Node as Tree

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.readers.terraform.hcl_trees import children
from hpolint.syntax.hcl_syntax import Hcl
from hpolint.syntax.pieced_text import Text

ESCAPE = lazy_regex(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\"\\])|\$\$\{|%%\{")
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
LINE = lazy_regex(r"[^\n]*\n|[^\n]+")
MAX_CHARACTER = 0x10FFFF
TEMPLATE_PARTS = ("template_literal", "template_interpolation", "template_directive")


def only_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation of a quoted template that contains nothing else, not even white space; else None."""
    parts = children(tree, *TEMPLATE_PARTS)
    if tree.type != "quoted_template" or len(parts) != 1 or parts[0].type != "template_interpolation":
        return None
    return parts[0] if (parts[0].start_byte, parts[0].end_byte) == content(file, tree) else None


def sole_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation of a template that otherwise contains only white space; else None."""
    if any(file.text(part).strip() for part in children(tree, "template_literal")):
        return None
    inner = children(tree, "template_interpolation", "template_directive")
    return inner[0] if len(inner) == 1 and inner[0].type == "template_interpolation" else None


def content(file: Hcl, tree: Tree) -> tuple[int, int]:
    """The start and end of a template's content, as byte offsets."""
    if tree.type != "heredoc_template":
        return tree.start_byte + 1, max(tree.end_byte - 1, tree.start_byte + 1)
    names = children(tree, "heredoc_identifier")
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
    if 0xD800 <= code <= 0xDFFF or code > MAX_CHARACTER:
        return None
    return chr(code)


def dedented(pieces: list[Text]) -> list[Text]:
    """The pieces of a ``<<-`` heredoc, with the common indentation removed from its literals (every other piece).

    Blank lines do not count and keep their white space. Interpolated values stay unchanged.
    """
    lines: list[tuple[Text, bool]] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            lines.append((piece, False))
        else:
            lines += [(piece.part(*match.span()), True) for match in LINE.finditer(piece.value)]
    indents = _indents(lines)
    common = min(indents.values(), default=0)
    for index, (line, is_literal) in enumerate(lines):
        if is_literal and index in indents:
            lines[index] = (line.part(common, len(line.value)), True)
    return [line for line, _ in lines]


def _indents(lines: list[tuple[Text, bool]]) -> dict[int, int]:
    """The indentation of the parts that begin a line, by index; none for blank lines."""
    indents: dict[int, int] = {}
    begins_line = True
    for index, (line, is_literal) in enumerate(lines):
        value = line.value
        if begins_line and not is_literal:
            indents[index] = 0
        elif begins_line and (value.strip() or not value.endswith("\n")):
            indents[index] = len(value) - len(value.lstrip())
        begins_line = is_literal and value.endswith("\n")
    return indents
