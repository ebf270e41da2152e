"""Checks in a process that stays: documents that are edited, and files that change between two checks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.discovery.candidates import read_candidate
from hpolint.discovery.walk import Search, find_files
from hpolint.fixes.fix_planner import FixEdits, FixPlanner
from hpolint.fixes.proof import is_read_alike
from hpolint.io import disk
from hpolint.io.files import read_file, repository_root
from hpolint.io.overlay import Overlay, versioned
from hpolint.model.finding import Finding
from hpolint.model.ignore_comment import today
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError
from hpolint.report.outcome import Outcome
from hpolint.report.twins import merged
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import baseline_of

if TYPE_CHECKING:
    from hpolint.cost.prices import Prices
    from hpolint.fixes.script_proof import ScriptProof
    from hpolint.io.overlay import VersionedText
    from hpolint.model.rule import RuleError
    from hpolint.model.settings import Settings

RULE_KEYS = ("summary", "level", "scope")
"""Keys of the front matter by which a rule is recognised outside of a folder of policies."""

MAX_CLOSED = 50
"""Documents that are not open and whose last outcome is kept. Those of open ones are kept as long as they are open."""


MAX_CONFIGURATION_BYTES = 1024 * 1024
"""Bytes of a configuration's file that are kept for when it becomes invalid."""

Result = TypeVar("Result")


class Checked(msgspec.Struct, frozen=True):
    """The result for one document.

    ``outcome`` is None if the document is excluded, names no job, or cannot be read; ``notices`` say why. ``error`` is
    the message of an invalid configuration that applies to it. The result is then that of the last valid one; without
    one (``is_settled`` is false) nothing is known of the document.
    """

    outcome: Outcome | None = None
    notices: tuple[str, ...] = ()
    error: str | None = None
    is_settled: bool = True

    @property
    def groups(self) -> list[list[Finding]]:
        """The findings of the document, those of several jobs about one value in one list: reports show one of them."""
        return merged(self.outcome.findings) if self.outcome is not None else []

    @property
    def findings(self) -> list[Finding]:
        """The findings of the document as reports show them."""
        return [first for first, *_ in self.groups]


Reads: TypeAlias = dict[disk.DiskQuery, disk.FileStamp]
"""Queries of the disk and the documents, with their answers."""


class _Entry(msgspec.Struct, frozen=True):
    """A result with the reads that it depends on."""

    checked: Checked
    reads: dict[disk.DiskQuery, disk.FileStamp]


class _Settings:
    """The configurations of the files below one folder, and the checks with them.

    ``reads`` are the reads that they depend on, as far as they have been looked up.
    """

    def __init__(self, folder: str, options: CheckOptions) -> None:
        self._folder = folder
        self.day = today()
        self.reads: dict[disk.DiskQuery, disk.FileStamp] = {}
        self.configurations = Configurations(options, [], folder)
        self._checks: FileChecks | None = None

    def is_current(self) -> bool:
        """Whether all that was looked up is unchanged."""
        return self.day == today() and disk.are_unchanged(self.reads)

    @property
    def checks(self) -> FileChecks:
        """The checks with these settings. Raises ConfigError."""
        if self._checks is None:
            settings = self.configurations.here.settings
            self._checks = FileChecks([self._folder], baseline_of(settings, working_folder=self._folder))
        return self._checks


_SettingsByFolder: TypeAlias = dict[str, _Settings]


