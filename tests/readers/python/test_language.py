"""Python's own rules: each snippet is run by Python too, and what is read as known must be what it computes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.readers.python.test_python import HEAD, MOST, value

HERE = Path(__file__).parent


def snippets(file: str) -> list[Any]:
    """The snippets of a file, each below a line with its name."""
    parts = re.split(r"^### (.*)\n", (HERE / file).read_text("utf-8"), flags=re.MULTILINE)
    return [pytest.param(code, id=name) for name, code in zip(parts[1::2], parts[2::2], strict=True)]


def computed(code: str) -> Any:
    """What Python makes of ``n``."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "snippet", "exec"), names)
    return names["n"]


@pytest.mark.parametrize("code", snippets("known.txt"))
def test_what_is_read_is_what_python_computes(code: str) -> None:
    """Scopes, classes, decorators and builtins do what they do in Python."""
    assert value(HEAD + code + "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n", MOST) == computed(code)


@pytest.mark.parametrize("code", snippets("open.txt"))
def test_what_cannot_be_told_is_not_guessed(code: str) -> None:
    """A value is known only if it is what Python computes: these are none, or the right one."""
    found = value(HEAD + code + "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n", MOST)
    assert isinstance(found, str) or found == computed(code)
