"""What a configuration file can say: each key once, with its type, for reading, for the schema and for the docs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from hpolint.io.escaping import value_text
from hpolint.model.level import LEVELS
from hpolint.model.settings import FORMATS

KeyPath = tuple[str | int, ...]
UNDECIDED = ("off", "note", "warning", "error")


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with the value at a path."""

    path: KeyPath
    reason: str


class Kind(Protocol):
    """A type of value."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""


class Text:
    """A text that is not empty."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if not isinstance(value, str) or not value:
            yield Wrong(path, f"a text is needed, and this is {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "string", "minLength": 1}


class Output:
    """A report's format, with or without the file that it is written to."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        format_, separator, file = str(value).partition(":")
        if not isinstance(value, str) or format_ not in FORMATS or (separator and not file):
            reason = (
                f"{value_text(value)} is none of {', '.join(FORMATS)}, or FORMAT:FILE{did_you_mean(format_, FORMATS)}"
            )
            yield Wrong(path, reason)

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "string", "pattern": f"^({'|'.join(FORMATS)})(:(.|\\n)+)?$"}


class Choice(msgspec.Struct, frozen=True):
    """One of some words."""

    words: tuple[str, ...]

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if value not in self.words or not isinstance(value, str):
            yield Wrong(
                path, f"{value_text(value)} is none of {', '.join(self.words)}{did_you_mean(value, self.words)}"
            )

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"enum": list(self.words)}


class Flag:
    """true or false."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if not isinstance(value, bool):
            yield Wrong(path, f"true or false is needed, and this is {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "boolean"}


class Several(msgspec.Struct, frozen=True):
    """A list of one kind; where ``or_one``, a single one too."""

    of: Kind
    or_one: bool = False

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.of.wrong(item, (*path, index))
        elif not self.or_one:
            yield Wrong(path, f"a list is needed, and this is {value_text(value)}")
        else:
            yield from self.of.wrong(value, path)

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        several = {"type": "array", "items": self.of.schema()}
        return {"anyOf": [self.of.schema(), several]} if self.or_one else several


class Table(msgspec.Struct, frozen=True):
    """A table with keys that the user chooses, all of one kind."""

    of: Kind
    keys: str

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if not isinstance(value, dict):
            yield Wrong(path, f"a table of {self.keys} is needed, and this is {value_text(value)}")
            return
        for name, item in value.items():
            yield from self.of.wrong(item, (*path, name))

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "object", "additionalProperties": self.of.schema()}


class OfRule:
    """What a rule's own table holds: whether it is locked, and its options, which only the rule knows."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value; the options are looked at where the rules are known."""
        if not isinstance(value, dict):
            yield Wrong(path, f"a table of options is needed, and this is {value_text(value)}")
        elif "locked" in value:
            yield from Flag().wrong(value["locked"], (*path, "locked"))

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "object", "properties": {"locked": LOCKED}}


LOCKED = {"type": "boolean", "description": "Whether configurations below can change nothing of this rule."}


class Record(msgspec.Struct, frozen=True):
    """A table with keys of ours."""

    keys: Mapping[str, Key]

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        if not isinstance(value, dict):
            yield Wrong(path, f"a table is needed, and this is {value_text(value)}")
            return
        for name, item in value.items():
            if name in self.keys:
                yield from self.keys[name].kind.wrong(item, (*path, name))
            else:
                yield Wrong((*path, name), f"no setting `{name}`{did_you_mean(name, self.keys)}")
        for name, key in self.keys.items():
            if key.required and name not in value:
                yield Wrong(path, f"`{name}` is missing")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        needed = [name for name, key in self.keys.items() if key.required]
        return {
            "type": "object",
            "additionalProperties": False,
            **({"required": needed} if needed else {}),
            "properties": {
                name: {"description": key.help, **({} if key.default is None else {"default": key.default})}
                | key.kind.schema()
                for name, key in self.keys.items()
            },
        }


class Key(msgspec.Struct, frozen=True):
    """One setting. ``adds``: what a file says is added to what it extends; else it takes its place."""

    kind: Kind
    help: str
    default: Any = None
    adds: bool = False
    required: bool = False


