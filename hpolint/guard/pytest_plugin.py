"""The fixture ``hpolint_guard`` for tests of code that launches tuning jobs.

pytest loads it where hpolint is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hpolint.guard.guarding import Guard


@pytest.fixture
def hpolint_guard_options() -> Mapping[str, Any]:
    """The arguments of ``hpolint.guard.install`` for ``hpolint_guard``: override it in a ``conftest.py`` or a test."""
    return {}


@pytest.fixture
def hpolint_guard(hpolint_guard_options: Mapping[str, Any]) -> Iterator[Guard]:
    """The guard, installed for one test: a launch with an error raises ``hpolint.guard.Refused``.

    ``hpolint_guard.calls`` are the launches that it judged, each with its ``findings``. Works with botocore's Stubber.
    """
    from hpolint.guard import install, uninstall
    from hpolint.guard.guarding import installed_guard, reinstall_guard

    previous = installed_guard()
    try:
        yield install(**hpolint_guard_options)
    finally:
        uninstall()
        if previous is not None:
            reinstall_guard(previous)
