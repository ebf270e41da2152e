"""The modules and data files of its repository that Python source imports and loads, so that their values are known.

Which file an import loads depends on ``sys.path``, which a reader does not see. A module is taken only if one file can
be meant: beside the source, below one of the folders above it, or among the plugins of an Airflow DAG. A source that
moves in the file system or puts folders before its own on the path gets none.
"""

from __future__ import annotations

import json
import os
import posixpath
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property, partial

from hpolint.io import disk
from hpolint.io.files import boundary, is_within, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import PYTHON_SUFFIXES
from hpolint.model.libraries import LIBRARIES
from hpolint.model.requirement_files import included_requirements
from hpolint.model.source import REQUIREMENTS_FILE, data_file_key
from hpolint.worded_regex import WordedRegex

MAX_MODULES = 20
"""Modules that are read for one source."""

MAX_MODULE_BYTES = 100 * 1024
"""Largest module that is read, in bytes; a larger one is code, and not settings."""

MAX_BYTES = 300 * 1024
"""Bytes of all modules that are read for one source."""

DAGS, PLUGINS = "dags", "plugins"
NOTEBOOK_SUFFIX = ".ipynb"

IMPORT = WordedRegex(
    (b"from", b"import"),
    rb"(?:(?<![\w.])|(?<=\\n))(?:from[ \t]++([\w.]++)[ \t]++import\b[ \t]*+(\([^)]{0,2000}\)|[^#;\r\n\\\"]*+)"
    rb"|import[ \t]++([\w.]++(?:[ \t]++as[ \t]++\w++)?(?:[ \t]*+,[ \t]*+[\w.]++(?:[ \t]++as[ \t]++\w++)?)*+))",
)
"""An import statement of a module or of a notebook's cell, as its bytes are written in the file."""

NAME = lazy_regex(rb"[A-Za-z_]\w*")
MOVES = WordedRegex(
    (b"sys.", b"from", b"import", b"chdir(", b"%cd"),
    rb"\bsys\.(?:path(?!\.append)|modules|meta_path)|\bfrom[ \t]+sys[ \t]+import|\bimport[ \t]+sys[ \t]+as\b"
    rb"|\bchdir\(|(?<![\w.])%cd\b",
)
"""Code by which another module of the same name may be imported."""

LOADS = WordedRegex((b"json.", b"yaml."), rb"\b(?:json|yaml)\.(?:safe_|full_)?load\(")
WRITES = WordedRegex(
    (
        *(b'"', b"'", b"write", b"dump(", b"safe_dump(", b"copy", b"download", b"move(", b"urlretrieve", b"os."),
        *(b"subprocess", b"object_", b"parse_"),
    ),
    rb"[\"'][wax]b?\+?\\?[\"']|\bwrite_text\(|\b(?:safe_)?dump\(|\bcopy|\bdownload|\bmove\(|writefile|urlretrieve|\bwrite_bytes\("
    rb"|\bos\.(?:replace|rename|link|symlink|system)\(|\bsubprocess\b|\bobject_(?:pairs_)?hook\b|\bparse_(?:int|float|constant)\b",
)
"""Code that may write the data file before it is loaded."""

SHELL_WRITES = WordedRegex(
    (b"\n",), rb"\n[ \t\"]*[!%]+[ \t]*(?:sed|mv|cp|wget|curl|tee|echo|aws|git|python[\d.]*|run|bash|sh|script|make)\b"
)
"""The same in lines that IPython hands to a shell, with the end of the line before."""

COPIES = lazy_regex(
    rb"[ \t]*[!%][ \t]*aws[ \t]+s3[ \t]+(?:cp|sync)[ \t]+[^\s;&|<>`\\-]\S*[ \t]+"
    rb"(s3://|[\w./-]+(?=[ \t]|\Z))[^;&|<>`\\]*\Z"
)
"""A line that copies between S3 and a file or folder, and writes nothing but the second, which is the group."""

MAX_NOTEBOOK_BYTES = 4 * 1024 * 1024
"""Largest notebook whose code is told from its outputs, in bytes: its values may take fifty times as much memory."""

