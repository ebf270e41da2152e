"""The training scripts that definitions name: found beside them, and each read once."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hpolint.io import disk
from hpolint.io.files import boundary, is_within, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import Path, Unknown, place
from hpolint.model.observations import (
    CommandDropped,
    EntryPointMissing,
    ImageRunsCommand,
    ModelMentioned,
    TrainsAgain,
)
from hpolint.model.source import Source, Span, UndecodableError, WrittenFile
from hpolint.model.training_code import PROGRAM, Code
from hpolint.model.training_script import Script
from hpolint.readers.after_the_search import mentions_model, trains_again
from hpolint.syntax.dockerfile import entry_point

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.units import Unit

CHANGES = lazy_regex(
    r"^\s*[!%].*(?:>|\b(?:sed|mv|cp|wget|curl|tee|patch|perl|rm|unzip|tar)\b)"
    r"|\bopen\(.*[\"'][wax]|write_text|copy|move|rename|urlretrieve|download"
)
"""A notebook line that may change a file that it names."""

FILLS = lazy_regex(
    r"git\s+(?:clone|checkout|pull|submodule)|\b(?:unzip|wget|curl)\b|\btar\s|s3\s+(?:cp|sync)|extract(?:all)?\(|unpack_"
    r"|download|snapshot|copytree|copy2?\(|copyfile|os\.system|subprocess|Popen|makedirs|mkdir|Repo\.clone|dvc|nbconvert"
)
"""Code that may put a file into a folder without its name."""

MOVES = lazy_regex(r"\bchdir\b|^\s*%?cd\s", re.MULTILINE)
"""Code that changes the folder that relative paths start from."""

REQUIREMENTS = "requirements.txt"
"""The file in a source folder whose packages the training toolkit installs."""

MAX_CACHED_SCRIPTS = 64
"""Scripts that are kept in memory for other definitions."""

MAX_SCRIPT_BYTES = 1024 * 1024
"""Limit of a script's or module's size, in bytes."""


MAX_USUAL_BASES = 2
"""The folders from which programs are usually started: their own, and the root of their repository."""


class Scripts:
    """Finds and reads scripts.

    ``roots`` are the checked folders; nothing outside them is read.
    """

    def __init__(self, roots: list[str]) -> None:
        self._roots = roots
        self.forget()

    def forget(self) -> None:
        """Read all scripts again from now on."""
        self._read = disk.RecordedMemo(MAX_CACHED_SCRIPTS)
        self._bounds = disk.RecordedMemo()

    def unread(self) -> Scripts:
        """The same for a check of other texts: it has read no script yet."""
        return Scripts(self._roots)

    def of(self, job: TuningJob) -> dict[Path, Script | Unknown]:
        """The script of each definition that names one, or an Unknown with the reason why it is not available."""
        return {path: self._script_of(job, code, place(job.request, path)[0]) for path, code in job.codes.items()}

    def observations(self, job: TuningJob) -> list[Observation]:
        """What the source of a job shows about its scripts: entry points that the SDK does not find, so that it raises
        an error and launches nothing, what follows the search where the scripts keep no model, and an image that runs
        the command that a tuner drops."""
        observations = list(self._missing_entries(job))
        scripts = [script for script in job.scripts.values() if isinstance(script, Script)]
        if any(script.folders.unkept is not None for script in scripts):
            if trains_again(job):
                observations.append(Observation((), job.request.anchor, TrainsAgain()))
            if mentions_model(job):
                observations.append(Observation((), job.request.anchor, ModelMentioned()))
        if self._runs_dropped_command(job):
            observations.append(Observation((), job.request.anchor, ImageRunsCommand()))
        return observations

    def _runs_dropped_command(self, job: TuningJob) -> bool:
        """Whether a Dockerfile's entry point is all that a tuner drops of its container's command."""
        commands = [seen.observed.command for seen in job.observations if isinstance(seen.observed, CommandDropped)]
        if not commands or commands.count(commands[0]) < len(commands):
            return False
        return any(command == commands[0] for command in self._entry_points(job))

    def _entry_points(self, job: TuningJob) -> Iterator[list[str]]:
        """The entry points of the Dockerfiles in a definition's folder, and in the folders above it."""
        bound = self._bound(job)
        folder = os.path.dirname(job.source.name)
        while is_within(disk.real(folder), bound):
            dockerfile = self.source(os.path.join(folder, "Dockerfile"), job)
            command = entry_point(dockerfile.text) if dockerfile is not None else None
            if command is not None:
                yield command
            if disk.real(folder) == bound:
                return
            folder = os.path.join(folder, "..")

    def _missing_entries(self, job: TuningJob) -> Iterator[Observation]:
        for definition, code in job.codes.items():
            is_found = isinstance(job.scripts.get(definition), Script)
            missing = self._missing_entry(job, code) if code.argument and not is_found else None
            if missing is not None:
                path = (*definition, "StaticHyperParameters", PROGRAM)
                yield Observation(path, place(job.request, path)[0], missing)

    def _missing_entry(self, job: TuningJob, code: Code) -> EntryPointMissing | None:
        """What the SDK does not find; None if it finds it, or may find it.

        Source: sagemaker 2.257.7, ``fw_utils.validate_source_dir`` and ``Framework.__init__``; sagemaker-train 1.27.0,
        ``ModelTrainer._validate_source_code``.
        """
        script, folder = code.script, code.folder
        if script.startswith("s3://") and code.by_toolkit:
            return EntryPointMissing(code.argument, script, "", "", False)
        if code.unknown is not None or not folder or not script or posixpath.isabs(script) or posixpath.isabs(folder):
            return None
        own = posixpath.normpath(posixpath.join(folder, script))
        if _is_written_by_notebook(job, own, script):
            return None
        text = "\n".join([cell.text.text for cell in (*job.source.cells, *job.source.shells)] or [job.source.text])
        bases = list(self._bases(job, code))
        if MOVES.search(text) or any(self._exists(os.path.join(base, own), job) for base in bases):
            return None
        near = self._near(script, [os.path.join(base, folder) for base in bases], job)
        if near is not None:
            return EntryPointMissing(code.argument, script, folder, near, False)
        if FILLS.search(text) or any(self.has_folder(os.path.join(base, folder), job) for base in bases[1:]):
            return None
        if self.has_folder(os.path.join(bases[0], folder), job):
            is_beside = self._exists(os.path.join(bases[0], script), job)
            return EntryPointMissing(code.argument, script, folder, "", is_beside)
        if self._is_doubled(job, code):
            return EntryPointMissing(code.argument, script, f"{folder}/{folder}", "", True)
        return None

    def _is_doubled(self, job: TuningJob, code: Code) -> bool:
        """Whether a path that begins at the definition's folder repeats that folder, in which the script lies."""
        own = os.path.dirname(job.source.name)
        is_repeated = disk.real(own).replace(os.sep, "/").endswith(f"/{code.folder}")
        return code.is_from_here and is_repeated and self.source(os.path.join(own, code.script), job) is not None

    def _near(self, script: str, folders: list[str], job: TuningJob) -> str | None:
        """The end of a script's path that is the path of a file in one of some folders; None if there is none."""
        parts = posixpath.normpath(script).split("/")
        for folder in folders:
            for start in range(1, len(parts)):
                path = "/".join(parts[start:])
                if self._exists(os.path.join(folder, path), job):
                    return path
        return None

    def _exists(self, path: str, job: TuningJob) -> bool:
        """Whether a file exists, whatever it holds; true if that may not be looked up."""
        whole = disk.real(path)
        return disk.is_given(path) or not is_within(whole, self._bound(job)) or disk.exists(whole)

    def has_folder(self, path: str, job: TuningJob) -> bool:
        """Whether a folder exists in the repository or checked folder."""
        whole = disk.real(path)
        return disk.is_given(path) or (is_within(whole, self._bound(job)) and disk.is_folder(whole))

    def _module(self, job: TuningJob, code: Code, base: str, notebook_files: _NotebookFiles) -> str | None:
        """The name of the module as which the training toolkit runs a script; None if the name has no slash.

        Source: aws/sagemaker-training-toolkit at 33839372, ``_entry_point_type.py`` and ``process.py``: with a
        ``setup.py`` at the top of the source folder, the command is ``python -m``, followed by the entry point without
        its ending.
        """
        if not code.folder or not code.by_toolkit or "/" not in code.script:
            return None
        setup = posixpath.join(code.folder, "setup.py")
        is_package = notebook_files.unit(setup) is not None or self.source(os.path.join(base, setup), job) is not None
        return code.script.removesuffix(".py") if is_package else None

    def _script_of(self, job: TuningJob, code: Code, span: Span) -> Script | Unknown:
        if code.unknown is not None:
            return Unknown(f"depends on the training script, which {code.unknown.reason}", code.unknown.span)
        if not code.script.endswith(".py"):
            return Unknown(f"depends on `{code.script}`, which is not Python", span)
        notebook_files = _NotebookFiles(job)
        cell = notebook_files.changing_cell(posixpath.basename(code.script))
        if cell is not None:
            return Unknown(f"depends on the training script, which cell {cell} may change", span)
        own = posixpath.normpath(posixpath.join(code.folder or "", code.script))
        unit = notebook_files.unit(own)
        if unit is not None:
            written = _Modules(self, job, code, notebook_files).script(own, unit)
            names = (self._module(job, code, base, notebook_files) for base in self._bases(job, code))
            return replace(written, module=next((name for name in names if name), None))
        tried = []
        for number, base in enumerate(self._bases(job, code)):
            if number == MAX_USUAL_BASES and len(list(self._folders_between(job, code))) > 1:
                return Unknown(f"depends on `{code.script}`, which lies in several folders above this one", span)
            path = os.path.join(base, code.folder or "", code.script)
            # A notebook may write modules beside the script, so its result is not shared with other sources.
            notebook = (job.source.name, job.cell) if job.source.written else None
            key = (disk.real(path), self._bound(job), code, notebook)
            modules = _Modules(self, job, code, notebook_files, base)
            script = self._read.of(key, partial(self._script, path, job, modules))
            if script is not None:
                return replace(script, module=self._module(job, code, base, notebook_files))
            tried.append(os.path.normpath(path).replace(os.sep, "/"))
        return Unknown(f"depends on the training script, which {self._why_not_found(tried, job)}", span)

    def _why_not_found(self, paths: list[str], job: TuningJob) -> str:
        for path in paths:
            if self._is_outside(path, job):
                return f"is outside the repository or checked folder: `{path}`"
        tried = " or ".join(f"`{path}`" for path in dict.fromkeys(paths))
        return f"was not found: looked for {tried}"

    def _script(self, path: str, job: TuningJob, modules: _Modules) -> Script | None:
        """The script at a path, interpreted; None if there is no readable file."""
        unit = self.unit(path, job)
        return modules.script(unit.source.name, unit) if unit is not None else None

    def _bases(self, job: TuningJob, code: Code) -> Iterator[str]:
        """The folders that a path may start from: the definition's own, then the root of its repository.

        After them come the folders between these two in which the script lies.
        """
        own = os.path.dirname(job.source.name)
        yield own
        if code.is_from_here:
            return
        root = self._bound(job)
        # A notebook's kernel starts in the notebook's folder, a program where somebody starts it.
        if not job.source.cells and disk.real(own) != root:
            yield root if os.path.isabs(own) else os.path.relpath(root)
            yield from self._folders_between(job, code)

    def _folders_between(self, job: TuningJob, code: Code) -> Iterator[str]:
        """The folders above the definition's own, and below the root of its repository, that a script is found from."""
        own = os.path.dirname(job.source.name)
        root, folder = self._bound(job), os.path.normpath(os.path.join(own, ".."))
        while disk.real(folder) != root and is_within(disk.real(folder), root):
            if self._exists(os.path.join(folder, code.folder or "", code.script), job):
                yield folder
            folder = os.path.normpath(os.path.join(folder, ".."))

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
        bound, whole = self._bound(job), disk.real(path)
        try:
            if not disk.is_given(path) and (not is_within(whole, bound) or not disk.is_file(whole)):
                return None
            return Source.decode(name, read_file(path, MAX_SCRIPT_BYTES))
        except (OSError, ValueError, UndecodableError):
            return None

    def unit(self, path: str, job: TuningJob) -> Unit | None:
        """A file as a unit to interpret; None if there is no readable file."""
        from hpolint.readers.python.interpreter.units import module_unit

        source = self.source(path, job)
        return module_unit(source) if source is not None else None


