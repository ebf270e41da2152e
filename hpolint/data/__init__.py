"""Dated data: what an entry says was so on its date. What is not in it is never an error."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from hpolint.node import plain
from hpolint.source import Source
from hpolint.syntax.yaml import parse_yaml


@cache
def load(name: str) -> dict[str, Any]:
    """One data file, by its name without suffix."""
    source = Source(f"{name}.yaml", (files(__name__) / f"{name}.yaml").read_text("utf-8"))
    (document,) = parse_yaml(source)
    content = plain(document)
    if not isinstance(content, dict):
        raise TypeError(f"{name} holds no mapping")
    return content
