"""Checks in a process that stays: documents that are edited, and files that change between two checks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.discovery.candidates import read_candidate
from hpolint.discovery.walk import Search, find_files
from hpolint.fixes.fix_planner import FixEdits, FixPlanner
from hpolint.fixes.proof import is_read_alike
from hpolint.io import disk
from hpolint.io.files import repository_root
from hpolint.io.overlay import Overlay
from hpolint.model.finding import Finding
from hpolint.model.ignore_comment import today
from hpolint.model.settings import ConfigError
from hpolint.report.outcome import Outcome
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import baseline_of

if TYPE_CHECKING:
    from hpolint.cost.prices import Prices
    from hpolint.fixes.script_proof import ScriptProof
    from hpolint.model.rule import RuleError

RULE_KEYS = ("summary", "level", "scope")
"""Keys of the front matter by which a rule is recognised outside of a folder of policies."""

MAX_CHECKED = 200
"""Documents whose last outcome is kept."""


class Checked(msgspec.Struct, frozen=True):
    """The result for one document.

    ``outcome`` is None if the document is excluded, names no job, or cannot be read; ``notices`` say why. ``error`` is
    the message of an invalid configuration that applies to it.
    """

    outcome: Outcome | None = None
    notices: tuple[str, ...] = ()
    error: str | None = None

    @property
    def findings(self) -> list[Finding]:
        """The findings of the document."""
        return self.outcome.findings if self.outcome is not None else []


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
        self._settings: dict[str, _Settings] = {}
        self._checked: dict[str, _Entry] = {}

    def set_text(self, path: str, text: bytes) -> None:
        """Put the unsaved text of a document in the place of its file."""
        self._overlay.set(path, text)

    def remove_text(self, path: str) -> None:
        """Let the file count again, after its document was closed."""
        self._overlay.remove(path)

    def current(self, path: str) -> Checked | None:
        """The last result for a document if it holds: nothing that it depends on has changed."""
        entry = self._checked.get(os.path.abspath(path))
        if entry is None:
            return None
        with disk.overlaid(self._overlay):
            return entry.checked if disk.are_unchanged(entry.reads) else None

    def check(self, path: str) -> Checked:
        """The result for a document."""
        path = os.path.abspath(path)
        current = self.current(path)
        if current is not None:
            return current
        with disk.overlaid(self._overlay), disk.recorded_reads() as recorder:
            checked = self._new(path)
        self._checked.pop(path, None)
        self._checked[path] = _Entry(checked, recorder.stamps)
        if len(self._checked) > MAX_CHECKED:
            del self._checked[next(iter(self._checked))]
        return checked

    def _new(self, path: str) -> Checked:
        search = Search()
        try:
            settings = self._settings_for(path)
            with disk.recorded_reads() as recorder:
                settings.configurations.of_folder(os.path.dirname(path))  # also for its configuration file itself
                found = find_files([path], settings.configurations, search)
                check_configurations(settings.configurations.found, settings.configurations.policies)
                checks = settings.checks
            settings.reads |= recorder.stamps
            disk.add_recorded(settings.reads)
            candidate = read_candidate(path, search) if found else None
            outcome = checks.candidate(candidate, found[0].settings) if candidate is not None else None
        except ConfigError as error:
            self._settings.clear()
            return Checked(error=str(error))
        return Checked(outcome, (*search.notices, *search.unreadable, *(outcome.notices if outcome else ())))

    def _settings_for(self, path: str) -> _Settings:
        """The settings for the files of a document's folder. Raises ConfigError."""
        folder = self._root_of(path)
        if folder in self._settings and not self._settings[folder].is_current():
            del self._settings[folder]
        if folder not in self._settings:
            self._settings[folder] = _Settings(folder, self._options)
        return self._settings[folder]

    def _root_of(self, path: str) -> str:
        """The folder of the workspace that holds a document; for others, the root of its repository."""
        enclosing = [folder for folder in self._folders if path.startswith(folder.rstrip(os.sep) + os.sep)]
        return max(enclosing, key=len) if enclosing else repository_root(os.path.dirname(path))

    def definitions_beside(self, path: str) -> list[Outcome]:
        """The outcomes of all files in a document's folder of the workspace. Reads the whole folder.

        Raises ConfigError.
        """
        path = os.path.abspath(path)
        search = Search()
        with disk.overlaid(self._overlay):
            configurations = self._settings_for(path).configurations
            found = find_files([self._root_of(path)], configurations, search)
            names = [each.name for each in found if read_candidate(each.name, search) is not None]
        return [outcome for name in names if (outcome := self.check(name).outcome) is not None]

    def is_rule(self, path: str, text: str) -> bool:
        """Whether a Markdown document is a rule: it lies in a folder of policies, or has the keys of one."""
        path = os.path.abspath(path)
        if not path.endswith(".md") or not text.startswith("---"):
            return False
        with disk.overlaid(self._overlay):
            try:
                settings = self._settings_for(path).configurations.of_folder(os.path.dirname(path)).settings
            except ConfigError:
                return False
        policies = chain.from_iterable(own.rules.policies for own in settings.with_above)
        front = text.partition("\n---")[0]
        return any(path.startswith(os.path.abspath(folder) + os.sep) for folder in policies) or all(
            f"\n{key}:" in front for key in RULE_KEYS
        )

    def rule_errors(self, path: str) -> list[RuleError]:
        """The errors of a rule file, also those of its examples."""
        from hpolint.run.rule_tests import run_tests

        with disk.overlaid(self._overlay):
            return run_tests([Path(os.path.abspath(path))]).errors

    def prices(self, path: str) -> Prices | None:
        """The prices for a document's jobs; None if the configuration is invalid or has none."""
        from hpolint.cost.configured_prices import prices_of

        path = os.path.abspath(path)
        with disk.overlaid(self._overlay):
            try:
                settings = self._settings_for(path).configurations.of_folder(os.path.dirname(path)).settings
                return prices_of(settings.cost)
            except ConfigError:
                return None

    def fixes(self, path: str) -> list[FixEdits]:
        """The fixes of a document's findings as edits, or why there are none, in the order of the findings."""
        checked = self.check(path)
        outcome = checked.outcome
        if outcome is None or outcome.source is None:
            return []
        with disk.overlaid(self._overlay):
            planner = FixPlanner(outcome.source, outcome.jobs, proof=self._proof(path, outcome))
            return planner.edits_of(outcome.findings)

    def _proof(self, path: str, outcome: Outcome) -> ScriptProof | None:
        """What verifies changes of the training scripts of a document; None if its configuration is invalid by now."""
        path = os.path.abspath(path)
        try:
            own = self._settings_for(path)
            settings = own.configurations.of_folder(os.path.dirname(path)).settings
            return own.checks.proof(outcome, settings)
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
