"""Judge tuning jobs at the call that launches them, with the rules of ``hpolint check``, and refuse those with errors.

    import hpolint.guard

    hpolint.guard.install()

A job is judged as botocore is about to send it: every value is known, and nothing has been launched. The guard works
on every session and client of the process, whether it is made before or after. In IPython: ``%load_ext hpolint.guard``.
"""

from __future__ import annotations

from hpolint.guard.refusal import Refused

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from os import PathLike
    from typing import Any, Literal

    from hpolint.guard.guarding import Guard
    from hpolint.model.level import Level
    from hpolint.model.settings import ConfigError

__all__ = ["ConfigError", "Refused", "allow", "install", "uninstall"]


def __getattr__(name: str) -> Any:
    """``ConfigError`` is imported at its first use: pytest imports this module in each of its runs."""
    if name != "ConfigError":
        raise AttributeError(name)
    from hpolint.model.settings import ConfigError

    return ConfigError


def install(
    *,
    policy: str | PathLike[str] | None = None,
    config: str | PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    isolated: bool = False,
    refuse: Level = "error",
    mode: Literal["refuse", "warn"] = "refuse",
) -> Guard:
    """Guard this process: every session and client of botocore, those that exist and those to come.

    The configuration is read now, once: the file ``config``, or the one that ``hpolint check`` would use in the working
    folder; ``isolated`` uses none. ``policy`` is an organisation's configuration file, or ``package:NAME/FILE``.
    ``settings`` has the keys of a configuration file, and takes precedence. The result's ``repr`` says which apply.

    A job with a finding of the level ``refuse`` or a more severe one is refused; a locked rule has its own level. With
    ``mode="warn"`` nothing is refused. Calling it again replaces the settings.

    Raises ImportError without botocore, ``ConfigError`` for an invalid configuration, and ValueError or TypeError for
    an invalid argument. After such an error the guard is on, and refuses every job until it is installed or
    uninstalled: a policy that cannot be read is not met.
    """
    from os import fspath

    from hpolint.guard.guarding import install_guard

    return install_guard(
        policy=None if policy is None else fspath(policy),
        config=None if config is None else fspath(config),
        settings=settings or {},
        isolated=isolated,
        refuse=refuse,
        mode=mode,
    )


def uninstall() -> None:
    """Remove the guard from all sessions and clients. Does nothing if there is none."""
    from hpolint.guard.guarding import uninstall_guard

    uninstall_guard()


def allow(*rules: str, reason: str) -> AbstractContextManager[None]:
    """Let calls through in spite of these rules, by id or name, as in ``hpolint: ignore``. Each use is logged.

    It counts for calls of this thread or task within the ``with`` statement. A locked rule cannot be allowed: the call
    is refused, and the report says so. Raises ValueError without a reason, and for an unknown rule.
    """
    from hpolint.guard.guarding import allowing

    return allowing(rules, reason)


def load_ipython_extension(shell: Any) -> None:
    """Install the guard, for ``%load_ext hpolint.guard``: print what applies, and define the name ``hpolint``."""
    import sys

    from hpolint.guard.notebooks import show_refusals

    guard = install()
    shell.push({"hpolint": sys.modules["hpolint"]})  # for hpolint.guard.allow(…), as a refusal proposes it
    show_refusals(shell, Refused)
    print(guard)  # noqa: T201 - what an extension prints is the cell's output


def unload_ipython_extension(_shell: Any) -> None:
    """Uninstall the guard, for ``%unload_ext hpolint.guard``."""
    uninstall()
