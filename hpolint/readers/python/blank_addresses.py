"""Addresses that begin with a name of the source that is bound to an empty string, for somebody to fill in."""

from __future__ import annotations

import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation
from hpolint.model.observations import InputRefused
from hpolint.model.source import Source

BINDING = lazy_regex(
    r"^[ \t]*(?P<name>\w+)[ \t]*(?::[ \t]*str[ \t]*)?=(?!=)(?P<blank>[ \t]*(?:\"\"|'')[ \t]*(?:#.*)?$)?", re.MULTILINE
)
"""A binding of a name, with ``blank`` if its value is an empty string."""

BEGINNING = lazy_regex(r"\{\w+\}/|\b\w+[ \t]*\+[ \t]*f?[\"']/|(?:%s|\{0?\})/.{0,200}")
"""A text that begins with the value of a name, followed by a slash; ``%s`` and ``{}`` with what follows in the line."""

WORD = lazy_regex(r"\w+")


def without_blank_addresses(observations: list[Observation], source: Source) -> list[Observation]:
    """The observations without inputs that begin with a blank: a bucket that is still to be filled in."""
    if not any(_begins_with_slash(observation) for observation in observations):
        return observations
    text = "\n".join([cell.text.text for cell in source.cells] or [source.text])
    blank_names = _blank_names(text)
    used_names: set[str] = set()
    for beginning in BEGINNING.findall(text):
        used_names |= set(WORD.findall(beginning))
    if blank_names.isdisjoint(used_names):
        return observations
    return [observation for observation in observations if not _begins_with_slash(observation)]


def _begins_with_slash(observation: Observation) -> bool:
    observed = observation.observed
    return isinstance(observed, InputRefused) and observed.value.startswith("/")


def _blank_names(text: str) -> set[str]:
    """The names that are bound once, to an empty string."""
    is_blank: dict[str, bool] = {}
    for binding in BINDING.finditer(text):
        name = binding["name"]
        is_blank[name] = name not in is_blank and binding["blank"] is not None
    return {name for name, is_empty in is_blank.items() if is_empty}
