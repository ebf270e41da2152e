"""What a training script makes of one hyperparameter: argparse is asked, with the parser that was read there."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from hpolint.facts import command_line
from hpolint.facts.role import role
from hpolint.facts.script import strictness
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import bound, doubted
from hpolint.model.node import Array, Scalar, Struct, Unknown
from hpolint.model.source import Span
from hpolint.model.training_script import Doubt, Option, Parser, Script, Site

MOST_INTEGERS = 200
"""Of an integer range: so many values are tried against an option's choices, of a longer one its ends."""

SHORTEST_WORD = 5
"""Letters of a word that two names have in common."""

CLOSE = 0.75
"""From which likeness on another option is named."""


class ArgumentFacts(msgspec.Struct, frozen=True):
    """``argument``: what the script makes of a hyperparameter. All is null where there is no such script."""

    accepted: bool | Unknown | None
    """Whether it takes it."""
    strict: bool | Unknown | None
    """Whether not to take it ends the script; else it is dropped without a word."""
    near: str | None
    """The hyperparameter's name that would set the option that is likest."""
    alike: bool
    """Whether that one differs by dashes, underscores or upper case only, and is the only such one."""
    refused: str | Unknown | None
    """A value of the range that the option does not read; null where it reads them all."""
    why: str | Unknown | None
    """What keeps the values from being read: ``int``, ``float``, ``choices``; or ``flag`` and ``bool``, of which every
    value is the same."""
    option: str | None
    """The option as the script writes it."""
    script: str | None
    """The script's path."""


NO_ARGUMENT = ArgumentFacts(None, None, None, False, None, None, None, None)


def argument_facts(
    name: str | Unknown, range_: TunedParameter | None, script: Script | Unknown | None, at: Span
) -> ArgumentFacts:
    """What a script makes of one hyperparameter; of a tuned one with its range."""
    if script is None:
        return NO_ARGUMENT
    unknown = script if isinstance(script, Unknown) else name if isinstance(name, Unknown) else None
    if unknown is not None or isinstance(script, Unknown) or isinstance(name, Unknown):
        return ArgumentFacts(unknown, unknown, None, False, unknown, unknown, None, None)
    if not command_line.is_sent(name):
        return NO_ARGUMENT
    accepted = _accepted(script, name, at)
    near, alike = (_near(script, name)) if accepted is False else (None, False)
    why: str | Unknown | None = None
    refused: str | Unknown | None = None
    option: str | None = None
    taken = _taken_by(script, name)
    if taken is not None:
        parser, own = taken
        option = next((flag for flag in own.flags if flag.startswith(command_line.flag(name))), own.flag)
        if range_ is not None and accepted is True:
            why, refused = _refused(parser, own, name, range_)
    return ArgumentFacts(accepted, strictness(script, at), near, alike, refused, why, option, script.name)


def argument_sites(name: str, script: Script, what: str) -> list[tuple[Site, str]]:
    """Where the script has the option that a hyperparameter sets, or one like it, or else its parser."""
    if what != "argument":
        return []
    near, _ = _near(script, name)
    for each in (name, near):
        taken = _taken_by(script, each) if each is not None else None
        if taken is not None:
            _, option = taken
            return [(option.site, f"`{option.flag}`")]
    return [(parser.site, "the parser") for parser in script.parsers]


def _accepted(script: Script, name: str, at: Span) -> bool | Unknown:
    if script.unread is not None:
        return doubted(script.unread, at)
    verdicts = [command_line.accepts(parser, name) for parser in script.parsers]
    if True in verdicts:
        return True
    for parser in script.parsers:
        if parser.open is not None:
            return doubted(parser.open, at)
    if script.elsewhere is not None:
        return doubted(script.elsewhere, at)
    for parser in script.parsers:
        if not parser.drops_rest:
            return doubted(Doubt("may use what its parser does not know", parser.site), at)
    return False


def _taken_by(script: Script, name: str) -> tuple[Parser, Option] | None:
    """The parser and option that a hyperparameter sets."""
    for parser in script.parsers:
        option = command_line.option_of(parser, name)
        if option is not None:
            return parser, option
    return None


def _near(script: Script, name: str) -> tuple[str | None, bool]:
    """The name that would set the option that is likest, and whether it is the same but for dashes and case."""
    names = [
        flag.removeprefix("--")
        for parser in script.parsers
        for option in parser.options
        for flag in option.flags
        if flag.startswith("--")
    ]
    names = [each for each in dict.fromkeys(names) if each != name]
    same = [each for each in names if _bare(each) == _bare(name)]
    if same:
        return same[0], len(same) == 1
    found = get_close_matches(_bare(name), [_bare(each) for each in names], cutoff=CLOSE)  # nearest first
    near = next((each for each in names if found and _bare(each) == found[0]), None)
    return near or _of_the_same_role(name, names) or _of_a_common_word(name, names), False


def _of_the_same_role(name: str, names: list[str]) -> str | None:
    """The only one of some names whose conventional role is that of another: ``learning_rate`` for ``lr``."""
    what = role(name, None)
    same = [each for each in names if what is not None and role(_bare(each), None) == what]
    return same[0] if len(same) == 1 else None


def _of_a_common_word(name: str, names: list[str]) -> str | None:
    """The only one of some names that has a word of another's: ``scheduler`` for ``lr_scheduler_type``."""
    words = {word for word in _bare(name).split("_") if len(word) >= SHORTEST_WORD}
    same = [each for each in names if words.intersection(_bare(each).split("_"))]
    return same[0] if len(same) == 1 else None


def _bare(name: str) -> str:
    return name.replace("-", "_").lower()


def _refused(
    parser: Parser, option: Option, name: str, range_: TunedParameter
) -> tuple[str | Unknown | None, str | Unknown | None]:
    """What keeps an option from reading a range's values, and one of these."""
    if option.is_open:
        return None, None
    if option.action in command_line.NO_VALUE:
        return ("flag", None) if option.action in ("store_true", "store_false") else (None, None)
    values = _values(range_)
    if isinstance(values, Unknown):
        return values, values
    if option.type == "bool" and len(values) > 1 and all(values):
        return "bool", values[-1]
    for value in values:
        refusal = command_line.refuses(parser, name, value)
        if refusal is not None and "choose from" in refusal:
            return "choices", command_line.value_text(value)
        if refusal is not None and f"invalid {option.type} value" in refusal and option.nargs is None:
            return option.type, command_line.value_text(value)
    return None, None


def _values(range_: TunedParameter) -> list[str] | Unknown:
    """Values that the service may send: of a continuous range one that is no whole number."""
    node = range_.node
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else []
    if range_.kind == "categorical":
        values = node.members.get("Values", node.open)
        if not isinstance(values, Array):
            return values if isinstance(values, Unknown) else []
        items = [item for item in values.items if isinstance(item, Scalar)]
        unknown = values.open or next((item for item in values.items if isinstance(item, Unknown)), None)
        return unknown or [str(item.value) for item in items]
    low, high = (bound(node.members.get(each, node.open)) for each in ("MinValue", "MaxValue"))
    for each in (low, high):
        if isinstance(each, Unknown):
            return each
    if not isinstance(low, float) or not isinstance(high, float) or high <= low:
        return []
    if range_.kind == "integer":
        if high - low < MOST_INTEGERS:
            return [str(number) for number in range(int(low), int(high) + 1)]
        return [str(int(low)), str(int(high))]
    between = low + (high - low) * 0.37
    short = round(between, 4)
    return [repr(short if low < short < high and not short.is_integer() else between)]
