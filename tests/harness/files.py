"""The files of a folder, as a check finds them."""

from __future__ import annotations

from pathlib import Path

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.discovery.walk import Found, Search, find_files


def found_in(folder: Path) -> list[Found]:
    """The files of a folder, with their settings."""
    return find_files([str(folder)], Configurations(CheckOptions()), Search())
