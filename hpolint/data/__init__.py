"""Dated data: what an entry says was so on its date. What is not in it is never an error."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from hpolint.io.files import read_own

FOLDER = os.path.dirname(__file__)
COMPILED = "compiled.json"
"""What ``hatch_build.py`` makes of the data files, beside them in a wheel."""


@cache
def load(name: str) -> dict[str, Any]:
    """One data file that people write, by its name without suffix: compiled in a wheel, parsed in a checkout."""
    return _compiled().get(name) or parsed(name)


@cache
def _compiled() -> dict[str, dict[str, Any]]:
    try:
        tables: dict[str, dict[str, Any]] = json.loads(read_own(os.path.join(FOLDER, COMPILED)))
    except FileNotFoundError:
        return {}
    return tables


def parsed(name: str) -> dict[str, Any]:
    """The content of a data file that people write."""
    file = os.path.join(FOLDER, f"{name}.yaml")
    from hpolint.model.node import plain
    from hpolint.model.source import Source
    from hpolint.syntax.yaml_syntax import parse_yaml

    (document,) = parse_yaml(Source(file, read_own(file).decode()))
    content = plain(document)
    if not isinstance(content, dict):
        raise TypeError(f"{file} holds no mapping")
    return content


@cache
def generated(name: str) -> dict[str, Any]:
    """One file that a script makes, by its name without suffix."""
    content: dict[str, Any] = json.loads(read_own(os.path.join(os.path.dirname(__file__), f"{name}.json")))
    return content
