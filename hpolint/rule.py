"""A rule as its file has it, and reading one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpolint.level import Level
from hpolint.node import Node, Scalar, ScalarValue, Struct, plain
from hpolint.source import Source, Span, UndecodableError
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.yaml import parse_yaml

CATEGORIES = ("launch", "sdk", "strategy", "scale", "compute", "policy", "hygiene")

FENCE = re.compile(r"^```(?P<words>[^`\n]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
VERDICTS = ("bad", "good", "undecided")


@dataclass
class RuleError(Exception):
    """A rule file that cannot be used: where, and why."""

    file: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Option:
    """A threshold that users may set; it takes the type of its default."""

    default: Any
    help: str


@dataclass(frozen=True, slots=True)
class FixTemplate:
    """What to set and remove, as paths from the scope's node. ``safety`` and values may be ``{CEL}``."""

    safety: str
    when: str | None
    set: dict[str, ScalarValue]
    remove: list[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced block of the page: ``words`` name the form, ``verdict`` what the rule says of it."""

    words: tuple[str, ...]
    verdict: str
    text: str
    line: int


@dataclass(frozen=True)
class Rule:
    """One rule. ``name`` is the file's name, ``category`` its folder's."""

    name: str
    category: str
    file: str
    summary: str
    level: Level
    precision: str
    scope: str
    since: str
    sources: list[str]
    body: str
    when: str | None = None
    emitted_by: str | None = None
    options: dict[str, Option] = field(default_factory=dict)
    at: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    message: list[str] = field(default_factory=list)
    fix: FixTemplate | None = None

    @property
    def id(self) -> str:
        """Category and name, as people write them: ``scale/linear-learning-rate``."""
        return f"{self.category}/{self.name}"

    @property
    def examples(self) -> list[Example]:
        """The fenced examples, in order."""
        found = []
        for match in FENCE.finditer(self.body):
            words = match["words"].split()
            verdict = next((word for word in words if word in VERDICTS), "")
            line = self.body.count("\n", 0, match.start()) + 1
            found.append(Example(tuple(w for w in words if w != verdict), verdict, match["text"], line))
        return found


@dataclass(frozen=True)
class RuleFile:
    """A rule file's front matter with its places, and its body."""

    path: Path
    source: Source
    front: Struct
    body: str

    def error(self, span: Span, reason: str) -> RuleError:
        """The error at a place of the file."""
        return RuleError(self.source.name, span.line, span.column, reason)


def read_rule_file(path: Path) -> RuleFile:
    """The file's parts. Raises RuleError."""
    name = path.as_posix()
    try:
        source = Source.decode(name, path.read_bytes())
    except (OSError, UndecodableError) as error:
        raise RuleError(name, getattr(error, "line", 1), 1, f"cannot be read: {error}") from None
    text = source.text.replace("\r\n", "\n")
    opening, separator, rest = text.partition("---\n")
    front, closing, body = rest.partition("\n---\n")
    if opening or not separator or not closing:
        raise RuleError(name, 1, 1, "a rule file begins with front matter between two lines `---`")
    front_source = Source(name, "\n" + front + "\n")  # as many lines down as in the file
    try:
        documents = list(parse_yaml(front_source))
    except SyntaxProblem as problem:
        raise RuleError(name, problem.span.line, problem.span.column, problem.reason) from None
    if len(documents) != 1 or not isinstance(documents[0], Struct):
        raise RuleError(name, 2, 1, "the front matter is not one mapping")
    return RuleFile(path, front_source, documents[0], body)


def build_rule(file: RuleFile) -> Rule:
    """The rule of a file. A front matter that does not fit its schema raises RuleError.

    Only the first misfit in Python's own terms is told here; ``registry.prove`` tells all of them
    in the schema's terms, with their places.
    """
    try:
        return _build(file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RuleError(file.source.name, 2, 1, f"the front matter does not fit: {error!r}") from None


def _build(file: RuleFile) -> Rule:
    front = plain(file.front)
    if not isinstance(front, dict):
        raise TypeError("no mapping")
    at = front.get("at", [])
    fix = front.get("fix")
    return Rule(
        name=file.path.stem,
        category=file.path.parent.name,
        file=file.source.name,
        summary=front["summary"],
        level=front["level"],
        precision=front["precision"],
        scope=front["scope"],
        since=str(front["since"]),
        sources=front["sources"],
        body=file.body,
        when=front.get("when"),
        emitted_by=front.get("emitted_by"),
        options={name: Option(o["default"], o["help"]) for name, o in front.get("options", {}).items()},
        at=[at] if isinstance(at, str) else at,
        related=front.get("related", []),
        message=front.get("message", []),
        fix=None
        if fix is None
        else FixTemplate(fix["safety"], fix.get("when"), fix.get("set", {}), fix.get("remove", [])),
    )


def place_in_scalar(file: RuleFile, node: Node | None, offset: int) -> Span:
    """Where the ``offset``-th character of a scalar's value stands in the file.

    Folding and quotes only change white space and marks around the text, so the characters that
    are no white space stand in the same order in both.
    """
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return node.span if node is not None else Span(2, 1, 2, 1)
    raw = file.source.read(node.span)
    base = file.source.offset(node.span.line, node.span.column)
    begin = raw.index("\n") + 1 if raw[:1] in ("|", ">") and "\n" in raw else 1 if raw[:1] in ("'", '"') else 0
    wanted = sum(not character.isspace() for character in node.value[:offset])
    for index in range(begin, len(raw)):
        if raw[index].isspace():
            continue
        if wanted == 0:
            return file.source.span(base + index, base + index + 1)
        wanted -= 1
    return node.span
