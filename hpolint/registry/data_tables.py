"""Tables beside an organisation's rules: ``data/NAME.csv``, for conditions as ``data.NAME``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hpolint.io import disk
from hpolint.io.files import leads_out, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.rule import RuleError, UnreadableRuleError

FOLDER = "data"
MAX_BYTES = 1024 * 1024
MAX_TABLES, MAX_ROWS = 20, 2000
"""The most tables of a folder, and rows of a table: a condition has a limited number of steps."""

NAME = lazy_regex(r"[a-z][a-z0-9_]*\Z")

Table = list[dict[str, str]]


def table_files(rule_folder: Path) -> list[Path]:
    """The tables for the rules of a category's folder: those in the folder ``data`` beside it."""
    folder = rule_folder.parent / FOLDER
    names = disk.names(str(folder)) if disk.is_folder(str(folder)) else []
    return [folder / name for name in names if name.endswith(".csv")]


def read_tables(rule_folder: Path) -> dict[str, Table]:
    """These tables by name, each as its rows. Raises RuleError for the first error."""
    files = table_files(rule_folder)
    if len(files) > MAX_TABLES:
        raise RuleError(files[0].parent.as_posix(), 1, 1, f"more than {MAX_TABLES} tables")
    return {_name(path.stem, path): _rows(path, rule_folder.parent) for path in files}


def _name(text: str, path: Path, line: int = 1) -> str:
    if not NAME.match(text):
        raise RuleError(path.as_posix(), line, 1, f"`{text}`: a name has lower-case letters, digits and underscores")
    return text


def _text(name: str, folder: Path) -> str:
    if leads_out(name, [str(folder)]):
        raise UnreadableRuleError(name, 1, 1, "not read: it is a link out of the folder of policies")
    try:
        return read_file(name, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRuleError(name, 1, 1, f"not UTF-8: {error.reason}") from None
    except OSError as error:
        raise UnreadableRuleError(name, 1, 1, f"cannot be read: {error.strerror or error}") from None


def _rows(path: Path, folder: Path) -> Table:
    name = path.as_posix()
    lines = csv.reader(io.StringIO(_text(name, folder)), strict=True)
    try:
        header, *rows = [line for line in lines if line]
    except (csv.Error, ValueError) as error:
        raise RuleError(name, 1, 1, f"a table needs a line with the names of its columns, and rows: {error}") from None
    columns = [_name(column.strip(), path) for column in header]
    if not rows or len(rows) > MAX_ROWS or len(set(columns)) < len(columns):
        raise RuleError(name, 1, 1, f"a table has 1 to {MAX_ROWS:,} rows, and each column has its own name")
    for number, row in enumerate(rows, 2):
        if len(row) != len(columns):
            raise RuleError(name, number, 1, f"{len(row)} values for {len(columns)} columns")
    return [dict(zip(columns, [value.strip() for value in row], strict=True)) for row in rows]
