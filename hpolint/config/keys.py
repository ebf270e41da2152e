"""The keys of a configuration file with their types: the one source for validation, the JSON Schema and the docs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from hpolint.io.escaping import value_text
from hpolint.model.level import LEVELS
from hpolint.model.settings import FORMATS

KeyPath = tuple[str | int, ...]
UNDECIDED = ("off", "note", "warning", "error")


class Problem(msgspec.Struct, frozen=True):
    """An invalid value: the path of its key, and the reason."""

    path: KeyPath
    reason: str


class Kind(Protocol):
    """A type of value."""

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""


class Text:
    """A non-empty string."""

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if not isinstance(value, str) or not value:
            yield Problem(path, f"expected a non-empty string, got {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "string", "minLength": 1}


class Output:
    """A report format. The command line and a program may add the file to write it to: ``FORMAT:FILE``.

    ``naming.py`` refuses a file that a configuration file names.
    """

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        format_, separator, file = str(value).partition(":")
        if not isinstance(value, str) or format_ not in FORMATS or (separator and not file):
            reason = f"{value_text(value)} is not one of {', '.join(FORMATS)}{did_you_mean(format_, FORMATS)}"
            yield Problem(path, reason)

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema, for a configuration file."""
        return {"enum": list(FORMATS)}


class Choice(msgspec.Struct, frozen=True):
    """One of a fixed set of words."""

    words: tuple[str, ...]

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if value not in self.words or not isinstance(value, str):
            reason = f"{value_text(value)} is not one of {', '.join(self.words)}{did_you_mean(value, self.words)}"
            yield Problem(path, reason)

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"enum": list(self.words)}


class Flag:
    """true or false."""

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if not isinstance(value, bool):
            yield Problem(path, f"expected true or false, got {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "boolean"}


class ListOf(msgspec.Struct, frozen=True):
    """A list of values of one kind; with ``or_one``, also a single value."""

    of: Kind
    or_one: bool = False

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.of.problems(item, (*path, index))
        elif not self.or_one:
            yield Problem(path, f"expected a list, got {value_text(value)}")
        else:
            yield from self.of.problems(value, path)

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        array = {"type": "array", "items": self.of.schema()}
        if self.or_one:
            return {"anyOf": [self.of.schema(), array]}
        return array


class Table(msgspec.Struct, frozen=True):
    """A table whose keys the user chooses, with values of one kind. ``keys`` names the keys in messages."""

    of: Kind
    keys: str

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if not isinstance(value, dict):
            yield Problem(path, f"expected a table of {self.keys}, got {value_text(value)}")
            return
        for name, item in value.items():
            yield from self.of.problems(item, (*path, name))

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "object", "additionalProperties": self.of.schema()}


class RuleTable:
    """A rule's own table: ``locked``, and the rule's options."""

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of a value. ``naming.py`` checks the options, once the rules are loaded."""
        if not isinstance(value, dict):
            yield Problem(path, f"expected a table of options, got {value_text(value)}")
        elif "locked" in value:
            yield from Flag().problems(value["locked"], (*path, "locked"))

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "object", "properties": {"locked": LOCKED}}


LOCKED = {"type": "boolean", "description": "If true, configurations below cannot change this rule."}


class Record(msgspec.Struct, frozen=True):
    """A table with a fixed set of keys."""

    keys: Mapping[str, Key]

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if not isinstance(value, dict):
            yield Problem(path, f"expected a table, got {value_text(value)}")
            return
        for name, item in value.items():
            if name in self.keys:
                yield from self.keys[name].kind.problems(item, (*path, name))
            else:
                yield Problem((*path, name), f"unknown setting `{name}`{did_you_mean(name, self.keys)}")
        for name, key in self.keys.items():
            if key.required and name not in value:
                yield Problem(path, f"`{name}` is missing")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
        required = [name for name, key in self.keys.items() if key.required]
        if required:
            schema["required"] = required
        schema["properties"] = {name: key.schema() for name, key in self.keys.items()}
        return schema


class Key(msgspec.Struct, frozen=True):
    """One setting. With ``adds``, a file's value extends the inherited value; without, it replaces it."""

    kind: Kind
    help: str
    default: Any = None
    adds: bool = False
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """The setting as JSON Schema."""
        schema = {"description": self.help}
        if self.default is not None:
            schema["default"] = self.default
        return schema | self.kind.schema()


