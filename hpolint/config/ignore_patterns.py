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

MATCHES_NOTHING = r"(?!)"


class PatternError(ValueError):
    """A line that is not a valid pattern."""


class NoClassError(PatternError):
    """A character class that git does not have."""


class Patterns:
    """Patterns relative to a folder. Raises PatternError for an invalid line."""

    def __init__(self, lines: Iterable[str], folder: str) -> None:
        self._translated: list[tuple[str | None, bool | None]] = []
        names: set[str] = set()
        endings: set[str] = set()
        regexes = []
        for line in lines:
            regex, include = _translated(line)
            self._translated.append((regex, include))
            plain = PLAIN_TEXT.fullmatch(line.rstrip("\r"))
            if plain is None and regex is not None:
                regexes.append(f"(?:{regex})")
            elif plain is not None:
                kind = endings if plain["star"] else names
                kind.update(_as_compared(plain["text"]))
        self._names = frozenset(names)
        self._endings = tuple(endings)
        self._others = _compiled("|".join(regexes).replace(GROUP, "(?:") or MATCHES_NOTHING)
        """Matches if any pattern does that is neither a plain name nor an ending."""
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
        if all(include is not False for _, include in self._translated):
            return True
        patterns = self._folders if is_folder else self._files
        return patterns.check_file(relative).include

    def _is_matched(self, relative: str) -> bool:
        """Whether any pattern matches, also if another decides in the end."""
        names = relative.replace("/", "/\0").split("\0")
        if not self._names.isdisjoint(names):
            return True
        if any(name.endswith(self._endings) for name in names):
            return True
        return self._others.search(relative) is not None

    @cached_property
    def _patterns(self) -> list[GitIgnoreSpecPattern]:
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        patterns = []
        for regex, include in self._translated:
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


def _as_compared(text: str) -> tuple[str, ...]:
    """A name as the parts of a path are compared with it: a folder's end in a slash. Without one, it is either."""
    return (text,) if text.endswith("/") else (text, f"{text}/")


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
PLAIN_NAME = r"(?:[\w.$~@-]|\*(?!\*)|\?|\[\w+\])+"
PLAIN = lazy_regex(rf"(?P<not>!?)(?P<root>/|\*\*/)?(?P<names>{PLAIN_NAME}(?:(?:/\*\*)?/{PLAIN_NAME})*+)(?P<end>/?)")
PLAIN_TEXT = lazy_regex(r"(?P<star>\*?)(?P<text>[\w.$~@-]+/?)")
"""A name in any folder, or its end: most lines of most ignore files. Texts need no time to be compiled."""
PLAIN_PIECE = lazy_regex(r"\*|\?|\[\w+\]|[^*?\[]+")


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
