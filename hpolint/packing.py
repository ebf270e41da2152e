"""What came of a file, as bytes: for another process, or another run.

A rule is packed as its name where the other side has the same rules. Sources are packed each for itself, and so is what
is asked of few jobs: both are loaded when somebody asks. Unpacking makes our own plain values and nothing else: bytes
that name anything but those cannot be unpacked, whoever wrote them.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import struct
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from hpolint.job import LATER, TuningJob
from hpolint.rule import Rule
from hpolint.source import FIELDS, Source

if TYPE_CHECKING:
    from hpolint.outcome import Outcome

Read: TypeAlias = Callable[[], bytes]

COUNT = struct.Struct("<Q")
LARGE = 8 * 1024 * 1024
"""Bytes of packed sources from which they wait in a file."""

HELD = 4 * 1024 * 1024
"""Characters of loaded sources that are held at once; a report goes through some of them several times."""

MODULES = frozenset(
    {"baseline", "code", "finding", "fix", "job", "node", "observations", "outcome", "readers.python.notebook", "rule"}
    | {"script", "settings", "source", "spelling", "suppressing.entries", "suppression", "wording"}
)
"""Those whose classes a file's outcome is made of: they hold values, and do nothing when they are made."""

OTHERS = frozenset(
    {("builtins", "set"), ("builtins", "frozenset"), ("collections", "Counter"), ("datetime", "date")}
    | {("hpolint.reasons", "_made"), ("hpolint.reasons", "_part")}
)


def named(_name: str) -> Rule:
    """A rule by its name: only an unpacker knows which."""
    raise NotImplementedError


def numbered(_name: str, _number: int) -> Source:
    """A source by its name and the number of its piece."""
    raise NotImplementedError


def waiting(_state: dict[str, Any], _number: int) -> TuningJob:
    """A job, the rest of which is in the piece of a number."""
    raise NotImplementedError


NAMES = (named.__name__, numbered.__name__, waiting.__name__)


class _Pieces:
    """What is packed for itself, by numbers from 1 on, and those of the sources, by their identity."""

    def __init__(self) -> None:
        self.all: list[bytes] = []
        self.of_sources: dict[int, int] = {}

    def put(self, piece: bytes) -> int:
        """A piece's number."""
        self.all.append(piece)
        return len(self.all)


class _Packer(pickle.Pickler):
    """Packs the rules that the other side has as their names, and others whole; ``pieces`` takes what is for itself."""

    def __init__(self, file: io.BytesIO, rules: Mapping[str, Rule], pieces: _Pieces) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._rules = rules
        self._pieces = pieces
        self.dispatch_table = copyreg.dispatch_table | {Rule: self._rule, Source: self._source}
        self.dispatch_table[TuningJob] = self._job

    def _rule(self, rule: Rule) -> Any:
        if self._rules.get(rule.id) is rule:
            return named, (rule.id,)
        return rule.__reduce_ex__(pickle.HIGHEST_PROTOCOL)

    def _source(self, source: Source) -> Any:
        numbers, key = self._pieces.of_sources, id(source)
        if key not in numbers:
            numbers[key] = self._pieces.put(pickle.dumps(source.__getstate__(), pickle.HIGHEST_PROTOCOL))
        return numbered, (source.name, numbers[key])

    def _job(self, job: TuningJob) -> Any:
        state = job.__getstate__()
        later = io.BytesIO()
        _Packer(later, self._rules, self._pieces).dump({name: state.pop(name) for name in LATER})
        return waiting, (state, self._pieces.put(later.getvalue()))


