"""Reading a file that a setting names: whole and bounded, never a pipe."""

from __future__ import annotations

from hpolint.paths import NoFileError, TooLargeError, read_file
from hpolint.settings import ConfigError


def read_named(path: str, most: int, what: str, where: str = "") -> bytes:
    """The bytes of a file of so many megabytes; ``what`` it is to be, ``where`` it is named. Raises ConfigError."""
    told = f"{where}{path}"
    try:
        return read_file(path, most * 1024 * 1024)
    except NoFileError:
        raise ConfigError(f"{told}: it is no file") from None
    except TooLargeError as error:
        raise ConfigError(f"{told}: {error.strerror}: no {what}") from None
    except OSError as error:
        raise ConfigError(f"{told}: cannot be read: {error.strerror or error}") from None
