"""The training scripts that definitions name: found beside them, and each read once."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from hpolint.io import disk
from hpolint.io.files import boundary, is_within, read_file
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Unknown, place
from hpolint.model.source import Source, Span, UndecodableError, WrittenFile
from hpolint.model.training_code import Code
from hpolint.model.training_script import Script

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.units import Unit

CHANGES = re.compile(
    r"^\s*[!%].*(?:>|\b(?:sed|mv|cp|wget|curl|tee|patch|perl|rm|unzip|tar)\b)"
    r"|\bopen\(.*[\"'][wax]|write_text|copy|move|rename|urlretrieve|download"
)
"""A notebook line that may change a file that it names."""

MAX_CACHED_SCRIPTS = 64
"""Scripts that are kept in memory for other definitions."""

MAX_SCRIPT_BYTES = 1024 * 1024
"""Limit of a script's or module's size, in bytes."""


class Scripts:
    """Finds and reads scripts.

    ``roots`` are the checked folders; nothing outside them is read. ``texts`` holds files in memory, keyed by name,
    which take precedence over those on the disk.
    """

    def __init__(self, roots: list[str], texts: Mapping[str, bytes] | None = None) -> None:
        self._roots = roots
        self._texts = {posixpath.normpath(name): data for name, data in (texts or {}).items()}
        self._read = disk.RecordedMemo(MAX_CACHED_SCRIPTS)
        self._bounds = disk.RecordedMemo()

    def of(self, job: TuningJob) -> dict[Path, Script | Unknown]:
        """The script of each definition that names one, or an Unknown with the reason why it is not available."""
        return {path: self._script_of(job, code, place(job.request, path)[0]) for path, code in job.codes.items()}

    def _script_of(self, job: TuningJob, code: Code, at: Span) -> Script | Unknown:
        if code.unknown is not None:
            return Unknown(f"depends on the training script, which {code.unknown.reason}", code.unknown.span)
        if not code.script.endswith(".py"):
            return Unknown(f"depends on `{code.script}`, which is not Python", at)
        from hpolint.readers.python.training_script import ScriptReader

        notebook_files = _NotebookFiles(job)
        cell = notebook_files.changing_cell(posixpath.basename(code.script))
        if cell is not None:
            return Unknown(f"depends on the training script, which cell {cell} may change", at)
        own = posixpath.normpath(posixpath.join(code.folder or "", code.script))
        if (unit := notebook_files.unit(own)) is not None:
            modules = _Modules(self, job, code, notebook_files)
            return ScriptReader(own, unit, modules.unit, modules.is_left_behind).script()
        tried = []
        for base in self._bases(job):
            path = os.path.join(base, code.folder or "", code.script)
            tried.append(os.path.normpath(path).replace(os.sep, "/"))
            # A notebook may write modules beside the script, so its result is not shared with other sources.
            notebook = (job.source.name, job.cell) if job.source.written else None
            key = (disk.real(path), self._bound(job), code, notebook)
            modules = _Modules(self, job, code, notebook_files, base)
            found = self._read.of(key, partial(self._script, path, job, modules))
            if found is not None:
                return found
        outside = next((each for each in tried if self._is_outside(each, job)), None)
        if outside is not None:
            reason = f"which is outside the repository or checked folder: `{outside}`"
            return Unknown(f"depends on the training script, {reason}", at)
        paths = " or ".join(f"`{each}`" for each in dict.fromkeys(tried))
        return Unknown(f"depends on the training script, which was not found: looked for {paths}", at)

    def _script(self, path: str, job: TuningJob, modules: _Modules) -> Script | None:
        """The script at a path, interpreted; None if there is no readable file."""
        from hpolint.readers.python.interpreter.units import module_unit
        from hpolint.readers.python.training_script import ScriptReader

        source = self.source(path, job)
        if source is None:
            return None
        return ScriptReader(source.name, module_unit(source), modules.unit, modules.is_left_behind).script()

    def _bases(self, job: TuningJob) -> Iterator[str]:
        """The folders that a path may start from: the definition's own, then the root of its repository."""
        own = os.path.dirname(job.source.name)
        yield own
        root = self._bound(job)
        # A notebook's kernel starts in the notebook's folder, a program where somebody starts it.
        if not job.source.cells and disk.real(own) != root:
            yield os.path.relpath(root)

    def _bound(self, job: TuningJob) -> str:
        """The folder that bounds all reads for a job."""
        return self._bounds.of(job.source.name, partial(boundary, job.source.name, self._roots))

    def _is_outside(self, path: str, job: TuningJob) -> bool:
        """Whether a file exists at a path but may not be read."""
        whole = disk.real(path)
        return not is_within(whole, self._bound(job)) and disk.is_file(whole)

    def source(self, path: str, job: TuningJob) -> Source | None:
        """A file of the same repository or checked folder; None if there is no readable file."""
        name = os.path.normpath(path).replace(os.sep, "/")
        if name in self._texts:
            try:
                return Source.decode(name, self._texts[name])
            except UndecodableError:
                return None
        bound, whole = self._bound(job), disk.real(path)
        try:
            if not is_within(whole, bound) or not disk.is_file(whole):
                return None
            return Source.decode(name, read_file(path, MAX_SCRIPT_BYTES))
        except (OSError, ValueError, UndecodableError):
            return None


