"""What a run is asked to do, and what holds for one file. Reading it from files is the configuration's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from hpolint.model.level import Level

if TYPE_CHECKING:
    from hpolint.model.ignore_comment import Suppression

CONFIG_FILE, PYPROJECT = "hpolint.toml", "pyproject.toml"
"""Where a folder's configuration stands: the first outweighs the second."""

FORMATS = ("text", "json", "sarif", "github", "markdown", "gitlab", "junit", "checkstyle")
"""The reports that can be asked for."""

Undecided = Literal["off", "note", "warning", "error"]
"""What it means that a rule cannot be decided: nothing, or a finding of that level."""


class ConfigError(Exception):
    """A setting that cannot be followed: exit code 2."""


class Exclude(msgspec.Struct, frozen=True):
    """Patterns as in .gitignore, relative to a folder. ``said`` is where they were written, for a message."""

    folder: str
    patterns: tuple[str, ...]
    origin: str = "--exclude"


class FileIgnores(msgspec.Struct, frozen=True):
    """Rules and categories that are not asked of the files that a pattern, relative to a folder, means."""

    exclude: Exclude
    names: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """A suppression of a configuration: for files that have no comments. An empty ``path`` is the whole request."""

    file: Exclude
    suppression: Suppression
    path: str = ""


class Settings(msgspec.Struct, frozen=True):
    """What holds for a file.

    ``select`` replaces the default set of rules, ``extend_select`` adds to it, ``ignore`` takes away from it; each
    holds names of rules and categories, or ``ALL``. ``ignored`` are names that are off whatever selects them.
    ``levels``, ``undecided`` and ``options`` (values by their names) are by rule or category. ``locked`` are rules and
    categories that no configuration below can change; ``above`` are the settings further up whose locked rules hold
    here as they are there, the outermost last, and ``only_locked`` leaves no others. ``policies`` are folders of rules.
    ``sdk_config`` is the SageMaker SDK's own configuration file, ``none`` if there is none, None if nobody knows.
    ``cost`` is what the estimates of costs need to know, by its keys.
    ``said`` is the configuration file that they come from, if any, ``chain`` that one behind those that it extends, and
    ``locked_at`` says of each lock where it stands.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    levels: Mapping[str, Level] = msgspec.field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    undecided: Mapping[str, Undecided] = msgspec.field(default_factory=dict)
    locked: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    above: tuple[Settings, ...] = ()
    only_locked: bool = False
    exclude: tuple[Exclude, ...] = ()
    force_exclude: bool = False
    per_file_ignores: tuple[FileIgnores, ...] = ()
    suppressions: tuple[Entry, ...] = ()
    fail_on: Level = "warning"
    sdk_config: str | None = None
    require_reasons: bool = False
    output: tuple[str, ...] = ()
    baseline: str | None = None
    cost: Mapping[str, Any] = msgspec.field(default_factory=dict)
    origin: str = ""
    chain: tuple[str, ...] = ()
    locked_at: Mapping[str, str] = msgspec.field(default_factory=dict)
