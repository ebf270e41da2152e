"""The settings of a run and of one file. ``hpolint/config`` reads them from files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from hpolint.model.level import Level
from hpolint.model.stored import Stored

if TYPE_CHECKING:
    from hpolint.model.ignore_comment import Suppression

CONFIG_FILE, PYPROJECT = "hpolint.toml", "pyproject.toml"
"""The names of configuration files; the first takes precedence in a folder with both."""

FORMATS = ("text", "json", "sarif", "github", "markdown", "gitlab", "junit", "checkstyle")
"""The formats of reports."""

Undecided = Literal["off", "note", "warning", "error"]
"""How an undecided rule is reported: not at all, or as a finding of a level."""


class ConfigError(Exception):
    """An invalid setting or configuration file. Gives exit code 2."""


class Exclude(Stored, frozen=True):
    """Patterns as in .gitignore, relative to a folder. ``origin`` is their place, for messages."""

    folder: str
    patterns: tuple[str, ...]
    origin: str = "--exclude"


class FileIgnores(msgspec.Struct, frozen=True):
    """Rules and categories that are disabled for the files that a pattern matches."""

    exclude: Exclude
    names: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """A suppression in a configuration, for files without comments. An empty ``path`` is the whole request."""

    file: Exclude
    suppression: Suppression
    path: str = ""


class Waiver(msgspec.Struct, frozen=True):
    """An approval of the findings of one locked rule in one job, from ``since`` to ``until``, both inclusive.

    ``repository`` is ``OWNER/NAME``, ``file`` a path; at least one is set. ``job`` is the job's variable, logical name
    or name, empty for a job without one, and ``digest`` that of its definition. ``file`` is relative to ``folder`` if
    that is in the checked repository, else to that repository's root. ``place`` is its own place, ``FILE:LINE``.
    """

    rule: str
    repository: str
    file: str
    job: str
    digest: str
    since: date | None
    until: date
    reason: str
    approved_by: str
    ticket: str
    folder: str
    place: str


class RuleSettings(msgspec.Struct, frozen=True):
    """Which rules are on, and how they are configured.

    ``select`` replaces the default set of rules, ``extend_select`` adds to it, ``ignore`` removes from it; each is a
    list of rules and categories, or ``ALL``. ``ignored`` are names that are off even if they are selected. ``levels``,
    ``undecided`` and ``options`` (values by option name) are keyed by rule or category. ``locked`` are rules and
    categories that configurations below cannot change, with the place of each lock. ``policies`` are folders of rules.
    Findings of the level ``fail_on`` or a higher one fail.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    levels: Mapping[str, Level] = msgspec.field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    undecided: Mapping[str, Undecided] = msgspec.field(default_factory=dict)
    locked: Mapping[str, str] = msgspec.field(default_factory=dict)
    policies: tuple[str, ...] = ()
    fail_on: Level = "warning"


class FileSettings(msgspec.Struct, frozen=True):
    """Which files are checked, and which rules are off in some of them."""

    exclude: tuple[Exclude, ...] = ()
    extend_exclude: tuple[Exclude, ...] = ()
    force_exclude: bool = False
    per_file_ignores: tuple[FileIgnores, ...] = ()


class SilencingSettings(msgspec.Struct, frozen=True):
    """What silences findings, beside comments and the baseline. ``waivers`` are of rules that the settings lock."""

    suppressions: tuple[Entry, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    require_reasons: bool = False


class RunSettings(msgspec.Struct, frozen=True):
    """What the settings of the working folder decide for a whole run. No result of a single file depends on it."""

    output: tuple[str, ...] = ()
    baseline: str | None = None


class Settings(msgspec.Struct, frozen=True, eq=False):
    """The settings of a file.

    ``above`` are the settings above whose locked rules apply here unchanged, the outermost last; with ``only_locked``,
    no other rules run. ``sdk_config`` is the SageMaker SDK's own configuration file, ``none`` if there is none, None if
    that is not set. ``cost`` are the inputs of cost estimates, by key. If settings above lock rules, ``sdk_config``
    and the prices are those of the outermost. ``chain`` are the configuration file of the settings and, before it,
    those that it extends.
    """

    rules: RuleSettings = RuleSettings()
    files: FileSettings = FileSettings()
    silencing: SilencingSettings = SilencingSettings()
    run: RunSettings = RunSettings()
    above: tuple[Settings, ...] = ()
    only_locked: bool = False
    sdk_config: str | None = None
    cost: Mapping[str, Any] = msgspec.field(default_factory=dict)
    chain: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The configuration file of the settings; empty if they come from none."""
        return self.chain[-1] if self.chain else ""

    @property
    def with_above(self) -> tuple[Settings, ...]:
        """These settings, then those above them, the outermost last."""
        return (self, *self.above)

    @property
    def locking(self) -> list[Settings]:
        """Those of ``with_above`` that lock rules."""
        return [settings for settings in self.with_above if settings.rules.locked]
