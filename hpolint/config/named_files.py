"""Reading a file that a setting names, up to a size limit. Pipes and devices are refused."""

from __future__ import annotations

import json
from typing import Any

from hpolint.io.files import NoFileError, TooLargeError, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.settings import ConfigError


def read_named(path: str, max_megabytes: int, what: str, where: str = "") -> bytes:
    """The bytes of a file. ``what`` names its purpose and ``where`` the setting, for messages. Raises ConfigError."""
    name = f"{where}{path}"
    try:
        return read_file(path, max_megabytes * 1024 * 1024)
    except NoFileError:
        raise ConfigError(f"{name}: not a file") from None
    except TooLargeError as error:
        raise ConfigError(f"{name}: too large for a {what}: {error.strerror}") from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror or error}") from None


MAX_VALUES = 1_500_000
"""Values of a JSON file that a setting names. A value takes up to 150 bytes, so that all take up to 225 MB."""

NUMERAL = lazy_regex(rb"\d{4000,}")
"""A numeral near Python's limit for integers, which is 4,300 digits by default."""


class JsonError(ValueError):
    """Invalid JSON, or JSON beyond the limits. ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse_json(data: bytes, hook: Any = None) -> Any:
    """The values of a document. ``hook`` converts each object, as ``json``'s ``object_hook``. Raises JsonError."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise JsonError(1, f"more than {MAX_VALUES:,} values")
    try:
        return json.loads(data.decode("utf-8-sig"), object_hook=hook)
    except UnicodeDecodeError as error:
        raise JsonError(data.count(b"\n", 0, error.start) + 1, f"not UTF-8: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise JsonError(error.lineno, error.msg) from None
    except RecursionError:
        raise JsonError(1, "nested too deep to be read") from None
    except ValueError:
        numeral = NUMERAL.search(data)
        line = data.count(b"\n", 0, numeral.start()) + 1 if numeral else 1
        raise JsonError(line, "a number that is too long to be read") from None