class Date:
    """A date: TOML's own type, or a string."""

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        from datetime import date

        from hpolint.model.ignore_comment import read_date

        if not isinstance(value, str | date) or (isinstance(value, str) and read_date(value)[0] is None):
            yield Problem(path, f"expected a date such as 2027-01-31, got {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class Number(msgspec.Struct, frozen=True):
    """A number above ``least``, and at most ``most``."""

    least: float = 0
    most: float | None = None

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.least < value < float("inf") or (self.most is not None and value > self.most):
            top = "" if self.most is None else f" and at most {self.most:g}"
            yield Problem(path, f"expected a number above {self.least:g}{top}, got {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        schema = {"type": "number", "exclusiveMinimum": self.least}
        if self.most is not None:
            schema["maximum"] = self.most
        return schema


class Integer(msgspec.Struct, frozen=True):
    """An integer from ``least`` to ``most``."""

    least: int
    most: int

    def problems(self, value: Any, path: KeyPath) -> Iterator[Problem]:
        """The problems of the value at a path; none for a valid value."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            yield Problem(path, f"expected an integer from {self.least} to {self.most:,}, got {value_text(value)}")

    def schema(self) -> dict[str, Any]:
        """The type as JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


NAMES = ListOf(Text())
JOB_KEYS = {
    "trial-minutes": Key(Number(), "Minutes that a trial takes, as with `hpolint cost --trial-minutes`."),
    "launches-per-month": Key(Number(), "Launches of the job per month."),
}
COST = Record(
    {
        "prices": Key(
            Text(),
            "A price file, relative to this file's folder: AWS's own offer file for SageMaker as CSV or JSON, or your "
            "own table; `none` for no prices.",
        ),
        "region": Key(Text(), "The region whose prices apply, such as `eu-west-1`, if the price file has several."),
        "spot-discount": Key(
            Number(most=1),
            "The fraction of the price that spot capacity saves, such as `0.6`, if the price file has no spot price.",
        ),
        **JOB_KEYS,
        "jobs": Key(
            Table(Record(JOB_KEYS), "jobs"), "The same settings for single jobs, by variable, job name or file."
        ),
    }
)
SUPPRESSION = Record(
    {
        "file": Key(Text(), "The file, or a pattern, relative to this file's folder.", required=True),
        "rules": Key(NAMES, "The rules whose findings are suppressed.", required=True),
        "path": Key(
            Text(),
            "The part of the request that the findings are about, such as `ResourceLimits`; by default all of it.",
        ),
        "reason": Key(Text(), "Why the findings are suppressed."),
        "until": Key(Date(), "The last day on which the suppression applies."),
    }
)
WAIVER = Record(
    {
        "rule": Key(Text(), "The locked rule, by its full name.", required=True),
        "repository": Key(Text(), "The repository, `OWNER/NAME`, by the address of its remote `origin`."),
        "file": Key(
            Text(),
            "The file: relative to this file's folder if that is in the checked repository, else to the repository's "
            "root.",
        ),
        "job": Key(Text(), "The job's variable, logical name or name, as `hpolint waiver` prints it."),
        "digest": Key(Text(), "The digest of the job's definition, as `hpolint waiver` prints it.", required=True),
        "since": Key(Date(), "The first day of the waiver; without it, any day until `until`."),
        "until": Key(Date(), "The last day of the waiver.", required=True),
        "reason": Key(Text(), "Why the finding is accepted.", required=True),
        "approved-by": Key(Text(), "Who has approved it.", required=True),
        "ticket": Key(Text(), "Where that was discussed."),
    }
)
KEYS: dict[str, Key] = {
    "required-version": Key(Text(), "The versions of hpolint that this file is written for, such as `>=0.2,<1`."),
    "extend": Key(
        ListOf(Text(), or_one=True),
        "Configuration files to inherit settings from: paths, or `package:NAME/FILE` for a file of an installed "
        "package, which is not imported.",
    ),
    "select": Key(NAMES, "Rules and categories to enable instead of the default ones; `ALL` for every rule."),
    "extend-select": Key(NAMES, "Rules and categories to enable in addition to those.", adds=True),
    "ignore": Key(NAMES, "Rules and categories to disable. A rule's own name takes precedence over its category.", []),
    "exclude": Key(
        NAMES,
        "Files to skip: patterns as in .gitignore, relative to this file's folder. A path outside of that folder is "
        "matched relative to the closest folder that holds both.",
    ),
    "extend-exclude": Key(NAMES, "Further patterns of files to skip.", adds=True),
    "force-exclude": Key(Flag(), "Whether excluded files are skipped even if they are passed by name.", default=False),
    "per-file-ignores": Key(
        Table(NAMES, "patterns"), "Rules and categories to disable for the files that match a pattern."
    ),
    "fail-on": Key(Choice(LEVELS), "Findings of this level or a higher one give exit code 1.", "warning"),
    "levels": Key(
        Table(Choice(LEVELS), "rules and categories"), "The level of a rule's findings, instead of the rule's own."
    ),
    "rules": Key(
        Table(RuleTable(), "rules"),
        "The options of each rule. `locked = true` turns the rule on, and configurations below can neither change nor "
        "suppress it.",
    ),
    "policies": Key(NAMES, "Folders of your own rules, each `CATEGORY/NAME.md`, relative to this file's folder."),
    "undecided": Key(
        Table(Choice(UNDECIDED), "rules and categories"),
        "How to report that a rule cannot be decided: `off` reports nothing, a level reports a finding at the unknown "
        "value.",
    ),
    "sdk-config": Key(
        Text(),
        "The SageMaker SDK's own configuration file, relative to this file's folder, or `none` if there is none. "
        "Values that may come from it are then known or absent. If a configuration above locks rules, its value "
        "counts.",
    ),
    "suppressions": Key(
        ListOf(SUPPRESSION),
        "Findings to suppress, for files that have no comments: `[[suppressions]]` tables.",
        adds=True,
    ),
    "waivers": Key(
        ListOf(WAIVER),
        "Findings of rules that this file locks, accepted until a day: `[[waivers]]` tables.",
        adds=True,
    ),
    "max-waiver-days": Key(Integer(1, 36_500), "How many days a waiver may last at most.", 90),
    "require-reasons": Key(Flag(), "Whether a suppression needs a reason.", default=False),
    "cost": Key(
        COST,
        "The inputs of `hpolint cost`: prices, the duration of a trial, launches per month. If a configuration above "
        "locks rules, its prices count, also for `cost.usd` in conditions.",
    ),
    "output": Key(
        ListOf(Output()),
        "The formats of the reports on standard output. Only the command line names a file: `--output FORMAT:FILE`.",
        ["text"],
    ),
    "baseline": Key(
        Text(),
        "The baseline file, relative to the folder of the configuration file. A file outside of the repository is only "
        "read; `--baseline` writes it.",
    ),
}
"""Every setting, in the order of the documentation."""

ROOT = Record(KEYS)


def did_you_mean(word: Any, known: Any) -> str:
    """The suffix `` ; did you mean `x`?`` if a known word is similar, else an empty string."""
    import difflib

    similar = difflib.get_close_matches(str(word), list(known), n=1)
    return f"; did you mean `{similar[0]}`?" if similar else ""
