"""Patterns as in .gitignore, from ignore files, ``exclude`` and other settings."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from hpolint.io import disk
from hpolint.io.files import NoFileError, TooLargeError, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.settings import ConfigError, Exclude

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, PathSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

MAX_BYTES = 1024 * 1024
"""Largest ignore file that is read, in bytes. A file written by hand has less than a tenth of that."""


GROUP = "(?P<ps_d>"
"""pathspec's named group for the slash after a folder's name. A regular expression can define it only once."""


class PatternError(ValueError):
    """A line that is not a valid pattern."""


class NoClassError(PatternError):
    """A character class that git does not have."""


class _PlainPatterns:
    """Patterns that texts are compared with: an expression would need time to be compiled."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._beginnings: set[str] = set()
        self._endings: set[str] = set()
        self._paths: set[str] = set()

    def takes(self, line: str) -> bool:
        """Add a line if it is a name or path without wildcards, or the beginning or end of a name. Whether it is."""
        line = line.rstrip("\r")
        beginning = PLAIN_BEGINNING.fullmatch(line)
        if beginning is not None:
            self._beginnings.add(beginning["name"])
            return True
        match = PLAIN_TEXT.fullmatch(line)
        if match is None:
            return False
        for letter in match["letters"] or [""]:
            name = match["name"] + letter
            texts = {f"{name}/"}  # of a folder
            if not match["end"]:
                texts.add(name)
            if match["star"]:
                self._endings |= texts
            elif match["folders"]:
                folders = match["folders"].removeprefix("/")
                self._paths |= {folders + text for text in texts}
            else:
                self._names |= texts
        return True

    @cached_property
    def _starts(self) -> tuple[str, ...]:
        return tuple(self._beginnings)

    @cached_property
    def _ends(self) -> tuple[str, ...]:
        return tuple(self._endings)

    @cached_property
    def _folders(self) -> tuple[str, ...]:
        return tuple(path for path in self._paths if path.endswith("/"))

    def match(self, relative: str) -> bool:
        """Whether a line matches a relative path or one of its folders. A folder's path ends in a slash."""
        names = relative.replace("/", "/\0").split("\0")
        if not self._names.isdisjoint(names):
            return True
        if any(name.startswith(self._starts) or name.endswith(self._ends) for name in names):
            return True
        return relative in self._paths or relative.startswith(self._folders)


