"""Regular expressions cost nothing at start, and all of them are valid."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import hpolint
from hpolint.lazy_regex import lazy_regex

ROOT = Path(hpolint.__file__).parent


def test_it_is_used_as_a_compiled_one() -> None:
    """With the flags and methods of `re.compile`, for text and for bytes."""
    text, data = lazy_regex(r"(a)\s*b", re.IGNORECASE), lazy_regex(rb"\d+")
    assert text.pattern == r"(a)\s*b"
    found = text.fullmatch("A  b")
    assert found is not None
    assert found[1] == "A"
    assert data.findall(b"1 22") == [b"1", b"22"]
    assert text.sub(r"\1", "xa b") == "xa"
    assert (text.groups, text.flags & re.IGNORECASE) == (1, re.IGNORECASE)
    with pytest.raises(AttributeError):
        _ = text.missing  # type: ignore[attr-defined]


def test_every_expression_is_valid_and_compiled_at_its_first_use() -> None:
    """No module of hpolint compiles one while it is imported."""
    found = 0
    for module in pkgutil.walk_packages([str(ROOT)], "hpolint."):
        if module.name == "hpolint.__main__":
            continue
        names = vars(importlib.import_module(module.name))
        assert not [name for name, value in names.items() if isinstance(value, re.Pattern)], module.name
        lazy = [value for value in names.values() if type(value) is type(lazy_regex(""))]
        found += len(lazy)
        assert all(re.compile(each.pattern, each.flags & ~re.UNICODE) for each in lazy)
    assert found > 150
    for path in ROOT.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                assert "re.compile(" not in ast.unparse(node), path
