"""Where the program of a CDK app constructs what carries a job: the state, or the construct of the resource.

A name counts that the program has exactly once, as the id of a construction. If it has several, the frames that some
versions of the CDK write beside a template (``aws:cdk:creationStack``, or ``trace`` in ``aws:cdk:logicalId``; seen in
aws-cdk-lib 2.100.0 and 2.275.0) name the file, in which the id has to be unique then. Without a certain place there is
none.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.model.job import Construct, Origin, TuningJob
from hpolint.readers.cloudformation.app_sources import App, Names, app_above, names_of, source_of_compiled
from hpolint.readers.cloudformation.construct_ids import Use, construct_path

TEMPLATE_SUFFIX = ".template.json"
MAX_METADATA_BYTES = 10 * 1024 * 1024
MAX_FRAMES = 50
"""Frames of one construct that are read."""

MAX_LINE_DIGITS = 9
MAX_APPS = 8
"""Apps and files with frames that are kept."""


class _Frame(msgspec.Struct, frozen=True):
    """A line in a file of an app that has constructed something."""

    file: str
    line: int


FrameOf = Callable[[], _Frame | None]


class Origins:
    """Finds the origins of jobs. Reads the program of an app, and its frames, once. ``roots`` are checked folders."""

    def __init__(self, roots: list[str]) -> None:
        self._roots = roots
        self._names = disk.RecordedMemo(MAX_APPS)
        self._stacks = disk.RecordedMemo(MAX_APPS)

    def of(self, job: TuningJob, template: str) -> Origin | None:
        """The origin of a job of a template; None if none is certain."""
        construct = job.construct
        if construct is None:
            return None
        app = app_above(template, self._roots)
        if app is None:
            return None
        names: Names = self._names.of(app.folder, partial(names_of, app))
        if not names.files:
            return None
        frame_of = partial(self._frame, construct, template, app, names)
        state = _state(construct, names, frame_of)
        if state is not None and state.span is not None:
            return Origin(app.name_of(state.file), state.span, f"state `{construct.state}`", is_whole=True)
        use = self._construction(construct, template, names, frame_of)
        if use is not None and use.span is not None:
            return Origin(app.name_of(use.file), use.span, f"construct `{construct.id}`")
        return None

    def _construction(self, construct: Construct, template: str, names: Names, frame_of: FrameOf) -> Use | None:
        """Where a construct is constructed: in the file of its frame, if it has one.

        Without a frame, the id has to belong to one construct: a package may construct another one with it.
        """
        name = construct.id
        if name is None or name not in names.uses:
            return None
        frame = frame_of()
        if frame is not None:
            return names.only_construction(name, frame.file) or names.construction_at(name, frame.file, frame.line)
        return None if _is_shared(name, self._stacks_of(template)) else names.only_construction(name)

    def _stacks_of(self, template: str) -> dict[str, list[str]]:
        stacks: dict[str, list[str]] = self._stacks.of(template, partial(_stacks, template))
        return stacks

    def _frame(self, construct: Construct, template: str, app: App, names: Names) -> _Frame | None:
        """The innermost frame of a construct in the program of an app."""
        for line in self._stacks_of(template).get(f"/{construct.path}", ())[:MAX_FRAMES]:
            frame = _frame(line, app, names.files)
            if frame is not None:
                return frame
        return None


def _state(construct: Construct, names: Names, frame_of: FrameOf) -> Use | None:
    """Where the state of a job is constructed. A state with the name of its machine may be no construct."""
    state = construct.state
    if state is None or state == construct.id or state not in names.uses:
        return None
    use = names.only_construction(state)
    if use is not None:
        return use
    frame = frame_of()
    return names.only_construction(state, frame.file) if frame is not None else None


def _is_shared(name: str, paths: Iterable[str]) -> bool:
    """Whether several constructs have an id, apart from the copies of stages and stacks."""
    found: set[str] = set()
    for path in map(construct_path, paths):
        if posixpath.basename(path) == name:
            found.add(path.lstrip("/").partition("/")[2])
    return len(found) > 1


def _stacks(template: str) -> dict[str, list[str]]:
    """The frames of the constructs of a template, by their paths; of old versions also other stacks' constructs."""
    folder, name = os.path.split(template)
    own = os.path.join(folder, f"{name.removesuffix(TEMPLATE_SUFFIX)}.metadata.json")
    if disk.is_file(own):
        return dict(_stacks_of(_document(own)))
    stacks: dict[str, list[str]] = {}
    for artifact in _members(_members(_document(os.path.join(folder, "manifest.json"))).get("artifacts")).values():
        stacks |= dict(_stacks_of(_members(artifact).get("metadata")))
    return stacks


def _document(path: str) -> object:
    """A JSON file; None if it cannot be read. A link is not followed: it may lead out of the repository."""
    if disk.is_link(path):
        return None
    try:
        document: object = msgspec.json.decode(read_file(path, MAX_METADATA_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return document


def _stacks_of(metadata: object) -> Iterator[tuple[str, list[str]]]:
    """The paths of the constructs with a place in metadata, each with its frames."""
    for path, entries in _members(metadata).items():
        lines: list[str] = []
        for entry in _items(entries):
            frames = _members(entry).get("trace")
            if _members(entry).get("type") == "aws:cdk:creationStack":
                frames = _members(entry).get("data")
            lines += [frame for frame in _items(frames) if isinstance(frame, str)]
        yield path, lines


def _members(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _frame(text: str, app: App, files: frozenset[str]) -> _Frame | None:
    """A frame as V8 writes it (``new X (/app/lib/x.ts:18:5)``), if it is in a file of the program."""
    parts = text.removesuffix(")").rsplit(":", 2)
    if len(parts) != 3 or not parts[1].isdecimal() or len(parts[1]) > MAX_LINE_DIGITS:
        return None
    path = parts[0].rpartition("(")[2].replace("\\", "/")
    if "/node_modules/" in path:
        return None
    file = _file_of_program(path, app, files)
    return _Frame(file, int(parts[1])) if file is not None else None


def _file_of_program(path: str, app: App, files: frozenset[str]) -> str | None:
    """The file of the program that a path names, also where the app lay in another folder of the same name.

    For a compiled file, its source: its lines are other ones, so that only the name of the file counts.
    """
    root = app.folder.replace(os.sep, "/")
    folder = f"/{posixpath.basename(root)}/"
    within = path.removeprefix(f"{root}/")
    if within == path:
        within = path.rpartition(folder)[2] if folder in path else ""
    if within in files:
        return within
    return source_of_compiled(within, files)
