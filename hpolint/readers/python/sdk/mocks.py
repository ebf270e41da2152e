"""Mocks of tests: a tuner with a mock object, and a client whose service is mocked, launch nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.values import Instance, Value
from hpolint.readers.python.interpreter.walking import walk

MOCKS = frozenset(
    f"{module}.{name}"
    for module in ("unittest.mock", "mock")
    for name in ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec")
)

SERVICE_MOCKS = lazy_regex(r"\bmoto\b|\bStubber\s*\(")
"""Words of a source that may mock AWS by moto or by botocore's own stubs."""

TEST_FILE = lazy_regex(r"(?:\A|/)(?:tests?/|test_[^/]*\Z|[^/]*_test\.\w+\Z|conftest\.py\Z)")
"""Paths of tests: the file names that pytest collects, and the usual folders."""

NOTEBOOK = ".ipynb"


def mocks_service(text: str, units: Iterable[Unit]) -> bool:
    """Whether the calls of clients in a source reach a mock instead of the service: it imports moto or makes a stub."""
    return SERVICE_MOCKS.search(text) is not None and any(_mocks(unit) for unit in units)


def _mocks(unit: Unit) -> bool:
    if SERVICE_MOCKS.search(unit.text) is None:
        return False
    try:
        nodes = list(walk(unit.parse()))
    except Problem:
        return False
    modules = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return any(each.partition(".")[0] == "moto" for each in modules) or any(
        (each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "")) == "Stubber" for each in calls
    )


def is_test(name: str) -> bool:
    """Whether a file is a test by its path. Notebooks are none: pytest collects no notebook, and people run them."""
    return not name.lower().endswith(NOTEBOOK) and TEST_FILE.search(name) is not None


def is_mock(value: Value | None) -> bool:
    """Whether a value is a mock object."""
    return isinstance(value, Instance) and value.cls in MOCKS
