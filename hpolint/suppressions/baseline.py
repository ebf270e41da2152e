"""The baseline: a file of known findings, which are not reported again until the values that they are about change.

An entry identifies a finding by its rule, its file, the job's variable or logical name, the path in the request and a
digest of the values, never by its line, so a moved cell stays in the baseline. Equal entries are counted. A finding
with a more severe level, or with clearly more instance-hours, is new.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hpolint.config.named_files import JsonError, parse_json, read_named
from hpolint.io import disk
from hpolint.io.escaping import printable
from hpolint.io.files import repository_root
from hpolint.lazy_regex import lazy_regex
from hpolint.model.level import LEVELS
from hpolint.model.settings import ConfigError

if TYPE_CHECKING:
    from hpolint.model.finding import Finding
    from hpolint.model.node import Node, Path
    from hpolint.model.settings import Settings

FILE = "hpolint-baseline.json"
VERSION = 1
MAX_MEGABYTES = 64
"""Size of a baseline file."""
MAX_HOURS_RATIO = 1.1
"""Growth of a finding's instance-hours up to which it is the same finding."""
CONFLICT = lazy_regex(rb"^(?:<<<<<<<|>>>>>>>)", re.MULTILINE)
NUMBER = lazy_regex(r"\d+(\.\d+)?(e[+-]?\d{1,3})?")
NEVER_BASELINED = frozenset({"hygiene"})
"""Categories whose findings are never in a baseline: suppressions, and files that cannot be read."""


class BaselineEntry(NamedTuple):
    """A finding in the baseline. ``file`` is relative to ``Baseline.folder``."""

    file: str
    rule: str
    job: str
    path: str
    value: str
    level: str
    hours: str

    @property
    def identity(self) -> BaselineEntry:
        """The entry without its level and instance-hours."""
        return self._replace(level="", hours="")

    def covers(self, other: BaselineEntry) -> bool:
        """Whether ``other`` is the same finding with a level and instance-hours that are not clearly worse."""
        if self.identity != other.identity or LEVELS.index(self.level) > LEVELS.index(other.level):
            return False
        return not (self.hours and other.hours) or float(other.hours) <= float(self.hours) * MAX_HOURS_RATIO


class Baseline(msgspec.Struct, frozen=True, dict=True):
    """The known findings by file; an entry with count n covers n findings.

    ``working_folder`` is the folder of the run, in whose repository the files are. ``named_at`` is the place of the
    configuration file that names the baseline; empty if the user or the usual name does.
    """

    path: str
    entries: Mapping[str, Counter[BaselineEntry]] = msgspec.field(default_factory=dict)
    working_folder: str = "."
    named_at: str = ""

    def file_of(self, name: str) -> str:
        """A checked file's name as in entries: relative to ``folder``, with forward slashes."""
        try:
            found = os.path.relpath(disk.real(name), self.folder)
        except ValueError:  # on another drive
            found = disk.real(name)
        return found.replace(os.sep, "/").encode("utf-8", "replace").decode()

    @property
    def reason_not_to_write(self) -> str | None:
        """The reason why the file is only read; None if it may be written.

        A configuration file that is checked may not decide which file outside of the repository is overwritten.
        """
        if not self.named_at:
            return None
        is_in_git_folder = ".git" in disk.real(os.path.dirname(self.path) or ".").split(os.sep)
        if not (self.is_outside or is_in_git_folder):
            return None
        reason = "is outside of the repository's files and is only read: `--baseline` writes it"
        return f"{self.named_at}: baseline: {self.path} {reason}"

    @property
    def is_outside(self) -> bool:
        """Whether the baseline is outside of the repository, for example made in a checkout of another commit."""
        own, root = disk.real(os.path.dirname(self.path) or "."), repository_root(self.working_folder)
        return own != root and not own.startswith(root.rstrip(os.sep) + os.sep)

    @cached_property
    def folder(self) -> str:
        """The folder that entries' files are relative to: the baseline's, or the repository's root if it is outside.

        This allows a baseline of another checkout of the repository to be used with this one.
        """
        own, root = disk.real(os.path.dirname(self.path) or "."), repository_root(self.working_folder)
        if not self.is_outside:
            return own
        encloses = root.startswith(own.rstrip(os.sep) + os.sep)  # for example the baseline of an enclosing repository
        return own if encloses and disk.exists(os.path.join(repository_root(own), ".git")) else root

    @property
    def counts(self) -> Counter[BaselineEntry]:
        """The entries of all files, with their counts."""
        return Counter(chain.from_iterable(entries.elements() for entries in self.entries.values()))

    def entries_of(self, name: str) -> Counter[BaselineEntry]:
        """The entries of a checked file, with their counts."""
        return Counter(self.entries.get(self.file_of(name), ()))

    @staticmethod
    def match(known: BaselineEntry, left: Mapping[BaselineEntry, Counter[BaselineEntry]]) -> BaselineEntry | None:
        """The closest entry that covers ``known``, among the entries left by identity; None if there is none."""
        found = [
            entry for entry, count in left.get(known.identity, Counter()).items() if count > 0 and entry.covers(known)
        ]
        return min(found, key=lambda entry: (-LEVELS.index(entry.level), _hours(entry)), default=None)

    def entry_of(self, finding: Finding) -> BaselineEntry | None:
        """The entry for a finding; None if the finding can never be in a baseline."""
        if finding.rule.category in NEVER_BASELINED or finding.rule.fails_from is not None:
            return None
        job = finding.job
        named = (job.variable or job.carrier or job.name or "") if job is not None else ""
        hours = finding.cost.instance_hours if finding.cost is not None else None
        key = BaselineEntry(
            self.file_of(finding.source),
            finding.rule.id,
            named,
            named_path(finding),
            _digest(finding),
            finding.level,
            f"{hours:.4g}" if hours else "",
        )
        return BaselineEntry(*(text.encode("utf-8", "replace").decode() for text in key))


