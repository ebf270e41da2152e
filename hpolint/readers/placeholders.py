"""Placeholders: `$NAME`, `<YOUR ROLE>`, `${…}`, `{{ … }}`, and words for an ARN's account or region.

A placeholder makes a value unknown, except inside a metric's regular expression, where braces and dollar signs are
ordinary syntax.
"""

from __future__ import annotations

import re

from hpolint.io.escaping import brief
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, text_of
from hpolint.model.source import Span
from hpolint.syntax import SyntaxProblem

BRACKETED = lazy_regex(r"<[A-Z][A-Z0-9 _-]*>\Z")
WHOLE = lazy_regex(rf"\$[A-Za-z_][A-Za-z0-9_]*\Z|{BRACKETED.pattern}")
BRACED = lazy_regex(r"[A-Z][A-Z0-9_]*\Z")
BRACES = r"\{\{(?:[^{}]++|\{(?!\{)|\}(?!\}))*+\}\}"
"""``{{ … }}`` without nested braces of the same kind: the search for its end stops at the next start."""

PART = lazy_regex(rf"\$\{{[^{{}}]*\}}|{BRACES}|<[A-Z][A-Z0-9 _-]*>|<aws\.scheduler\.[a-z-]+>", re.DOTALL)
"""Includes ``<aws.scheduler.execution-id>`` and similar, which EventBridge Scheduler replaces (its user guide)."""

ARN_FIELDS = 6
"""``arn:partition:service:region:account:resource``"""

UNFILLED_FIELD = lazy_regex(r"[A-Z][A-Z0-9_-]*\Z|<[^<>]+>\Z|[xX]{3,}\Z")
"""A region or account that is not filled in: ``ACCOUNT_ID``, ``<account-id>``, ``xxxxxxxxxxxx``."""

WORDS = lazy_regex(r"[A-Za-z_-]+\Z")

UNFILLED_RESOURCE = lazy_regex(r"<[^<>]+>")
"""No name of a resource has these brackets."""

INTRINSIC = lazy_regex(r"Fn::[A-Za-z0-9]+\Z|Ref\Z")
"""A CloudFormation function, which other tools pass on: the Serverless Framework's plugins, for example."""


def resolve_placeholders(node: Node, path: Path = ()) -> Node:
    """A copy of the tree with each placeholder replaced by an Unknown. A placeholder key leaves a structure open."""
    if isinstance(node, Array):
        return node.mapped(lambda index, below: resolve_placeholders(below, (*path, index)))
    if isinstance(node, Struct):
        return _braced(node) or _intrinsic(node) or _struct(node, path)
    text = text_of(node)
    return node if text is None or is_regex(path) else unknown_text(text, node.span) or node


def unread_notice(problem: SyntaxProblem) -> str:
    """The notice of a text with placeholders that does not parse: it may parse once they are replaced."""
    return f"not read: line {problem.span.line}: a text with placeholders that names a tuning job: {problem.reason}"


def resolved_struct(node: Struct) -> Struct:
    """The same for a structure. One that is itself a placeholder becomes an open structure without members."""
    resolved = resolve_placeholders(node)
    if isinstance(resolved, Struct):
        return resolved
    return Struct({}, node.span, node.anchor, open=resolved if isinstance(resolved, Unknown) else None)


def _braced(node: Struct) -> Unknown | None:
    """The Unknown of an unquoted ``{ROLE_ARN}``, which YAML parses as a structure with one member; else None."""
    if len(node.members) != 1 or node.open is not None:
        return None
    ((name, member),) = node.members.items()
    key, value = node.keys.get(name, node.anchor), member.span
    starts = {(key.end_line, key.end_column), (value.line, value.column), (value.end_line, value.end_column)}
    has_colon = len(starts) > 1
    if BRACED.match(name) and isinstance(member, Scalar) and not has_colon:
        return Unknown(f"is the placeholder {{{name}}}", node.span)
    return None


def _intrinsic(node: Struct) -> Unknown | None:
    """The Unknown of ``{"Ref": …}`` outside a template's resources, which a later tool resolves; else None."""
    name = next(iter(node.members), "")
    if len(node.members) != 1 or node.open is not None or not INTRINSIC.match(name):
        return None
    return Unknown(f"is the result of CloudFormation's `{name}`", node.keys.get(name, node.anchor))


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


def unknown_text(text: str, span: Span, placeholders: re.Pattern[str] = PART) -> Unknown | None:
    """The Unknown of a text that is a placeholder or contains one; None for any other text."""
    if WHOLE.match(text):
        return Unknown(f"is the placeholder {brief(text)}", span)
    part = placeholders.search(text)
    if part is None:
        return unfilled_arn(text, span)
    pieces: list[str | None] = []
    at = 0
    for match in placeholders.finditer(text):
        if match.start() > at:
            pieces.append(text[at : match.start()])
        pieces.append(None)
        at = match.end()
    if at < len(text):
        pieces.append(text[at:])
    verb = "is" if part[0] == text else "contains"
    return Unknown(f"{verb} the placeholder {brief(part[0])}", span, tuple(pieces))


def unfilled_arn(text: str, span: Span) -> Unknown | None:
    """The Unknown of an ARN with a placeholder, such as ``arn:aws:iam::ACCOUNT:role/ROLE``; None for any other text."""
    fields = text.split(":", ARN_FIELDS - 1)
    if fields[0] != "arn" or len(fields) < ARN_FIELDS:
        return None
    before, (region, account, resource) = ":".join(fields[:3]), fields[3:]
    for field in (region, account):
        is_named = "account" in field.lower() and WORDS.match(field)
        if is_named or UNFILLED_FIELD.match(field):
            return Unknown(f"contains the placeholder {brief(field)}", span, (f"{before}:", None, f":{resource}"))
    part = UNFILLED_RESOURCE.search(resource)
    if part is None:
        return None
    start = len(text) - len(resource) + part.start()
    return Unknown(f"contains the placeholder {brief(part.group())}", span, (text[:start], None))


def resolve_arns(node: Node) -> Node:
    """A copy of the tree with each ARN that has a placeholder replaced by an Unknown."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: resolve_arns(below))
    text = text_of(node)
    return node if text is None else unfilled_arn(text, node.span) or node


def is_regex(path: Path) -> bool:
    """Whether a path leads to a metric's regular expression."""
    return len(path) >= 3 and path[-1] == "Regex" and path[-3] == "MetricDefinitions"
