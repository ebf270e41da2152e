"""HCL's templates: what stands between quotes or in a heredoc, its escapes and its indent.

Source: the HCL native syntax specification, github.com/hashicorp/hcl.
"""

from __future__ import annotations

import re

from tree_sitter import Node as Tree

from hpolint.model.node import Unknown
from hpolint.syntax.hcl_syntax import Hcl
from hpolint.syntax.pieced_text import Text

ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\"\\])|\$\$\{|%%\{")
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
MAX_CHARACTER = 0x10FFFF
TEMPLATE_PARTS = ("template_literal", "template_interpolation", "template_directive")


def only_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation that a quoted template is, with nothing around it, not even white space."""
    parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
    if tree.type != "quoted_template" or len(parts) != 1 or parts[0].type != "template_interpolation":
        return None
    return parts[0] if (parts[0].start_byte, parts[0].end_byte) == content(file, tree) else None


def sole_interpolation(file: Hcl, tree: Tree) -> Tree | None:
    """The interpolation that a template has, with nothing but white space around it, which a document may have."""
    parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
    inner = [part for part in parts if part.type != "template_literal"]
    blank = all(not file.text(part).strip() for part in parts if part.type == "template_literal")
    return inner[0] if blank and len(inner) == 1 and inner[0].type == "template_interpolation" else None


def content(file: Hcl, tree: Tree) -> tuple[int, int]:
    """The first and last byte of what a template says."""
    if tree.type != "heredoc_template":
        return tree.start_byte + 1, max(tree.end_byte - 1, tree.start_byte + 1)
    names = [child for child in tree.named_children if child.type == "heredoc_identifier"]
    first = file.bytes.find(b"\n", names[0].end_byte) + 1
    last = file.bytes.rfind(b"\n", 0, names[-1].start_byte) + 1
    return first, max(first, last)


def literal(file: Hcl, start: int, end: int, *, heredoc: bool) -> Text:
    """A literal stretch of a template, its escapes undone; a heredoc has only those of ``${`` and ``%{``."""
    text, at, stop = Text(file.source), file.at(start), file.at(end)
    words = file.source.text
    for match in ESCAPE.finditer(words, at, stop):
        if heredoc and match.group().startswith("\\"):
            continue
        meant = unescaped(match.group())
        if meant is None:
            reason = "has an escape that HCL does not have"
            return Text.gap(file.source, Unknown(reason, file.source.span(at, stop)))
        text.add([(words[at : match.start()], at, match.start())])
        text.add([(meant, match.start(), match.end())])
        at = match.end()
    return text.add([(words[at:stop], at, stop)])


def unescaped(escape: str) -> str | None:
    """What an escape stands for; None for one that HCL refuses: a half of a pair, or beyond the last character."""
    if escape[1] not in "uU":
        return ESCAPES[escape]
    code = int(escape[2:], 16)
    return None if 0xD800 <= code <= 0xDFFF or code > MAX_CHARACTER else chr(code)


def dedented(pieces: list[Text]) -> list[Text]:
    """A heredoc that starts with ``<<-``: its literals, every other piece, without the indent that its lines share.

    Lines of white space alone do not count and keep theirs; what is interpolated is not touched.
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
        words = line.value
        if not literal[index]:
            indents[index] = 0
        elif words.strip() or not words.endswith("\n"):
            indents[index] = len(words) - len(words.lstrip())
    common = min(indents.values(), default=0)
    return [
        line.part(common, len(line.value)) if index in indents and literal[index] else line
        for index, line in enumerate(lines)
    ]
