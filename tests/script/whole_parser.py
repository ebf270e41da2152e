"""A script's parser as hpolint reads it, rebuilt with its positional arguments and commands, which no check needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpolint.facts.command_line import (
    ACTIONS_WITHOUT_VALUE,
    TYPE_FUNCTIONS,
    RebuiltParser,
    RefusedError,
    flag,
    is_sent,
    value_text,
)
from hpolint.model.training_script import Option, Parser


def command_line(hyperparameters: Mapping[str, str]) -> list[str]:
    """The arguments with which the toolkit starts a script."""
    line: list[str] = []
    for name in sorted(hyperparameters):
        if is_sent(name):
            line += [flag(name), value_text(hyperparameters[name])]
    return line


def outcome(parser: Parser, hyperparameters: Mapping[str, str]) -> tuple[bool, list[str]]:
    """Whether a parser parses the whole command line without an error, and the arguments that it does not know."""
    try:
        _, rest = rebuilt(parser).parse_known_args(command_line(hyperparameters))
    except RefusedError:
        return False, []
    return (False, []) if rest and parser.is_strict else (True, rest)


def rebuilt(parser: Parser) -> RebuiltParser:
    """The parser with its positional arguments, its required options and its commands."""
    whole = RebuiltParser(
        prog="script", allow_abbrev=parser.abbreviates, add_help=parser.has_help, conflict_handler="resolve"
    )
    for option in parser.options:
        keywords = keywords_of(option)
        if option.flags[0].startswith("-"):
            keywords |= {"required": bool(option.required), "dest": "_"}
        whole.add_argument(*option.flags, **keywords)
    if parser.commands is not None:
        commands = whole.add_subparsers()
        for name in dict.fromkeys(parser.commands):
            commands.add_parser(name)
    return whole


def keywords_of(option: Option) -> dict[str, Any]:
    """The keywords of ``add_argument`` for an option's values."""
    keywords: dict[str, Any] = {"action": option.action}
    if option.action in ACTIONS_WITHOUT_VALUE:
        return keywords | ({"const": 1} if option.action.endswith("const") else {})
    if option.nargs is not None:
        keywords["nargs"] = option.nargs
    if option.type in TYPE_FUNCTIONS:
        keywords |= {"type": TYPE_FUNCTIONS[option.type], "choices": option.choices}
    return keywords
