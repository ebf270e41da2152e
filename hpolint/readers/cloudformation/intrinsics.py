"""CloudFormation's intrinsic functions: evaluated where the template has their values, else unknown.

Sources: the CloudFormation template reference, "Intrinsic function reference", "Mappings" and
"Pseudo parameters reference".
"""

from __future__ import annotations

import msgspec

from hpolint.io.escaping import brief
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import (
    MAX_CHOICES,
    Array,
    Node,
    Path,
    Scalar,
    ScalarValue,
    Struct,
    Unknown,
    is_known,
    member,
    plain,
    small_span,
)
from hpolint.model.reasons import Kind, is_a
from hpolint.model.source import Source, Span
from hpolint.readers.parameters import Choices, allowed_values, branch_choices, is_plain, template_default
from hpolint.readers.placeholders import INTRINSIC, is_regex, resolve_placeholders, unknown_text
from hpolint.syntax.numbers import index_of
from hpolint.syntax.pieced_text import Allowance, Text, placeholder

LOOP, MACRO = "Fn::ForEach::", "Fn::Transform"
LOOP_NAME = lazy_regex(r"[$&]\{[A-Za-z0-9]+\}")
NO_VALUE = "AWS::NoValue"
DYNAMIC = lazy_regex(r"\{\{resolve:[^{}]*\}\}")
FUNCTIONS = frozenset(
    {
        *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAtt"),
        *("GetAZs", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split"),
        *("Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll"),
    }
)
PLAIN_NAMES = ("Ref", "Condition")
DEPLOYED = {
    "Fn::ImportValue": "is imported from another stack",
    "Fn::GetStackOutput": "is the output of another stack",
    MACRO: "is the result of a macro",
    "Fn::GetAZs": "is a list of availability zones",
    "Fn::Cidr": "is a list of address blocks",
    "Fn::FindInMap": "is looked up in a mapping with a key that the template does not contain",
}
"""The reasons of functions that only a deployment can evaluate."""

MAX_CONDITION_DEPTH = 20
"""Levels of conditions within conditions that are evaluated."""

Steps = list[Node | None]
"""The arguments of ``Fn::FindInMap``: a map and two keys, which may be unknown; None where one is absent."""


def tagged(tag: str, node: Node, place: Span) -> Node | None:
    """YAML's short form ``!Sub`` as the structure ``{"Fn::Sub": …}``; None if the tag is not an intrinsic function."""
    name = tag.removeprefix("!")
    if name not in FUNCTIONS and name not in PLAIN_NAMES:
        return None
    key = name if name in PLAIN_NAMES else f"Fn::{name}"
    return Struct({key: node}, node.span, place, {key: place})


class Call(msgspec.Struct, frozen=True):
    """A call of an intrinsic function, with the place of its name."""

    name: str
    argument: Node
    place: Span


class Template(msgspec.Struct):
    """A template and the values that its functions can refer to.

    ``substitutions`` holds a state machine's DefinitionSubstitutions, the values of its ``${name}``. ``in_loop`` is
    set for a resource inside ``Fn::ForEach``, which replaces the loop's names in all of its strings.
    """

    source: Source
    root: Struct
    allowance: Allowance
    substitutions: dict[str, Node] = msgspec.field(default_factory=dict)
    in_loop: bool = False
    _holding: dict[str, bool | None] = msgspec.field(default_factory=dict)
    """The conditions whose value by the parameters' defaults was computed, or is being computed: then None."""

    def _parameter(self, name: str) -> Node | None:
        return member(self.root.get("Parameters"), name)

    def _condition(self, name: str) -> Node | None:
        return member(self.root.get("Conditions"), name)

    def resolve(self, node: Node, path: Path = ()) -> Node | None:
        """A copy of a tree with each function replaced by its value or an Unknown; None for ``AWS::NoValue``."""
        if isinstance(node, Array):
            return self._array(node, path)
        if isinstance(node, Struct):
            call = call_of(node)
            if call is not None:
                return self._evaluate(call, path)
            if MACRO in node.members:
                return Unknown("may be changed by the macro in it", node.keys.get(MACRO, node.anchor))
            return self._struct(node, path)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._filled(node, path)
        return node

    def _array(self, node: Array, path: Path) -> Array:
        """A list. An item that a condition may omit leaves the list open."""
        array = Array([], node.span, node.anchor, node.open)
        for index, item in enumerate(node.items):
            value = self.resolve(item, (*path, index))
            if isinstance(value, Unknown) and self._may_be_left_out(item):
                array.open = array.open or value
            elif value is not None:
                array.items.append(value)
        return array

    def _may_be_left_out(self, node: Node) -> bool:
        """Whether a branch of ``Fn::If``, at any depth, is ``AWS::NoValue``."""
        argument = member(node, "Fn::If")
        if _is_no_value(node) or not isinstance(argument, Array):
            return _is_no_value(node)
        return any(self._may_be_left_out(branch) for branch in argument.items[1:])

    def _struct(self, node: Struct, path: Path) -> Struct:
        struct = node.emptied()
        struct.keys.update(node.keys)
        for name, written in node.members.items():
            place = node.keys.get(name, node.anchor)
            if INTRINSIC.match(name) or name.startswith(LOOP):
                struct.open = struct.open or Unknown(f"has members that `{name}` adds", place)
                continue
            key = unknown_text(name, place)
            if key is not None:
                struct.open = struct.open or Unknown(f"the key {key.reason}", place)
                continue
            value = self.resolve(written, (*path, name))
            if value is not None:
                struct.members[name] = value
        return struct

    def _filled(self, node: Scalar, path: Path) -> Node:
        """A string after substitution. A metric's regular expression may look like a placeholder."""
        value = str(node.value)
        regex = is_regex(path)
        if self.in_loop and LOOP_NAME.search(value):
            return Unknown("contains a name of the `Fn::ForEach` loop", node.span)
        if self.substitutions and "${" in value:
            text = Text.of(self.source, node).filled(self._substitution_text if regex else self._substitution)
            return text.as_node(node.span)
        if regex and "{{resolve:" not in value:
            return node
        return unknown_text(value, node.span) or node

    def substituted(self, text: Text) -> Text:
        """A text after DefinitionSubstitutions; a name without a substitution is a placeholder."""
        return text.filled(self._substitution)

    def _substitution(self, name: str, place: Span) -> Text:
        return self._substitution_text(name, place) or placeholder(self.source, name, place)

    def _substitution_text(self, name: str, place: Span) -> Text | None:
        return self.text(self.substitutions[name], place) if name in self.substitutions else None

    def _evaluate(self, call: Call, path: Path) -> Node | None:
        """The value of a function, or an Unknown; None for ``AWS::NoValue``."""
        name, argument, place = call.name, call.argument, call.place
        if name == "Ref" and isinstance(argument, Scalar) and argument.value == NO_VALUE:
            return None
        if name == "Fn::If":
            return self._if(argument, place, path)
        if name in ("Fn::Join", "Fn::Sub"):
            text = self._assemble(call)
            return text.as_node(_text_span(argument) or (None if text.value else place))
        value = self._value(name, argument, place)
        if value is not None:
            return value
        choices, default = self._choices(name, argument), self._default(name, argument)
        return Unknown(self._reason(name, argument), place, choices=choices, default=default)

    def _choices(self, name: str, argument: Node) -> Choices:
        """All possible values of a function; empty if the template does not limit them."""
        if name == "Ref" and isinstance(argument, Scalar):
            return allowed_values(self._parameter(str(argument.value)))
        if name == "Fn::FindInMap":
            return _possible_map_values(self.root.get("Mappings"), self._steps(argument))
        return ()

    def _default(self, name: str, argument: Node) -> Scalar | None:
        """The value of a function if each parameter has its default; None if it is not known."""
        if name == "Ref" and isinstance(argument, Scalar):
            return template_default(self._parameter(str(argument.value)))
        if name == "Fn::FindInMap":
            steps: Steps = [_default_of(step) for step in self._steps(argument)[:3]]
            value = _map_value(self.root.get("Mappings"), steps)
            return value if isinstance(value, Scalar) else None
        return None

    def _condition_holds(self, name: str, depth: int = 0) -> bool | None:
        """Whether a named condition holds if each parameter has its default; None if it is not known.

        Each is computed once: conditions may name others, and each of these twice.
        """
        if name not in self._holding:
            self._holding[name] = None
            self._holding[name] = self._holds_by_default(self._condition(name), depth)
        return self._holding[name]

    def _holds_by_default(self, node: Node | None, depth: int = 0) -> bool | None:
        """Whether a condition holds if each parameter has its default; None if it is not known."""
        if not isinstance(node, Struct) or len(node.members) != 1 or depth > MAX_CONDITION_DEPTH:
            return None
        ((name, argument),) = node.members.items()
        if name == "Condition" and isinstance(argument, Scalar):
            return self._condition_holds(str(argument.value), depth + 1)
        items = argument.items if isinstance(argument, Array) and argument.open is None else []
        if name == "Fn::Equals" and len(items) == 2:
            return self._are_equal_by_default(*items)
        parts = [self._holds_by_default(item, depth + 1) for item in items]
        if not parts or None in parts:
            return None
        match name:
            case "Fn::Not" if len(parts) == 1:
                return not parts[0]
            case "Fn::And":
                return all(parts)
            case "Fn::Or":
                return any(parts)
        return None

    def _are_equal_by_default(self, one: Node, other: Node) -> bool | None:
        left, right = self._scalar_by_default(one), self._scalar_by_default(other)
        if left is None or right is None:
            return None
        return _text_of(left) == _text_of(right)

    def _scalar_by_default(self, node: Node) -> Scalar | None:
        """A value if each parameter has its default, the empty string included; None if it is not known."""
        call = call_of(node)
        if call is not None and call.name == "Ref" and isinstance(call.argument, Scalar):
            parameter = self._parameter(str(call.argument.value))
            default = member(parameter, "Default")
            if isinstance(default, Scalar) and default.value == "" and is_plain(parameter):
                return default
            return template_default(parameter)
        return _default_of(self.resolve(node))

    def _steps(self, argument: Node) -> list[Node | None]:
        """The resolved arguments of ``Fn::FindInMap``; empty if they are not a list."""
        return [self.resolve(item) for item in argument.items] if isinstance(argument, Array) else []

    def _value(self, name: str, argument: Node, place: Span) -> Node | None:
        """The value of a function whose arguments are all known; None if it is unknown."""
        if name == "Fn::FindInMap":
            return _map_value(self.root.get("Mappings"), self._steps(argument)[:3])
        if name == "Fn::Select":
            return self._selected(argument)
        if name == "Fn::Split":
            parts = self._split(argument)
            return Array([part.as_node() for part in parts], place, place) if parts is not None else None
        return None

    def _if(self, argument: Node, place: Span, path: Path) -> Node | None:
        """The value of ``Fn::If``: the common value of both branches, else an Unknown."""
        condition, *branches = argument.items if isinstance(argument, Array) else [argument]
        if len(branches) != 2 or not isinstance(condition, Scalar):
            return Unknown(unsupported_reason("Fn::If"), place)
        one, other = (self.resolve(branch, path) for branch in branches)
        if _is_same(one, other):
            return one
        name = str(condition.value)
        holds = self._condition_holds(name)
        default = None
        if holds is not None:
            default = _default_of(one if holds else other)
        reason = f"depends on the condition `{brief(name)}`"
        return Unknown(reason, place, choices=branch_choices(one, other), default=default)

    def text(self, node: Node, place: Span | None = None) -> Text:
        """A node as text in pieces. Its unknown parts become gaps, at ``place`` where it is given."""
        if isinstance(node, Scalar) and node.value is not None:
            return self._literal(node)
        if isinstance(node, Unknown):
            return Text.gap(self.source, node)
        call = call_of(node)
        if call is None:
            return self._gap("is not a string", place or node.span)
        if call.name in ("Fn::Join", "Fn::Sub"):
            return self._assemble(call)
        value = self._evaluate(call, ())
        if isinstance(value, Scalar):
            return self._literal(value)
        if isinstance(value, Unknown):
            return Text.gap(self.source, Unknown(value.reason, call.place, (), value.choices, value.default))
        return self._gap("is left out" if value is None else "is not a string", call.place)

    def _gap(self, reason: str, place: Span) -> Text:
        return Text.gap(self.source, Unknown(reason, place))

    def _assemble(self, call: Call) -> Text:
        """The text of ``Fn::Join`` or ``Fn::Sub``, within the allowance."""
        if self.allowance.is_spent:
            return self._gap("exceeds the amount of text that is evaluated", call.place)
        assemble = self._joined if call.name == "Fn::Join" else self._sub
        text = _without_dynamic(assemble(call.argument, call.place))
        self.allowance.spend(len(text.value))
        return text

    def _literal(self, node: Scalar) -> Text:
        """A scalar's text. Dynamic references in it become gaps, since the stack resolves them."""
        if isinstance(node.value, str):
            return _without_dynamic(Text.of(self.source, node))
        text = _spelled(self.source, node)
        if text is None:
            return self._gap("is a number that may be converted to a different string", node.span)
        return Text.written(self.source, text, node.span)

    def _joined(self, argument: Node, place: Span) -> Text:
        if not isinstance(argument, Array) or len(argument.items) != 2:
            return self._gap(unsupported_reason("Fn::Join"), place)
        delimiter, listed = argument.items
        if not isinstance(delimiter, Scalar) or not isinstance(delimiter.value, str):
            return self._gap(unsupported_reason("Fn::Join"), place)
        items = self._list(listed)
        if isinstance(items, Unknown):
            return Text.gap(self.source, items)
        pieces: list[Text] = []
        for item in items:
            if pieces and delimiter.value:
                pieces.append(Text.written(self.source, delimiter.value, delimiter.span))
            pieces.append(item)
        return Text.joined(self.source, pieces)

    def _list(self, node: Node) -> list[Text] | Unknown:
        """The items of a list as texts, or why they are unknown."""
        call = call_of(node)
        if call is not None and call.name == "Fn::Split":
            parts = self._split(call.argument)
            return parts if parts is not None else Unknown(unsupported_reason("Fn::Split"), small_span(node))
        if isinstance(node, Array):
            return [self.text(item) for item in node.items if not _is_no_value(item)]
        value = self.resolve(node)
        return value if isinstance(value, Unknown) else Unknown("is not a list", node.span)

    def _sub(self, argument: Node, place: Span) -> Text:
        names: dict[str, Node] = {}
        if isinstance(argument, Array) and len(argument.items) == 2 and isinstance(argument.items[1], Struct):
            names, argument = argument.items[1].members, argument.items[0]
        if not isinstance(argument, Scalar) or not isinstance(argument.value, str):
            return self._gap(unsupported_reason("Fn::Sub"), place)

        texts: dict[str, Text] = {}

        def lookup(name: str, at: Span) -> Text:
            if name.startswith("!"):
                return Text.written(self.source, f"${{{name[1:]}}}", at)
            if name in names:
                if name not in texts:
                    texts[name] = self.text(names[name], at)
                return texts[name]
            parameter = self._parameter(name.strip())
            choices, default = allowed_values(parameter), template_default(parameter)
            return Text.gap(self.source, Unknown(self.reference_reason(name.strip()), at, (), choices, default))

        return self._literal(argument).filled(lookup)

    def _selected(self, argument: Node) -> Node | None:
        if not isinstance(argument, Array) or len(argument.items) != 2:
            return None
        index, list_ = self.resolve(argument.items[0]), self.resolve(argument.items[1])
        if not isinstance(index, Scalar) or not isinstance(list_, Array) or list_.open is not None:
            return None
        number = index_of(str(index.value))
        if number is None or number >= len(list_.items):
            return None
        return list_.items[number]

    def _split(self, argument: Node) -> list[Text] | None:
        if not isinstance(argument, Array) or len(argument.items) != 2:
            return None
        delimiter = argument.items[0]
        if not isinstance(delimiter, Scalar) or not isinstance(delimiter.value, str) or not delimiter.value:
            return None
        text = self.text(argument.items[1])
        return text.split(delimiter.value) if not text.gaps else None

    def _reason(self, name: str, argument: Node) -> str:
        """The reason of a function whose value is not in the template."""
        if name == "Ref" and isinstance(argument, Scalar):
            return self.reference_reason(str(argument.value))
        if name == "Fn::GetAtt":
            first = argument.items[0] if isinstance(argument, Array) and argument.items else argument
            if isinstance(first, Scalar):
                return f"is an attribute of the resource `{str(first.value).partition('.')[0]}`"
        return DEPLOYED.get(name, unsupported_reason(name))

    def reference_reason(self, name: str) -> str:
        """The reason of a name in ``Ref`` or ``${…}``."""
        if name.startswith("AWS::"):
            return f"is the pseudo parameter `{name}`"
        parameter = self._parameter(name)
        if parameter is None:
            owner, _, attribute = name.partition(".")
            return f"is an attribute of the resource `{owner}`" if attribute else f"refers to the resource `{name}`"
        kind, default = member(parameter, "Type"), member(parameter, "Default")
        if isinstance(kind, Scalar) and str(kind.value).startswith("AWS::SSM::"):
            return f"is the Systems Manager value that the parameter `{name}` names"
        shown = f"by default {_shown(default.value)}" if isinstance(default, Scalar) else "which has no default"
        return is_a(f"the parameter `{name}`, {shown}", Kind.TEMPLATE_PARAMETER)


def _text_of(value: Scalar) -> str:
    """A value as the text that conditions compare."""
    text = str(value.value)
    return text.lower() if isinstance(value.value, bool) else text


def _default_of(node: Node | None) -> Scalar | None:
    """A value if each parameter has its default; None if it is not known."""
    if isinstance(node, Unknown):
        return node.default
    return node if isinstance(node, Scalar) else None


def call_of(node: Node) -> Call | None:
    """The call of an intrinsic function; None for other nodes."""
    if not isinstance(node, Struct) or len(node.members) != 1 or node.open is not None:
        return None
    ((name, argument),) = node.members.items()
    if not INTRINSIC.match(name):
        return None
    return Call(name, argument, node.keys.get(name, node.anchor))


def unsupported_reason(name: str) -> str:
    """The reason of a function that is malformed or not supported."""
    return f"is a call of `{name}` that is not evaluated"


def _spelled(source: Source, node: Scalar) -> str | None:
    """The only text of a number or boolean; None if readers may convert it differently."""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    written = source.read(node.span)
    return written if written == str(node.value) else None


def _without_dynamic(text: Text) -> Text:
    """A text with a gap for each dynamic reference."""
    if "{{resolve:" not in text.value:
        return text
    return text.with_gaps_for(DYNAMIC, "is resolved by the stack when it is deployed")


def _is_no_value(node: Node) -> bool:
    argument = member(node, "Ref")
    return isinstance(argument, Scalar) and argument.value == NO_VALUE


def _is_same(one: Node | None, other: Node | None) -> bool:
    """Whether both are absent, or known, equal and of the same type: true is not 1."""
    if one is None or other is None:
        return one is other
    return is_known(one) and is_known(other) and repr(plain(one)) == repr(plain(other))


def _text_span(argument: Node) -> Span | None:
    """The span of the string of ``Fn::Sub``; None for ``Fn::Join``, whose pieces have their own spans."""
    if isinstance(argument, Scalar):
        return argument.span
    if not isinstance(argument, Array) or len(argument.items) != 2:
        return None
    text, values = argument.items
    if isinstance(text, Scalar) and isinstance(values, Struct) and call_of(values) is None:
        return text.span
    return None


def _shown(value: ScalarValue) -> str:
    text = str(value)
    return f"`{brief(text, 40)}`" if text else "empty"


def _map_value(mappings: Node | None, steps: Steps) -> Node | None:
    """The value at three known steps; None if there is no such value, or a step is unknown."""
    node = mappings
    for step in steps:
        if not isinstance(step, Scalar) or not isinstance(node, Struct):
            return None
        node = node.get(str(step.value))
    if len(steps) != 3 or isinstance(node, Struct) or node is None:
        return None
    return resolve_placeholders(node)


def _possible_map_values(mappings: Node | None, steps: Steps) -> Choices:
    """All values that a lookup can return; an unknown key, such as the region, may be any key of its level.

    A stack with a key that the map lacks cannot be deployed. A fourth step (a default) gives no choices.
    """
    if len(steps) != 3:
        return ()
    nodes: list[Node | None] = [mappings]
    for step in steps:
        levels = [node for node in nodes if isinstance(node, Struct) and node.open is None]
        if len(levels) < len(nodes) or len(nodes) > MAX_CHOICES:
            return ()
        names = _possible_keys(step)
        nodes = []
        for level in levels:
            nodes += [level.get(name) for name in names or level.members]
    values: dict[tuple[type, ScalarValue], Scalar] = {}
    for node in nodes:
        value = resolve_placeholders(node) if node is not None else None
        if not isinstance(value, Scalar):
            return ()
        values[type(value.value), value.value] = value
    return tuple(values.values()) if len(values) <= MAX_CHOICES else ()


def _possible_keys(step: Node | None) -> list[str]:
    """The keys that a step may be; empty if it may be any key."""
    if isinstance(step, Scalar):
        return [str(step.value)]
    choices = step.choices if isinstance(step, Unknown) else ()
    return [str(key.value) for key in choices if key is not None]
