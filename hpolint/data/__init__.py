"""Dated data: what an entry says was so on its date. What is not in it is never an error."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from hpolint.cache import compiled


@cache
def load(name: str) -> dict[str, Any]:
    """One data file that people write, by its name without suffix."""
    file = os.path.join(os.path.dirname(__file__), f"{name}.yaml")
    content: dict[str, Any] = compiled("data", [file], lambda: _parsed(file))
    return content


def _parsed(file: str) -> dict[str, Any]:
    from hpolint.node import plain
    from hpolint.source import Source
    from hpolint.syntax.yaml import parse_yaml

    with open(file, encoding="utf-8") as opened:
        (document,) = parse_yaml(Source(file, opened.read()))
    content = plain(document)
    if not isinstance(content, dict):
        raise TypeError(f"{file} holds no mapping")
    return content


@cache
def generated(name: str) -> dict[str, Any]:
    """One file that a script makes, by its name without suffix."""
    with open(os.path.join(os.path.dirname(__file__), f"{name}.json"), encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content
