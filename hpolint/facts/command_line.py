"""The command line that starts a training script, and how the script's parser handles it.

The parser is rebuilt with argparse from the options that were read from the script. The script is never run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn

from hpolint.model.training_script import Option, Parser

REMOVED_PREFIXES = ("sagemaker_",)
REMOVED_NAMES = frozenset({"_tuning_objective_metric", "default_user_module_name"})
TYPE_FUNCTIONS = {"int": int, "float": float, "bool": bool, "str": str}
ACTIONS_WITHOUT_VALUE = frozenset({"store_true", "store_false", "store_const", "append_const", "count"})


class RefusedError(Exception):
    """The parser would end the script."""


class RebuiltParser(argparse.ArgumentParser):
    """A parser that raises RefusedError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise RefusedError."""
        raise RefusedError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise RefusedError."""
        raise RefusedError(message or str(status))


def is_sent(name: str) -> bool:
    """Whether the toolkit passes a hyperparameter to the script.

    Source: aws/sagemaker-training-toolkit at 33839372, ``environment.py`` and ``params.py``.
    """
    return not name.startswith(REMOVED_PREFIXES) and name not in REMOVED_NAMES


def flag(name: str) -> str:
    """A hyperparameter's name as the toolkit writes it on the command line.

    Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``.
    """
    return f"--{name}" if len(name) > 1 else f"-{name}"


def value_text(value: str) -> str:
    """A hyperparameter's value as the toolkit writes it: the service sends a string, which is decoded if it is JSON."""
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if isinstance(decoded, dict):
        return ",".join(f"{key}={decoded[key]}" for key in sorted(decoded))
    return "" if decoded is None else str(decoded)


def accepts(parser: Parser, name: str) -> bool | None:
    """Whether a parser accepts a hyperparameter's name; None if the name is an ambiguous abbreviation.

    The caller handles parsers that may have further, unknown options.
    """
    rebuilt = _argparse_parser(parser, without_values=True)
    try:
        _, rest = rebuilt.parse_known_args([flag(name), "1"])
    except RefusedError as refused:
        return None if "ambiguous" in str(refused) else True
    return not rest


def refuses(parser: Parser, name: str, value: str) -> str | None:
    """The error with which a parser ends the script for a hyperparameter's value; None if it parses the value."""
    rebuilt = _argparse_parser(parser)
    try:
        rebuilt.parse_known_args([flag(name), value_text(value)])
    except RefusedError as refused:
        return str(refused)
    return None


def option_of(parser: Parser, name: str) -> Option | None:
    """The option that a hyperparameter sets, by its flag or by an unambiguous abbreviation; None if there is none."""
    wanted = flag(name)
    exact = [option for option in parser.options if wanted in option.flags]
    if exact:
        return exact[-1]
    if not parser.abbreviates or len(name) == 1:
        return None
    matches = [option for option in parser.options if any(own.startswith(wanted) for own in option.flags)]
    return matches[0] if len(matches) == 1 else None


def required(parser: Parser) -> Iterable[Option]:
    """The options without which the parser ends the script."""
    for option in parser.options:
        by_position = not option.flags[0].startswith("-")
        if option.required is True or (by_position and option.nargs not in ("?", "*") and not option.is_open):
            yield option


@lru_cache(maxsize=64)
def _argparse_parser(parser: Parser, *, without_values: bool = False) -> RebuiltParser:
    """The parser's options with a flag, rebuilt with argparse; none is required."""
    rebuilt = RebuiltParser(
        prog="script", allow_abbrev=parser.abbreviates, add_help=parser.has_help, conflict_handler="resolve"
    )
    for option in parser.options:
        if option.flags[0].startswith("-"):
            rebuilt.add_argument(*option.flags, dest="_", **_value_keywords(option, without_values))
    return rebuilt


def _value_keywords(option: Option, without_values: bool) -> dict[str, Any]:
    """The keywords of ``add_argument`` for an option's values; if it is not fully known, it accepts any values."""
    if without_values or option.is_open:
        return {"nargs": "*"}
    keywords: dict[str, Any] = {"action": option.action}
    if option.action in ACTIONS_WITHOUT_VALUE:
        return keywords | ({"const": 1} if option.action.endswith("const") else {})
    if option.nargs is not None:
        keywords["nargs"] = option.nargs
    if option.type in TYPE_FUNCTIONS:
        keywords |= {"type": TYPE_FUNCTIONS[option.type], "choices": option.choices}
    return keywords
