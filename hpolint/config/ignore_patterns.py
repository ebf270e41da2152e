"""Patterns as in .gitignore: what a tree's ignore files, or ``--exclude``, leave out."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from hpolint.io import disk
from hpolint.io.files import NoFileError, TooLargeError, read_file
from hpolint.model.settings import ConfigError, Exclude

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

PLAIN_PATH = re.compile(r"(?!\.{0,2}/)(?!.*(?://|/\.{1,2}(?:/|\Z)))", re.DOTALL)
"""A path from here that is written in the only way there is."""

LARGEST = 1024 * 1024
"""Bytes of an ignore file; nobody writes one of a tenth of that by hand."""


GROUP = "(?P<ps_d>"
"""pathspec's group for the slash behind a folder's name: a name can be given to one group alone."""

NOTHING = r"(?!)"


class PatternError(ValueError):
    """A line that is no pattern."""


class NoClassError(PatternError):
    """A class of characters that git does not know."""


class Patterns:
    """Patterns, relative to the folder that they stand in. Raises PatternError for a line that is none."""

    def __init__(self, lines: Iterable[str], folder: str) -> None:
        from pathspec import GitIgnoreSpec, PathSpec

        patterns = self._patterns = [_pattern(line) for line in lines]
        self._files = GitIgnoreSpec(patterns, backend="simple")
        # Folders are asked about one by one, so the last word counts, and not a pattern for what lies within.
        self._folders = PathSpec(patterns, backend="simple")
        self._folder = os.path.abspath(folder)
        here = os.path.abspath(".")
        below = os.path.relpath(self._folder, here).replace(os.sep, "/") if self._folder.startswith(here) else ".."
        self._prefix = None if below.startswith("..") else "" if below == "." else f"{below}/"

    def is_around(self, folder: str) -> bool:
        """Whether they stand in a folder, or above it."""
        folder = os.path.abspath(folder)
        return folder == self._folder or folder.startswith(self._folder.rstrip(os.sep) + os.sep)

    def match(self, path: str) -> bool | None:
        """True to ignore, False to keep what another ignores, None if nothing is said. Folders end in ``/``.

        What lies outside of the patterns' folder is asked about from where it parts from it.
        """
        relative = self._relative(path)
        if relative == ".":
            return None  # the patterns' own folder
        relative = f"{relative}/" if path.endswith("/") else relative
        if not self._any.search(relative):  # as nearly all: one question in place of one for each pattern
            return None
        return (self._folders if path.endswith("/") else self._files).check_file(relative).include

    @cached_property
    def _any(self) -> re.Pattern[str]:
        """What one of the patterns says something about."""
        each = (f"(?:{pattern.regex.pattern})" for pattern in self._patterns if pattern.regex is not None)
        return _compiled("|".join(each).replace(GROUP, "(?:") or NOTHING)

    def _relative(self, path: str) -> str:
        """A path as seen from the folder, without a slash at its end."""
        path = path.replace(os.sep, "/")
        plain = self._prefix is not None and not os.path.isabs(path)
        if plain and self._prefix is not None and PLAIN_PATH.match(path) and path.startswith(self._prefix):
            return path[len(self._prefix) :].rstrip("/") or "."  # as below, in a tenth of the time
        try:
            relative = os.path.relpath(path, self._folder).replace(os.sep, "/")
        except ValueError:  # on another drive
            relative = os.path.splitdrive(path)[1].lstrip("/")
        while relative.startswith("../"):
            relative = relative[3:]
        return relative


def exclusion(exclude: Exclude) -> Patterns:
    """The patterns that somebody has written. Raises ConfigError for one that is none."""
    for pattern in exclude.patterns:
        try:
            _pattern(pattern)
        except NoClassError as error:
            raise ConfigError(f"{exclude.origin}: {pattern}: no pattern as in .gitignore: {error}") from None
        except PatternError:
            raise ConfigError(f"{exclude.origin}: {pattern}: no pattern as in .gitignore") from None
    return Patterns(exclude.patterns, exclude.folder)


def read_patterns(folder: str, unreadable: list[str], notices: list[str], name: str = ".gitignore") -> Patterns | None:
    """The patterns of a folder's ignore file, if it has any.

    What cannot be read becomes a line of ``trouble``; a line that is no pattern, which git passes over in silence, one
    of ``told``.
    """
    path = os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/")
    try:
        if name == ".gitignore" and disk.is_link(path):
            notices.append(f"{path}: passed over: a link, which git does not follow either")
            return None
        data = read_file(path, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except NoFileError:
        notices.append(f"{path}: passed over: it is no file")
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
    return Patterns(_sound(lines, path, notices), folder)


def _sound(lines: list[str], path: str, told: list[str]) -> list[str]:
    """The lines that are patterns or nothing; a line is told for each other one."""
    kept = []
    for number, line in enumerate(lines, 1):
        try:
            _pattern(line)
        except PatternError:
            shown = line.strip() if len(line) < 60 else f"{line[:57]}…"
            told.append(f"{path}:{number}: passed over: `{shown}` is no pattern")
        else:
            kept.append(line)
    return kept


def _pattern(line: str) -> GitIgnoreSpecPattern:
    """A line as pathspec's pattern, whose regular expression takes no more than a path's length squared."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        regex, include = GitIgnoreSpecPattern.pattern_to_regex(_with_classes(line.rstrip("\r")))
        if regex is None:
            return GitIgnoreSpecPattern(None, include=None)
        if set(MARKS) & set(regex):
            raise PatternError("a control character")
        regex = bounded(regex)
        for name, stand_in in STAND_INS.items():
            regex = regex.replace(stand_in, POSIX_CLASSES[name])
        return GitIgnoreSpecPattern(_compiled(regex), include)
    except PatternError:
        raise
    except (ValueError, re.error) as error:
        raise PatternError(str(error)) from None


