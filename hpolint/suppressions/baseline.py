"""Findings that are known: written once, and not told again until the value that they are about changes.

A finding is known by its rule, its file, the job's variable or logical name, the path in the request and a digest of
the values that it is about, never by its line: a moved cell stays known. What is equal in all of that is counted; one
that has become graver, or whose job has become clearly dearer, is new.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hpolint.config.named_files import JsonError, parse_json, read_named
from hpolint.io import disk
from hpolint.io.escaping import printable
from hpolint.io.files import repository_root
from hpolint.model.level import LEVELS
from hpolint.model.settings import ConfigError

if TYPE_CHECKING:
    from hpolint.model.finding import Finding
    from hpolint.model.node import Node, Path
    from hpolint.model.settings import Settings

FILE = "hpolint-baseline.json"
VERSION = 1
LARGEST = 64
"""Megabytes."""
DEARER = 1.1
"""So many times the instance-hours are still the same finding."""
CONFLICT = re.compile(rb"^(?:<<<<<<<|>>>>>>>)", re.MULTILINE)
NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d{1,3})?")
NEVER = frozenset({"hygiene"})
"""Categories whose findings are never known: they are about what was written to silence others."""


class BaselineEntry(NamedTuple):
    """What a finding is known by. ``file`` is relative to the baseline's folder."""

    file: str
    rule: str
    job: str
    path: str
    value: str
    level: str
    hours: str

    @property
    def about(self) -> BaselineEntry:
        """The same without how grave and how dear it is."""
        return self._replace(level="", hours="")

    def covers(self, other: BaselineEntry) -> bool:
        """Whether a finding that ``other`` is known by is no graver than this one, and hardly dearer."""
        if self.about != other.about or LEVELS.index(self.level) > LEVELS.index(other.level):
            return False
        return not (self.hours and other.hours) or float(other.hours) <= float(self.hours) * DEARER


class Baseline(msgspec.Struct, frozen=True, dict=True):
    """The findings that are known, by their file, as often as each may be there."""

    path: str
    entries: Mapping[str, Counter[BaselineEntry]] = msgspec.field(default_factory=dict)

    def file_of(self, name: str) -> str:
        """A checked file's name, as entries have it."""
        try:
            found = os.path.relpath(disk.real(name), self.folder)
        except ValueError:  # on another drive
            found = disk.real(name)
        return found.replace(os.sep, "/").encode("utf-8", "replace").decode()

    @property
    def is_outside(self) -> bool:
        """Whether it lies outside of the repository, as one that was made for the comparison with another state."""
        own, root = disk.real(os.path.dirname(self.path) or "."), repository_root(os.getcwd())
        return own != root and not own.startswith(root.rstrip(os.sep) + os.sep)

    @cached_property
    def folder(self) -> str:
        """What the entries' files are relative to: the baseline's folder, or the repository's root where it is outside.

        So what was written for another checkout of the repository can be held against this one.
        """
        own, root = disk.real(os.path.dirname(self.path) or "."), repository_root(os.getcwd())
        if not self.is_outside:
            return own
        is_around = root.startswith(own.rstrip(os.sep) + os.sep)  # as of a repository that this one is nested in
        return own if is_around and disk.exists(os.path.join(repository_root(own), ".git")) else root

    def of(self, name: str) -> Counter[BaselineEntry]:
        """What is known of a checked file."""
        return Counter(self.entries.get(self.file_of(name), ()))

    @staticmethod
    def match(known: BaselineEntry, left: Mapping[BaselineEntry, Counter[BaselineEntry]]) -> BaselineEntry | None:
        """The entry that a finding is known by, among those that are left by what they are about: the closest one."""
        found = [
            entry for entry, count in left.get(known.about, Counter()).items() if count > 0 and entry.covers(known)
        ]
        return min(found, key=lambda entry: (-LEVELS.index(entry.level), _hours(entry)), default=None)

    def known(self, finding: Finding) -> BaselineEntry | None:
        """What a finding would be known by; None for one that never is."""
        if finding.rule.category in NEVER or finding.rule.fails_from is not None:
            return None
        job = finding.job
        named = (job.variable or job.carrier or job.name or "") if job is not None else ""
        hours = finding.cost.instance_hours if finding.cost is not None else None
        key = BaselineEntry(
            self.file_of(finding.source),
            finding.rule.id,
            named,
            _named_path(finding),
            _digest(finding),
            finding.level,
            f"{hours:.4g}" if hours else "",
        )
        return BaselineEntry(*(text.encode("utf-8", "replace").decode() for text in key))


def _named_path(finding: Finding) -> str:
    """The path in the request, items that have a name by it: a range that is moved stays the same."""
    from hpolint.model.node import Scalar, Struct, child, path_text

    node: Node | None = finding.job.request if finding.job is not None else None
    steps: list[str | int] = []
    for step in finding.path:
        node = child(node, step)
        named = node.get("Name") or node.get("DefinitionName") if isinstance(node, Struct) else None
        steps.append(str(named.value) if isinstance(step, int) and isinstance(named, Scalar) else step)
    return path_text(tuple(steps))


