"""Insert arguments, dict entries and imported names into a Python statement of any layout, with libcst.

libcst parses only this statement. Its tree keeps commas, comments and line ends with the nodes that they belong to.
``insertions.py`` does the same for the usual layouts, without libcst.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from hpolint.fixes.changes import NewMembers, NoEditError
from hpolint.fixes.insertions import literal
from hpolint.readers.python.interpreter.units import LINE_END

White = cst.BaseParenthesizableWhitespace


def with_members(statement: str, start: int, end: int, members: NewMembers, quote: str = '"') -> str:
    """The statement with members added to the call or dict between two offsets. Raises NoEditError.

    ``quote`` is used for strings if the call or dict has no string yet.
    """
    try:
        # No copy: nothing else uses the parsed module.
        wrapper = MetadataWrapper(cst.parse_module(statement), unsafe_skip_copy=True)
    except (cst.ParserSyntaxError, RecursionError) as error:
        raise NoEditError(f"the statement cannot be parsed: {type(error).__name__}") from None
    places = wrapper.resolve(PositionProvider)
    starts = _line_starts(statement)
    for node, place in places.items():
        if not isinstance(node, cst.Call | cst.Dict):
            continue
        begin = starts[place.start.line - 1] + place.start.column
        finish = starts[place.end.line - 1] + place.end.column
        if (begin, finish) != (start, end):
            continue
        if isinstance(node, cst.Call):
            changed: cst.CSTNode = _in_call(node, members, quote)
        else:
            changed = _in_dict(node, members, quote)
        module: Any = wrapper.module.deep_replace(node, changed)
        return str(module.code)
    raise NoEditError("there is no call or dict at this place")


def with_import(statement: str, name: str) -> str:
    """The statement ``from … import …`` with a name added in the layout of the others. Raises NoEditError."""
    module = cst.parse_module(statement)
    line = module.body[0] if module.body else None
    before = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(before, cst.ImportFrom) or isinstance(before.names, cst.ImportStar):
        raise NoEditError(f"`{name}` would have to be imported, and there is no import to add it to")
    *others, last = before.names
    rpar = before.rpar
    opening = before.lpar.whitespace_after if before.lpar is not None else cst.SimpleWhitespace(" ")
    new = cst.ImportAlias(cst.Name(name))
    closing: White = cst.SimpleWhitespace("")
    if isinstance(last.comma, cst.Comma):
        closing = last.comma.whitespace_after
        new = new.with_changes(comma=cst.Comma(whitespace_after=_without_comment(closing)))
    elif rpar is not None:
        closing = rpar.whitespace_before
        rpar = rpar.with_changes(whitespace_before=_without_comment(closing))
    changed = last.with_changes(comma=_comma(last.comma, _before_new(_between(before.names, opening), closing)))
    changed_import = before.with_changes(names=[*others, changed, new], rpar=rpar)
    result: Any = module.deep_replace(before, changed_import)
    return str(result.code)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def _in_call(call: cst.Call, members: NewMembers, quote: str) -> cst.Call:
    if any(argument.keyword is None and not argument.star and _is_off(argument.value) for argument in call.args):
        raise NoEditError("a positional argument may be the same one")
    names = [argument.keyword.value if argument.keyword is not None else None for argument in call.args]
    quote = _quote(call) or quote
    args, members = _replaced(call.args, names, members, quote)
    call = call.with_changes(args=args)
    if not members:
        return call
    equal: Any = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    for argument in args:
        if argument.keyword is not None and isinstance(argument.equal, cst.AssignEqual):
            equal = argument.equal
    new = [cst.Arg(_expression(value, quote), keyword=cst.Name(name), equal=equal) for name, value in members.items()]
    if not args:
        return call.with_changes(args=_with_commas(new, cst.SimpleWhitespace(" ")))
    *others, last = args
    between = _between(args, call.whitespace_before_args)
    joined = _with_commas(new, _before_new(between, None))
    if isinstance(last.comma, cst.Comma):
        closing = last.comma.whitespace_after
        joined[-1] = joined[-1].with_changes(comma=cst.Comma(whitespace_after=_without_comment(closing)))
    else:
        closing = last.whitespace_after_arg
        joined[-1] = joined[-1].with_changes(whitespace_after_arg=_without_comment(closing))
        last = last.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    changed = last.with_changes(comma=_comma(last.comma, _before_new(between, closing)))
    return call.with_changes(args=[*others, changed, *joined])


def _in_dict(node: cst.Dict, members: NewMembers, quote: str) -> cst.Dict:
    quote = _quote(node) or quote
    keys = [element.key if isinstance(element, cst.DictElement) else None for element in node.elements]
    names = [key.evaluated_value if isinstance(key, cst.SimpleString) else None for key in keys]
    elements, members = _replaced(node.elements, names, members, quote)
    node = node.with_changes(elements=elements)
    if not members:
        return node
    new = []
    for name, value in members.items():
        new.append(cst.DictElement(cst.SimpleString(f"{quote}{name}{quote}"), _expression(value, quote)))
    if not elements:
        return node.with_changes(elements=_with_commas(new, cst.SimpleWhitespace(" ")))
    *others, last = elements
    between = _between(elements, node.lbrace.whitespace_after)
    closing = node.rbrace.whitespace_before  # also after a trailing comma, unlike in a call
    joined = _with_commas(new, _before_new(between, None))
    if isinstance(last.comma, cst.Comma):
        joined[-1] = joined[-1].with_changes(comma=cst.Comma())
    changed = last.with_changes(comma=_comma(last.comma, _before_new(between, closing)))
    brace = node.rbrace.with_changes(whitespace_before=_without_comment(closing))
    return node.with_changes(elements=[*others, changed, *joined], rbrace=brace)


def _replaced(
    existing: Sequence[Any], names: Sequence[object], members: NewMembers, quote: str
) -> tuple[list[Any], NewMembers]:
    """The existing members with new values in place of None or False, and the members that do not exist yet.

    Raises NoEditError for a member that exists with another value.
    """
    changed = []
    for member, name in zip(existing, names, strict=True):
        if name in members:
            if not _is_off(member.value):
                raise NoEditError(f"`{name}` is already given")
            member = member.with_changes(value=_expression(members[str(name)], quote))
        changed.append(member)
    return changed, {name: value for name, value in members.items() if name not in names}


def _is_off(value: cst.BaseExpression) -> bool:
    """Whether an argument is None or False, which an SDK treats as not given."""
    return isinstance(value, cst.Name) and value.value in ("None", "False")


def _comma(existing: cst.Comma | cst.MaybeSentinel, after: White) -> cst.Comma:
    """The comma after the previously last member: the existing one, if any."""
    comma = existing if isinstance(existing, cst.Comma) else cst.Comma()
    return comma.with_changes(whitespace_after=after)


def _with_commas(new: Sequence[Any], step: White) -> list[Any]:
    """New members with commas between them."""
    *others, last = new
    return [*(member.with_changes(comma=cst.Comma(whitespace_after=step)) for member in others), last]


def _between(members: Sequence[Any], opening: White) -> White:
    """The white space before the last member: after the previous comma, or after the opening bracket."""
    if len(members) > 1 and isinstance(members[-2].comma, cst.Comma):
        white = members[-2].comma.whitespace_after
        return white if isinstance(white, White) else cst.SimpleWhitespace(" ")
    return opening if isinstance(opening, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")


def _before_new(between: White, closing: White | None) -> White:
    """The white space before a new member, with the comment of the previous member. Raises NoEditError."""
    if not isinstance(between, cst.ParenthesizedWhitespace):
        if isinstance(closing, cst.ParenthesizedWhitespace) and closing.first_line.comment is not None:
            raise NoEditError("a comment ends the line where it would be written")
        return between if getattr(between, "value", " ") == "" else cst.SimpleWhitespace(" ")
    first = cst.TrailingWhitespace(newline=between.first_line.newline)
    if isinstance(closing, cst.ParenthesizedWhitespace):
        first = closing.first_line
    return between.with_changes(first_line=first, empty_lines=())


def _without_comment(closing: White) -> White:
    """The white space before the closing bracket, without the last member's comment."""
    if isinstance(closing, cst.ParenthesizedWhitespace) and closing.first_line.comment is not None:
        return closing.with_changes(first_line=cst.TrailingWhitespace(newline=closing.first_line.newline))
    return closing


def _quote(node: cst.CSTNode) -> str:
    """The quote of the first string in a node; empty if there is none."""
    quotes = _Quotes()
    node.visit(quotes)
    return quotes.quote


class _Quotes(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.quote = ""

    def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802, the name is fixed by libcst
        self.quote = self.quote or ("'" if node.quote == "'" else '"')


def _expression(value: Any, quote: str) -> cst.BaseExpression:
    return cst.parse_expression(literal(value, quote))
