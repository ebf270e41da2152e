"""Environment variables, with the defaults that a source reads them with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hpolint.io.escaping import brief
from hpolint.model.node import Unknown
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.deployed_values import deployed
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value, text_of
from hpolint.worded_regex import WordedRegex

ENVIRONMENT = "os.environ"
GETTERS = frozenset({"os.getenv", f"{ENVIRONMENT}.get", f"{ENVIRONMENT}.setdefault"})

SETS_ANY = WordedRegex(
    ("environ", "load_dotenv", "read_env"),
    r"\b(?:environ\.update\s*\(|load_dotenv\s*\(|read_env\s*\(|(?<=\bos\.)environ\s*\|?=(?!=)"
    r"|environ\s*\[\s*[A-Za-z_][^\]\n]*\]\s*=(?!=))",
)
"""Text that may set an environment variable of any name."""


def variable(name: Value | None, span: Span, default: Value | None = None) -> Unknown:
    """An environment variable; ``default`` is its value where it is not set, None if that is not known."""
    text = text_of(name)
    thing = "an environment variable" if text is None else f"the environment variable `{brief(text)}`"
    return deployed(thing, Kind.ENVIRONMENT_VARIABLE, span, default)


def read_variable(getter: str, arguments: Arguments, span: Span, texts: Iterable[str]) -> Unknown | None:
    """The result of a function that reads an environment variable; None for other functions.

    ``texts`` are those of the sources, which may set the variable themselves.
    """
    if getter not in GETTERS or arguments.open is not None:
        return None
    name = arguments.at(0) or arguments.keywords.get("key")
    default = arguments.at(1) or arguments.keywords.get("default") or Constant(None, span)
    if not getter.endswith(".setdefault") and any(_sets(text, text_of(name)) for text in texts):
        return variable(name, span)
    return variable(name, span, default)


def _sets(text: str, name: str | None) -> bool:
    """Whether a source may set an environment variable, so that no default of it is used. In a notebook quotes have
    a backslash."""
    if SETS_ANY.is_in(text):
        return True
    key = r"\w+" if name is None else re.escape(name)
    quoted = rf"""\\?["']{key}\\?["']"""
    assigns = rf"environ\s*\[\s*{quoted}\s*\]\s*=(?!=)|environ\.setdefault\s*\(\s*{quoted}|putenv\s*\(\s*{quoted}"
    magic = rf"%(?:set_)?env\s+{key}\b"
    return WordedRegex(("environ", "putenv", "%env", "%set_env"), rf"\b(?:{assigns})|{magic}").is_in(text)