def _digest(finding: Finding) -> str:
    """What changes with the values that a finding is about: its own, those beside it, the type of instance."""
    import hashlib
    import json

    values = [_value(finding, path) for path in _paths(finding)]
    if finding.cost is not None and finding.cost.instance_type is not None:
        values.append(finding.cost.instance_type)
    if values in (["absent"], ["unknown"]):
        return str(values[0])
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _paths(finding: Finding) -> Iterator[Path]:
    """Where the values stand: of a range all of it, else the value and those that the rule relates to it."""
    from hpolint.model.node import parse_path

    if finding.rule.scope == "parameter" and finding.root:
        yield finding.root
        return
    yield finding.path
    yield from ((*finding.root, *parse_path(text)) for text in finding.rule.related)


def _value(finding: Finding, path: Path) -> object:
    from hpolint.model.node import Unknown, follow, plain

    node = follow(finding.job.request, path) if finding.job is not None and path else None
    if node is None:
        return "absent"
    return "unknown" if isinstance(node, Unknown) else [plain(node)]


def _hours(entry: BaselineEntry) -> float:
    return float(entry.hours) if entry.hours else 0.0


def read_baseline(path: str) -> Baseline:
    """A baseline's file. Raises ConfigError."""
    data = read_named(path, LARGEST, "baseline")
    entries: dict[str, Counter[BaselineEntry]] = {}
    for known in _entries(path, data):
        entries.setdefault(known.file, Counter())[known] += 1
    return Baseline(path, entries)


def _entries(path: str, data: bytes) -> list[BaselineEntry]:
    if conflict := CONFLICT.search(data):
        line = data.count(b"\n", 0, conflict.start()) + 1
        reason = "a conflict of a merge: keep the lines of both sides, and `--prune` removes what is in vain"
        raise ConfigError(f"{path}:{line}: {reason}")
    try:
        document = parse_json(data)
    except JsonError as error:
        raise ConfigError(f"{path}:{error.line}: invalid JSON: {error.reason}") from None
    version = document.get("version") if isinstance(document, dict) else None
    found = document.get("baseline") if isinstance(document, dict) else None
    if version != VERSION or not isinstance(found, list):
        raise ConfigError(f"{path}: no baseline of version {VERSION}: `hpolint check --write-baseline` writes one")
    known = []
    for entry in found:
        if entry is None:  # the last line, which has no comma to quarrel about
            continue
        values = [entry.get(name) for name in BaselineEntry._fields] if isinstance(entry, dict) else [None]
        if not all(isinstance(value, str) for value in values):
            raise ConfigError(f"{path}: an entry lacks one of {', '.join(BaselineEntry._fields)}")
        found = BaselineEntry(*values)
        if found.level not in LEVELS or (found.hours and not NUMBER.fullmatch(found.hours)):
            raise ConfigError(f"{path}: an entry has no level or no hours as hpolint writes them")
        known.append(found)
    return known


def baseline_of(settings: Settings, *, is_new: bool = False) -> Baseline | None:
    """The baseline that holds for a run: the one that is named, else the closest, up to the repository's root.

    ``is_new`` gives an empty one where there is none yet, to be written. Raises ConfigError.
    """
    if settings.baseline is not None:
        if is_new and not disk.exists(settings.baseline):
            return Baseline(settings.baseline)
        return read_baseline(settings.baseline)
    found = next((path for path in _above(FILE) if disk.exists(path)), None)
    if found is not None:
        return read_baseline(found)
    return (
        Baseline(os.path.join(os.path.dirname(settings.origin), FILE) if settings.origin else FILE) if is_new else None
    )


def _above(name: str) -> Iterator[str]:
    """The paths that a name has here and in the folders above, up to the repository's root if there is one."""
    yield name
    root = repository_root(os.getcwd())
    folder, path = disk.real(os.getcwd()), name
    while folder != root and root != disk.real(os.getcwd()):
        folder, path = os.path.dirname(folder), f"../{path}"
        yield path


def stale_entries(
    baseline: Baseline, found: Iterable[BaselineEntry], asked: Mapping[str, frozenset[str]], roots: list[str]
) -> list[BaselineEntry]:
    """The entries that nothing was found for, of the files and rules of a run; ``asked`` are the rules by their file.

    A file below the ``roots`` that is there no more is one of the run, too.
    """
    rules = {baseline.file_of(name): ids for name, ids in asked.items()}
    every = frozenset(rule for ids in asked.values() for rule in ids)
    below = tuple("" if (root := baseline.file_of(each)) == "." else f"{root}/" for each in roots)
    left = Counter(entry for entries in baseline.entries.values() for entry in entries.elements())
    left.subtract(found)
    folder = baseline.folder
    return [
        entry
        for entry in left.elements()
        if entry.rule in rules.get(entry.file, frozenset())
        or (entry.file.startswith(below) and entry.rule in every and not disk.exists(os.path.join(folder, entry.file)))
    ]


def locked_entries(baseline: Baseline, locked: Mapping[str, frozenset[str]]) -> int:
    """How many entries are of rules that are locked; ``locked`` are those by their file."""
    rules = {baseline.file_of(name): ids for name, ids in locked.items() if ids}
    entries = (
        (entry, count, ids)
        for file, ids in rules.items()
        for entry, count in baseline.entries.get(file, Counter()).items()
    )
    return sum(count for entry, count, ids in entries if entry.rule in ids)


def baseline_text(entries: Iterable[BaselineEntry]) -> str:
    """A baseline's file: one entry a line, in order, so that two people's changes merge."""
    import json

    lines = [f"  {printable(json.dumps(entry._asdict(), ensure_ascii=False))},\n" for entry in sorted(entries)]
    return f'{{\n "version": {VERSION},\n "baseline": [\n{"".join(lines)}  null\n ]\n}}\n'
