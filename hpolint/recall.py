"""What single files gave in an earlier run, taken again where nothing that it depends on has changed.

While a file is read and judged, every question to the disk is noted (``disk.py``): about the file itself, its script
and modules, policies, and what was looked for and is not there. With the answers its outcome is kept, in the user's own
cache, with the settings that held for it. Another run takes it from there if each answer is still the same.

Nothing is kept of a file that could not be read or judged, nor of one that depends on what had changed just before.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint import cache, disk
from hpolint.circumstances import place, program
from hpolint.paths import repository_root

if TYPE_CHECKING:
    from hpolint.checking import Checking
    from hpolint.discovery import Found, Search
    from hpolint.fix import WrittenFix
    from hpolint.outcome import Outcome
    from hpolint.settings import Settings

KIND = "files"

Kept: TypeAlias = "tuple[str, dict[disk.Asked, disk.Seen], bytes | list[int]]"
"""Of a file: its settings, all that was asked, and the outcome, or where it lies: start, size, checksum."""


class Recall:
    """The files of earlier runs from the same folder, and those of this one, whose questions a ``watch`` notes."""

    def __init__(self, key: Any, watch: disk.Watch, checking: Checking) -> None:
        self._key = key
        self._watch = watch
        self._checking = checking
        self._began = time.time_ns()
        found, self._pieces = cache.read_pieces(KIND, key)
        self._earlier: dict[str, list[Any]] = {}
        self._asked: list[list[Any]] = []
        if isinstance(found, dict) and isinstance(found.get("files"), dict) and isinstance(found.get("asked"), list):
            self._earlier, self._asked = found["files"], found["asked"]
        self._same: dict[int, bool] = {}
        self._settings: dict[int, str] = {}
        self._kept: dict[str, Kept] = {}
        self._outcomes: dict[str, tuple[Found, Outcome]] = {}
        self._is_new = False

    def known(self, files: Iterable[Found]) -> dict[str, Outcome | None]:
        """What some files give, as far as that is known; None for one that is no candidate."""
        found: dict[str, Outcome | None] = {}
        for file in files if self._earlier else ():
            try:
                self._take(file, found)
            except Exception:  # noqa: BLE001 - whatever a file of the cache holds, it is no trouble
                found.pop(file.name, None)
        return found

    def _take(self, file: Found, found: dict[str, Outcome | None]) -> None:
        settings, questions, *place = self._earlier.get(file.name, (None, ()))
        if settings is None or settings != self._stamp(file.settings) or not all(map(self._holds, questions)):
            return
        data = self._piece(place)
        if data is None:
            return
        if data:
            from hpolint.packing import unpacked

            rules, later = self._checking.rules(file.settings), partial(self._part, place[0])
            outcome = found[file.name] = unpacked(data, rules, self._checking.sources, later)
            self._outcomes[file.name] = file, outcome
        else:
            found[file.name] = None
        asked = self._answers(questions)
        disk.take_in(asked)
        self._kept[file.name] = settings, asked, place

    def _piece(self, place: list[int]) -> bytes | None:
        """What is kept at a place; None where it is not what was."""
        try:
            start, size, check = place
            data = self._part(start, 0, size)
        except (OSError, TypeError, ValueError):  # a broken file of the cache
            return None
        return data if len(data) == size and zlib.crc32(data) == check else None

    def _part(self, start: int, within: int, size: int) -> bytes:
        return self._pieces.read(start + within, size) if self._pieces is not None and size else b""

    def _answers(self, questions: Iterable[int]) -> dict[disk.Asked, disk.Seen]:
        asked = (self._asked[question] for question in questions)
        return {(name, content): tuple(seen) for name, content, *seen in asked}

    def _holds(self, question: int) -> bool:
        if question not in self._same:
            name, content, *seen = self._asked[question]
            noted = self._watch.seen.get((name, content))
            self._same[question] = tuple(seen) == (disk.seen(name, content=content) if noted is None else noted)
        return self._same[question]

    def keep(self, file: Found, outcome: Outcome | None, packed: bytes, search: Search) -> None:
        """Keep what a file gave, packed, with all that ``search`` and the watch have noted of it."""
        itself = (file.name, True)
        asked = search.asked | {itself: self._watch.seen.get(itself, ())}
        if search.unreadable or search.vanished or not asked[itself]:
            return
        if outcome is not None and (outcome.trouble is not None or outcome.failures):
            return
        if outcome is not None and not packed:
            from hpolint import packing

            packed = packing.packed(outcome, self._checking.rules(file.settings))
        if disk.are_settled(asked.values(), self._began):
            self._kept[file.name] = self._stamp(file.settings), asked, packed
            if outcome is not None:
                self._outcomes[file.name] = file, outcome
            self._is_new = True

    def fixes(self, name: str, written: Mapping[int, WrittenFix], asked: dict[disk.Asked, disk.Seen]) -> None:
        """Keep some fixes of a file's findings as they would be written, by their identity, with what was asked."""
        kept, (file, outcome) = self._kept.get(name), self._outcomes.get(name, (None, None))
        if kept is None or file is None or outcome is None or not disk.are_settled(asked.values(), self._began):
            return
        from hpolint.packing import packed

        outcome.written = [written.get(id(finding)) for finding in outcome.findings]
        settings, before, _ = kept
        self._kept[name] = settings, asked | before, packed(outcome, self._checking.rules(file.settings))
        self._is_new = True

    def _stamp(self, settings: Settings) -> str:
        """All that some settings say of what a file gives, as a text."""
        if id(settings) not in self._settings:
            self._settings[id(settings)] = json.dumps(_plain(replace(settings, output=(), baseline=None)))
        return self._settings[id(settings)]

    def write(self) -> None:
        """Keep all that is known now, for the next run."""
        if not self._is_new:
            return
        for name, earlier in self._earlier.items():
            if name not in self._kept and os.path.lexists(name):
                with suppress(TypeError, ValueError, IndexError):  # a broken file of the cache
                    settings, questions, *place = earlier
                    self._kept[name] = settings, self._answers(questions), place
        numbers: dict[tuple[object, ...], int] = {}
        files, pieces, at = {}, [], 0
        for name, (settings, asked, kept) in self._kept.items():
            data = kept if isinstance(kept, bytes) else self._piece(kept)
            if data is None:
                continue
            questions = [numbers.setdefault((*each, *seen), len(numbers)) for each, seen in asked.items()]
            files[name] = [settings, questions, at, len(data), zlib.crc32(data)]
            pieces.append(data)
            at += len(data)
        cache.write(KIND, self._key, {"asked": [list(each) for each in numbers], "files": files}, pieces)


def recall_of(roots: list[str], checking: Checking, watch: disk.Watch) -> Recall | None:
    """What is known of earlier runs; None where nothing is kept.

    In a repository it is one for all that is asked: a hook is given other files each time. On Windows a file does not
    tell when it was changed last.
    """
    if os.name == "nt" or "HPOLINT_DEBUG" in os.environ or cache.folder() is None:
        return None
    baseline = checking.baseline
    known = None if baseline is None else [baseline.path, baseline.folder, disk.seen(baseline.path, content=True)]
    bounds = [root for root in roots if not disk.is_there(os.path.join(repository_root(root), ".git"))]
    today = time.strftime("%Y-%m-%d", time.gmtime())  # a suppression may end
    try:
        return Recall([*program(), *place(), bounds, known, today], watch, checking)
    except OSError:
        return None


def _plain(value: Any) -> Any:
    """A value of settings as JSON has it, one for each that is another."""
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, *map(_plain, msgspec.structs.astuple(value))]
    if isinstance(value, Mapping):
        return {"": [[_plain(key), _plain(each)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else [type(value).__name__, str(value)]
