"""Lookup of each checked file's settings: the closest configuration, up to the repository's root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from hpolint.config.ignore_patterns import Patterns, exclusion
from hpolint.io import disk
from hpolint.io.escaping import brief
from hpolint.io.files import LEADS_OUT, enclosing_repository, is_within, leads_out
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError, Exclude, FileSettings, Settings

if TYPE_CHECKING:
    from hpolint.config.config_files import ConfigFile
    from hpolint.config.extending import ConfigFiles
    from hpolint.config.layers import Layer

MARKER_NAMES = frozenset({CONFIG_FILE, PYPROJECT, ".git"})
"""Names that make a folder matter here: a configuration file, or the root of a repository."""


class CheckOptions(msgspec.Struct, frozen=True):
    """The options of a check, from the command line or a program. They take precedence over configuration files.

    ``settings`` has the keys of a configuration file. ``configs`` are configuration files and single settings
    ``key = value``. ``isolated`` ignores all files that are not named. ``writes_baseline`` treats no finding as known;
    so does ``no_baseline``, which also looks for no baseline file. ``fixes`` are the safeties of the fixes to apply,
    ``is_dry_run`` only shows them. ``uses_cache`` reuses cached results of single files if nothing is to be fixed or
    written. ``policy`` is an organisation's configuration file, whose locked rules hold above all others.
    """

    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)
    configs: tuple[str, ...] = ()
    isolated: bool = False
    writes_baseline: bool = False
    no_baseline: bool = False
    fixes: frozenset[str] = frozenset()
    is_dry_run: bool = False
    uses_cache: bool = False
    policy: str = ""


class Resolved(msgspec.Struct, frozen=True, eq=False):
    """The settings of a folder. ``files`` are the configuration files they come from, highest precedence last."""

    settings: Settings
    layer: Layer = msgspec.field(default_factory=dict)
    files: tuple[ConfigFile, ...] = ()


class Configurations:
    """The configurations of a run, each found and read once. ``notices`` collects lines about ignored files.

    ``working_folder`` is the folder of the run itself, whose repository bounds the lookup.

    Every method raises ConfigError for an invalid configuration.
    """

    def __init__(self, options: CheckOptions, notices: list[str] | None = None, working_folder: str = ".") -> None:
        check_working_folder(working_folder)
        self._working_folder = working_folder
        self._notices = notices if notices is not None else []
        self._roots: list[str] = []
        self._isolated = options.isolated
        single = [text for text in options.configs if _is_setting(text)]
        files = [text for text in options.configs if not _is_setting(text)]
        if len(files) > 1:
            raise ConfigError(f"--config {files[1]}: only one file is allowed; name others with `extend` in it")
        if files and options.isolated:
            raise ConfigError("--config FILE and --isolated contradict each other")
        self._overrides = _overrides(options.settings, single) if options.settings or single else []
        self._only_name = next(iter(files), None)
        self._policy_name = options.policy
        self._own: dict[str, ConfigFile | None] = {}
        self._found: dict[str, Resolved] = {}
        self._by_files: dict[tuple[str, ...], Resolved] = {}
        self._for_files: dict[tuple[object, ...], Settings] = {}
        self._by_file: dict[Settings, bool] = {}
        self._patterns: dict[Exclude, Patterns] = {}
        self._locks: dict[str, list[Settings]] = {}
        self._unmarked: set[str] = set()
        self._matched: set[Exclude] = set()

    @cached_property
    def _config_files(self) -> ConfigFiles:
        """The files of the run. Imported lazily: most runs have no configuration file."""
        from hpolint.config.extending import ConfigFiles

        return ConfigFiles()

    def add_root(self, folder: str) -> None:
        """Add a checked folder: it bounds the lookup of configurations, and packages in it cannot be extended."""
        self._roots.append(folder)

    @cached_property
    def _only(self) -> ConfigFile | None:
        """The only configuration file to use; None if configuration files are looked up."""
        return self._named(self._only_name) if self._only_name is not None else None

    def _named(self, name: str) -> ConfigFile:
        from hpolint.config.config_files import named_path

        return self._config_files.named(named_path(name, self._roots))

    @cached_property
    def policy(self) -> Resolved | None:
        """The settings of the organisation's policy, without those of the command line; None without a policy."""
        if not self._policy_name:
            return None
        policy = self._resolved(self._named(self._policy_name), [], is_policy=True)
        if not policy.settings.locking:
            file = policy.files[-1].path
            raise ConfigError(f"{file}: this policy locks no rule: set `locked = true` in the table of a rule")
        return policy

    @property
    def _policy_locks(self) -> list[Settings]:
        """The settings of the policy that lock rules."""
        return self.policy.settings.locking if self.policy is not None else []

    @property
    def policies(self) -> list[Resolved]:
        """The settings of the organisation's policy, as a list."""
        return [self.policy] if self.policy is not None else []

    @property
    def found(self) -> list[Resolved]:
        """The settings of the run and of all folders looked up so far, each once."""
        return list(dict.fromkeys([self.here, *self._found.values()]))

    @property
    def here(self) -> Resolved:
        """The settings of the run itself: those of the working folder."""
        return self.of_folder(self._working_folder)

    def of_folder(self, folder: str) -> Resolved:
        """The settings of a folder."""
        if (found := self._found.get(folder)) is not None:
            return found
        folder = os.path.normpath(folder).replace(os.sep, "/")
        if folder not in self._found:
            has_parent = os.path.basename(folder) not in ("..", ".")  # "." is not the parent of ".."
            resolved = self._found.get(os.path.dirname(folder) or ".") if has_parent else None
            if resolved is None or self._config_of(folder) is not None or self._is_repository(folder):
                resolved = self._of_files(list(self._files(folder)))
            self._found[folder] = resolved
        return self._found[folder]

    def record_names(self, folder: str, names: Iterable[str]) -> None:
        """Take note of a folder's entries, so that a folder without configuration is not queried again."""
        if MARKER_NAMES.isdisjoint(name.lower() for name in names):
            self._unmarked.add(os.path.normpath(folder).replace(os.sep, "/"))

    def _is_repository(self, folder: str) -> bool:
        return folder not in self._unmarked and disk.exists(os.path.join(folder, ".git"))

    def of_file(
        self, name: str, *, is_excluded: bool = False, is_ignored: bool = False, folder: str = ""
    ) -> Settings | None:
        """The settings of a file; for one that is excluded or ignored by git, only its locked rules.

        ``folder`` is the folder whose configuration applies, by default the file's own. None if an excluded or ignored
        file has no locked rules. A configuration that locks rules may also exclude files from them; a configuration or
        ignore file further down may not.
        """
        folder = folder or os.path.dirname(name) or "."
        settings = self.of_folder(folder).settings
        only_locked = is_excluded or is_ignored
        if not only_locked and not self._differ_by_file(settings):
            return settings
        entries = tuple(entry for entry in settings.silencing.suppressions if self._matches(entry.file, name))
        ignored = self._ignored(settings.files, name)
        above = self.locks(name, folder) if is_excluded else self._without_excluding_policy(name, settings.above)
        above = tuple(self._with_ignored(each, name) for each in above)
        locked = {} if is_excluded else settings.rules.locked
        if only_locked and not above and not locked:
            return None
        locks = tuple((each.chain, each.rules.ignored) for each in above)
        key = (settings, is_excluded, is_ignored, ignored, locks, entries)
        if key not in self._for_files:
            rules = replace(settings.rules, ignored=ignored, locked=locked)
            silencing = replace(settings.silencing, suppressions=entries)
            self._for_files[key] = replace(
                settings, rules=rules, silencing=silencing, above=above, only_locked=only_locked
            )
        return self._for_files[key]

    def _differ_by_file(self, settings: Settings) -> bool:
        """Whether the settings of a folder may differ between its files that are neither excluded nor ignored."""
        if settings not in self._by_file:
            self._by_file[settings] = bool(
                settings.files.per_file_ignores
                or settings.silencing.suppressions
                or any(each.files.per_file_ignores for each in settings.above)
                or any(each.files.exclude or each.files.extend_exclude for each in self._policy_locks)
            )
        return self._by_file[settings]

    def _ignored(self, files: FileSettings, name: str) -> tuple[str, ...]:
        """The rules and categories that ``per-file-ignores`` disables for a file."""
        names: list[str] = []
        for ignores in files.per_file_ignores:
            if self._matches(ignores.exclude, name):
                names += ignores.names
        return tuple(names)

    def _with_ignored(self, settings: Settings, name: str) -> Settings:
        ignored = self._ignored(settings.files, name)
        if not ignored:
            return settings
        return replace(settings, rules=replace(settings.rules, ignored=ignored))

    def excludes(self, path: str, folder: str) -> bool:
        """Whether the settings of a folder exclude a path in it. A folder's path ends in ``/``."""
        return self._excludes(self.of_folder(folder).settings.files, path)

    def _excludes(self, files: FileSettings, path: str) -> bool:
        return any(self._matches(exclude, path) for exclude in files.exclude + files.extend_exclude)

    def is_locked(self, folder: str) -> bool:
        """Whether any rule is locked for a folder."""
        return bool(self.of_folder(folder).settings.locking)

    def is_locked_for(self, path: str, settings: Settings) -> bool:
        """Whether a file's settings lock rules, and the outermost that do so do not exclude the file themselves."""
        return bool(settings.locking) and not self._excludes(settings.locking[-1].files, path)

    def locked_from(self, folder: str) -> str | None:
        """The outermost folder whose configuration locks rules for a folder; None if no rule is locked."""
        settings = self.of_folder(folder).settings
        origins = [locking.origin for locking in settings.locking if locking.origin]
        if not origins:
            return None
        outermost = os.path.dirname(origins[-1]) or "."
        if is_within(disk.real(folder), disk.real(outermost)):
            return outermost
        # An extended file may lie anywhere: it counts from the folder of the file that extends it.
        return os.path.dirname(settings.origin) or "."

    def locks(self, path: str, folder: str) -> tuple[Settings, ...]:
        """The settings above a folder that do not exclude a path themselves: their locked rules still apply to it."""
        return tuple(above for above in self.of_folder(folder).settings.above if not self._excludes(above.files, path))

    def _without_excluding_policy(self, path: str, above: tuple[Settings, ...]) -> tuple[Settings, ...]:
        """The settings above without those of ``--policy`` that exclude a path: the policy says what it is for."""
        excluding = {settings for settings in self._policy_locks if self._excludes(settings.files, path)}
        return tuple(settings for settings in above if settings not in excluding)

    def _matches(self, exclude: Exclude, path: str) -> bool:
        """Whether a path matches the patterns."""
        if not self._patterns_of(exclude).match(path):
            return False
        self._matched.add(exclude)
        return True

    def unmatched(self, folders: Iterable[str]) -> Iterator[str]:
        """A line for each entry of a configuration in the checked ``folders`` whose pattern matches no file there.

        Call it after ``of_file`` for all files. An extended file may be made for other repositories: it is left out.
        """
        checked = [disk.real(folder) for folder in folders]
        unmatched: dict[Exclude, None] = {}
        for resolved in self.found:
            settings = resolved.settings
            excludes = [entry.file for entry in settings.silencing.suppressions]
            excludes += [ignores.exclude for ignores in settings.files.per_file_ignores]
            for exclude in excludes:
                if exclude not in self._matched and exclude.origin.rpartition(":")[0] == settings.origin:
                    unmatched[exclude] = None
        for exclude in unmatched:
            if any(is_within(disk.real(exclude.folder), folder) for folder in checked):
                (pattern,) = exclude.patterns
                reason = "matches no checked file: paths are relative to this file's folder"
                yield f"{exclude.origin}: `{brief(pattern)}` {reason}"

    def _patterns_of(self, exclude: Exclude) -> Patterns:
        if exclude not in self._patterns:
            self._patterns[exclude] = exclusion(exclude)
        return self._patterns[exclude]

    def _files(self, folder: str) -> Iterator[ConfigFile]:
        """The configuration files that apply to a folder, the closest first."""
        if self._only is not None:
            yield self._only
        elif not self._isolated:
            bound = self._bound(os.path.abspath(folder))
            while True:
                own = self._config_of(folder)
                if own is not None:
                    yield own
                if os.path.abspath(folder) == bound:  # the bound is the folder itself or one of its parents
                    return
                folder = _parent(folder)

    def _config_of(self, folder: str) -> ConfigFile | None:
        """The configuration file in a folder; None if it has none, or configuration files are not looked up."""
        if self._only is not None or self._isolated or folder in self._unmarked:
            return None
        if folder not in self._own:
            paths = [name if folder == "." else f"{folder.rstrip('/')}/{name}" for name in (CONFIG_FILE, PYPROJECT)]
            existing = [path for path in paths if disk.lexists(path)]
            for path in existing:
                if leads_out(path, [self._bound(os.path.abspath(folder))]):
                    raise ConfigError(f"{path}: {LEADS_OUT}: name the file that it leads to with `extend`")
            self._own[folder] = self._first(existing) if existing else None
        return self._own[folder]

    def _first(self, paths: list[str]) -> ConfigFile | None:
        """The first of a folder's files that has settings, with a notice if a second one has some too."""
        files = [file for path in paths if (file := self._config_files.read(path)) is not None]
        if len(files) > 1:
            reason = f"[tool.hpolint] is ignored, because {CONFIG_FILE} is in the same folder"
            self._notices.append(f"{files[1].path}: {reason}")
        return files[0] if files else None

    def _bound(self, folder: str) -> str:
        """The outermost folder whose configuration applies to a folder.

        The root of its repository, else the outermost of the working and checked folders that hold it, else itself.
        """
        checked = [os.path.abspath(root) for root in (self._working_folder, *self._roots)]
        roots = [root for path in checked if (root := enclosing_repository(path))]
        enclosing = [root for root in roots if is_within(folder, root)]
        if enclosing:
            return min(enclosing, key=len)
        own = enclosing_repository(folder)
        if own is not None:
            return own
        return min((path for path in checked if is_within(folder, path)), default=folder)

    def _of_files(self, files: list[ConfigFile]) -> Resolved:
        key = tuple(file.path for file in files)
        if key not in self._by_files:
            above: list[Settings] = []
            for file in files[1:]:
                above += self._locked(file)
            self._by_files[key] = self._resolved(files[0] if files else None, above + self._policy_locks)
        return self._by_files[key]

    def _locked(self, file: ConfigFile) -> list[Settings]:
        """The settings of a configuration file that lock rules below it."""
        if file.path not in self._locks:
            self._locks[file.path] = self._resolved(file, []).settings.locking
        return self._locks[file.path]

    def _resolved(self, file: ConfigFile | None, above: list[Settings], *, is_policy: bool = False) -> Resolved:
        overrides = [] if is_policy else self._overrides
        if file is None and not overrides:
            return Resolved(_with_locked_inputs(Settings(above=tuple(above))))  # most runs: imports nothing more
        from hpolint.config.layers import Combination, combined, locks, settings_of

        chain = self._config_files.with_extended(file, self._roots) if file is not None else []
        for extended in chain:
            _check_version(extended)
        paths = tuple(extended.path for extended in chain)
        combination = Combination()
        may_lock = any(locks(override) for override in overrides)
        for number, extended in enumerate(chain, 1):
            own = self._config_files.layer(extended)
            combination.add(own)
            may_lock = may_lock or locks(own)
            if may_lock and number < len(chain) and locks(own := combined([combination.layer, *overrides])):
                above = [settings_of(own, chain=paths[:number]), *above]
        layer = combined([combination.layer, *overrides])
        settings = _with_locked_inputs(settings_of(layer, above, paths))
        self._check_patterns(settings)
        return Resolved(settings, layer, tuple(chain))

    def _check_patterns(self, settings: Settings) -> None:
        """Raise ConfigError for an invalid pattern even if no path is matched."""
        excludes = [*settings.files.exclude, *settings.files.extend_exclude]
        excludes += [ignores.exclude for ignores in settings.files.per_file_ignores]
        excludes += [entry.file for entry in settings.silencing.suppressions]
        for exclude in excludes:
            self._patterns_of(exclude)


