"""The matching of a call's arguments with the parameters of a function of R."""

from __future__ import annotations

from collections.abc import Collection

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Function, Sequence, Value
from hpolint.readers.r import r_values as values


def matched(function: Function, arguments: Arguments, span: Span) -> Arguments | None:
    """The arguments by the names of a function's parameters, as R matches them; None for a call that R refuses.

    First whole names, then names that one parameter before ``...`` begins with, then places.
    """
    names = [parameter.arg for parameter in function.node.args.args]
    before = names[: names.index("...")] if "..." in names else names
    by_name = _matched_names(names, before, arguments.keywords)
    if by_name is None:
        return None
    values_by_name, others = by_name
    free = [name for name in before if name not in values_by_name]
    values_by_name |= dict(zip(free, arguments.positional, strict=False))
    unnamed = arguments.positional[len(free) :]
    if "..." in names:
        values_by_name["..."] = _dots(arguments, others, unnamed, span)
    elif others or unnamed:
        return None
    return Arguments(keywords=values_by_name)


def _matched_names(
    names: list[str], before: list[str], keywords: dict[str, Value]
) -> tuple[dict[str, Value], list[str]] | None:
    """The named arguments by the parameters that they mean, and the names of the others.

    None for a name that may mean two parameters, and for two that mean one.
    """
    matches = {name: value for name, value in keywords.items() if name in names and name != "..."}
    abbreviated = [name for name in keywords if name not in matches]
    others: list[str] = []
    for name in abbreviated:
        meant = _begun(name, before, keywords)
        if len(meant) > 1 or matches.keys() & set(meant):
            return None
        if not meant:
            others.append(name)
        matches.update(dict.fromkeys(meant, keywords[name]))
    return matches, others


def _begun(name: str, parameters: list[str], named: Collection[str]) -> list[str]:
    """The parameters that begin with a name, but those that are named in full."""
    return [parameter for parameter in parameters if parameter.startswith(name) and parameter not in named]


def _dots(arguments: Arguments, names: list[str], unnamed: list[Value], span: Span) -> Sequence:
    """What ``...`` stands for: pairs of a name, or None, and a value."""
    pairs: list[Value] = [Sequence("tuple", [Constant(None, span), value], span) for value in unnamed]
    for name in names:
        place = arguments.places.get(name, span)
        pairs.append(Sequence("tuple", [Constant(name, place), arguments.keywords[name]], place))
    is_mixed = bool(unnamed) and bool(names)
    return Sequence(values.MIXED_DOTS if is_mixed else values.DOTS, pairs, span)
