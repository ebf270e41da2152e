"""Dated data: what an entry says was so on its date. What is not in it is never an error."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """One data file that people write, by its name without suffix."""
    from hpolint.node import plain
    from hpolint.source import Source
    from hpolint.syntax.yaml import parse_yaml

    source = Source(f"{name}.yaml", (files(__name__) / f"{name}.yaml").read_text("utf-8"))
    (document,) = parse_yaml(source)
    content = plain(document)
    if not isinstance(content, dict):
        raise TypeError(f"{name} holds no mapping")
    return content


@cache
def generated(name: str) -> dict[str, Any]:
    """One file that a script makes, by its name without suffix."""
    content: dict[str, Any] = json.loads((files(__name__) / f"{name}.json").read_text("utf-8"))
    return content
