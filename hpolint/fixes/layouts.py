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
        wrapper = MetadataWrapper(
            cst.parse_module(statement), unsafe_skip_copy=True
        )  # nothing else uses the parsed module
    except (cst.ParserSyntaxError, RecursionError) as error:
        raise NoEditError(f"the statement cannot be parsed: {type(error).__name__}") from None
    places = wrapper.resolve(PositionProvider)
    starts = _line_starts(statement)
    for node, place in places.items():
        if isinstance(node, cst.Call | cst.Dict):
            begin = starts[place.start.line - 1] + place.start.column
            finish = starts[place.end.line - 1] + place.end.column
            if (begin, finish) == (start, end):
                changed = (
                    _in_call(node, members, quote) if isinstance(node, cst.Call) else _in_dict(node, members, quote)
                )
                module = wrapper.module.deep_replace(node, changed)
                return module.code if isinstance(module, cst.Module) else statement
    raise NoEditError("there is no call or dict at this place")


def with_import(statement: str, name: str) -> str:
    """The statement ``from … import …`` with a name added in the layout of the others. Raises NoEditError."""
    module = cst.parse_module(statement)
    line = module.body[0] if module.body else None
    found = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(found, cst.ImportFrom) or isinstance(found.names, cst.ImportStar):
        raise NoEditError(f"`{name}` would have to be imported, and there is no import to add it to")
    names = found.names
    last = names[-1]
    between = _between(names, found.lpar.whitespace_after if found.lpar is not None else cst.SimpleWhitespace(" "))
    has_comma = isinstance(last.comma, cst.Comma)
    closing: White = cst.SimpleWhitespace("")
    if isinstance(last.comma, cst.Comma):
        closing = last.comma.whitespace_after
    elif found.rpar is not None:
        closing = found.rpar.whitespace_before
    changed = last.with_changes(comma=_comma(last.comma, _before_new(between, closing)))
    new = cst.ImportAlias(cst.Name(name))
    rpar = found.rpar
    if has_comma:
        new = new.with_changes(comma=cst.Comma(whitespace_after=_without_comment(closing)))
    elif rpar is not None:
        rpar = rpar.with_changes(whitespace_before=_without_comment(closing))
    after = found.with_changes(names=[*names[:-1], changed, new], rpar=rpar)
    result = module.deep_replace(found, after)
    return result.code if isinstance(result, cst.Module) else statement


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def _in_call(call: cst.Call, members: NewMembers, quote: str) -> cst.Call:
    if any(each.keyword is None and not each.star and _is_off(each.value) for each in call.args):
        raise NoEditError("a positional argument may be the same one")
    names = [each.keyword.value if each.keyword is not None else None for each in call.args]
    quote = _quote(call) or quote
    args, members = _replaced(call.args, names, members, quote)
    call = call.with_changes(args=args)
    if not members:
        return call
    last = call.args[-1] if call.args else None
    keywords = [each for each in call.args if each.keyword is not None]
    equal: Any = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    if keywords and isinstance(keywords[-1].equal, cst.AssignEqual):
        equal = keywords[-1].equal
    new = [cst.Arg(_expression(each, quote), keyword=cst.Name(name), equal=equal) for name, each in members.items()]
    if last is None:
        return call.with_changes(args=_with_commas(new, cst.SimpleWhitespace(" ")))
    between = _between(call.args, call.whitespace_before_args)
    has_comma = isinstance(last.comma, cst.Comma)
    closing: White = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    step = _before_new(between, closing)
    changed = last.with_changes(comma=_comma(last.comma, step))
    if not has_comma:
        changed = changed.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    joined = _with_commas(new, _before_new(between, None))
    end = _without_comment(closing)
    if has_comma:
        joined[-1] = joined[-1].with_changes(comma=cst.Comma(whitespace_after=end))
    else:
        joined[-1] = joined[-1].with_changes(whitespace_after_arg=end)
    return call.with_changes(args=[*call.args[:-1], changed, *joined])


def _in_dict(node: cst.Dict, members: NewMembers, quote: str) -> cst.Dict:
    quote = _quote(node) or quote
    keys = [each.key if isinstance(each, cst.DictElement) else None for each in node.elements]
    names = [each.evaluated_value if isinstance(each, cst.SimpleString) else None for each in keys]
    elements, members = _replaced(node.elements, names, members, quote)
    node = node.with_changes(elements=elements)
    if not members:
        return node
    new = [
        cst.DictElement(cst.SimpleString(f"{quote}{name}{quote}"), _expression(value, quote))
        for name, value in members.items()
    ]
    if not node.elements:
        return node.with_changes(elements=_with_commas(new, cst.SimpleWhitespace(" ")))
    last = node.elements[-1]
    between = _between(node.elements, node.lbrace.whitespace_after)
    has_comma = isinstance(last.comma, cst.Comma)
    closing = node.rbrace.whitespace_before  # also after a trailing comma, unlike in a call
    changed = last.with_changes(comma=_comma(last.comma, _before_new(between, closing)))
    joined = _with_commas(new, _before_new(between, None))
    if has_comma:
        joined[-1] = joined[-1].with_changes(comma=cst.Comma())
    brace = node.rbrace.with_changes(whitespace_before=_without_comment(closing))
    return node.with_changes(elements=[*node.elements[:-1], changed, *joined], rbrace=brace)


def _replaced(
    existing: Sequence[Any], names: Sequence[object], members: NewMembers, quote: str
) -> tuple[list[Any], NewMembers]:
    """The existing members with new values in place of None or False, and the members that do not exist yet.

    Raises NoEditError for a member that exists with another value.
    """
    found = []
    for each, name in zip(existing, names, strict=True):
        if name in members:
            if not _is_off(each.value):
                raise NoEditError(f"`{name}` is already given")
            each = each.with_changes(value=_expression(members[str(name)], quote))
        found.append(each)
    return found, {name: value for name, value in members.items() if name not in names}


def _is_off(value: cst.BaseExpression) -> bool:
    """Whether an argument is None or False, which an SDK treats as not given."""
    return isinstance(value, cst.Name) and value.value in ("None", "False")


def _comma(existing: cst.Comma | cst.MaybeSentinel, after: White) -> cst.Comma:
    """The comma after the previously last member: the existing one, if any."""
    comma = existing if isinstance(existing, cst.Comma) else cst.Comma()
    return comma.with_changes(whitespace_after=after)


def _with_commas(new: Sequence[Any], step: White) -> list[Any]:
    """New members with commas between them."""
    return [each.with_changes(comma=cst.Comma(whitespace_after=step)) for each in new[:-1]] + [new[-1]]


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
    found = _Quotes()
    node.visit(found)
    return found.quote


class _Quotes(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.quote = ""

    def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802, the name is fixed by libcst
        self.quote = self.quote or ("'" if node.quote == "'" else '"')


def _expression(value: Any, quote: str) -> cst.BaseExpression:
    return cst.parse_expression(literal(value, quote))
