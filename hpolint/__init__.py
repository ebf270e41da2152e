"""hpolint reads SageMaker tuning jobs before anything is launched.

``check(paths, settings)`` is the library's face; the command is ``hpolint``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
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
