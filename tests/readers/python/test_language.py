"""Python's own rules: each snippet is run by Python too, and what is read as known must be what it computes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hpolint.model.node import Unknown
from hpolint.model.source import Source
from hpolint.readers.python.interpreter.interpreter import Interpreter
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.units import module_unit
from hpolint.readers.python.interpreter.values import Constant, Value

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


def followed(code: str) -> Value | None:
    """What ``n`` stands for at the end of a module, in a world without libraries."""
    unit = module_unit(Source("x.py", code))
    interpreter = Interpreter(LibraryModel())
    interpreter.run(unit, unit.parse())
    interpreter.finish()
    return interpreter.scope.names.get("n")


@pytest.mark.parametrize("code", snippets("known.txt"))
def test_what_is_read_is_what_python_computes(code: str) -> None:
    """Scopes, classes, decorators and builtins do what they do in Python."""
    found = followed(code)
    assert isinstance(found, Constant)
    assert found.value == computed(code)


@pytest.mark.parametrize("code", snippets("open.txt"))
def test_unknown_values_are_not_guessed(code: str) -> None:
    """A value is either unknown or what Python computes."""
    found = followed(code)
    assert not isinstance(found, Constant) or found.value == computed(code)


def test_what_a_library_gives_is_unknown_to_who_knows_none() -> None:
    """The follower asks its world, and takes its silence for unknown."""
    found = followed("from sagemaker.tuner import HyperparameterTuner\nn = HyperparameterTuner(1)\n")
    assert isinstance(found, Unknown)