def named_path(finding: Finding) -> str:
    """The path in the request, with named items by name instead of index, so that a moved range stays the same."""
    from hpolint.model.node import child, item_name, path_text

    node: Node | None = finding.request
    steps: list[str | int] = []
    for step in finding.path:
        node = child(node, step)
        name = item_name(node) if isinstance(step, int) else None
        steps.append(step if name is None else name)
    return path_text(tuple(steps))


def _digest(finding: Finding) -> str:
    """A digest of the values that a finding is about: its own, related ones, and the instance type."""
    import hashlib
    import json

    request = finding.request
    values = [_value(request, path) for path in _paths(finding)]
    if finding.cost is not None and finding.cost.instance_type is not None:
        values.append(finding.cost.instance_type)
    if values in (["absent"], ["unknown"]):
        return str(values[0])
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _paths(finding: Finding) -> Iterator[Path]:
    """The paths of these values: the whole range, or the value itself and the rule's related values."""
    from hpolint.model.node import parse_path

    if finding.rule.scope == "parameter" and finding.root:
        yield finding.root
        return
    yield finding.path
    yield from ((*finding.root, *parse_path(text)) for text in finding.rule.related)


def _value(request: Node | None, path: Path) -> object:
    from hpolint.model.node import Unknown, follow, plain

    node = follow(request, path) if path else None
    if node is None:
        return "absent"
    return "unknown" if isinstance(node, Unknown) else [plain(node)]


def _hours(entry: BaselineEntry) -> float:
    return float(entry.hours) if entry.hours else 0.0


def read_baseline(path: str, working_folder: str = ".") -> Baseline:
    """The baseline in a file. Raises ConfigError."""
    data = read_named(path, MAX_MEGABYTES, "baseline")
    entries: dict[str, Counter[BaselineEntry]] = {}
    for known in _entries(path, data):
        entries.setdefault(known.file, Counter())[known] += 1
    return Baseline(path, entries, working_folder)