REQUIREMENTS = lazy_regex(
    r"(?i)[^/]*(?:requirement|constraint)[^/]*\.(?:txt|in|lock)|setup\.(?:py|cfg)|pyproject\.toml|Pipfile(?:\.lock)?"
    r"|(?:poetry|uv|pdm|pixi)\.(?:lock|toml)|(?:environment|conda)[^/]*\.ya?ml|[^/]*Dockerfile[^/]*"
    r"|tox\.ini|noxfile\.py|buildspec[^/]*\.ya?ml|Makefile|(?:install|setup|bootstrap)[^/]*\.sh"
)
"""Names of files that name the packages that a program needs, or the versions that are installed."""

REQUIREMENTS_FOLDER = "requirements"
REQUIREMENTS_SUFFIXES = (".txt", ".in", ".lock")
"""A folder that holds only such files, and their endings."""

MAX_REQUIREMENTS_FILES = 200
"""Such files that are read for one source."""

MAX_REQUIREMENTS_BYTES = 4 * 1024 * 1024
"""Largest of these files that is read, in bytes: a lock file with 2,000 packages has about one million."""

SDK = b"sagemaker"

DATA_FILE = WordedRegex((b'"', b"'"), rb"[\"']([\w./-]+\.(?:json|ya?ml))\\?[\"']")


def imported_modules(name: str, data: bytes, roots: list[str]) -> dict[str, tuple[str, bytes]]:
    """The path and bytes of each module that a source imports, also by way of others, by the name in the import.

    A relative name keeps its dots and starts from the source's folder.
    """
    if not name.lower().endswith(PYTHON_SUFFIXES) or MOVES.is_in(data):
        return {}
    return _Search(name, data, roots).modules()


def loaded_files(name: str, data: bytes, roots: list[str]) -> dict[str, tuple[str, bytes]]:
    """The path and bytes of each JSON or YAML file that a source may load under a literal path.

    The result is empty if the source may write, copy or download a file, or change its folder. The keys are those of
    ``data_file_key``.
    """
    if not LOADS.is_in(data):
        return {}
    code = _code_of(name, data)
    if WRITES.is_in(code) or MOVES.is_in(code):
        return {}
    targets = _targets_of_shell(code)
    if targets is None:
        return {}
    paths = [match[1].decode("utf-8", "replace") for match in DATA_FILE.finditer(code)]
    found = files_at(name, data, roots, paths)
    written = [disk.real(posixpath.join(posixpath.dirname(name), target)) for target in targets]

    def is_kept(path: str) -> bool:
        return not any(is_within(disk.real(path), target) for target in written)

    return {key: file for key, file in found.items() if is_kept(file[0])}


def _code_of(name: str, data: bytes) -> bytes:
    """The code of a notebook's cells, whose outputs may hold any words; the data itself of any other file.

    Also that of a notebook that is large, or has not the usual form.
    """
    if not name.lower().endswith(NOTEBOOK_SUFFIX) or len(data) > MAX_NOTEBOOK_BYTES:
        return data
    try:
        cells = json.loads(data)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        texts = ["".join(source) for source in sources]
    except (ValueError, RecursionError, KeyError, TypeError):
        return data
    return "\n".join(texts).encode("utf-8", "surrogatepass")


def _targets_of_shell(code: bytes) -> list[str] | None:
    """The paths that lines for a shell may write, if they only copy to or from S3; None if they may write any."""
    targets: list[str] = []
    if not SHELL_WRITES.is_in(b"\n" + code):
        return targets
    for line in code.split(b"\n"):
        if SHELL_WRITES.is_in(b"\n" + line):
            copies = COPIES.match(line.rstrip())
            if copies is None:
                return None
            if copies[1] != b"s3://":
                targets.append(copies[1].decode())
    return targets


