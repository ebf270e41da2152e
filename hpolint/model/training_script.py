"""The training script beside a definition: what it takes, prints and reads, as far as its text tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from hpolint.model.node import ScalarValue
from hpolint.model.source import Source, Span
from hpolint.model.stored import Stored


class Site(Stored, frozen=True):
    """A place in a script or in a module that it imports."""

    source: str
    span: Span


class Doubt(Stored, frozen=True):
    """Why something of a script cannot be told; goes on after "this value", as an Unknown's reason does."""

    reason: str
    site: Site


class Option(Stored, frozen=True):
    """An option of a parser, or an argument by position (whose only flag has no dash).

    ``action`` and ``nargs`` are argparse's, ``type`` the function that reads a value: ``int``, ``float``, ``bool``,
    ``str``, or ``other``. ``choices`` are the values that it may give; None where any will do. ``required`` is None
    where that cannot be told, ``is_open`` set where something else cannot.
    """

    flags: tuple[str, ...]
    site: Site
    action: str = "store"
    nargs: int | str | None = None
    type: str = "str"
    choices: tuple[ScalarValue, ...] | None = None
    required: bool | None = False
    is_open: bool = False

    @property
    def flag(self) -> str:
        """What people call it by: its first long name."""
        return next((each for each in self.flags if each.startswith("--")), self.flags[0])


class Parser(Stored, frozen=True):
    """A parser as it is when it reads the command line.

    ``open`` is why it may have more options than these. ``is_strict``: what it does not know ends the script.
    ``abbreviates``: a beginning that only one option has stands for it. ``drops_rest``: nothing else of the script
    reads what it does not know. ``commands`` are those of its subparsers.
    """

    options: tuple[Option, ...]
    site: Site
    is_strict: bool
    open: Doubt | None = None
    abbreviates: bool = True
    drops_rest: bool = True
    has_help: bool = True
    commands: tuple[str, ...] | None = None
    dashes: str = "exact"
    """Whether a dash stands for an underscore: ``exact`` as in argparse, ``either``, or ``typer`` (a dash alone)."""


class Wildcard(Stored, frozen=True):
    """A part of a printed text that is not known, all of one line.

    ``number``; ``figures``: a number, or how an array, a tensor or a time is shown; ``word``: letters, digits and what
    joins them, as in a logger's name; ``given``: what the command line gives, of values without a space; ``dense``:
    anything without a space; ``text``: anything; ``before`` and ``behind``: what a script's loggers put around a
    message.
    """

    kind: Literal["number", "figures", "word", "given", "dense", "text", "before", "behind"]


NUMBER, FIGURES, WORD, TEXT = Wildcard("number"), Wildcard("figures"), Wildcard("word"), Wildcard("text")
GIVEN, BEFORE, BEHIND = Wildcard("given"), Wildcard("before"), Wildcard("behind")

Template: TypeAlias = tuple[str | Wildcard, ...]
Marks: TypeAlias = tuple[Template, Template]


class Print(Stored, frozen=True):
    """A line that may be printed or logged. ``is_sure``: it is, if the script comes to its end."""

    line: Template
    site: Site
    in_loop: bool
    is_sure: bool


class Missing(Stored, frozen=True):
    """A name that the script is sure to read, at a place where nothing gives it a value.

    ``owners`` are the functions that have a variable of the name.
    """

    name: str
    site: Site
    owners: tuple[str, ...] = ()


class ChannelUse(Stored, frozen=True):
    """A channel whose folder the script asks for. ``is_required``: without it the script fails."""

    name: str
    site: Site
    is_required: bool


@dataclass(frozen=True)
class Script:
    """One training script, with the modules that it imports from beside it.

    ``name`` is its path, of one that a notebook writes as it is written there. ``parsers`` read the command line;
    ``elsewhere`` is why hyperparameters may be read in another way, ``unread`` why what reads them cannot be told.
    ``other_prints`` is why more may be printed than ``prints``. ``marks`` is what its loggers may put before and behind
    a message, None where that cannot be told. ``undefined`` are the names that it is seen to read without a value.
    ``checkpoints``: it names the folder that the service keeps for them.
    """

    source: Source
    name: str
    parsers: tuple[Parser, ...] = ()
    elsewhere: Doubt | None = None
    unread: Doubt | None = None
    prints: tuple[Print, ...] = ()
    other_prints: Doubt | None = None
    marks: tuple[Marks, ...] | None = None
    undefined: tuple[Missing, ...] | Doubt = ()
    channels: tuple[ChannelUse, ...] = ()
    checkpoints: bool | Doubt = False
    sources: tuple[Source, ...] = field(default=(), repr=False)

    def lines(self, shown: Print, given: Wildcard = TEXT) -> list[Template]:
        """What the log may have of a print: one line for each way in which the loggers mark a message.

        ``given`` is what stands for what the command line gives.
        """
        marked = BEFORE in shown.line or BEHIND in shown.line
        marks = self.marks if marked else (((), ()),)
        found = []
        for before, behind in marks if marks is not None else (((TEXT,), (TEXT,)),):
            meant: dict[str | Wildcard, Template] = {BEFORE: before, BEHIND: behind, GIVEN: (given,)}
            found.append(tuple(piece for each in shown.line for piece in meant.get(each, (each,))))
        return found
