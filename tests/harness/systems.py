"""Which tests are of one system only."""

from __future__ import annotations

import sys

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, devices and shells are there in another way")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="this system has no such thing, or refuses it")
