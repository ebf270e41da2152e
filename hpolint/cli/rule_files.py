"""The rule files that ``hpolint test`` is given."""

from __future__ import annotations

from pathlib import Path

from hpolint.io.files import read_start
from hpolint.model.settings import ConfigError
from hpolint.registry.policies import PolicyFolderError, markdown_files


def find_rule_files(names: list[str]) -> list[Path]:
    """The rule files of some paths: files, and those in folders. Raises ConfigError."""
    files: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            files |= dict.fromkeys(sorted(file for file in _markdown_files(name) if _is_rule(file)))
        elif path.exists():
            files[path] = None
        else:
            raise ConfigError(f"{name}: no such file or folder")
    return list(files)


def _markdown_files(folder: str) -> list[Path]:
    try:
        return list(markdown_files(folder))
    except PolicyFolderError as error:
        raise ConfigError(f"{folder}: {error.reason}") from None


def _is_rule(path: Path) -> bool:
    """Whether a Markdown file in a folder is a rule: a README has no front matter."""
    try:
        return read_start(str(path), 8).removeprefix(b"\xef\xbb\xbf").startswith(b"---")
    except OSError:
        return True  # reading it as a rule reports the error