class _NotebookFiles:
    """The files that a notebook writes before it launches a job."""

    def __init__(self, job: TuningJob) -> None:
        self._source = job.source
        self._last = last = job.cell if job.cell is not None else 0
        self._files: dict[str, list[WrittenFile]] = {}
        for file in job.source.written:
            if file.cell.number < last:
                path = posixpath.normpath(file.path)
                self._files[path] = [*(self._files.get(path, []) if file.appends else []), file]

    def changing_cell(self, name: str) -> int | None:
        """The number of a cell that may change a file after the last cell that writes it completely; else None."""
        since = max((each[0].cell.number for path, each in self._files.items() if path.endswith(name)), default=0)
        for cell in (*self._source.cells, *self._source.shells):
            if not since < cell.number < self._last or name not in cell.text.text:
                continue
            lines = (line for line in cell.text.text.split("\n") if name in line)
            if cell in self._source.shells or any(map(CHANGES.search, lines)):
                return cell.number
        return None

    def unit(self, path: str) -> Unit | None:
        """The file at a path as a unit whose spans are in the notebook; None if the notebook does not write it."""
        parts = self._files.get(posixpath.normpath(path))
        if not parts:
            return None
        from hpolint.readers.python.interpreter.units import Unit

        return Unit(self._source, "".join(part.text for part in parts), _places(parts))


def _places(parts: Iterable[WrittenFile]) -> Callable[[int], tuple[int, int]]:
    """A function from an offset in the concatenated cell texts to the offsets in the notebook."""
    starts: list[tuple[int, WrittenFile]] = []
    size = 0
    for part in parts:
        starts.append((size, part))
        size += len(part.text)

    def where(offset: int) -> tuple[int, int]:
        start, part = next(each for each in reversed(starts) if each[0] <= max(offset, 0))
        return part.place(offset - start)

    return where


class _Modules:
    """The modules that are uploaded with a script: those in its folder and in the further uploads."""

    def __init__(
        self, scripts: Scripts, job: TuningJob, code: Code, notebook_files: _NotebookFiles, base: str = ""
    ) -> None:
        self._scripts = scripts
        self._job = job
        self._code = code
        self._notebook_files = notebook_files
        self._base = base

    def unit(self, name: str) -> Unit | None:
        """The module of a name; None if it is not uploaded."""
        path = name.strip(".").replace(".", "/")
        if not path:
            return None
        for folder in self._folders():
            for file in (f"{path}.py", f"{path}/__init__.py"):
                unit = self._at(posixpath.join(folder, file))
                if unit is not None:
                    return unit
        for further in self._code.further:  # each is copied beside the script under its own name
            own = posixpath.basename(further.rstrip("/"))
            first, _, rest = path.partition("/")
            files = [further] if own == f"{path}.py" else []
            if first == own:
                files += [f"{further}/{rest or '__init__'}.py", f"{further}/{rest}/__init__.py"]
            for file in files:
                unit = self._at(file)
                if unit is not None:
                    return unit
        return None

    def is_left_behind(self, name: str) -> bool:
        """Whether a module is in the script's folder although the SDK uploads the script alone.

        Source: sagemaker 2.257.7, ``fw_utils.tar_and_upload_dir``: without ``source_dir`` the archive has the script
        and ``dependencies``.
        """
        code = self._code
        if code.folder is not None or code.has_unknown_uploads or not code.by_toolkit or self.unit(name) is not None:
            return False
        folder, path = posixpath.dirname(code.script), name.replace(".", "/")
        files = (f"{path}.py", f"{path}/__init__.py")
        return any(self._at(posixpath.join(folder, file)) is not None for file in files)

    def _folders(self) -> list[str]:
        if self._code.folder is None:
            return []
        own = posixpath.join(self._code.folder, posixpath.dirname(self._code.script))
        return list(dict.fromkeys([own, self._code.folder]))

    def _at(self, path: str) -> Unit | None:
        unit = self._notebook_files.unit(path)
        if unit is not None:
            return unit
        from hpolint.readers.python.interpreter.units import module_unit

        source = self._scripts.source(os.path.join(self._base, path), self._job)
        return module_unit(source) if source is not None else None
