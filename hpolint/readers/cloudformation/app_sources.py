"""The program of a CDK app: the files in the folder of its ``cdk.json``, without tests, packages and what is built."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator

import msgspec

from hpolint.io import disk, work
from hpolint.io.files import boundary, is_within, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Source
from hpolint.readers.cloudformation.construct_ids import PYTHON_SUFFIX, Use, uses_of_names

APP_FILE = "cdk.json"
TYPED = (".ts", ".tsx", ".mts", ".cts")
COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What the compiler of TypeScript writes, with the endings of what it may be written from."""

SUFFIXES = (*TYPED, *COMPILED, PYTHON_SUFFIX, ".java", ".cs")
SKIPPED_FOLDERS = frozenset(
    {"node_modules", "site-packages", "__pycache__", "venv", "env", "virtualenv", "cdk.out", "build", "dist", "out"}
    | {"target", "obj", "coverage", "test", "tests", "__tests__", "__mocks__", "__snapshots__"}
)
SKIPPED_FOLDER_STARTS = (".", "asset.", "cdk.out")
TEST = lazy_regex(r"(?i)(?:[._-](?:test|spec)\.[a-z]+|(?:\A|/)test_[^/]*\.py|(?:\A|/)conftest\.py|\.d\.[cm]?ts)\Z")
"""Files of tests, and declarations of types."""

LAUNCH = lazy_regex(
    r"(?i)(?:\A|:sagemaker:)createHyperParameterTuningJob(?:\.[a-z]+(?::\d+)?)?\Z"
    r"|\AAWS::SageMaker::HyperParameterTuningJob\Z"
)
"""The texts by which a program of the CDK launches a job: an action, the resource of a state, or a type."""

VIRTUAL_ENVIRONMENT = "pyvenv.cfg"

MAX_FOLDERS, MAX_FILES = 1_000, 1_000
MAX_FILE_BYTES, MAX_BYTES = 1024 * 1024, 16 * 1024 * 1024
"""Folders and files of one app that are searched, and bytes of a file and of all. Beyond them no name is unique."""


class App(msgspec.Struct, frozen=True):
    """A CDK app: its folder as a real path, and as reports name it."""

    folder: str
    shown: str

    def name_of(self, file: str) -> str:
        """The name in reports of a file, from its path within the app."""
        return file if self.shown == "." else posixpath.join(self.shown, file)


def app_above(name: str, roots: list[str]) -> App | None:
    """The app that has written a template: the closest ``cdk.json`` above, in the repository or the checked folder."""
    own = os.path.dirname(name) or "."
    folder, bound = disk.real(own), boundary(name, roots)
    levels = 0
    while not disk.is_file(os.path.join(folder, APP_FILE)):
        above = os.path.dirname(folder)
        if above == folder or not is_within(above, bound):
            return None
        folder = above
        levels += 1
    shown = os.path.normpath(os.path.join(own, *[os.pardir] * levels))
    if disk.real(shown) != folder:  # the template is named through a link
        shown = folder
    return App(folder, shown.replace(os.sep, "/"))


class Names(msgspec.Struct):
    """The uses of each name in the program of an app, and its files by their paths within the app.

    ``is_whole``: the whole program was searched, so that a name with one use is unique.
    """

    uses: dict[str, list[Use]] = msgspec.field(default_factory=dict)
    files: frozenset[str] = frozenset()
    is_whole: bool = True

    def only_construction(self, name: str, file: str | None = None) -> Use | None:
        """The construction whose id a name is, if that is its only use: in the program, or in one file of it."""
        if file is None and not self.is_whole:
            return None
        uses = [use for use in self.uses.get(name, ()) if file is None or use.file == file]
        if len(uses) != 1 or uses[0].span is None:
            return None
        return uses[0]

    def construction_at(self, name: str, file: str, line: int) -> Use | None:
        """The construction with an id that begins, or has its id, in a line of a file."""
        for use in self.uses.get(name, ()):
            if use.file == file and use.span is not None and line in (use.line, use.span.line):
                return use
        return None


def names_of(app: App) -> Names:
    """The names in the program of an app."""
    names = Names()
    files, names.is_whole = program_files(app)
    texts: dict[str, str] = {}
    left = MAX_BYTES
    for file in files:
        text = text_of(app, file, left)
        if text is None:
            names.is_whole = False
            continue
        left -= len(text)
        texts[file] = text
    names.files = frozenset(texts)
    try:
        with work.limited(MAX_BYTES - left):
            for file, text in texts.items():
                for name, use in uses_of_names(Source(file, text)):
                    names.uses.setdefault(name, []).append(use)
    except work.TooMuchWorkError:
        names.is_whole = False
    return names


def launching_files(app: App) -> list[str]:
    """The files of the program of an app that name the operation in a text, as the calls of the CDK do."""
    names = names_of(app)
    files: set[str] = set()
    for name, uses in names.uses.items():
        if LAUNCH.search(name):
            files |= {use.file for use in uses}
    return sorted(files)


def text_of(app: App, file: str, limit: int = MAX_FILE_BYTES) -> str | None:
    """The text of a file of an app; None if it is too large or cannot be read."""
    try:
        data = read_file(os.path.join(app.folder, file), min(limit, MAX_FILE_BYTES))
    except (OSError, ValueError):
        return None
    return data.decode("utf-8-sig", "replace")


def program_files(app: App) -> tuple[list[str], bool]:
    """The files of the program of an app by their paths within it, and whether these are all.

    Links are not followed. What TypeScript has been compiled to is left out.
    """
    found: list[str] = []
    waiting = [""]
    folders = 0
    is_whole = True
    while waiting:
        folder = waiting.pop()
        entries = _entries(app, folder)
        if entries is None:
            is_whole = False
            continue
        files, below = entries
        folders += 1
        found += _programs(folder, files)
        if folders > MAX_FOLDERS or len(found) > MAX_FILES:
            return [], False
        waiting += [posixpath.join(folder, name) for name in below if _is_searched(name)]
    known = set(found)
    return [file for file in sorted(found) if source_of_compiled(file, known) is None], is_whole


def _entries(app: App, folder: str) -> tuple[list[str], list[str]] | None:
    """The files and folders in a folder of an app; none in another app or a virtual environment. None: not readable."""
    try:
        files, below = disk.entries(os.path.join(app.folder, folder))
    except OSError:
        return None
    if VIRTUAL_ENVIRONMENT in files or (folder and APP_FILE in files):
        return [], []
    return files, below


def _programs(folder: str, files: list[str]) -> Iterator[str]:
    for name in files:
        path = posixpath.join(folder, name)
        if name.endswith(SUFFIXES) and not TEST.search(path):
            yield path


def _is_searched(folder: str) -> bool:
    return folder not in SKIPPED_FOLDERS and not folder.startswith(SKIPPED_FOLDER_STARTS)


def source_of_compiled(file: str, known: Collection[str]) -> str | None:
    """The TypeScript that a file has been compiled from, beside it or with the same path below another folder."""
    stem, suffix = posixpath.splitext(file)
    for typed in COMPILED.get(suffix, ()):
        path = stem
        while path:
            if path + typed in known:
                return path + typed
            path = path.partition("/")[2]
    return None