class Day:
    """A date, as TOML has it or in quotes."""

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        from datetime import date

        from hpolint.model.ignore_comment import read_date

        if not isinstance(value, str | date) or (isinstance(value, str) and read_date(value)[0] is None):
            yield Wrong(path, f"a date is needed, such as 2027-01-31, and this is {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class Number(msgspec.Struct, frozen=True):
    """A number above ``least``, and at most ``most``."""

    least: float = 0
    most: float | None = None

    def wrong(self, value: Any, path: KeyPath) -> Iterator[Wrong]:
        """What is wrong with a value."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.least < value < float("inf") or (self.most is not None and value > self.most):
            top = "" if self.most is None else f" and at most {self.most:g}"
            yield Wrong(path, f"a number above {self.least:g}{top} is needed, and this is {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {
            "type": "number",
            "exclusiveMinimum": self.least,
            **({} if self.most is None else {"maximum": self.most}),
        }


NAMES = Several(Text())
OF_JOB = {
    "trial-minutes": Key(Number(), "How long a trial takes, as `hpolint cost --trial-minutes` has it."),
    "launches-per-month": Key(Number(), "How often the job is launched."),
}
COST = Record(
    {
        "prices": Key(
            Text(),
            "A file of prices, relative to this file's folder: AWS's own offer file for SageMaker, CSV or JSON, or a "
            "table of your own; `none` for no prices at all.",
        ),
        "region": Key(Text(), "The region whose prices count, as in `eu-west-1`, where the file has several."),
        "spot-discount": Key(
            Number(most=1), "The part of the price that spot capacity saves, where the file has no spot price: `0.6`."
        ),
        **OF_JOB,
        "jobs": Key(
            Table(Record(OF_JOB), "jobs"), "The same for single jobs, by the variable, the job's name or the file."
        ),
    }
)
ENTRY = Record(
    {
        "file": Key(Text(), "The file, or a pattern, relative to this file's folder.", required=True),
        "rules": Key(NAMES, "The rules whose findings are not to be told.", required=True),
        "path": Key(Text(), "The part of the request that they are about, as in `ResourceLimits`; else all of it."),
        "reason": Key(Text(), "Why."),
        "until": Key(Day(), "The last day on which it holds."),
    }
)
KEYS: dict[str, Key] = {
    "required-version": Key(Text(), "The versions of hpolint that this is written for, as in `>=0.2,<1`."),
    "extend": Key(
        Several(Text(), or_one=True),
        "Configuration files whose settings hold where this one says nothing: paths, or `package:NAME/FILE` for a file "
        "of an installed package, which is not imported.",
    ),
    "select": Key(NAMES, "Rules and categories to ask instead of the default ones; `ALL` for every rule."),
    "extend-select": Key(NAMES, "Rules and categories to ask beside those.", adds=True),
    "ignore": Key(NAMES, "Rules and categories not to ask. A rule's own name outweighs its category.", []),
    "exclude": Key(
        NAMES,
        "Patterns as in .gitignore, relative to this file's folder, or for what lies outside of it to where the paths "
        "part: not looked at.",
    ),
    "extend-exclude": Key(NAMES, "Further patterns that are not looked at.", adds=True),
    "force-exclude": Key(
        Flag(), "Whether what is excluded is passed over even where it is named itself.", default=False
    ),
    "per-file-ignores": Key(
        Table(NAMES, "patterns"), "For files that a pattern means, the rules and categories not to ask."
    ),
    "fail-on": Key(Choice(LEVELS), "The level from which findings give exit code 1.", "warning"),
    "levels": Key(Table(Choice(LEVELS), "rules and categories"), "The level of a rule's findings, instead of its own."),
    "rules": Key(
        Table(OfRule(), "rules"),
        "For each rule its options. With `locked = true` configurations below can neither change nor silence it.",
    ),
    "policies": Key(NAMES, "Folders of rules of your own, each `CATEGORY/NAME.md`; relative to this file's folder."),
    "undecided": Key(
        Table(Choice(UNDECIDED), "rules and categories"),
        "What it means that a rule cannot be decided: `off` is nothing, a level is a finding where the unknown value "
        "stands.",
    ),
    "sdk-config": Key(
        Text(),
        "The SageMaker SDK's own configuration file, relative to this one's folder, or `none` where there is none: "
        "what may come from it is known, or absent.",
    ),
    "suppressions": Key(
        Several(ENTRY),
        "Findings that are not to be told, for files that have no comments: `[[suppressions]]` tables.",
        adds=True,
    ),
    "require-reasons": Key(Flag(), "Whether a suppression needs a reason.", default=False),
    "cost": Key(COST, "What `hpolint cost` needs to know: prices, how long trials take, how often jobs are launched."),
    "output": Key(Several(Output()), "The reports, each FORMAT or FORMAT:FILE.", ["text"]),
    "baseline": Key(Text(), "The file of findings that are known, relative to this file's folder."),
}
"""Every setting, in the order in which people are told of them."""

ROOT = Record(KEYS)


def did_you_mean(word: Any, known: Any) -> str:
    """`` ; did you mean `x`?`` for a misspelt word, or nothing."""
    import difflib

    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
