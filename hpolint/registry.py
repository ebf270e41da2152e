"""The rules: found in ``rules/``, read, and proven against the types that their expressions use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hpolint.cel.checking import Checked, ExpressionError, Key
from hpolint.cel.types import Type, schema_type, value_type
from hpolint.message import Hole, TemplateError, parse_template, show
from hpolint.node import Array, Node, Scalar, Struct, follow, parse_path, place
from hpolint.rule import CATEGORIES, VERDICTS, Rule, RuleError, RuleFile, build_rule, place_in_scalar, read_rule_file

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
HEADINGS = ("## Why", "## Instead", "## Examples")
ALWAYS = ("options", "defaulted", "observation")
"""Names that are never unknown, so that any sentence may use them."""

SAFETIES = ("safe", "unsafe")
SAMPLES: dict[str, Any] = {"int": 1, "double": 1.5, "string": "text", "bool": True}
"""A value of each kind, on which a format is tried."""


def builtin_folder() -> Path:
    """Where the built-in rules lie: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder of categories, in the order of their names."""
    return sorted(folder.glob("*/*.md"), key=lambda path: (path.parent.name, path.name))


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """The built-in rules. They are proven in the tests, not at each start."""
    return tuple(build_rule(read_rule_file(path)) for path in rule_files(builtin_folder()))


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of a folder that is not ours, each proven. Raises RuleError for the first mistake."""
    found: dict[str, Rule] = {}
    for path in rule_files(folder):
        file = read_rule_file(path)
        for error in prove(file):
            raise error
        rule = build_rule(file)
        if rule.name in found:
            raise RuleError(rule.file, 1, 1, f"the name `{rule.name}` is taken by {found[rule.name].file}")
        found[rule.name] = rule
    return tuple(found.values())


def prove(file: RuleFile) -> list[RuleError]:
    """Everything that is wrong with a rule file, with its places; empty for a sound one."""
    errors = [*_misfits(file), *_misnamed(file)]
    if errors:
        return errors
    rule = build_rule(file)
    return [*_bad_page(file, rule), *_Prover(file, rule).errors()]


def _misfits(file: RuleFile) -> list[RuleError]:
    """Where the front matter does not fit its JSON Schema."""
    import json

    from hpolint.schema.validation import breaches

    schema = json.loads((files("hpolint.schema") / "rule.json").read_text("utf-8"))
    errors = []
    for breach in breaches(file.front, schema):
        span = place(file.front, breach.path)[0]
        where = ".".join(map(str, breach.path)) or "the front matter"
        if breach.keyword == "additionalProperties":
            parent = follow(file.front, breach.path)
            for name in breach.value.keys() - breach.schema.get("properties", {}).keys():
                at = parent.keys.get(name, span) if isinstance(parent, Struct) else span
                errors.append(file.error(at, f"unknown key `{name}` in {where}"))
        elif breach.keyword == "required":
            missing = ", ".join(f"`{name}`" for name in breach.expected if name not in breach.value)
            errors.append(file.error(span, f"{where} lacks {missing}"))
        elif breach.keyword == "oneOf" and not breach.path:
            errors.append(file.error(span, "a rule says either `when` or `emitted_by`"))
        else:
            errors.append(
                file.error(span, f"{where}: {breach.value!r} does not fit {breach.keyword} {breach.expected!r}")
            )
    return errors


def _misnamed(file: RuleFile) -> list[RuleError]:
    errors = []
    if not NAME.match(file.path.stem):
        errors.append(RuleError(file.source.name, 1, 1, f"`{file.path.stem}` is no rule name: words joined by `-`"))
    if file.path.parent.name not in CATEGORIES:
        reason = f"the folder `{file.path.parent.name}` is no category ({', '.join(CATEGORIES)})"
        errors.append(RuleError(file.source.name, 1, 1, reason))
    return errors


def _bad_page(file: RuleFile, rule: Rule) -> list[RuleError]:
    """Missing headings and examples. A condition needs a bad, a good and an undecided example."""
    before = file.source.text.count("\n") + 2
    errors = [
        RuleError(rule.file, before + example.line - 1, 1, "an example says bad, good or undecided")
        for example in rule.examples
        if not example.verdict
    ]
    errors += [
        RuleError(rule.file, before, 1, f"the page lacks the heading `{heading}`")
        for heading in HEADINGS
        if f"\n{heading}\n" not in f"\n{file.body}"
    ]
    wanted = VERDICTS if rule.when and rule.scope != "observation" else VERDICTS[:2]
    present = {example.verdict for example in rule.examples}
    errors += [
        RuleError(rule.file, before, 1, f"the page has no example of the verdict `{verdict}`")
        for verdict in wanted
        if verdict not in present
    ]
    return errors


