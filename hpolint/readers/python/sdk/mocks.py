"""Mock objects of tests: a tuner with a mock launches nothing."""

from __future__ import annotations

from hpolint.readers.python.interpreter.values import Instance, Value

MOCKS = frozenset(
    f"{module}.{name}"
    for module in ("unittest.mock", "mock")
    for name in ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec")
)


def is_mock(value: Value | None) -> bool:
    """Whether a value is a mock object."""
    return isinstance(value, Instance) and value.cls in MOCKS
