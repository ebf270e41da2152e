"""The command line: it runs the asked command, and maps what it raises to messages and exit codes."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from hpolint.cache import whole_output
from hpolint.cli.program import run_command
from hpolint.cli.write_reports import FAILED, print_line
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import OutputError, exit_code_of, install_streams
from hpolint.model.settings import ConfigError

INTERRUPTED = 130
"""The exit code that shells report for a process ended by SIGINT."""


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    install_streams()
    try:
        with whole_output.storing_output(sys.argv[1:]) as run:
            code = run.code = _code(sys.argv[1:])
    finally:
        gc.freeze()  # skips the garbage collection at exit, which would free nothing
    sys.exit(code)


def _code(arguments: list[str]) -> int:
    """Run the command line and return its exit code, also after an error."""
    try:
        return run_command(arguments)
    except ConfigError as error:
        print_line(str(error))
    except OutputError as error:
        return exit_code_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the last resort: a message, not a traceback
        if debugging():
            raise
        print_line(internal_error("the command", error))
    return FAILED
