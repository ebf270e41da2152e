"""hpolint lints SageMaker hyperparameter tuning jobs before they are launched.

``check(paths)`` is the library's interface; the command is ``hpolint``.
"""

from __future__ import annotations

from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
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
    policy: str | PathLike[str] | None = None,
) -> Report:
    """Check files and folders in this process, as ``hpolint check`` does; or texts in memory, as a mapping by name.

    ``settings`` has the keys of a configuration file, such as ``{"select": ["ALL"], "fail-on": "note"}``, and takes
    precedence over configuration files. ``config`` is the only configuration file to use; ``isolated`` ignores all
    configuration files. ``policy`` is an organisation's configuration file, or ``package:NAME/FILE``, whose locked
    rules hold above all other settings. Files that cannot be read are in the report's ``unreadable`` and ``failures``.
    Prints nothing.

    Raises ``hpolint.model.settings.ConfigError`` for invalid settings and configuration files.
    """
    from os import fspath

    from hpolint.config.lookup import CheckOptions
    from hpolint.run.check import check_paths, check_texts

    configs = () if config is None else (fspath(config),)
    options = CheckOptions(settings or {}, configs, isolated, policy="" if policy is None else fspath(policy))
    if hasattr(paths, "items"):
        return check_texts(
            {name: text.encode() if isinstance(text, str) else text for name, text in paths.items()}, options
        )
    return check_paths([fspath(path) for path in paths], options)
