"""What launches nothing in tests: a tuner with a mock object, a client of a mocked service, a call that has to fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from itertools import chain, product

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.values import Instance, Value
from hpolint.readers.python.interpreter.walking import walk

_MOCKS = ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec")
MOCKS = frozenset(f"{module}.{name}" for module, name in product(("unittest.mock", "mock"), _MOCKS))

SERVICE_MOCKS = lazy_regex(r"\bmoto\b|\bStubber\s*\(")
"""Words of a source that may mock AWS by moto or by botocore's own stubs."""

PATCHES = lazy_regex(r"\bpatch\b")
PATCHED_PACKAGES = ("sagemaker", "boto3", "botocore")
"""The packages whose replaced members show that a test does not mean to reach the service."""

RAISES = lazy_regex(r"raises|assertRaises(?:Regex)?")
"""The context managers of pytest and unittest that await an exception."""

TEST_FILE = lazy_regex(r"(?:\A|/)(?:tests?/|test_[^/]*\Z|[^/]*_test\.\w+\Z|conftest\.py\Z)")
"""Paths of tests: the file names that pytest collects, and the usual folders."""

NOTEBOOK = ".ipynb"


def mocks_service(text: str, units: Iterable[Unit]) -> bool:
    """Whether the calls of clients in a source reach a mock instead of the service: it imports moto or makes a stub."""
    if SERVICE_MOCKS.search(text) is None:
        return False
    return any(_mocks_service(node) for node in chain.from_iterable(_nodes(unit, SERVICE_MOCKS) for unit in units))


def patches_sdk(units: Iterable[Unit]) -> bool:
    """Whether a source replaces a member of the SDK or of boto3, as ``mock.patch("sagemaker.Session")`` does."""
    nodes: list[ast.AST] = []
    for unit in units:
        nodes += _nodes(unit, PATCHES)
    return any(map(_patches_sdk, nodes))


def _patches_sdk(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=function, args=[ast.Constant(value=str(target)), *_]):
            return last_name(function) == "patch" and target.partition(".")[0] in PATCHED_PACKAGES
    return False


def _nodes(unit: Unit, words: re.Pattern[str]) -> list[ast.AST]:
    """The nodes of a unit that has some words; none without them, or if it does not parse."""
    if words.search(unit.text) is None:
        return []
    try:
        return list(walk(unit.parse()))
    except Problem:
        return []


def _mocks_service(node: ast.AST) -> bool:
    """Whether a node imports moto, or makes one of botocore's stubs."""
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == "moto" for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] == "moto"
    return isinstance(node, ast.Call) and last_name(node.func) == "Stubber"


def is_test(name: str) -> bool:
    """Whether a file is a test by its path. Notebooks are none: pytest collects no notebook, and people run them."""
    return not name.lower().endswith(NOTEBOOK) and TEST_FILE.search(name) is not None


def expected_failures(units: Iterable[Unit]) -> set[int]:
    """The lines of the blocks in which a test expects an exception, as in `with pytest.raises(ValueError):`.

    They are numbered as in the interpreter's spans.
    """
    lines: set[int] = set()
    for unit in units:
        for node in _nodes(unit, RAISES):
            if isinstance(node, ast.With | ast.AsyncWith) and any(_expects_failure(item) for item in node.items):
                block = unit.span(node)
                lines.update(range(block.line, block.end_line + 1))
    return lines


def _expects_failure(item: ast.withitem) -> bool:
    """Whether a context manager is one of pytest's or unittest's that await an exception."""
    call = item.context_expr
    return isinstance(call, ast.Call) and RAISES.fullmatch(last_name(call.func)) is not None


def is_mock(value: Value | None) -> bool:
    """Whether a value is a mock object."""
    return isinstance(value, Instance) and value.cls in MOCKS
