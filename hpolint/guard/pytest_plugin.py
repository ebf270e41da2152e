"""The fixture ``hpolint_guard`` for tests of code that launches tuning jobs.

pytest loads it where hpolint is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hpolint.guard.guarding import Guard

SWALLOWED = "The code under test caught a refusal of hpolint.guard, so this job would not have been launched:"


@pytest.fixture
def hpolint_guard_options() -> Mapping[str, Any]:
    """The arguments of ``hpolint.guard.install`` for ``hpolint_guard``: override it in a ``conftest.py`` or a test."""
    return {}


@pytest.fixture
def hpolint_guard(hpolint_guard_options: Mapping[str, Any]) -> Iterator[Guard]:
    """The guard, installed for one test: a launch with an error raises ``hpolint.guard.Refused``.

    ``hpolint_guard.calls`` are the launches that it judged, each with its ``findings``. Works with botocore's Stubber.
    A refusal that the code under test catches without naming it fails the test at its end. ``hpolint_guard.refusals``
    has all of them: a test that expects such a one clears it.
    """
    from hpolint.guard import install, uninstall
    from hpolint.guard.caught_refusals import is_swallowed
    from hpolint.guard.guarding import installed_guard, reinstall_guard

    previous = installed_guard()
    try:
        guard = install(**hpolint_guard_options)
        guard.keep_refusals()
        yield guard
    finally:
        uninstall()
        if previous is not None:
            reinstall_guard(previous)
    swallowed = next(filter(is_swallowed, guard.refusals), None)
    guard.refusals.clear()  # they keep frames
    if swallowed is not None:
        pytest.fail(f"{SWALLOWED}\n{swallowed}", pytrace=False)