def files_at(name: str, data: bytes, roots: list[str], paths: list[str]) -> dict[str, tuple[str, bytes]]:
    """The path and bytes of the data files at some paths, each relative to the source or to one folder above it."""
    search = _Search(name, data, roots)
    found: dict[str, tuple[str, bytes]] = {}
    for path in dict.fromkeys(paths):
        text = posixpath.normpath(path)
        file = search.data_file(text)
        if file is not None and len(found) < MAX_MODULES:
            found[data_file_key(text)] = file
    return found


def requirement_files(
    name: str, data: bytes, roots: list[str], repositories: disk.RecordedMemo
) -> dict[str, tuple[str, bytes]]:
    """The path and bytes of each file with the packages of a source that may say more about the version of the SDK.

    These are beside the source or above it, or included by one that is: those that name the SDK, that include others,
    and the included ones. ``repositories`` keeps the names in each folder.
    """
    if SDK not in data:
        return {}
    search = _Search(name, data, roots)
    waiting = list(search.requirement_files(repositories))
    contents: dict[str, bytes] = {}
    tried: set[str] = set()
    included: set[str] = set()
    while waiting and len(tried) < MAX_REQUIREMENTS_FILES:
        path = waiting.pop(0)
        content = search.bytes_of(path, MAX_REQUIREMENTS_BYTES) if path not in tried else None
        tried.add(path)
        if content is not None:
            contents[path] = content
            includes = included_requirements(path, content)
            included.update([path, *includes] if includes else [])
            waiting += includes
    found: dict[str, tuple[str, bytes]] = {}
    for path, content in contents.items():
        if path in included or SDK in content.lower():
            found[f"{REQUIREMENTS_FILE}{path}"] = path, content
    return found


def _requirements_in(folder: str) -> list[str]:
    """The paths of the files in a folder that name packages, by their names."""
    try:
        names = disk.names(folder or ".")
    except (OSError, ValueError):
        return []
    paths = [posixpath.join(folder, name) for name in names if REQUIREMENTS.fullmatch(name)]
    if REQUIREMENTS_FOLDER in names:
        own_folder = posixpath.join(folder, REQUIREMENTS_FOLDER)
        with suppress(OSError):
            own_names = disk.names(own_folder)
            paths += [posixpath.join(own_folder, name) for name in own_names if name.endswith(REQUIREMENTS_SUFFIXES)]
    return paths


