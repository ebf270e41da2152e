"""The console command, and ``python -m hpolint``."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # type checkers treat it as typing.TYPE_CHECKING; importing typing takes 6 ms
if TYPE_CHECKING:
    from types import ModuleType


def main() -> None:
    """Run the command line. ``--version`` is answered without further imports."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        _print_version()
        return
    gc.disable()  # a run makes few reference cycles, and the process ends after it
    import _signal  # already loaded, while its wrapper ``signal`` takes some milliseconds to import

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # no traceback before the handlers are installed
    from hpolint.io import signals

    signals.install_handlers()  # before any slow import
    code = _print_stored()
    if code is not None:
        sys.exit(code)
    _import_msgspec()
    from hpolint.cli.commands import main as run

    run()


def _import_msgspec() -> None:
    """Import msgspec without ``typing_extensions``, which takes 8 ms with what it imports.

    From Python 3.11 on, msgspec takes the same functions from ``typing`` if there is no other module.
    """
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    modules.setdefault("typing_extensions", None)  # None: its import fails
    import msgspec  # noqa: F401

    if modules["typing_extensions"] is None:
        del modules["typing_extensions"]


def _print_stored() -> int | None:
    """Print the cached output of the same check if its inputs are unchanged, and return its exit code; else None.

    An output error is reported and gives its own exit code.
    """
    from hpolint.cache.whole_output import print_stored
    from hpolint.io.streams import OutputError, exit_code_of

    try:
        return print_stored(sys.argv[1:])
    except OutputError as error:
        return exit_code_of(error)


def _print_version() -> None:
    """Print the version. The line is short enough to be written whole or not at all."""
    from hpolint import __version__

    try:
        os.write(1, f"hpolint {__version__}\n".encode())
    except OSError as error:
        sys.exit(141 if isinstance(error, BrokenPipeError) else 2)


if __name__ == "__main__":
    main()