class _Unpacker(pickle.Unpickler):
    """``given`` are the functions that only this reader knows, by their names."""

    def __init__(self, data: bytes, given: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(io.BytesIO(data))
        self._given = given

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the bytes stands for. Raises UnpicklingError for what is no plain value of ours."""
        if module == __name__ and name in self._given:
            return self._given[name]
        if (module, name) in OTHERS:
            return super().find_class(module, name)
        if module.removeprefix("hpolint.") in MODULES and module.startswith("hpolint."):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


class Sources:
    """The sources of outcomes, each loaded when somebody asks for more than its name.

    A run of thousands shows few of them, and one after the other: no more than ``HELD`` of their texts is held at
    once, or one text. What waits is kept in a file once it is much.
    """

    def __init__(self) -> None:
        self._loaded: deque[tuple[Source, int]] = deque()
        self._held = 0
        self._size = 0
        self._file: IO[bytes] | None = None

    def __del__(self) -> None:
        """The file goes with whoever reads it."""
        if self._file is not None:
            self._file.close()

    def source(self, name: str, read: Read) -> Source:
        """The source of a name that was packed as some bytes."""
        return Source.later(name, partial(self._load, read))

    def _load(self, read: Read, source: Source) -> None:
        state = _Unpacker(read(), {}).load()
        vars(source).update({name: state[name] for name in FIELDS})
        self._loaded.append((source, len(source.text)))
        self._held += len(source.text)
        while self._held > HELD and len(self._loaded) > 1:
            earlier, size = self._loaded.popleft()
            earlier.unload()
            self._held -= size

    def keep(self, data: bytes) -> Read:
        """Bytes for later: in the file where they are much and it can be written, else held."""
        self._size += len(data)
        start = self._put(data) if self._size >= LARGE else None
        return partial(bytes, data) if start is None else partial(self._from_file, start, len(data))

    def _put(self, data: bytes) -> int | None:
        """Where some bytes stand in the file; None where there is no folder for it, or no room."""
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0, prefix="hpolint-")  # noqa: SIM115 - open as long as this
            start = self._file.seek(0, io.SEEK_END)
            return start if self._file.write(data) == len(data) else None
        except OSError:
            return None

    def _from_file(self, start: int, size: int) -> bytes:
        if self._file is None:
            return b""
        if hasattr(os, "pread"):  # a copy of this process has the same place in the file
            return os.pread(self._file.fileno(), size, start)
        self._file.seek(start)
        return self._file.read(size)


def packed(outcome: Outcome, rules: Mapping[str, Rule]) -> bytes:
    """An outcome as bytes, for whoever has those rules, by their names. Raises what pickling raises."""
    file = io.BytesIO()
    further = _Pieces()
    _Packer(file, rules, further).dump(outcome)
    pieces = [file.getvalue(), *further.all]
    return b"".join([COUNT.pack(len(pieces)), *(COUNT.pack(len(each)) for each in pieces), *pieces])


def unpacked(
    data: bytes, rules: Mapping[str, Rule], sources: Sources, later: Callable[[int, int], bytes] | None = None
) -> Outcome:
    """The outcome that was packed with the same rules; its sources are loaded when somebody asks for them, and jobs.

    ``later`` reads so many of the same bytes again, from a place on. Raises what unpickling raises for bytes that are
    none.
    """
    (count,) = COUNT.unpack_from(data)
    sizes = [size for (size,) in COUNT.iter_unpack(data[COUNT.size : COUNT.size * (count + 1)])]
    starts = accumulate(sizes, initial=COUNT.size * (count + 1))
    first, *places = zip(starts, sizes, strict=False)
    reads = [
        partial(later, start, size) if later is not None else sources.keep(data[start : start + size])
        for start, size in places
    ]
    outcome: Outcome = _Given(reads, rules, sources).load(data[first[0] : sum(first)])
    return outcome


class _Given:
    """What names and numbers in the bytes stand for: rules, and what is read of the pieces later."""

    def __init__(self, reads: list[Read], rules: Mapping[str, Rule], sources: Sources) -> None:
        self._reads = reads
        self._rules = rules
        self._sources = sources

    def load(self, piece: bytes) -> Any:
        """The values of a piece. Raises what unpickling raises."""
        made = (self._rules.__getitem__, self._source, self._job)
        return _Unpacker(piece, dict(zip(NAMES, made, strict=True))).load()

    def _source(self, name: str, number: int) -> Source:
        return self._sources.source(name, self._reads[number - 1])

    def _job(self, state: dict[str, Any], number: int) -> TuningJob:
        return TuningJob.waiting(state, lambda: self.load(self._reads[number - 1]()))
