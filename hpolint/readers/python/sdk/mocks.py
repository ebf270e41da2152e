"""Mocks of tests: a tuner with a mock object, and a client whose service is mocked, launch nothing."""

from __future__ import annotations

import re

from hpolint.readers.python.interpreter.values import Instance, Value

MOCKS = frozenset(
    f"{module}.{name}"
    for module in ("unittest.mock", "mock")
    for name in ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec")
)

SERVICE_MOCKS = re.compile(r"^\s*(?:from|import)[ \t]+moto\b|\bStubber\(", re.MULTILINE)
"""A source that mocks AWS: moto, or botocore's own stubs."""


def mocks_service(text: str) -> bool:
    """Whether the calls of clients in a source reach a mock instead of the service."""
    return bool(SERVICE_MOCKS.search(text))


def is_mock(value: Value | None) -> bool:
    """Whether a value is a mock object."""
    return isinstance(value, Instance) and value.cls in MOCKS
