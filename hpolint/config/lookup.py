"""The settings of each checked file: those of the closest configuration, up to the repository's root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from hpolint.config.ignore_patterns import Patterns, exclusion
from hpolint.io import disk
from hpolint.io.files import LEADS_OUT, leads_out
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError, Exclude, Settings

if TYPE_CHECKING:
    from hpolint.config.config_files import ConfigFile
    from hpolint.config.extending import ConfigFiles
    from hpolint.config.layers import Layer

MARKS = frozenset({CONFIG_FILE, PYPROJECT, ".git"})
"""What a folder is asked for: a configuration, and whether a repository begins there."""


class CheckOptions(msgspec.Struct, frozen=True):
    """What the command line, or a program, asks for, above all files.

    ``settings`` are as in a configuration file, ``configs`` are files and single settings ``key = value``.
    ``isolated`` passes over every file that is not named, ``writes_baseline`` holds nothing for known, ``no_baseline``
    neither, and looks for none. ``fixes`` are the safeties of the fixes to apply, ``is_dry`` only shows what they do.
    ``recalls`` lets what single files gave in an earlier run be taken again, where nothing is to be fixed or written.
    """

    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)
    configs: tuple[str, ...] = ()
    isolated: bool = False
    writes_baseline: bool = False
    no_baseline: bool = False
    fixes: frozenset[str] = frozenset()
    is_dry_run: bool = False
    uses_cache: bool = False


class Resolved(msgspec.Struct, frozen=True):
    """What holds in a folder. ``files`` are the configuration files that it comes from, the strongest last."""

    settings: Settings
    layer: Layer = msgspec.field(default_factory=dict)
    files: tuple[ConfigFile, ...] = ()


class Configurations:
    """Finds and reads each configuration once. ``told`` takes lines about what is passed over.

    Every method raises ConfigError for a configuration that cannot be followed.
    """

    def __init__(self, options: CheckOptions, told: list[str] | None = None) -> None:
        self._told = told if told is not None else []
        self._roots: list[str] = []
        self._isolated = options.isolated
        single = [text for text in options.configs if _is_setting(text)]
        files = [text for text in options.configs if not _is_setting(text)]
        if len(files) > 1:
            raise ConfigError(f"--config {files[1]}: one file holds; `extend` in it names others")
        if files and options.isolated:
            raise ConfigError("--config FILE and --isolated contradict each other")
        self._over = _over(options.settings, single) if options.settings or single else []
        self._only = next(map(self._config_files.named, files), None)
        self._own: dict[str, ConfigFile | None] = {}
        self._found: dict[str, Resolved] = {}
        self._by_files: dict[tuple[str, ...], Resolved] = {}
        self._for_files: dict[tuple[object, ...], Settings] = {}
        self._patterns: dict[Exclude, Patterns] = {}
        self._locks: dict[str, list[Settings]] = {}
        self._bare: set[str] = set()

    @cached_property
    def _config_files(self) -> ConfigFiles:
        """All files that are read: most runs have none, and import nothing for it."""
        from hpolint.config.extending import ConfigFiles

        return ConfigFiles()

    def checks(self, folder: str) -> None:
        """A folder that is to be checked: what lies in it is not trusted with what is above."""
        self._roots.append(folder)

    @property
    def found(self) -> list[Resolved]:
        """All that was found to hold somewhere."""
        return list({id(each): each for each in (self.here, *self._found.values())}.values())

    @property
    def here(self) -> Resolved:
        """What holds for the run itself: that of the working folder."""
        return self.of_folder(".")

    def of_folder(self, folder: str) -> Resolved:
        """What holds in a folder."""
        folder = folder if folder in self._found else os.path.normpath(folder).replace(os.sep, "/")
        if folder not in self._found:
            below = os.path.basename(folder) not in ("..", ".")  # what is above the working folder is not below it
            above = self._found.get(os.path.dirname(folder) or ".") if below else None
            if above is None or self._in(folder) is not None or self._is_repository(folder):
                above = self._of_files(list(self._files(folder)))
            self._found[folder] = above
        return self._found[folder]

    def listed(self, folder: str, names: Iterable[str]) -> None:
        """A folder is known to have these names, so that it is not asked again for what it does not have."""
        if MARKS.isdisjoint(name.lower() for name in names):
            self._bare.add(os.path.normpath(folder).replace(os.sep, "/"))

    def _is_repository(self, folder: str) -> bool:
        return folder not in self._bare and disk.is_there(os.path.join(folder, ".git"))

    def of_file(self, name: str, *, is_excluded: bool = False, is_ignored: bool = False) -> Settings | None:
        """What holds for a file; of one that is excluded, or ignored by git, what locked rules there are.

        None if there are none. Whoever locks may exclude; an ignore file further down may not.
        """
        folder = os.path.dirname(name) or "."
        settings = self.of_folder(folder).settings
        only_locked = is_excluded or is_ignored
        by_file = (
            settings.per_file_ignores or settings.suppressions or any(each.per_file_ignores for each in settings.above)
        )
        if not by_file and not only_locked:
            return settings
        entries = tuple(each for each in settings.suppressions if self._means(each.file, name))
        ignored = self._ignored(settings, name)
        above = self.locks(name, folder) if is_excluded else settings.above
        above = tuple(replace(each, ignored=names) if (names := self._ignored(each, name)) else each for each in above)
        locked = () if is_excluded else settings.locked
        if only_locked and not above and not locked:
            return None
        key = id(settings), is_excluded, is_ignored, ignored, tuple(each.ignored for each in above), entries
        if key not in self._for_files:
            changes = {"ignored": ignored, "above": above, "only_locked": only_locked, "suppressions": entries}
            changes["locked"] = locked
            self._for_files[key] = replace(settings, **changes)
        return self._for_files[key]

    def _ignored(self, settings: Settings, name: str) -> tuple[str, ...]:
        """The rules and categories that are not asked of a file, by its name."""
        meant = (each for each in settings.per_file_ignores if self._means(each.exclude, name))
        return tuple(each for ignores in meant for each in ignores.names)

    def excludes(self, path: str, folder: str) -> bool:
        """Whether what holds in a folder excludes a file in it, or a folder, whose path ends in ``/``."""
        return any(self._means(exclude, path) for exclude in self.of_folder(folder).settings.exclude)

    def locked_from(self, folder: str) -> str | None:
        """The outermost folder whose configuration locks rules that hold in a folder; None if none does."""
        settings = self.of_folder(folder).settings
        here = disk.real(folder)
        found = [
            os.path.dirname(each.origin) or "." for each in (settings, *settings.above) if each.locked and each.origin
        ]
        # What is extended holds from the file that extends it, wherever it lies itself.
        own = os.path.dirname(settings.origin) or "."
        around = [each if _is_in(here, disk.real(each)) else own for each in found]
        return around[-1] if around else None

    def locks(self, path: str, folder: str) -> tuple[Settings, ...]:
        """The settings further up whose locked rules hold for what a configuration excludes, if they do not."""
        return tuple(
            above
            for above in self.of_folder(folder).settings.above
            if not any(self._means(exclude, path) for exclude in above.exclude)
        )

    def _means(self, exclude: Exclude, path: str) -> bool:
        """Whether some patterns mean a path."""
        return bool(self._patterns_of(exclude).match(path))

    def _patterns_of(self, exclude: Exclude) -> Patterns:
        if exclude not in self._patterns:
            self._patterns[exclude] = exclusion(exclude)
        return self._patterns[exclude]

    def _files(self, folder: str) -> Iterator[ConfigFile]:
        """The configuration files that hold in a folder, the closest first."""
        if self._only is not None:
            yield self._only
        elif not self._isolated:
            bound = self._bound(os.path.abspath(folder))
            while True:
                own = self._in(folder)
                if own is not None:
                    yield own
                if os.path.abspath(folder) == bound:  # which is the folder itself, or above it
                    return
                folder = _above(folder)

    def _in(self, folder: str) -> ConfigFile | None:
        """The configuration file of a folder."""
        if self._only is not None or self._isolated or folder in self._bare:
            return None
        if folder not in self._own:
            paths = [name if folder == "." else f"{folder.rstrip('/')}/{name}" for name in (CONFIG_FILE, PYPROJECT)]
            there = [path for path in paths if disk.is_named(path)]
            for path in there:
                if leads_out(path, [self._bound(os.path.abspath(folder))]):
                    raise ConfigError(f"{path}: {LEADS_OUT}: name the file that it leads to with `extend`")
            self._own[folder] = self._first(there) if there else None
        return self._own[folder]

    def _first(self, paths: list[str]) -> ConfigFile | None:
        """The first of a folder's files that says anything; that another one does is told."""
        found = [file for path in paths if (file := self._config_files.read(path)) is not None]
        if len(found) > 1:
            self._told.append(f"{found[1].path}: [tool.hpolint] is passed over: {CONFIG_FILE} stands beside it")
        return found[0] if found else None

    def _bound(self, folder: str) -> str:
        """The folder up to which configurations hold for one: a repository's root, else the working or checked one."""
        here = os.path.abspath(".")
        roots = [root for each in (here, *map(os.path.abspath, self._roots)) if (root := _repository(each))]
        around = [root for root in roots if _is_in(folder, root)]
        if around:
            return min(around, key=len)
        own = _repository(folder)
        if own is not None:
            return own
        return min(
            (each for each in (here, *map(os.path.abspath, self._roots)) if _is_in(folder, each)), default=folder
        )

    def _of_files(self, files: list[ConfigFile]) -> Resolved:
        key = tuple(file.path for file in files)
        if key not in self._by_files:
            locking = [each for file in files[1:] for each in self._locked(file)]
            self._by_files[key] = self._resolved(files[0] if files else None, locking)
        return self._by_files[key]

    def _locked(self, file: ConfigFile) -> list[Settings]:
        """What of a configuration further up holds below it: its locks, then those that it extends."""
        if file.path not in self._locks:
            settings = self._resolved(file, []).settings
            self._locks[file.path] = [settings, *settings.above] if settings.locked else list(settings.above)
        return self._locks[file.path]

    def _resolved(self, file: ConfigFile | None, above: list[Settings]) -> Resolved:
        if file is None and not self._over:
            return Resolved(Settings(above=tuple(above)))  # as in most runs: nothing more has to be imported
        from hpolint.config.layers import Combination, combined, locks, settings_of

        chain = self._config_files.with_extended(file, self._roots) if file is not None else []
        for each in chain:
            _check_version(each)
        extended: list[Settings] = []
        paths = tuple(each.path for each in chain)
        said, may_lock = Combination(), any(map(locks, self._over))
        for number, each in enumerate(chain, 1):
            own = self._config_files.layer(each)
            said.add(own)
            may_lock = may_lock or locks(own)
            if may_lock and number < len(chain) and locks(own := combined([said.layer, *self._over])):
                extended.insert(0, settings_of(own, chain=paths[:number]))
        layer = combined([said.layer, *self._over])
        settings = settings_of(layer, [*extended, *above], paths)
        by_file = (each.exclude for each in settings.per_file_ignores)
        for exclude in (*settings.exclude, *by_file, *(each.file for each in settings.suppressions)):
            self._patterns_of(exclude)  # a slip is told even where there is nothing to exclude
        return Resolved(settings, layer, tuple(chain))


