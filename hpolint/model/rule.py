"""A rule as its file declares it. The registry reads and validates rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.level import LEVELS, Level
from hpolint.model.node import ScalarValue

CATEGORIES = ("launch", "sdk", "script", "strategy", "scale", "compute", "policy", "hygiene")

Verdict = Literal["found", "clean", "undecided"]
OFF_BY_DEFAULT = frozenset({"policy"})
"""Categories whose rules are on only if they are selected or configured."""

VERDICTS: tuple[Verdict, ...] = ("found", "clean", "undecided")

HEADING = lazy_regex(r"^### (Found|Clean|Undecided)[ \t]*$", re.MULTILINE)
FENCE = lazy_regex(r"^```(?P<words>[^`\n]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
WORD = lazy_regex(r"""(["'])(\w+)\1""")

SAFETIES = ("safe", "unsafe")


class RuleError(Exception):
    """An invalid rule file: the place and the reason."""

    def __init__(self, file: str, line: int, column: int, reason: str) -> None:
        super().__init__(file, line, column, reason)
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


class UnreadableRuleError(RuleError):
    """A rule file that could not be read."""


class Option(msgspec.Struct, frozen=True):
    """An option of a rule that users may set. Its value is the default until a configuration sets it.

    ``kind`` is the type of its value, for a list with the type of its items: ``list[string]``. A rule with an option
    without a default is off until the option is set; the rule's examples use the option's ``example``. ``stricter``
    says which of two values reports more: the ``lower`` or ``higher`` number, the list with ``fewer`` or ``more``
    items, or ``true``; None if that cannot be said. ``former`` is a name that configurations may still use.
    """

    default: Any
    help: str
    kind: str
    example: Any = None
    stricter: str | None = None
    former: str | None = None


class RuleSentence(msgspec.Struct, frozen=True):
    """A template for a sentence of a message.

    ``say`` is used if ``when`` is true, ``otherwise`` if it is false, neither if it is unknown. The first sentence of a
    message is always present: there ``otherwise`` is also used if ``when`` is unknown. ``measured`` is the name of an
    experiment, and ``where`` are expressions for the values that it varied, in its order: ``{measured}`` in ``say`` is
    what it found for them.
    """

    say: str
    when: str | None = None
    otherwise: str | None = None
    measured: str | None = None
    where: tuple[str, ...] = ()


class FixTemplate(msgspec.Struct, frozen=True):
    """The values to set and remove, at paths from the scope's node. ``safety`` and values may be ``{CEL}``.

    ``despite`` are the names of rules that may fire on the fixed job: the message says what else to do. ``script``
    names what is changed in the training script.
    """

    safety: str
    when: str | None
    set: dict[str, ScalarValue]
    remove: list[str]
    despite: tuple[str, ...] = ()
    script: str | None = None

    @property
    def safeties(self) -> tuple[str, ...]:
        """The possible safeties."""
        return _possible(self.safety, SAFETIES)


class Example(msgspec.Struct, frozen=True):
    """A fenced block below a heading Found, Clean or Undecided. ``words`` are the words after the fence."""

    words: tuple[str, ...]
    verdict: Verdict | None
    text: str
    line: int


class Judged(msgspec.Struct, frozen=True):
    """How many findings in other people's repositories were worth acting on, ``of`` those that were judged."""

    useful: int
    of: int


class Rule(msgspec.Struct, frozen=True, dict=True):
    """One rule. ``name`` is the file's name, ``category`` its folder's.

    ``level`` is a level or a ``{CEL}`` expression for one; ``lets`` are named expressions. ``observes`` is the kind of
    observation that it checks, ``group`` the key that joins several findings into one. ``undecided`` is the level of a
    finding if the rule cannot be decided, or ``off``. ``fails_from`` is set for a locked rule: the level from which its
    findings give exit code 1, regardless of configurations below. ``beside`` names places of the training script that
    its findings show too.
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
    removed_options: list[str] = msgspec.field(default_factory=list)
    lets: dict[str, str] = msgspec.field(default_factory=dict)
    at: list[str] = msgspec.field(default_factory=list)
    related: list[str] = msgspec.field(default_factory=list)
    beside: str | None = None
    message: list[RuleSentence] = msgspec.field(default_factory=list)
    group: str | None = None
    fix: FixTemplate | None = None
    judged: Judged | None = None
    data: Mapping[str, Sequence[Mapping[str, str]]] = msgspec.field(default_factory=dict)
    """The rows of the tables beside the rule's folder of policies, by table, each by column."""

    @property
    def id(self) -> str:
        """Category and name: ``scale/linear-learning-rate``."""
        return f"{self.category}/{self.name}"

    @property
    def is_builtin(self) -> bool:
        """Whether it is hpolint's own: its categories are reserved."""
        return self.category in CATEGORIES

    @property
    def required_options(self) -> tuple[str, ...]:
        """The options without a value, which a configuration must set."""
        return tuple(name for name, option in self.options.items() if option.default is None)

    @cached_property
    def renamed_options(self) -> dict[str, str]:
        """The present name of each option that has a former one, by the former."""
        return {option.former: name for name, option in self.options.items() if option.former is not None}

    @property
    def with_example_options(self) -> Rule:
        """The rule with its required options set to their examples."""
        options = {
            name: option if option.default is not None else replace(option, default=option.example)
            for name, option in self.options.items()
        }
        return replace(self, options=options) if self.required_options else self

    @property
    def is_on(self) -> bool:
        """Whether it is enabled by default."""
        return self.default and self.category not in OFF_BY_DEFAULT and not self.required_options

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels that its findings can have, highest level first."""
        possible = _possible(self.level, LEVELS)
        return tuple(level for level in LEVELS if level in possible)

    def mentions(self, word: str) -> bool:
        """Whether a word occurs in its expressions or messages; it may occur in a longer word, too."""
        texts = (self.when or "", self.level, *self.lets.values(), str(self.message), str(self.fix))
        return any(word in text for text in texts)

    @property
    def has_hours(self) -> bool:
        """Whether its message names instance-hours. A job that has become more expensive is then another finding."""
        return any("_hours" in sentence.say + (sentence.otherwise or "") for sentence in self.message)

    @property
    def condition(self) -> str | None:
        """The condition on each subject; ``true`` for a rule on observations that has no condition of its own."""
        return self.when if self.when is not None or self.observes is None else "true"

    @property
    def examples(self) -> list[Example]:
        """The fenced blocks below ``## Examples``, in order, each with the verdict of its heading."""
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
    """The plain word, or the words in quotes in an expression. The registry proves that it yields no other."""
    if not text.startswith("{"):
        return (text,)
    quoted = {word for _, word in WORD.findall(text)}
    return tuple(word for word in words if word in quoted)
