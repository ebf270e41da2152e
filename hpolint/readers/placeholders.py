"""Values that a later step fills in: `$NAME`, `<YOUR ROLE>`, `${…}`, `{{ … }}`.

They make a value unknown, with a reason, but never inside a metric's regular expression,
where braces and dollars are its own.
"""

from __future__ import annotations

import re

from hpolint.io.escaping import brief
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown
from hpolint.model.source import Span
from hpolint.syntax import SyntaxProblem

BRACKETED = re.compile(r"<[A-Z][A-Z0-9 _-]*>\Z")
WHOLE = re.compile(rf"\$[A-Za-z_][A-Za-z0-9_]*\Z|{BRACKETED.pattern}")
BRACED = re.compile(r"[A-Z][A-Z0-9_]*\Z")
BRACES = r"\{\{(?:[^{}]++|\{(?!\{)|\}(?!\}))*+\}\}"
"""``{{ … }}``. What stands between them has no other one: a search for the end never goes beyond the next start."""

PART = re.compile(rf"\$\{{[^{{}}]*\}}|{BRACES}|<[A-Z][A-Z0-9 _-]*>|<aws\.scheduler\.[a-z-]+>", re.DOTALL)
"""``<aws.scheduler.execution-id>`` and the like: what EventBridge Scheduler fills in (its user guide)."""

INTRINSIC = re.compile(r"Fn::[A-Za-z0-9]+\Z|Ref\Z")
"""A function of CloudFormation, which other tools pass on to it: the Serverless Framework's plugins, for one."""


def resolve_placeholders(node: Node, path: Path = ()) -> Node:
    """A copy of the tree in which every placeholder is Unknown; a placeholder key leaves it open."""
    if isinstance(node, Array):
        return node.mapped(lambda index, below: resolve_placeholders(below, (*path, index)))
    if isinstance(node, Struct):
        return _braced(node) or _intrinsic(node) or _struct(node, path)
    if isinstance(node, Scalar) and isinstance(node.value, str) and not is_regex(path):
        return unknown_text(node.value, node.span) or node
    return node


def unread_text(problem: SyntaxProblem) -> str:
    """The line about a text with placeholders that does not parse as it stands: what fills them in may mend it."""
    return f"not read: line {problem.span.line}: a text with placeholders that names a tuning job: {problem.reason}"


def resolved_struct(node: Struct) -> Struct:
    """The same for a structure; one that is a placeholder as a whole is open and holds nothing."""
    found = resolve_placeholders(node)
    if isinstance(found, Struct):
        return found
    return Struct({}, node.span, node.anchor, open=found if isinstance(found, Unknown) else None)


def _braced(node: Struct) -> Unknown | None:
    """``{ROLE_ARN}`` without quotes, which YAML reads as a structure with one member."""
    if len(node.members) != 1 or node.open is not None:
        return None
    ((name, member),) = node.members.items()
    key, at = node.keys.get(name, node.anchor), member.span
    follows = (
        (key.end_line, key.end_column) == (at.line, at.column) == (at.end_line, at.end_column)
    )  # no colon, no value
    if BRACED.match(name) and isinstance(member, Scalar) and follows:
        return Unknown(f"is the placeholder {{{name}}}", node.span)
    return None


def _intrinsic(node: Struct) -> Unknown | None:
    """``{"Ref": …}`` outside of a template's own resources: whoever passes it on has it filled in."""
    name = next(iter(node.members), "")
    if len(node.members) != 1 or node.open is not None or not INTRINSIC.match(name):
        return None
    return Unknown(f"is what CloudFormation makes of `{name}`", node.keys.get(name, node.anchor))


def _struct(node: Struct, path: Path) -> Struct:
    copy = node.emptied()
    copy.keys.update(node.keys)
    for name, member in node.members.items():
        key = unknown_text(name, node.keys.get(name, node.anchor))
        if key is not None:
            copy.open = copy.open or Unknown(f"the key {key.reason}", key.span)
            continue
        copy.members[name] = resolve_placeholders(member, (*path, name))
    return copy


def unknown_text(text: str, span: Span) -> Unknown | None:
    """An Unknown if the text is a placeholder or has one in it, else None."""
    if WHOLE.match(text):
        return Unknown(f"is the placeholder {brief(text)}", span)
    found = PART.search(text)
    if found is None:
        return None
    pieces: list[str | None] = []
    at = 0
    for match in PART.finditer(text):
        pieces += [text[at : match.start()], None] if match.start() > at else [None]
        at = match.end()
    if at < len(text):
        pieces.append(text[at:])
    whole = found.group() == text
    return Unknown(f"{'is' if whole else 'holds'} the placeholder {brief(found.group())}", span, tuple(pieces))


def is_regex(path: Path) -> bool:
    """Whether a metric's regular expression stands there."""
    return len(path) >= 3 and path[-1] == "Regex" and path[-3] == "MetricDefinitions"
