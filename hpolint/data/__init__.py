"""Dated data. An entry was true on its date; a missing entry is never an error."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from hpolint.io.files import read_own

FOLDER = os.path.dirname(__file__)
COMPILED = "compiled.json"
"""The data files as one JSON file, which ``hatch_build.py`` adds to a wheel."""


@cache
def load(name: str) -> dict[str, Any]:
    """A hand-written data file by its name without suffix: compiled in a wheel, parsed in a checkout."""
    return _compiled().get(name) or parsed(name)


@cache
def _compiled() -> dict[str, dict[str, Any]]:
    try:
        tables: dict[str, dict[str, Any]] = json.loads(read_own(os.path.join(FOLDER, COMPILED)))
    except FileNotFoundError:
        return {}
    return tables


def parsed(name: str) -> dict[str, Any]:
    """The parsed content of a hand-written data file. Raises TypeError if it is not a mapping."""
    file = os.path.join(FOLDER, f"{name}.yaml")
    from hpolint.model.node import plain
    from hpolint.model.source import Source
    from hpolint.syntax.yaml_syntax import parse_yaml

    (document,) = parse_yaml(Source(file, read_own(file).decode()))
    content = plain(document)
    if not isinstance(content, dict):
        raise TypeError(f"{file} is not a mapping")
    return content


@cache
def generated(name: str) -> dict[str, Any]:
    """The content of a data file that a script generates, by its name without suffix."""
    content: dict[str, Any] = json.loads(read_own(os.path.join(os.path.dirname(__file__), f"{name}.json")))
    return content