class _NotebookFiles:
    """The files that a notebook writes before it launches a job."""

    def __init__(self, job: TuningJob) -> None:
        self._source = job.source
        self._last = last = job.cell if job.cell is not None else 0
        self._files: dict[str, list[WrittenFile]] = {}
        for file in job.source.written:
            if file.cell.number < last:
                path = posixpath.normpath(file.path)
                parts = self._files.setdefault(path, [])
                if not file.appends:
                    parts.clear()
                parts.append(file)

    def changing_cell(self, name: str) -> int | None:
        """The number of a cell that may change a file after the last cell that writes it completely; else None."""
        since = max((parts[0].cell.number for path, parts in self._files.items() if path.endswith(name)), default=0)
        for cell in (*self._source.cells, *self._source.shells):
            if not since < cell.number < self._last or name not in cell.text.text:
                continue
            lines = (line for line in cell.text.text.split("\n") if name in line)
            if cell in self._source.shells or any(map(CHANGES.search, lines)):
                return cell.number
        return None

    def has_below(self, folder: str) -> bool:
        """Whether the notebook writes a file below a folder."""
        return any(path.startswith(f"{posixpath.normpath(folder)}/") for path in self._files)

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
        start, part = next((start, part) for start, part in reversed(starts) if start <= max(offset, 0))
        return part.place(offset - start)

    return where