def _entries(path: str, data: bytes) -> list[BaselineEntry]:
    if conflict := CONFLICT.search(data):
        line = data.count(b"\n", 0, conflict.start()) + 1
        reason = "a merge conflict: keep the lines of both sides, and `--prune` removes the stale ones"
        raise ConfigError(f"{path}:{line}: {reason}")
    try:
        document = parse_json(data)
    except JsonError as error:
        raise ConfigError(f"{path}:{error.line}: invalid JSON: {error.reason}") from None
    version = document.get("version") if isinstance(document, dict) else None
    found = document.get("baseline") if isinstance(document, dict) else None
    if version != VERSION or not isinstance(found, list):
        raise ConfigError(
            f"{path}: not a baseline of version {VERSION}: write one with `hpolint check --write-baseline`"
        )
    known = []
    for entry in found:
        if entry is None:  # the last line, so that all entries end with a comma and merge cleanly
            continue
        values = [entry.get(name) for name in BaselineEntry._fields] if isinstance(entry, dict) else [None]
        if not all(isinstance(value, str) for value in values):
            raise ConfigError(f"{path}: an entry lacks one of {', '.join(BaselineEntry._fields)}")
        found = BaselineEntry(*values)
        if found.level not in LEVELS or (found.hours and not NUMBER.fullmatch(found.hours)):
            raise ConfigError(f"{path}: an entry has an invalid level or invalid hours")
        known.append(found)
    return known


def baseline_of(settings: Settings, *, is_new: bool = False, working_folder: str = ".") -> Baseline | None:
    """The baseline of a run: the configured one, or the closest one up to the repository's root; None if there is none.

    With ``is_new``, an empty baseline instead of a missing one, to be written. Raises ConfigError.
    """
    configured = settings.run.baseline
    if configured is not None:
        if is_new and not disk.exists(configured):
            return Baseline(configured)
        return read_baseline(configured, working_folder)
    found = next((path for path in _candidates(FILE, working_folder) if disk.exists(path)), None)
    if found is not None:
        return read_baseline(found, working_folder)
    if not is_new:
        return None
    return Baseline(os.path.join(os.path.dirname(settings.origin), FILE))


def _candidates(name: str, working_folder: str) -> Iterator[str]:
    """Paths of a file name in a folder and in each folder above, up to the repository's root if there is one."""
    here = disk.real(working_folder)
    root, folder = repository_root(working_folder), here
    path = name if working_folder == "." else os.path.join(working_folder, name)
    yield path
    while folder != root and root != here:
        folder = os.path.dirname(folder)
        path = f"../{path}" if working_folder == "." else os.path.join(folder, name)
        yield path


def stale_entries(
    baseline: Baseline, found: Iterable[BaselineEntry], checked: Mapping[str, frozenset[str]], roots: list[str]
) -> list[BaselineEntry]:
    """The entries without a finding, among the files and rules of a run; ``checked`` are the rules by file.

    A file below the ``roots`` that no longer exists counts as a file of the run.
    """
    rules = {baseline.file_of(name): ids for name, ids in checked.items()}
    all_rules = frozenset().union(*checked.values())
    folders = [baseline.file_of(root) for root in roots]
    below = tuple("" if folder == "." else f"{folder}/" for folder in folders)
    left = baseline.counts
    left.subtract(found)
    stale = []
    for entry in left.elements():
        is_checked = entry.rule in rules.get(entry.file, frozenset())
        if not is_checked and entry.file.startswith(below) and entry.rule in all_rules:
            is_checked = not disk.exists(os.path.join(baseline.folder, entry.file))
        if is_checked:
            stale.append(entry)
    return stale


def locked_entries(baseline: Baseline, locked: Mapping[str, frozenset[str]]) -> int:
    """The number of entries of locked rules; ``locked`` are these rules by file."""
    total = 0
    for name, rules in locked.items():
        entries = baseline.entries_of(name) if rules else {}
        total += sum(count for entry, count in entries.items() if entry.rule in rules)
    return total


def baseline_text(entries: Iterable[BaselineEntry]) -> str:
    """The text of a baseline file: one entry per line, sorted, so that concurrent changes merge."""
    import json

    lines = [f"  {printable(json.dumps(entry._asdict(), ensure_ascii=False))},\n" for entry in sorted(entries)]
    return f'{{\n "version": {VERSION},\n "baseline": [\n{"".join(lines)}  null\n ]\n}}\n'