def _is_setting(text: str) -> bool:
    """Whether ``--config`` names a setting: a file may have an equals sign in its name, too."""
    return "=" in text and not disk.is_there(text)


def _over(settings: Mapping[str, Any], single: list[str]) -> list[Layer]:
    """What no file says, with the words for where it was said."""
    from hpolint.config.config_files import given_table, read_setting
    from hpolint.config.layers import Origin, layer_of

    files = [given_table(settings), *map(read_setting, single)]
    return [
        {path: replace(said, origin=Origin(words=file.path)) for path, said in layer_of(file).items()} for file in files
    ]


def _above(folder: str) -> str:
    """The folder above one, told as the first is: relative while that is possible."""
    if folder == ".":
        return ".."
    return f"../{folder}" if os.path.basename(folder) == ".." else os.path.dirname(folder) or "."


def _repository(folder: str) -> str | None:
    """The root of the repository that a folder lies in."""
    while not disk.is_there(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _is_in(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)


def _check_version(file: ConfigFile) -> None:
    wanted = file.table.get("required-version")
    if wanted is None:
        return
    from importlib.metadata import version

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    running = version("hpolint")
    try:
        fits = SpecifierSet(wanted).contains(running, prereleases=True)
    except InvalidSpecifier:
        reason = f"`{wanted}` is no version specifier, such as `>=0.2,<1`"
        raise file.error(("required-version",), reason) from None
    if not fits:
        raise file.error(("required-version",), f"this is hpolint {running}, and {wanted} is required")