class Patterns:
    """Patterns relative to a folder. Raises PatternError for an invalid line."""

    def __init__(self, lines: Iterable[str], folder: str) -> None:
        self._lines = list(lines)
        self._plain = _PlainPatterns()
        self._includes_again = False
        """Whether a pattern re-includes what others ignore."""
        regexes = []
        for line in self._lines:
            if self._plain.takes(line):
                continue
            regex, include = _translated(line)
            self._includes_again |= include is False
            if regex is not None:
                regexes.append(f"(?:{regex})")
        self._others = _compiled("|".join(regexes).replace(GROUP, "(?:")) if regexes else None
        """Matches if any pattern does that is not plain; None if all are."""
        self._folder = os.path.abspath(folder)
        self._prefix = self._folder.rstrip(os.sep) + os.sep
        self._relative_folders: dict[str, str] = {}
        """The relative paths of folders, which many paths have in common."""

    def is_around(self, folder: str) -> bool:
        """Whether the patterns belong to a folder or one of its parents."""
        folder = os.path.abspath(folder)
        return folder == self._folder or folder.startswith(self._prefix)

    def match(self, path: str) -> bool | None:
        """True if a path is ignored, False if it is re-included, None if no pattern matches. Folders end in ``/``.

        A path outside of the patterns' folder is matched relative to the closest folder that holds both.
        """
        relative = self._relative(path)
        if relative == ".":
            return None  # the patterns' own folder
        is_folder = path.endswith("/")
        if is_folder:
            relative += "/"
        if not self._is_matched(relative):  # the common case: no expression for each pattern
            return None
        if not self._includes_again:
            return True
        patterns = self._folders if is_folder else self._files
        return patterns.check_file(relative).include

    def _is_matched(self, relative: str) -> bool:
        """Whether any pattern matches, also if another decides in the end."""
        if self._plain.match(relative):
            return True
        return self._others is not None and self._others.search(relative) is not None

    @cached_property
    def _patterns(self) -> list[GitIgnoreSpecPattern]:
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        patterns = []
        for line in self._lines:
            regex, include = _translated(line)
            compiled = _compiled(regex) if regex is not None else None
            patterns.append(GitIgnoreSpecPattern(compiled, include))
        return patterns

    @cached_property
    def _files(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec(self._patterns, backend="simple")

    @cached_property
    def _folders(self) -> PathSpec[GitIgnoreSpecPattern]:
        """Folders are matched one by one while walking, so the last matching pattern decides for the folder itself."""
        from pathspec import PathSpec

        return PathSpec(self._patterns, backend="simple")

    def _relative(self, path: str) -> str:
        """A path relative to the patterns' folder, without a trailing slash."""
        folder, _, name = path.replace(os.sep, "/").rstrip("/").rpartition("/")
        if name in ("", ".", "..") or (not folder and os.path.isabs(path)):
            return self._uncached_relative(path)
        if folder not in self._relative_folders:
            self._relative_folders[folder] = self._uncached_relative(folder or ".")
        within = self._relative_folders[folder]
        if within == "..":  # the folder that contains the patterns' own
            return self._uncached_relative(path)
        return name if within == "." else f"{within}/{name}"

    def _uncached_relative(self, path: str) -> str:
        whole = os.path.abspath(path)
        if whole.startswith(self._prefix):
            return whole[len(self._prefix) :].replace(os.sep, "/")
        try:
            relative = os.path.relpath(whole, self._folder).replace(os.sep, "/")
        except ValueError:  # on another drive
            relative = os.path.splitdrive(path)[1].replace(os.sep, "/").lstrip("/")
        while relative.startswith("../"):
            relative = relative[3:]
        return relative


def is_ignored_by(path: str, ignores: list[Patterns]) -> bool:
    """Whether a path is ignored. The deepest ignore file that matches decides: it may re-include a path."""
    for patterns in reversed(ignores):
        decision = patterns.match(path)
        if decision is not None:
            return decision
    return False


def exclusion(exclude: Exclude) -> Patterns:
    """The patterns of a setting or option. Raises ConfigError for an invalid one."""
    for pattern in exclude.patterns:
        try:
            Patterns([pattern], exclude.folder)
        except NoClassError as error:
            raise ConfigError(f"{exclude.origin}: {pattern}: not a .gitignore pattern: {error}") from None
        except PatternError:
            raise ConfigError(f"{exclude.origin}: {pattern}: not a .gitignore pattern") from None
    return Patterns(exclude.patterns, exclude.folder)


def read_patterns(folder: str, unreadable: list[str], notices: list[str], name: str = ".gitignore") -> Patterns | None:
    """The patterns of a folder's ignore file; None if it has none.

    Appends to ``unreadable`` if the file cannot be read, and to ``notices`` for each invalid line, which git ignores
    silently.
    """
    path = os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/")
    try:
        if name == ".gitignore" and disk.is_link(path):
            notices.append(f"{path}: skipped: a link, which git does not follow either")
            return None
        data = read_file(path, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except NoFileError:
        notices.append(f"{path}: skipped: not a file")
        return None
    except TooLargeError as error:
        unreadable.append(f"{path}: {error.strerror}, so it was not read")
        return None
    except OSError as error:
        unreadable.append(f"{path}: cannot be read: {error.strerror or error}")
        return None
    lines = data.decode("utf-8-sig", "replace").split("\n")
    if all(not line.strip() or line.startswith("#") for line in lines):
        return None
    try:
        return Patterns(lines, folder)
    except PatternError:
        return Patterns(_valid_lines(lines, path, notices), folder)


def _valid_lines(lines: list[str], path: str, notices: list[str]) -> list[str]:
    """The lines that are valid patterns or blank, with a notice for each other line."""
    valid = []
    for number, line in enumerate(lines, 1):
        try:
            _compiled(_translated(line)[0] or "")
        except PatternError:
            shown = line.strip() if len(line) < 60 else f"{line[:57]}…"
            notices.append(f"{path}:{number}: skipped: `{shown}` is not a pattern")
        else:
            valid.append(line)
    return valid


@lru_cache(maxsize=10_000)
def _translated(line: str) -> tuple[str | None, bool | None]:
    """A line as a regular expression, and whether it ignores (True) or re-includes (False); None for a blank line.

    Matching takes time at most quadratic in the path's length. Raises PatternError.
    """
    plain = _plain(line.rstrip("\r"))
    if plain is not None:
        return plain
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        regex, include = GitIgnoreSpecPattern.pattern_to_regex(_with_classes(line.rstrip("\r")))
    except PatternError:
        raise
    except ValueError as error:
        raise PatternError(str(error)) from None
    if regex is None:
        return None, None
    if set(MARKS) & set(regex):
        raise PatternError("a control character")
    regex = bounded(regex)
    for name, stand_in in STAND_INS.items():
        regex = regex.replace(stand_in, POSIX_CLASSES[name])
    return regex, include


# Lines whose translation is easily told: names with wildcards and simple brackets, folders, and `**` for any folders.
PLAIN_LETTER = r"[\w.,$~@ -]"
PLAIN_NAME = rf"(?:{PLAIN_LETTER}|\*(?!\*(?:/|$))|\?|\[(?:\w|\w-\w)+\])+"
PLAIN = lazy_regex(
    rf"(?P<not>!?)(?P<root>/|\*\*/)?(?P<names>{PLAIN_NAME}(?:(?:/\*\*)?/{PLAIN_NAME})*+)(?P<end>/?)(?<! )"
)
PLAIN_TEXT = lazy_regex(
    rf"(?:(?:\*\*/)?(?P<star>\*?)|(?P<folders>/?(?:{PLAIN_LETTER}+/)*))(?P<name>{PLAIN_LETTER}+)"
    r"(?:\[(?P<letters>\w+)\])?(?P<end>/?)(?<! )"
)
"""A name in any folder, its end, or a path, also with some last letters: most lines of most ignore files."""
PLAIN_BEGINNING = lazy_regex(rf"(?:\*\*/)?(?P<name>{PLAIN_LETTER}+)\*")
"""The beginning of a name in any folder, as in ``.coverage.*``, which a third of ignore files have."""
PLAIN_PIECE = lazy_regex(r"\*|\?|\[[\w-]+\]|[^*?\[]+")


def _plain(line: str) -> tuple[str | None, bool | None] | None:
    """What pathspec makes of a usual line; None for any other. Its import takes a fifth of a short check's time."""
    if not line or line.startswith("#"):
        return None, None
    match = PLAIN.fullmatch(line)
    if match is None:
        return None
    names = match["names"].split("/")
    if names == ["*"]:
        return None
    is_anywhere = match["root"] == "**/" or (match["root"] is None and len(names) == 1)
    start = "^(?:.+/)?" if is_anywhere else "^"
    translated = "/".join(map(_plain_name, names)).replace("/**", "(?:/.+)?")
    end = "(?P<ps_d>/)" if match["end"] else "(?:(?P<ps_d>/)|$)"
    return bounded(f"{start}{translated}{end}"), not match["not"]


def _plain_name(name: str) -> str:
    if name == "*":
        return "[^/]+"
    if name == "**":
        return name
    regex = ""
    for piece in PLAIN_PIECE.findall(name):
        match piece[0]:
            case "*":
                regex += "[^/]*"
            case "?":
                regex += "[^/]"
            case "[":
                regex += piece
            case _:
                regex += re.escape(piece)
    return regex


def _compiled(regex: str) -> re.Pattern[str]:
    """A compiled regular expression, without Python's warning about possible set operations, as in ``[[]``.

    Raises PatternError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(regex)
        except re.error as error:
            raise PatternError(str(error)) from None


POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-.0-~",
    "lower": "a-z",
    "print": " -.0-~",
    "punct": r"!-.:-@\[-`{-~",
    "space": r" \t\n\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
"""Git's character classes, for use within brackets. They are ASCII only, and a bracket does not match a slash."""

STAND_INS = {name: chr(0xD800 + number) for number, name in enumerate(POSIX_CLASSES)}
"""Characters that replace the classes for pathspec, which has no classes. No path contains them."""

POSIX_CLASS = lazy_regex(r"\[:([^\]]*):\]")


def _with_classes(line: str) -> str:
    """A line with a stand-in for each class ``[:alpha:]`` within a bracket. Raises PatternError or NoClassError."""
    if "[:" not in line:
        return line
    replaced, at = "", 0
    while at < len(line):
        piece = line[at : at + 2] if line[at] == "\\" else line[at]
        if piece == "[":
            piece = _bracket(line, at)
            replaced += _classes_named(piece)
        else:
            replaced += piece
        at += len(piece)
    return replaced


BRACKET = lazy_regex(r"\[[!^]?\]?(?:\[:[^\]]*:\]|[^\]])*+\]")


def _bracket(line: str, at: int) -> str:
    """The bracket expression at an offset; its first character if it is not closed.

    Raises PatternError if it is not closed and a class follows.
    """
    match = BRACKET.match(line, at)
    if match is not None:
        return match[0]
    if POSIX_CLASS.search(line, at):
        raise PatternError("an unclosed bracket")
    return line[at]


def _classes_named(bracket: str) -> str:
    def stand_in(match: re.Match[str]) -> str:
        if match[1] not in STAND_INS:
            raise NoClassError(f"{match[0]} is not a character class")
        return STAND_INS[match[1]]

    return bracket[0] + POSIX_CLASS.sub(stand_in, bracket[1:])


STAR, REST, ONE = "\0", "\1", "\2"
MARKS = (STAR, REST, ONE)
CLASSES = (("[^/]*", STAR), ("[^/]+", REST), ("[^/]", ONE))
ANY_FOLDERS = "(?:/.+)?"
"""pathspec's translations of ``*``, of a name that is only ``*``, of ``?``, and of ``**`` between two names."""


def bounded(regex: str) -> str:
    """An equivalent regular expression without useless backtracking.

    ``*a*a*a*b`` would be tried with every choice of places for its letters. The first place of each is enough, because
    it leaves the longest rest. The same applies to ``**``.
    """
    for text, mark in CLASSES:
        regex = regex.replace(text, mark)
    regex = regex.replace("[^", "[^/")  # `[!x]` does not match a slash
    first, *others = ["/".join(map(_first_places, piece.split("/"))) for piece in regex.split(ANY_FOLDERS)]
    result = first
    if others:
        *between, last = others
        result += "".join(f"(?>(?:/[^/]+)*?{piece}(?=/))" for piece in between) + f"(?:/[^/]+)*{last}"
    for text, mark in CLASSES:
        result = result.replace(mark, text)
    return result


def _first_places(name: str) -> str:
    """A name's pattern in which each piece between two stars matches only at its first place."""
    first, *others = name.split(STAR)
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in between) + STAR + last