class _LastValidTexts:
    """The texts of configuration files, rules and ignore files when a check last used them without an error."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[disk.FileStamp, VersionedText]] = {}
        self._saved: dict[str, VersionedText] = {}

    def note(self, reads: dict[disk.DiskQuery, disk.FileStamp]) -> None:
        """Keep the texts of the files that a valid configuration was read from."""
        for (path, content), stamp in reads.items():
            is_known = path in self._texts and self._texts[path][0] == stamp
            if content and not is_known and disk.is_file(path):
                data = _configuration_text(path)
                if data is not None:
                    self._texts[path] = stamp, versioned(data, disk.version_in(stamp))

    def replaced(self, unsaved: Iterable[str]) -> dict[str, VersionedText]:
        """The last valid texts of the files that are others by now.

        Of an ``unsaved`` configuration file that was never valid, it is what is saved.
        """
        texts = {path: text for path, (stamp, text) in self._texts.items() if _differs(path, stamp)}
        never_valid = [path for path in unsaved if path not in self._texts and _is_configuration(path)]
        with disk.overlaid(Overlay()):
            for path in never_valid:
                data = _configuration_text(path)
                if data is not None:
                    if path not in self._saved or self._saved[path][0] != data:
                        self._saved[path] = versioned(data)
                    texts[path] = self._saved[path]
        return texts


def _differs(path: str, stamp: disk.FileStamp) -> bool:
    return disk.stamp_of(path, content=True) != stamp


def _is_configuration(path: str) -> bool:
    return os.path.basename(path) in (CONFIG_FILE, PYPROJECT)


def _configuration_text(path: str) -> bytes | None:
    """The bytes of a file of a configuration; None if it cannot be read."""
    try:
        return read_file(path, MAX_CONFIGURATION_BYTES, is_recorded=False)
    except OSError:
        return None


def _record_around(texts: Iterable[str]) -> None:
    """Record what the disk says of files, and of the folders above, before other texts take their place."""
    for path in texts:
        while True:
            disk.record(path, content=False)
            disk.record(path, content=True)
            if path == os.path.dirname(path):
                break
            path = os.path.dirname(path)


class Workspace:
    """The documents below some folders, over the files of the disk.

    Its results are those of a check that has just been started, at any time: a result is used again only if everything
    that it has asked of the disk and of the documents has the same answer. Nothing depends on the working folder. Not
    to be used by several threads at once.
    """

    def __init__(self, folders: Iterable[str] = (), options: CheckOptions | None = None) -> None:
        self._folders = [os.path.abspath(folder) for folder in folders]
        given = options or CheckOptions()
        # A document is opened by its path: what is excluded stays so.
        self._options = msgspec.structs.replace(given, settings={"force-exclude": True, **given.settings})
        self._overlay = Overlay(is_live=True)
        self._settings: _SettingsByFolder = {}
        self._last_settings: _SettingsByFolder = {}
        self._last_valid = _LastValidTexts()
        self._checked: dict[str, _Entry] = {}

    def set_folders(self, folders: Iterable[str]) -> None:
        """Take other folders: a document has the configuration of the folder that holds it."""
        self._folders = [os.path.abspath(folder) for folder in folders]
        self._settings.clear()
        self._last_settings.clear()
        self._checked.clear()

    def set_text(self, path: str, text: bytes) -> None:
        """Put the unsaved text of a document in the place of its file."""
        self._overlay.set(path, text)

    def remove_text(self, path: str) -> None:
        """Let the file count again, after its document was closed."""
        self._overlay.remove(path)
        self._checked.pop(os.path.abspath(path), None)

    def current(self, path: str) -> Checked | None:
        """The last result for a document if it holds: nothing that it depends on has changed."""
        return self.current_of([path])[0]

    def current_of(self, paths: Iterable[str]) -> list[Checked | None]:
        """The last result of each of some documents if it holds, else None."""
        with disk.overlaid(self._overlay):
            return [self._current(os.path.abspath(path)) for path in paths]

    def _current(self, path: str) -> Checked | None:
        entry = self._checked.get(path)
        return entry.checked if entry is not None and disk.are_unchanged(entry.reads) else None

    def check(self, path: str) -> Checked:
        """The result for a document."""
        path = os.path.abspath(path)
        with disk.overlaid(self._overlay):
            current = self._current(path)
            if current is not None:
                return current
            with disk.recorded_reads() as recorder:
                checked = self._new(path)
        self._checked.pop(path, None)
        self._checked[path] = _Entry(checked, recorder.stamps)
        closed = [name for name in self._checked if not self._overlay.holds(name)]
        if len(closed) > MAX_CLOSED:
            del self._checked[closed[0]]
        return checked

    def reads_of(self, path: str) -> Reads:
        """The reads that the last result for a document depends on; empty if it is not kept."""
        entry = self._checked.get(os.path.abspath(path))
        return entry.reads if entry is not None else {}

    def are_unchanged(self, reads: Reads) -> bool:
        """Whether all reads have the same answers now."""
        with disk.overlaid(self._overlay):
            return disk.are_unchanged(reads)

    def _new(self, path: str) -> Checked:
        try:
            settings = self._settings_for(path, self._settings)
            checked = self._checked_with(settings, path)
            self._last_valid.note(settings.reads)
            return checked
        except ConfigError as error:
            self._settings.clear()
            return self._by_last_valid(path, error)

    def _by_last_valid(self, path: str, error: ConfigError) -> Checked:
        """The result for a document by the last valid configuration."""
        texts = self._last_valid.replaced(self._overlay.paths)
        if not texts:
            return Checked(error=str(error), is_settled=False)
        _record_around(texts)
        try:
            with disk.overlaid(self._overlay.with_versions(texts)):
                checked = self._checked_with(self._settings_for(path, self._last_settings), path)
        except ConfigError:
            self._last_settings.clear()
            return Checked(error=str(error), is_settled=False)
        return msgspec.structs.replace(checked, error=str(error))

    def _checked_with(self, settings: _Settings, path: str) -> Checked:
        """The result for a document with the configuration of its folder. Raises ConfigError."""
        search = Search()
        with disk.recorded_reads() as recorder:
            settings.configurations.of_folder(os.path.dirname(path))  # also for its configuration file itself
            found = find_files([path], settings.configurations, search)
            check_configurations(settings.configurations.found, settings.configurations.policies)
            checks = settings.checks
        settings.reads |= recorder.stamps
        disk.add_recorded(settings.reads)
        candidate = read_candidate(path, search) if found else None
        outcome = checks.candidate(candidate, found[0].settings) if candidate is not None else None
        return Checked(outcome, (*search.notices, *search.unreadable, *(outcome.notices if outcome else ())))

    def _settings_for(self, path: str, known: _SettingsByFolder) -> _Settings:
        """The settings for the files of a document's folder. Raises ConfigError."""
        folder = self._root_of(path)
        if folder in known and not known[folder].is_current():
            del known[folder]
        if folder not in known:
            known[folder] = _Settings(folder, self._options)
        return known[folder]

    def _with_settings(self, path: str, use: Callable[[_Settings], Result]) -> Result:
        """What a function says with the settings in force for a document. Raises ConfigError."""
        try:
            with disk.overlaid(self._overlay):
                return use(self._settings_for(path, self._settings))
        except ConfigError:
            with disk.overlaid(self._overlay):
                texts = self._last_valid.replaced(self._overlay.paths)
            if not texts:
                raise
            with disk.overlaid(self._overlay.with_versions(texts)):
                return use(self._settings_for(path, self._last_settings))

    def _root_of(self, path: str) -> str:
        """The folder of the workspace that holds a document; for others, the root of its repository."""
        enclosing = [folder for folder in self._folders if path.startswith(folder.rstrip(os.sep) + os.sep)]
        return max(enclosing, key=len) if enclosing else repository_root(os.path.dirname(path))

    def files_beside(self, path: str) -> list[str]:
        """The paths of the files in a document's folder of the workspace that a check reads. Raises ConfigError."""
        path = os.path.abspath(path)

        def found(settings: _Settings) -> list[str]:
            return [file.name for file in find_files([self._root_of(path)], settings.configurations, Search())]

        return self._with_settings(path, found)

    def is_rule(self, path: str, text: str) -> bool:
        """Whether a Markdown document is a rule: it lies in a folder of policies, or has the keys of one."""
        path = os.path.abspath(path)
        if not path.endswith(".md") or not text.startswith("---"):
            return False
        try:
            settings = self._settings_of(path)
        except ConfigError:
            return False
        policies = chain.from_iterable(own.rules.policies for own in settings.with_above)
        front = text.partition("\n---")[0]
        return any(path.startswith(os.path.abspath(folder) + os.sep) for folder in policies) or all(
            f"\n{key}:" in front for key in RULE_KEYS
        )

    def _settings_of(self, path: str) -> Settings:
        """The settings in force for a document's folder. Raises ConfigError."""
        return self._with_settings(path, lambda own: own.configurations.of_folder(os.path.dirname(path)).settings)

    def rule_errors(self, path: str) -> list[RuleError]:
        """The errors of a rule file, also those of its examples."""
        from hpolint.run.rule_tests import run_tests

        with disk.overlaid(self._overlay):
            return run_tests([Path(os.path.abspath(path))]).errors

    def prices(self, path: str) -> Prices | None:
        """The prices for a document's jobs; None if the configuration is invalid or has none."""
        from hpolint.cost.configured_prices import prices_of

        try:
            settings = self._settings_of(os.path.abspath(path))
            with disk.overlaid(self._overlay):
                return prices_of(settings.cost)
        except ConfigError:
            return None

    def fixes(self, path: str, findings: Iterable[Finding] | None = None) -> list[FixEdits]:
        """The fixes of some findings of a document, else of all, as edits, or why there are none; in their order."""
        checked = self.check(path)
        outcome = checked.outcome
        if outcome is None or outcome.source is None:
            return []
        chosen = list(findings) if findings is not None else outcome.findings
        others = [finding for finding in outcome.findings if finding not in chosen]
        with disk.overlaid(self._overlay):
            planner = FixPlanner(outcome.source, outcome.jobs, proof=self._proof(path, outcome))
            return planner.edits_of(chosen, others)

    def _proof(self, path: str, outcome: Outcome) -> ScriptProof | None:
        """What verifies changes of the training scripts of a document; None if its configuration is invalid by now."""
        path = os.path.abspath(path)

        def proof(own: _Settings) -> ScriptProof | None:
            settings = own.configurations.of_folder(os.path.dirname(path)).settings
            return own.checks.proof(outcome, settings)

        try:
            return self._with_settings(path, proof)
        except ConfigError:
            return None

    def edits_of(self, path: str, finding: Finding) -> FixEdits | None:
        """The fix of one more finding of a document's last outcome as edits; None if the document has no outcome."""
        outcome = self.check(path).outcome
        if outcome is None or outcome.source is None:
            return None
        with disk.overlaid(self._overlay):
            return FixPlanner(outcome.source, outcome.jobs).edits_of([finding])[0]

    def is_read_alike(self, path: str, text: bytes) -> bool:
        """Whether a document has the same jobs with another text."""
        outcome = self.check(path).outcome
        if outcome is None or outcome.source is None:
            return False
        with disk.overlaid(self._overlay):
            return is_read_alike(outcome.source, text, outcome.jobs)
