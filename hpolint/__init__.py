"""hpolint reads SageMaker tuning jobs before anything is launched.

``check(paths)`` is the library's face; the command is ``hpolint``.
"""

from __future__ import annotations

from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike
    from typing import Any

    from hpolint.report.report import Report

__all__ = ["__version__", "check"]


def check(
    paths: Iterable[str | PathLike[str]] | Mapping[str, str | bytes],
    settings: Mapping[str, Any] | None = None,
    *,
    config: str | PathLike[str] | None = None,
    isolated: bool = False,
) -> Report:
    """Check files and folders, as ``hpolint check`` does, in this process; or sources by their names, without files.

    ``settings`` are those of a configuration file, by the same names: ``{"select": ["ALL"], "fail-on": "note"}``; they
    outweigh the files that are found. ``config`` is the one file to go by, ``isolated`` passes over all of them.
    What cannot be read is in the report's ``unreadable`` and ``failures``; nothing is printed.

    Raises ``hpolint.model.settings.ConfigError`` for settings and configuration files that cannot be followed.
    """
    from os import fspath

    from hpolint.config.lookup import CheckOptions
    from hpolint.run.orchestration import check_paths, check_texts

    options = CheckOptions(settings or {}, () if config is None else (fspath(config),), isolated)
    if hasattr(paths, "items"):
        return check_texts(
            {name: text.encode() if isinstance(text, str) else text for name, text in paths.items()}, options
        )
    return check_paths([fspath(path) for path in paths], options)