def _is_written_by_notebook(job: TuningJob, path: str, script: str) -> bool:
    """Whether the job's notebook writes a script, or may change it."""
    files = _NotebookFiles(job)
    return files.unit(path) is not None or files.changing_cell(posixpath.basename(script)) is not None


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
        self._packages: dict[str, bool] = {}

    def script(self, name: str, unit: Unit) -> Script:
        """A script that may import the modules, interpreted."""
        from hpolint.readers.python.training_script import ScriptReader

        return ScriptReader(name, unit, self.unit, self.left_behind, self.may_install).script()

    def unit(self, name: str) -> Unit | None:
        """The module of a name; None if it is not uploaded."""
        path = name.strip(".").replace(".", "/")
        return self._first(self._paths(path)) if path else None

    def _paths(self, path: str) -> Iterator[str]:
        """The paths that a module may have."""
        first, _, rest = path.partition("/")
        for folder in self._folders():
            if rest and not self._is_package(posixpath.join(folder, first)):
                continue  # most imports are of installed packages: one query for all of their modules
            yield from (posixpath.join(folder, file) for file in _files(path))
        for further in self._code.further:  # each is copied beside the script under its own name
            own = posixpath.basename(further.rstrip("/"))
            if own == f"{path}.py":
                yield further
            if own == first:
                yield f"{further}/{rest or '__init__'}.py"
                yield f"{further}/{rest}/__init__.py"

    def _first(self, paths: Iterable[str]) -> Unit | None:
        """The first file that is uploaded, of those at some paths."""
        for path in paths:
            unit = self._at(path)
            if unit is not None:
                return unit
        return None

    def left_behind(self, name: str, names: frozenset[str]) -> Unit | None:
        """The module that is beside the script, or beside the source folder, and that the SDK does not upload.

        Source: sagemaker 2.257.7, ``fw_utils.tar_and_upload_dir``: without ``source_dir`` the archive has the script
        and ``dependencies``.
        """
        code = self._code
        if code.has_unknown_uploads or not code.by_toolkit or self.unit(name) is not None:
            return None
        if code.folder is not None:
            return self._beside_folder(code.folder, name, names)
        folder = posixpath.dirname(code.script)
        return self._first(posixpath.join(folder, file) for file in _files(name))

    def _beside_folder(self, folder: str, name: str, names: frozenset[str]) -> Unit | None:
        """The module with all of some names that is beside the source folder, if nothing may install one.

        A package of that name in the image would hardly have the same names.
        """
        top = name.partition(".")[0]
        if not names or self._may_be_uploaded(top) or self._may_install(folder, top):
            return None
        paths: list[str] = []
        for parent in dict.fromkeys([posixpath.dirname(posixpath.normpath(folder)), ""]):
            paths += [posixpath.join(parent, file) for file in _files(name)]
        unit = self._first(paths)
        return unit if unit is not None and names <= _defined_names(unit) else None

    def _may_be_uploaded(self, package: str) -> bool:
        """Whether what is uploaded may have a folder of a package."""
        further = {posixpath.basename(path.rstrip("/")) for path in self._code.further}
        if further & {package, "..", ".", ""}:
            return True
        insides = [os.path.join(self._base, inside, package) for inside in self._folders()]
        return any(self._scripts.has_folder(inside, self._job) for inside in insides)

    def may_install(self, package: str) -> bool:
        """Whether what is uploaded may install a package before the script runs."""
        code = self._code
        if code.has_unknown_uploads or REQUIREMENTS in map(posixpath.basename, code.further):
            return True
        return code.folder is not None and self._may_install(code.folder, package)

    def _may_install(self, folder: str, package: str) -> bool:
        """Whether the files of the source folder may install a package."""
        if self._first(posixpath.join(folder, file) for file in ("setup.py", "pyproject.toml")) is not None:
            return True
        path = os.path.join(self._base, folder, REQUIREMENTS)
        requirements = self._notebook_files.unit(path) or self._scripts.source(path, self._job)
        installs = re.compile(rf"\b{re.escape(package)}\b|^\s*(?:-|\.)", re.MULTILINE)
        return requirements is not None and installs.search(requirements.text) is not None

    def _is_package(self, path: str) -> bool:
        """Whether there may be a folder of modules at a path."""
        if path not in self._packages:
            whole = os.path.join(self._base, path)
            self._packages[path] = self._notebook_files.has_below(path) or disk.is_folder(whole)
        return self._packages[path]

    def _folders(self) -> list[str]:
        if self._code.folder is None:
            return []
        own = posixpath.join(self._code.folder, posixpath.dirname(self._code.script))
        return list(dict.fromkeys([own, self._code.folder]))

    def _at(self, path: str) -> Unit | None:
        return self._notebook_files.unit(path) or self._scripts.unit(os.path.join(self._base, path), self._job)


def _files(name: str) -> tuple[str, str]:
    """The paths that a module of a name may have."""
    path = name.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def _defined_names(unit: Unit) -> set[str]:
    """The names that a module defines at its top level; none if it cannot be parsed."""
    import ast

    from hpolint.readers.python.interpreter.units import Problem

    try:
        body = unit.parse().body
    except Problem:
        return set()
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    for node in body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
