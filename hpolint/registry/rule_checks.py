"""Validation of a rule file: page, names, expressions, messages, fix and paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hpolint.cel.type_checks import Checked, ExpressionError, Key, paths_to
from hpolint.cel.types import Type, schema_type, value_type
from hpolint.facts.measurements import experiments
from hpolint.lazy_regex import lazy_regex
from hpolint.model.level import LEVELS
from hpolint.model.node import Array, Node, Path, Scalar, ScalarValue, Struct, follow, member, parse_path, place
from hpolint.model.observations import KINDS
from hpolint.model.rule import SAFETIES, VERDICTS, Rule, RuleError, RuleSentence
from hpolint.registry.compiled_expressions import Expressions
from hpolint.registry.front_matter import front_errors
from hpolint.registry.lets import LetError, Lets
from hpolint.registry.message_templates import (
    FIX,
    Placeholder,
    TemplateError,
    is_member,
    parse_template,
    placeholders,
    show,
)
from hpolint.registry.rule_options import stricter_error, value_error
from hpolint.registry.rule_reader import RuleFile, build_rule
from hpolint.registry.vocabulary import SCOPES, WORDS, message_types, types
from hpolint.schema import OPEN_ENUMS, member_names, shape_at
from hpolint.schema import shape as schema_shape

HEADINGS = ("## Why", "## Instead", "## Examples")
ALWAYS = ("options", "defaulted", "observation", "names", "count")
"""Names that are never unknown, so the first sentence may use them too."""

NAMING: frozenset[Key] = frozenset(
    {("parameter",), ("parameter", "Name"), ("hyperparameter",), ("hyperparameter", "Name")}
)
"""What says which subject a finding is about, which the first sentence may also use."""

BARE_MEMBER = lazy_regex(r"\b(?:[A-Z][a-z0-9]+){2,}[A-Z]*\b")
CODE = lazy_regex(r"`[^`]*`")
WRITTEN_MEMBER = lazy_regex(r"`([A-Z]\w+(?:\.[A-Z]\w+)*): ")

SAMPLES: dict[str, Any] = {"int": 1, "double": 1.5, "string": "text", "bool": True}
"""A value of each kind, to try a format on."""


def check_rule(file: RuleFile) -> list[RuleError]:
    """All errors in a rule file, with their places; empty if it is valid."""
    errors = front_errors(file)
    if errors:
        return errors
    rule = build_rule(file)
    checker = _RuleChecker(file, rule)
    errors = checker.errors()
    can_be_undecided = checker.can_be_undecided and rule.scope != "observation"
    return [*_page_errors(file, rule, can_be_undecided=can_be_undecided), *errors]


def _page_errors(file: RuleFile, rule: Rule, *, can_be_undecided: bool) -> list[RuleError]:
    """Missing headings and examples. A rule with a condition needs an example of each verdict that it can have."""
    before = file.source.text.count("\n") + 2
    errors = []
    for example in rule.examples:
        if example.verdict is None:
            reason = "an example must be below `### Found`, `### Clean` or `### Undecided`"
            errors.append(RuleError(rule.file, before + example.line - 1, 1, reason))
    missing = [heading for heading in HEADINGS if f"\n{heading}\n" not in f"\n{file.body}"]
    errors += [RuleError(rule.file, before, 1, f"the page lacks the heading `{heading}`") for heading in missing]
    required = VERDICTS if can_be_undecided else VERDICTS[:2]
    present = {example.verdict for example in rule.examples}
    for verdict in required:
        if verdict not in present:
            reason = f"the page has no example below `### {verdict.capitalize()}`"
            errors.append(RuleError(rule.file, before, 1, reason))
    return errors


class _RuleChecker:
    """Checks a rule's expressions and paths."""

    def __init__(self, file: RuleFile, rule: Rule) -> None:
        self._file = file
        self._rule = rule
        self._expressions = Expressions(rule)
        self._names = types(rule)
        self._in_messages = message_types(rule)
        self._errors: list[RuleError] = []
        self._known: frozenset[Key] = frozenset()
        self.can_be_undecided = rule.when is not None
        """Whether the condition reads a name that can be unknown."""

    def errors(self) -> list[RuleError]:
        """All errors in the rule's names, expressions, messages, fix and paths."""
        rule, front = self._rule, self._file.front
        self._check_names()
        self._check_cycles()
        if self._errors:
            return self._errors
        reads: frozenset[Key] | None = None
        if rule.when is not None:
            checked = self._check(rule.when, front.get("when"), 0, "bool")
            if checked:
                reads, self._known = checked.reads, checked.not_null
                self.can_be_undecided = any(key[0] not in ALWAYS for key in reads)
        self._check_usage()
        self._check_former_options()
        self._check_choice(rule.level, front.get("level"), LEVELS, "a level is error, warning or note")
        if rule.condition is not None and not rule.message:
            self._add(front.span, "a rule with a condition needs a `message`")
        for index in range(len(rule.message)):
            self._check_sentence(index, reads if index == 0 and rule.when is not None else None)
        if rule.fix is not None:
            self._check_fix()
        for name in ("at", "related"):
            for node in _scalars(front.get(name)):
                self._check_path(str(node.value), node)
        return self._errors

    def _add(self, span: Any, reason: str) -> None:
        error = self._file.error(span, reason)
        if error not in self._errors:
            self._errors.append(error)

    def _add_at(self, path: Path, reason: str) -> None:
        """Report an error at a path of the front matter."""
        self._add(place(self._file.front, path)[0], reason)

    def _add_in(self, node: Node | None, offset: int, reason: str) -> None:
        """Report an error at an offset in a text of the front matter."""
        self._add(self._file.place(node, offset), reason)

    def _check_names(self) -> None:
        """Check the scope and the kind of observation, and that ``let`` redefines no name of the vocabulary."""
        rule = self._rule
        if rule.when is not None and rule.scope == "source":
            self._add_at(("scope",), "the scope `source` is only for readers: it allows no `when`")
        if (rule.scope == "observation") != (rule.observes is not None) and rule.emitted_by is None:
            self._add_at(("scope",), "the scope `observation` and `observes` are only allowed together")
        if rule.observes is not None and rule.observes not in KINDS:
            kinds = ", ".join(f"`{kind}`" for kind in KINDS)
            self._add_at(("observes",), f"no reader observes `{rule.observes}`; use {kinds}")
        if rule.is_builtin and not rule.sources:
            self._add_at(("sources",), "a built-in rule needs `sources`: where its facts stand")
        for name in rule.lets:
            if name in WORDS:
                self._add_at(("let", name), f"`{name}` is already defined for every rule")

    def _check_cycles(self) -> None:
        """Report the first ``let`` that is defined in terms of itself or too long when expanded."""
        lets = Lets(self._rule.lets)
        for name in self._rule.lets:
            try:
                lets.expanded(name)
            except LetError as error:
                self._add_in(follow(self._file.front, ("let", error.name or name)), 0, str(error))
                return

    def _check_usage(self) -> None:
        """Report unused names and options: only used names are checked. Check the examples of options, too."""
        rule = self._rule
        for name in rule.lets:
            others = [text for other, text in rule.lets.items() if other != name]
            texts = [str(rule.when), rule.level, *map(str, rule.message), str(rule.fix), *others]
            if not any(re.search(rf"(?<![.\w]){name}\b", text) for text in texts):
                self._add_at(("let", name), f"`{name}` is not used")
        all_text = " ".join([str(rule.when), rule.level, str(rule.message), str(rule.fix), *rule.lets.values()])
        for name, option in rule.options.items():
            if option.example is not None and (reason := value_error(option.example, option.kind)):
                self._add_at(("options", name, "example"), reason)
            if option.stricter is not None and (reason := stricter_error(option.stricter, option.kind)):
                self._add_at(("options", name, "stricter"), reason)
            if f"options.{name}" not in all_text:
                self._add_at(("options", name), f"the option `{name}` is not used")

    def _check_former_options(self) -> None:
        """Report a former name that is also another option's, or that of one that was removed."""
        names = set(self._rule.options)
        former = [(option.former, ("options", name, "former")) for name, option in self._rule.options.items()]
        removed = [(name, ("removed_options", at)) for at, name in enumerate(self._rule.removed_options)]
        for name, path in [*former, *removed]:
            if name in names:
                self._add_at(path, f"`{name}` is also another option's name")
            elif name is not None:
                names.add(name)

    def _check(
        self,
        text: str,
        node: Node | None,
        offset: int,
        kind: str | None = None,
        *,
        known: frozenset[Key] = frozenset(),
        names: Mapping[str, Type] | None = None,
    ) -> Checked | None:
        """The checked expression; None after reporting an error. ``kind`` is the required type, never nullable."""
        try:
            compiled = self._expressions.compiled(text)
            checked = compiled.check(names or self._names, self._known | known)
        except ExpressionError as error:
            self._add_expression_error(text, node, offset, error)
            return None
        if kind is not None and (checked.type.kind != kind or checked.type.nullable):
            nullable = "nullable " if checked.type.nullable else ""
            self._add_in(node, offset, f"{kind} is required, but this is {nullable}{checked.type}")
        return checked

    def _add_expression_error(self, text: str, node: Node | None, offset: int, error: ExpressionError) -> None:
        """Report an error at the place where it was written: in the expression or in a ``let`` that it uses."""
        try:
            let, at = self._expressions.expanded(text).origin(error.offset)
        except ExpressionError:
            let, at = None, 0
        reason = error.reason
        if paths := paths_to(error.unknown, self._names) if error.unknown else []:
            reason += f": write {' or '.join(f'`{path}`' for path in paths)}"
        if let is None:
            self._add_in(node, offset + at, reason)
        else:
            self._add_in(follow(self._file.front, ("let", let)), at, reason)

    def _check_choice(self, text: str, node: Node | None, words: tuple[str, ...], reason: str) -> None:
        """Check that a text is one of the words, or an expression that selects one of them with ``?:``."""
        if not text.startswith("{"):
            if text not in words:
                self._add_in(node, 0, reason)
            return
        if self._check_value(text, node, {"string"}) is None:
            return
        constants = self._expressions.compiled(text[1:-1]).possible_constants()
        quoted = {word for word in words if re.search(rf"([\"']){word}\1", text)}
        if constants is None or constants != quoted:
            self._add_in(node, 0, f"{reason}: an expression must select one of them with `?:`")

    def _check_sentence(self, index: int, reads: frozenset[Key] | None) -> None:
        """Check a sentence. The first one is always printed, so it may use only values that ``when`` reads."""
        sentence, node = self._rule.message[index], follow(self._file.front, ("message", index))
        known: frozenset[Key] = frozenset()
        if sentence.when is not None:
            checked = self._check(sentence.when, member(node, "when"), 0, "bool", names=self._in_messages)
            known = checked.not_null if checked else known
        is_quoted = "{measured}" in sentence.say + (sentence.otherwise or "")
        if sentence.measured is not None or sentence.where or is_quoted:
            self._check_measured(sentence, node if isinstance(node, Struct) else None, is_quoted=is_quoted)
        if index == 0 and sentence.when is not None and sentence.otherwise is None:
            self._add_in(node, 0, "the first sentence is always printed: give it an `otherwise`")
        say = member(node, "say") if isinstance(node, Struct) else node
        self._check_template(sentence.say, say, reads, known)
        if sentence.otherwise is not None:
            self._check_template(sentence.otherwise, member(node, "otherwise"), reads, frozenset())

    def _check_measured(self, sentence: RuleSentence, node: Struct | None, *, is_quoted: bool) -> None:
        """Check that ``measured`` names an experiment, and that ``where`` has a value for each that it varied."""
        if sentence.measured is None or not is_quoted:
            self._add_in(node, 0, "`{measured}` needs `measured`, the name of an experiment, and `where`")
            return
        at = member(node, "measured")
        rows = experiments().get(sentence.measured)
        if rows is None:
            names = ", ".join(f"`{name}`" for name in experiments())
            self._add_in(at, 0, f"no experiment `{sentence.measured}`; use {names}")
            return
        if len(sentence.where) != len(rows[0]) - 1:
            reason = f"`where` has {len(sentence.where)} values, but `{sentence.measured}` varied {len(rows[0]) - 1}"
            self._add_in(at, 0, reason)
        for number, text in enumerate(sentence.where):
            self._check(text, follow(node, ("where", number)), 0, names=self._in_messages)

    def _check_template(
        self, text: str, node: Node | None, reads: frozenset[Key] | None, known: frozenset[Key]
    ) -> list[Placeholder] | None:
        try:
            segments = parse_template(text)
        except TemplateError as error:
            self._add_in(node, 0, str(error))
            return None
        self._check_members(text, node)
        if FIX in segments and self._rule.fix is None:
            self._add_in(node, max(text.find("{fix}"), 0), "`{fix}` is used, but the rule has no `fix`")
        for placeholder in placeholders(segments):
            self._check_placeholder(placeholder, node, reads, known)
        return placeholders(segments)

    def _check_placeholder(
        self, placeholder: Placeholder, node: Node | None, reads: frozenset[Key] | None, known: frozenset[Key]
    ) -> None:
        checked = self._check(placeholder.expression, node, placeholder.offset, known=known, names=self._in_messages)
        if checked is None:
            return
        if not _is_shown(checked.type, placeholder.format):
            reason = f"the format `{placeholder.format}` does not fit the type {checked.type}"
            self._add_in(node, placeholder.offset, reason)
        if reads is None:
            return
        extra = [".".join(key) for key in checked.reads - reads - NAMING if key[0] not in ALWAYS]
        if extra:
            path = max(extra, key=len)
            reason = f"the first sentence may use only what `when` reads, and it does not read `{path}`"
            self._add_in(node, placeholder.offset, reason)

    def _check_members(self, text: str, node: Node | None) -> None:
        """Check that API members are in backticks, to be respelled for each form, and that such members exist."""
        outside = re.sub(r"\{[^{}]*\}", lambda match: " " * len(match[0]), text)
        for match in BARE_MEMBER.finditer(CODE.sub(lambda match: " " * len(match[0]), outside)):
            if match[0] in member_names():
                self._add_in(node, match.start(), f"`{match[0]}` is a member of the API: put it in backticks")
        for match in WRITTEN_MEMBER.finditer(text):
            if not is_member(match[1]):
                self._add_in(node, match.start(), f"`{match[1]}` is not a member of the API")

    def _check_fix(self) -> None:
        fix, front = self._rule.fix, self._file.front
        if fix is None:
            return
        known: frozenset[Key] = frozenset()
        if fix.when is not None:
            checked = self._check(fix.when, follow(front, ("fix", "when")), 0, "bool")
            known = checked.not_null if checked else known
        self._check_choice(fix.safety, follow(front, ("fix", "safety")), SAFETIES, "a fix is safe or unsafe")
        if not fix.set and not fix.remove and fix.script is None:
            self._add_at(("fix",), "a fix needs `set`, `remove` or `script`")
        self._check_set(fix.set, ("fix", "set"), known)
        for index, path in enumerate(fix.remove):
            self._check_path(path, follow(front, ("fix", "remove", index)))

    def _check_set(self, values: Mapping[str, ScalarValue], key: Path, known: frozenset[Key]) -> None:
        """Check paths of the scope's node and that each value has the type of the API at its path."""
        for path, value in values.items():
            node = follow(self._file.front, (*key, path))
            if self._check_value(value, node, self._check_path(path, node), known) is not None:
                self._check_constant(path, value, node)

    def _check_constant(self, path: str, value: ScalarValue, node: Node | None) -> None:
        """Check that the API accepts a constant."""
        if isinstance(value, str) and value.startswith("{"):
            return
        for shape in self._shapes_at(parse_path(path)):
            choices, minimum = schema_shape(shape).get("enum"), schema_shape(shape).get("minimum")
            if choices is not None and value not in choices and shape not in OPEN_ENUMS:
                self._add_in(node, 0, f"the API takes {', '.join(map(str, choices))} here")
            elif minimum is not None and isinstance(value, int | float) and value < minimum:
                self._add_in(node, 0, f"the API takes at least {minimum} here")

    def _check_value(
        self, value: ScalarValue, node: Node | None, kinds: set[str], known: frozenset[Key] = frozenset()
    ) -> str | None:
        """The kind of a value, which must be one of ``kinds`` if there are any; None after reporting an error."""
        at, kind = 0, value_type(value).kind
        if isinstance(value, str) and value.startswith("{"):
            before = len(self._errors)
            inside = self._check_template(value, node, None, known)
            if inside is None or len(self._errors) > before:
                return None
            if len(inside) != 1 or len(parse_template(value)) != 1:
                self._add_in(node, 0, "a value must be a single expression or a constant")
                return None
            checked = self._check(inside[0].expression, node, inside[0].offset, known=known)
            if checked is None:
                return None
            kind, at = checked.type.kind, inside[0].offset
        if kinds and kind not in kinds | {"any"}:
            required = " or ".join(sorted(kinds))
            self._add_in(node, at, f"the type {required} is required here, but this is {kind}")
            return None
        return kind

    def _check_path(self, text: str, node: Node | None) -> set[str]:
        """The kinds of value at a path, which must exist in the scope's shape; empty if they are not known."""
        span = node.span if node is not None else self._file.front.span
        try:
            path = parse_path(text)
        except ValueError:
            self._add(span, f"`{text}` is not a valid path")
            return set()
        roots = SCOPES[self._rule.scope].shapes
        shapes = self._shapes_at(path)
        if roots and not shapes:
            self._add(span, f"`{text}` is not a path in the API under {roots[0]}")
        return {schema_type(shape).kind for shape in shapes}

    def _shapes_at(self, path: Path) -> list[str]:
        """The possible shapes at a path of the scope's node."""
        roots = SCOPES[self._rule.scope].shapes
        return [shape for root in roots if (shape := shape_at(path, root)) is not None]


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