def _compiled(regex: str) -> re.Pattern[str]:
    """A regular expression; what another Python may take for an operation on sets, as in ``[[]``, is none here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(regex)


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
"""The classes of characters that git knows, ASCII all, within a bracket, which stands for no slash."""

STAND_INS = {name: chr(0xD800 + number) for number, name in enumerate(POSIX_CLASSES)}
"""Characters that no path has, for pathspec, which knows no classes."""

POSIX_CLASS = re.compile(r"\[:([^\]]*):\]")


def _with_classes(line: str) -> str:
    """A line with a stand-in for each class ``[:alpha:]`` within a bracket. Raises NoClassError."""
    if "[:" not in line:
        return line
    found, at = "", 0
    while at < len(line):
        piece = line[at : at + 2] if line[at] == "\\" else line[at]
        if piece == "[":
            piece = _bracket(line, at)
        found += piece if piece[:1] != "[" or len(piece) == 1 else _classes_named(piece)
        at += len(piece)
    return found


BRACKET = re.compile(r"\[[!^]?\]?(?:\[:[^\]]*:\]|[^\]])*+\]")


def _bracket(line: str, at: int) -> str:
    """The bracket that begins at a place; only its first character if it does not end, and holds no class."""
    match = BRACKET.match(line, at)
    if match is None and POSIX_CLASS.search(line, at):
        raise PatternError("a bracket that does not end")
    return match[0] if match is not None else line[at]


def _classes_named(bracket: str) -> str:
    def stand_in(match: re.Match[str]) -> str:
        if match[1] not in STAND_INS:
            raise NoClassError(f"no class of characters {match[0]}")
        return STAND_INS[match[1]]

    return bracket[0] + POSIX_CLASS.sub(stand_in, bracket[1:])


STAR, REST, ONE = "\0", "\1", "\2"
MARKS = (STAR, REST, ONE)
CLASSES = (("[^/]*", STAR), ("[^/]+", REST), ("[^/]", ONE))
ANY_FOLDERS = "(?:/.+)?"
"""What pathspec makes of ``*``, of a whole ``*``, of ``?``, and of ``**`` between two names."""


def bounded(regex: str) -> str:
    """The same regular expression without trying again what cannot help.

    ``*a*a*a*b`` is tried in as many ways as there are to choose the places of its letters, though the first place of
    each is as good as any: the rest is as long as it can be. So too for ``**``.
    """
    for text, mark in CLASSES:
        regex = regex.replace(text, mark)
    regex = regex.replace("[^", "[^/")  # `[!x]` stands for no slash either
    first, *others = [
        "/".join(_first_places(part, STAR, "[^/]*?") for part in piece.split("/")) for piece in regex.split(ANY_FOLDERS)
    ]
    found = first
    for number, piece in enumerate(others, 1):
        last = number == len(others)
        found += f"(?:/[^/]+)*{piece}" if last else f"(?>(?:/[^/]+)*?{piece}(?=/))"
    for text, mark in CLASSES:
        found = found.replace(mark, text)
    return found


def _first_places(part: str, mark: str, gap: str) -> str:
    """A name's pattern, each piece between two stars held to the first place that it has."""
    first, *others = part.split(mark)
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>{gap}{piece})" for piece in between) + mark + last