class _Prover:
    """Checks a rule's expressions and paths."""

    def __init__(self, file: RuleFile, rule: Rule) -> None:
        from hpolint.engine import environment, scope_types

        self._file = file
        self._rule = rule
        self._environment = environment()
        self._names = scope_types(rule)
        self._errors: list[RuleError] = []
        self._known: frozenset[Key] = frozenset()

    def errors(self) -> list[RuleError]:
        rule, front = self._rule, self._file.front
        reads: frozenset[Key] | None = None
        if rule.when is not None and rule.scope == "source":
            self._add(
                place(front, ("scope",))[0], "the scope `source` is the readers' own: no condition is asked there"
            )
        if rule.when is not None:
            checked = self._check(rule.when, front.get("when"), 0, "bool")
            if checked:
                reads, self._known = checked.reads, checked.not_null
            if not rule.message:
                self._add(front.span, "a rule with `when` has a `message`")
        for index, text in enumerate(rule.message):
            self._message(text, follow(front, ("message", index)), reads if index == 0 else None)
        if rule.fix is not None:
            self._fix()
        for field in ("at", "related"):
            for node in _scalars(front.get(field)):
                self._path(str(node.value), node)
        return self._errors

    def _add(self, span: Any, reason: str) -> None:
        self._errors.append(self._file.error(span, reason))

    def _check(self, text: str, node: Node | None, offset: int, kind: str | None = None) -> Checked | None:
        try:
            checked = self._environment.compile(text).check(self._names, self._known)
        except ExpressionError as error:
            self._add(place_in_scalar(self._file, node, offset + error.offset), error.reason)
            return None
        if kind is not None and (checked.type.kind != kind or checked.type.nullable):
            self._add(place_in_scalar(self._file, node, offset), f"a {kind} is needed, and this is a {checked.type}")
        return checked

    def _message(self, text: str, node: Node | None, reads: frozenset[Key] | None) -> None:
        """The first sentence may use only what ``when`` reads: it must never be left out."""
        try:
            segments = parse_template(text)
        except TemplateError as error:
            self._add(place_in_scalar(self._file, node, 0), str(error))
            return
        for hole in (segment for segment in segments if isinstance(segment, Hole)):
            checked = self._check(hole.expression, node, hole.offset)
            if checked and not _is_shown(checked.type, hole.format):
                reason = f"`{hole.format}` is no format for the type {checked.type}"
                self._add(place_in_scalar(self._file, node, hole.offset), reason)
            allowed: set[Key] = {("parameter",), ("parameter", "Name"), *(reads or ())}
            extra = [key for key in checked.reads - allowed if key[0] not in ALWAYS] if checked and reads else []
            if extra:
                path = max((".".join(key) for key in extra), key=len)
                reason = f"the first sentence may use only what `when` reads, and `{path}` is not"
                self._add(place_in_scalar(self._file, node, hole.offset), reason)

    def _fix(self) -> None:
        fix, front = self._rule.fix, self._file.front
        if fix is None:
            return
        if fix.when is not None:
            self._check(fix.when, follow(front, ("fix", "when")), 0, "bool")
        self._value(fix.safety, follow(front, ("fix", "safety")), {"string"})
        if not fix.safety.startswith("{") and fix.safety not in SAFETIES:
            self._add(place(front, ("fix", "safety"))[0], "a fix is safe or unsafe")
        if not fix.set and not fix.remove:
            self._add(place(front, ("fix",))[0], "a fix sets or removes something")
        for path, value in fix.set.items():
            node = follow(front, ("fix", "set", path))
            self._value(value, node, self._path(path, node))
        for index, path in enumerate(fix.remove):
            self._path(path, follow(front, ("fix", "remove", index)))

    def _value(self, value: object, node: Node | None, kinds: set[str]) -> None:
        """A value that a fix sets: of one of the kinds, unless that is none that can be told."""
        if not (isinstance(value, str) and value.startswith("{")):
            kind = value_type(value).kind
            at = 0
        else:
            before = len(self._errors)
            self._message(value, node, None)
            if len(self._errors) > before:
                return
            hole, *others = parse_template(value)
            if others or not isinstance(hole, Hole):
                self._add(place_in_scalar(self._file, node, 0), "a value is one expression, or none")
                return
            kind, at = self._environment.compile(hole.expression).check(self._names, self._known).type.kind, hole.offset
        if kinds and kind not in kinds | {"any"}:
            wanted = " or ".join(sorted(kinds))
            self._add(place_in_scalar(self._file, node, at), f"the type {wanted} is needed here, and this is {kind}")

    def _path(self, text: str, node: Node | None) -> set[str]:
        """A path must exist in the scope's shape; the kinds of value that stand there, empty if nobody knows."""
        from hpolint.engine import scope_shape
        from hpolint.schema import shape_at

        span = node.span if node is not None else self._file.front.span
        try:
            path = parse_path(text)
        except ValueError:
            self._add(span, f"`{text}` is no path")
            return set()
        roots = scope_shape(self._rule.scope)
        shapes = [shape for root in roots if (shape := shape_at(path, root)) is not None]
        if roots and not shapes:
            self._add(span, f"`{text}` is not a path of the API below {roots[0]}")
        return {schema_type(shape).kind for shape in shapes}


def _is_shown(type_: Type, format_: str) -> bool:
    """Whether a message can show a value of a type in a format."""
    if type_.kind not in SAMPLES:
        return type_.kind in ("any", "null") or not format_
    try:
        show(SAMPLES[type_.kind], format_)
    except (ValueError, TypeError):
        return False
    return True


def _scalars(node: Node | None) -> Iterable[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Array):
        for item in node.items:
            yield from _scalars(item)
