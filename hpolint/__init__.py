"""hpolint reads SageMaker tuning jobs before anything is launched.

``check(paths, settings)`` is the library's face; the command is ``hpolint``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpolint.config import Settings
    from hpolint.report import Report

__all__ = ["__version__", "check"]
__version__ = "0.1.0"


def check(paths: list[str], settings: Settings | None = None) -> Report:
    """Check files and folders. Raises ``discovery.PathError`` or ``config.ConfigError``."""
    from hpolint.config import Settings
    from hpolint.run import check_paths

    return check_paths(paths, settings or Settings())
