"""The command line that starts a training script, and what the script's parser makes of it: argparse itself is asked.

The parser is made anew from what was read of the script; nothing of the script is run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from hpolint.model.training_script import Option, Parser

TAKEN_OUT = ("sagemaker_",)
TAKEN_OUT_NAMES = frozenset({"_tuning_objective_metric", "default_user_module_name"})
READ_BY = {"int": int, "float": float, "bool": bool, "str": str}
NO_VALUE = frozenset({"store_true", "store_false", "store_const", "append_const", "count"})


class _RefusedError(Exception):
    """The parser ends the script."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _RefusedError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _RefusedError(message or str(status))


def is_sent(name: str) -> bool:
    """Whether the toolkit hands a hyperparameter on to the script.

    Source: aws/sagemaker-training-toolkit at 33839372, ``environment.py`` and ``params.py``.
    """
    return not name.startswith(TAKEN_OUT) and name not in TAKEN_OUT_NAMES


def flag(name: str) -> str:
    """How the toolkit writes a hyperparameter's name on the command line.

    Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``.
    """
    return f"--{name}" if len(name) > 1 else f"-{name}"


def value_text(value: str) -> str:
    """How the toolkit writes a hyperparameter's value, which the service sends as a string: decoded, if it is JSON."""
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if isinstance(decoded, dict):
        return ",".join(f"{key}={decoded[key]}" for key in sorted(decoded))
    return "" if decoded is None else str(decoded)


def accepts(parser: Parser, name: str) -> bool | None:
    """Whether a parser takes a hyperparameter of that name; None if it ends the script over an ambiguous one.

    Unknown further options of the parser are the caller's affair.
    """
    made = _made(parser, without_values=True)
    try:
        _, rest = made.parse_known_args([flag(name), "1"])
    except _RefusedError as refused:
        return None if "ambiguous" in str(refused) else True
    return not rest


def refuses(parser: Parser, name: str, value: str) -> str | None:
    """Why a parser that takes a hyperparameter ends the script over a value of it; None if it reads the value."""
    made = _made(parser)
    try:
        made.parse_known_args([flag(name), value_text(value)])
    except _RefusedError as refused:
        return str(refused)
    return None


def command_line(hyperparameters: Mapping[str, str]) -> list[str]:
    """The arguments that the toolkit starts a script with."""
    names = sorted(filter(is_sent, hyperparameters))
    return [part for name in names for part in (flag(name), value_text(hyperparameters[name]))]


def outcome(parser: Parser, hyperparameters: Mapping[str, str]) -> tuple[bool, list[str]]:
    """Whether a parser comes through the whole command line, and what of it it does not know."""
    line = command_line(hyperparameters)
    try:
        if parser.is_strict:
            _made(parser, is_whole=True).parse_args(line)
            return True, []
        return True, _made(parser, is_whole=True).parse_known_args(line)[1]
    except _RefusedError:
        return False, []


def option_of(parser: Parser, name: str) -> Option | None:
    """The option that a hyperparameter sets: by its flag, or by a beginning that no other option has."""
    wanted = flag(name)
    exact = [each for each in parser.options if wanted in each.flags]
    if exact:
        return exact[-1]
    if not parser.abbreviates or len(name) == 1:
        return None
    near = [each for each in parser.options if any(own.startswith(wanted) for own in each.flags)]
    return near[0] if len(near) == 1 else None


def required(parser: Parser) -> Iterable[Option]:
    """The options without which the parser ends the script."""
    for option in parser.options:
        if option.flags[0].startswith("-"):
            is_required = option.required is True
        else:
            is_required = option.required is True or (option.nargs not in ("?", "*") and not option.is_open)
        if is_required:
            yield option


@lru_cache(maxsize=64)
def _made(parser: Parser, *, without_values: bool = False, is_whole: bool = False) -> _Parser:
    """The parser as argparse has it. Nothing is required of it unless it is asked as a whole."""
    made = _Parser(prog="script", allow_abbrev=parser.abbreviates, add_help=parser.has_help, conflict_handler="resolve")
    for option in parser.options:
        by_position = not option.flags[0].startswith("-")
        if by_position and not is_whole:
            continue
        made.add_argument(*option.flags, **_settings(option, by_position, without_values, is_whole))
    if parser.commands is not None and is_whole:
        commands = made.add_subparsers()
        for name in dict.fromkeys(parser.commands):
            commands.add_parser(name)
    return made


def _settings(option: Option, by_position: bool, without_values: bool, is_whole: bool) -> dict[str, Any]:
    """The keywords of ``add_argument``; what cannot be told takes anything."""
    given: dict[str, Any] = {} if by_position else {"required": bool(option.required) and is_whole, "dest": "_"}
    if by_position and option.nargs is not None:
        given["nargs"] = option.nargs
    if without_values or option.is_open:
        return given if by_position else given | {"nargs": "*"}
    if option.action in NO_VALUE:
        return given | {"action": option.action} | ({"const": 1} if option.action.endswith("const") else {})
    given["action"] = option.action
    if option.nargs is not None:
        given["nargs"] = option.nargs
    if option.type in READ_BY:
        given["type"] = READ_BY[option.type]
        if option.choices is not None:
            given["choices"] = option.choices
    return given
