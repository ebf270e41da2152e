"""A rule, as its file says it. Reading and proving one is the registry's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from hpolint.model.level import LEVELS, Level
from hpolint.model.node import ScalarValue

CATEGORIES = ("launch", "sdk", "script", "strategy", "scale", "compute", "policy", "hygiene")

Verdict = Literal["found", "clean", "undecided"]
OFF_BY_DEFAULT = frozenset({"policy"})
"""Categories whose rules are on only where somebody selects or configures them."""

VERDICTS: tuple[Verdict, ...] = ("found", "clean", "undecided")

HEADING = re.compile(r"^### (Found|Clean|Undecided)[ \t]*$", re.MULTILINE)
FENCE = re.compile(r"^```(?P<words>[^`\n]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"""(["'])(\w+)\1""")

SAFETIES = ("safe", "unsafe")


@dataclass
class RuleError(Exception):
    """A rule file that cannot be used: where, and why."""

    file: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


class UnreadableRuleError(RuleError):
    """A rule file that could not be read at all."""


class Option(msgspec.Struct, frozen=True):
    """A threshold that users may set. Its value is the default until a configuration sets it.

    ``kind`` is the type of its value, a list's with that of the items in brackets: ``list[string]``. One without a
    default must be set where its rule is to be asked; the rule's examples are judged with its ``example``.
    """

    default: Any
    help: str
    kind: str
    example: Any = None


class RuleSentence(msgspec.Struct, frozen=True):
    """A sentence of a rule: a template, said where ``when`` holds.

    Where it does not, ``otherwise`` is said, if there is one; where that cannot be told, neither. The first sentence is
    always said: there ``otherwise`` is for both.
    """

    say: str
    when: str | None = None
    otherwise: str | None = None


class FixTemplate(msgspec.Struct, frozen=True):
    """What to set and remove, as paths from the scope's node. ``safety`` and values may be ``{CEL}``.

    ``despite`` are the names of rules that may fire then: the message says what else is to be done.
    """

    safety: str
    when: str | None
    set: dict[str, ScalarValue]
    remove: list[str]
    despite: tuple[str, ...] = ()

    @property
    def safeties(self) -> tuple[str, ...]:
        """What the safety can be."""
        return _possible(self.safety, SAFETIES)


class Example(msgspec.Struct, frozen=True):
    """A fenced block below one of the headings Found, Clean and Undecided; ``words`` name its form."""

    words: tuple[str, ...]
    verdict: Verdict | None
    text: str
    line: int


class Rule(msgspec.Struct, frozen=True, dict=True):
    """One rule. ``name`` is the file's name, ``category`` its folder's.

    ``level`` is a level or a ``{CEL}`` expression that gives one; ``lets`` are names for expressions. ``observes`` is
    the kind of observation that it is asked about, ``group`` what joins several findings into one. ``undecided`` is the
    level of a finding where it cannot be decided, or ``off``. ``fails_from`` is set for a locked rule: the level from
    which its findings give exit code 1 whatever a configuration below says. ``beside`` names places of the training
    script that its findings show, too.
    """

    name: str
    category: str
    file: str
    summary: str
    level: str
    precision: str
    scope: str
    since: str
    sources: list[str]
    body: str
    default: bool = True
    when: str | None = None
    observes: str | None = None
    emitted_by: str | None = None
    undecided: str = "off"
    fails_from: Level | None = None
    options: dict[str, Option] = msgspec.field(default_factory=dict)
    lets: dict[str, str] = msgspec.field(default_factory=dict)
    at: list[str] = msgspec.field(default_factory=list)
    related: list[str] = msgspec.field(default_factory=list)
    beside: str | None = None
    message: list[RuleSentence] = msgspec.field(default_factory=list)
    group: str | None = None
    fix: FixTemplate | None = None

    @property
    def id(self) -> str:
        """Category and name, as people write them: ``scale/linear-learning-rate``."""
        return f"{self.category}/{self.name}"

    @property
    def is_builtin(self) -> bool:
        """Whether it is hpolint's own: its categories are nobody else's."""
        return self.category in CATEGORIES

    @property
    def required_options(self) -> tuple[str, ...]:
        """The options that it must be given and has not."""
        return tuple(name for name, option in self.options.items() if option.default is None)

    @property
    def with_example_options(self) -> Rule:
        """The rule with its examples' options where it must be given some."""
        options = {
            name: option if option.default is not None else replace(option, default=option.example)
            for name, option in self.options.items()
        }
        return replace(self, options=options) if self.required_options else self

    @property
    def is_on(self) -> bool:
        """Whether it is asked where nothing is configured."""
        return self.default and self.category not in OFF_BY_DEFAULT and not self.required_options

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels that its findings can have, from the gravest down."""
        possible = _possible(self.level, LEVELS)
        return tuple(level for level in LEVELS if level in possible)

    @property
    def has_hours(self) -> bool:
        """Whether its message tells instance-hours: then a job that has become dearer is another finding."""
        return any("_hours" in said.say + (said.otherwise or "") for said in self.message)

    @property
    def condition(self) -> str | None:
        """What is asked of each subject; of an observation without a condition its being there is enough."""
        return self.when if self.when is not None or self.observes is None else "true"

    @property
    def examples(self) -> list[Example]:
        """The fenced blocks below ``## Examples``, in order, each with the verdict of the heading above it."""
        begin = re.search(r"^## Examples[ \t]*$", self.body, re.MULTILINE)
        headings = [(match.start(), match[1].lower()) for match in HEADING.finditer(self.body)]
        found = []
        for match in FENCE.finditer(self.body, begin.end() if begin else 0):
            above = [name for start, name in headings if start < match.start()]
            verdict: Any = above[-1] if above else None
            line = self.body.count("\n", 0, match.start()) + 1
            found.append(Example(tuple(match["words"].split()), verdict, match["text"], line))
        return found


def _possible(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """A plain word, or the words in quotes that an expression may give; the registry proves that it gives no other."""
    if not text.startswith("{"):
        return (text,)
    quoted = {word for _, word in WORD.findall(text)}
    return tuple(word for word in words if word in quoted)
