"""Mistakes that people reported in public, each rebuilt in our own words: wrong as it was, and corrected.

A case is an entry of a file in ``cases/``:

- ``id``: a name, unique in all files; ``address``: the public thread; ``form``: where the mistake is written.
- ``cause`` and ``harm``: one sentence each, in our own words.
- ``static``: whether a reader of the definition and its script can know it. Where not, ``why`` says what it depends on,
  and ``help`` what a guard at the call or the user can do; such a case has no files.
- ``report``: rules, at least one of which must report the cause; none if it is missed. ``file`` (optional): the file
  with the finding.
- ``files``: the wrong version by file name, as small as it stays true; ``correction``: the changes that make it right,
  each ``{file, replace, with}``.
- ``missed``: why the cause is not reported yet. As soon as any rule reports the wrong version alone, the tests fail.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

FOLDER = Path(__file__).parent / "cases"


class Change(msgspec.Struct, frozen=True, rename={"new": "with", "old": "replace"}, forbid_unknown_fields=True):
    """A text of a file, which occurs there once, and what takes its place."""

    file: str
    old: str
    new: str


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reported mistake."""

    id: str
    address: str
    form: str
    cause: str
    harm: str
    static: bool
    why: str = ""
    help: str = ""
    report: tuple[str, ...] = ()
    file: str | None = None
    files: dict[str, str] = {}
    correction: tuple[Change, ...] = ()
    missed: str = ""

    def corrected(self) -> dict[str, str]:
        """The files without the mistake. Raises ValueError for a change whose text does not occur exactly once."""
        files = dict(self.files)
        for change in self.correction:
            if files[change.file].count(change.old) != 1:
                raise ValueError(f"{self.id}: {change.old!r} occurs {files[change.file].count(change.old)} times")
            files[change.file] = files[change.file].replace(change.old, change.new)
        return files


@cache
def cases() -> list[Case]:
    """All cases, by file and in their order there."""
    found: list[Any] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        found += YAML(typ="safe").load(path.read_text("utf-8"))
    return [msgspec.convert(each, Case) for each in found]