class _Search:
    """The search for the modules of one source."""

    def __init__(self, name: str, data: bytes, roots: list[str]) -> None:
        self._data = data
        self._roots = roots
        self._name = name
        self._folder = posixpath.dirname(name)
        self._found: dict[str, tuple[str, bytes]] = {}
        self._tried: set[str] = set()
        self._left = MAX_BYTES

    def modules(self) -> dict[str, tuple[str, bytes]]:
        """The modules found, in the order of their imports."""
        waiting = [(self._data, True)]
        while waiting:
            data, is_here = waiting.pop(0)
            for module, names in _imports(data):
                if module.startswith(".") and not is_here:
                    continue  # relative to another folder
                for each in (module, *(_submodules(module, names) if self._is_package(module) else ())):
                    if each not in self._tried and len(self._found) < MAX_MODULES:
                        self._tried.add(each)
                        if (found := self._module(each, names if each == module else frozenset())) is not None:
                            self._found[each] = found
                            waiting.append((found[1], posixpath.dirname(found[0]) == self._folder))
        return self._found

    @cached_property
    def _bound(self) -> str:
        """The real path of the folder that holds all that may be read."""
        return boundary(self._name, self._roots)

    def _is_package(self, module: str) -> bool:
        return any(disk.is_folder(path) for path, _ in self._paths(module))

    def _paths(self, module: str) -> list[tuple[str, bool]]:
        """The paths without a suffix that a module may have, and whether each is relative to the source's folder."""
        dots = len(module) - len(module.lstrip("."))
        rest = module[dots:].replace(".", "/")
        if dots:
            above = posixpath.normpath(posixpath.join(self._folder, *[".."] * (dots - 1)))
            return [(posixpath.join(above, rest) if rest else above, True)]
        top = module.partition(".")[0]
        if not top or top in sys.stdlib_module_names or top in LIBRARIES:
            return []
        folders = [*self._folders, *self._plugins]
        return [(posixpath.join(folder, rest), folder == self._folder) for folder in folders]

    @cached_property
    def _folders(self) -> list[str]:
        """The source's folder and those above it, up to the root of the repository or checked folder."""
        found, folder = [self._folder], self._folder
        while not _is_same(folder, self._bound):
            folder = posixpath.normpath(posixpath.join(folder, ".."))
            if not is_within(disk.real(folder or "."), self._bound):
                break
            found.append("" if folder == "." else folder)
        return found

    @cached_property
    def _plugins(self) -> list[str]:
        """The folders of plugins beside the folders of Airflow's DAGs that hold the source.

        Airflow puts both on the path, with the names that its settings have by default ("Modules Management" of its
        documentation).
        """
        dags = [folder for folder in self._folders if os.path.basename(disk.real(folder or ".")) == DAGS]
        return [posixpath.normpath(posixpath.join(folder, "..", PLUGINS)) for folder in dags]

    def data_file(self, path: str) -> tuple[str, bytes] | None:
        """The path and bytes of a data file by its path relative to the source or a folder above; None if ambiguous."""
        if posixpath.isabs(path):
            return None
        found = [each for folder in self._folders if disk.is_file(each := posixpath.join(folder, path))]
        data = self._read(found[0]) if len(found) == 1 else None
        return (found[0], data) if data is not None else None

    def requirement_files(self, repositories: disk.RecordedMemo) -> Iterator[str]:
        """The paths of the files with the packages of the source, in its folder and those above."""
        for folder in self._folders:
            for path in repositories.of((REQUIREMENTS_FOLDER, folder), partial(_requirements_in, folder)):
                if not _is_same(path, self._name):
                    yield path

    def _read(self, path: str) -> bytes | None:
        """The bytes of a module or data file; None if it lies outside of the repository or is too large."""
        data = self.bytes_of(path, min(MAX_MODULE_BYTES, self._left))
        if data is not None:
            self._left -= len(data)
        return data

    def bytes_of(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file; None if it lies outside of the repository, is too large or cannot be read."""
        try:
            if not disk.is_given(path) and not is_within(disk.real(path), self._bound):
                return None
            data = read_file(path, limit)
        except (OSError, ValueError):
            return None
        return data if len(data) <= limit else None

    def _module(self, module: str, names: frozenset[bytes]) -> tuple[str, bytes] | None:
        """The path and bytes of a module; None if no file, or more than one, can be meant, or it cannot be read."""
        files = [(f"{path}{end}", is_own) for path, is_own in self._paths(module) for end in (".py", "/__init__.py")]
        found = [(file, is_own) for file, is_own in files if disk.is_file(file) and not _is_same(file, self._name)]
        if len(found) != 1:
            return None
        (path, is_own) = found[0]
        base = posixpath.basename(path).encode()
        if self._name.lower().endswith(NOTEBOOK_SUFFIX) and base != b"__init__.py" and base in self._data:
            return None  # a cell may write it
        data = self._read(path)
        if data is None:
            return None
        if not is_own and not names <= frozenset(NAME.findall(data)):
            return None  # another module of that name is installed
        return path, data


def _imports(data: bytes) -> Iterator[tuple[str, frozenset[bytes]]]:
    """The modules that a source imports, and the names that it imports from each."""
    for statement in IMPORT.finditer(data):
        module, names, plain = statement.groups(default=b"")
        if plain:
            for each in plain.split(b","):
                yield each.split()[0].decode("utf-8", "replace"), frozenset()
        else:
            listed = names.strip(b"() \t").split(b",")
            yield (
                module.decode("utf-8", "replace"),
                frozenset(found[0] for each in listed if (found := NAME.findall(each))),
            )


def _submodules(module: str, names: frozenset[bytes]) -> list[str]:
    separator = "" if module.endswith(".") else "."
    return sorted(f"{module}{separator}{each.decode()}" for each in names)


def _is_same(path: str, other: str) -> bool:
    return disk.real(path or ".") == disk.real(other)
