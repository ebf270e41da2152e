"""What launches nothing in tests: a tuner with a mock object, a client of a mocked service, a call that has to fail."""

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

RAISES = lazy_regex(r"raises|assertRaises(?:Regex)?")
"""The context managers of pytest and unittest that await an exception."""

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


def expected_failures(units: Iterable[Unit]) -> set[int]:
    """The lines of the blocks in which a test expects an exception, as in `with pytest.raises(ValueError):`.

    They are numbered as in the interpreter's spans.
    """
    lines: set[int] = set()
    for unit in units:
        if RAISES.search(unit.text) is None:
            continue
        try:
            nodes = list(walk(unit.parse()))
        except Problem:
            continue
        for node in nodes:
            if isinstance(node, ast.With | ast.AsyncWith) and any(map(_expects_failure, node.items)):
                block = unit.span(node)
                lines.update(range(block.line, block.end_line + 1))
    return lines


def _expects_failure(item: ast.withitem) -> bool:
    """Whether a context manager is one of pytest's or unittest's that await an exception."""
    call = item.context_expr
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return RAISES.fullmatch(name) is not None


def is_mock(value: Value | None) -> bool:
    """Whether a value is a mock object."""
    return isinstance(value, Instance) and value.cls in MOCKS