PRICES = ("prices", "region", "spot-discount")
"""The keys of ``cost`` that give prices."""


def _with_locked_inputs(settings: Settings) -> Settings:
    """The settings with the ``sdk-config`` and the prices of the outermost that lock rules, if any do.

    No other settings can change what locked rules see.
    """
    if not settings.above:
        return settings
    outermost = settings.above[-1]
    prices = {name: outermost.cost.get(name) for name in PRICES}
    return replace(settings, sdk_config=outermost.sdk_config, cost={**settings.cost, **prices})


def _is_setting(text: str) -> bool:
    """Whether a value of ``--config`` is a setting. A file's name may contain an equals sign too."""
    return "=" in text and not disk.exists(text)


def _overrides(settings: Mapping[str, Any], single: list[str]) -> list[Layer]:
    """The layers of the settings that come from no file, each value with its origin in words."""
    from hpolint.config.config_files import given_table, read_setting
    from hpolint.config.layers import Origin, layer_of

    layers: list[Layer] = []
    for file in (given_table(settings), *map(read_setting, single)):
        origin = Origin(words=file.path)
        layers.append({path: replace(value, origin=origin) for path, value in layer_of(file).items()})
    return layers


def _parent(folder: str) -> str:
    """The parent of a folder: a relative path if the folder's path is relative."""
    if folder == ".":
        return ".."
    if os.path.basename(folder) == "..":
        return f"../{folder}"
    return os.path.dirname(folder) or "."


def check_working_folder(folder: str) -> None:
    """Raise ConfigError if names are relative to the working folder, and that has been removed."""
    if os.path.isabs(folder):
        return
    try:
        os.getcwd()
    except OSError as error:
        reason = f"the working folder cannot be found: {error.strerror}: change to a folder that exists"
        raise ConfigError(reason) from None


def _check_version(file: ConfigFile) -> None:
    """Raise ConfigError if the file requires another version of hpolint."""
    required = file.table.get("required-version")
    if required is None:
        return
    from importlib.metadata import version

    from packaging.specifiers import SpecifierSet

    running = version("hpolint")
    try:
        is_supported = SpecifierSet(required).contains(running, prereleases=True)
    except ValueError:  # InvalidSpecifier, or a number of more digits than Python reads
        reason = f"`{brief(required)}` is not a version specifier such as `>=0.2,<1`"
        raise file.error(("required-version",), reason) from None
    if not is_supported:
        raise file.error(("required-version",), f"{brief(required)} is required, and this is hpolint {running}")
