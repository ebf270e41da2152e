"""The console command, and ``python -m hpolint``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Print the version without importing anything for it, else run the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        _print_version()
        return
    gc.disable()  # a run makes few cycles, and the process ends with it
    import _signal  # which is there already: the module around it takes some milliseconds to import

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # no traceback until somebody listens
    from hpolint.io import signals

    signals.on_signals()  # before anything that takes its time is imported
    code = _printed_again()
    if code is not None:
        sys.exit(code)
    from hpolint.cli.commands import main as run

    run()


def _printed_again() -> int | None:
    """The exit code of the same check before, printed again, if nothing has changed; None: it is to be run.

    Trouble with the output is told, and ends it.
    """
    from hpolint.cache.whole_output import print_stored
    from hpolint.io.streams import OutputError, code_of

    try:
        return print_stored(sys.argv[1:])
    except OutputError as error:
        return code_of(error)


def _print_version() -> None:
    """A line so short that one write takes it or fails."""
    from hpolint import __version__

    try:
        os.write(1, f"hpolint {__version__}\n".encode())
    except OSError as error:
        sys.exit(141 if isinstance(error, BrokenPipeError) else 2)


if __name__ == "__main__":
    main()
