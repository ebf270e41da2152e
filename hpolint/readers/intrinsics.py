"""CloudFormation's intrinsic functions: what of them a template tells, and what only a deployment does.

Sources: the CloudFormation template reference, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from hpolint.io.escaping import brief
from hpolint.model.node import Array, Node, Path, Scalar, ScalarValue, Struct, Unknown, plain, walk
from hpolint.model.reasons import is_parameter
from hpolint.model.source import Source, Span
from hpolint.readers.mappings import all_in_map, found_in_map
from hpolint.readers.parameters import Choices, allowed_values, either
from hpolint.readers.placeholders import INTRINSIC, is_regex, unknown_text
from hpolint.syntax.numbers import index_of
from hpolint.syntax.pieced_text import Allowance, Text, placeholder

LOOP = "Fn::ForEach::"
LOOP_NAME = re.compile(r"[$&]\{[A-Za-z0-9]+\}")
NO_VALUE = "AWS::NoValue"
DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
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
    "Fn::Transform": "is what a macro makes of it",
    "Fn::GetAZs": "is a list of availability zones",
    "Fn::Cidr": "is a list of address blocks",
}
"""Functions that only a deployment can evaluate."""


def tagged(tag: str, node: Node, place: Span) -> Node | None:
    """YAML's short form ``!Sub`` as the structure ``{"Fn::Sub": …}``; None for a tag that is no intrinsic function."""
    name = tag.removeprefix("!")
    if name not in FUNCTIONS and name not in PLAIN_NAMES:
        return None
    key = name if name in PLAIN_NAMES else f"Fn::{name}"
    return Struct({key: node}, node.span, place, {key: place})


class Template(msgspec.Struct, dict=True):
    """A template's own values: what its functions may refer to.

    ``substitutions`` are a state machine's DefinitionSubstitutions, the values of its ``${name}``. ``in_loop`` says
    that the resource stands in ``Fn::ForEach``, whose names are filled in everywhere in it.
    """

    source: Source
    root: Struct
    allowance: Allowance
    substitutions: dict[str, Node] = msgspec.field(default_factory=dict)
    in_loop: bool = False

    @cached_property
    def _parameters(self) -> Struct | None:
        found = self.root.get("Parameters")
        return found if isinstance(found, Struct) else None

    def _parameter(self, name: str) -> Node | None:
        return self._parameters.get(name) if self._parameters is not None else None

    def resolve(self, node: Node, path: Path = ()) -> Node | None:
        """A copy of a tree in which each function is its value, or unknown; None for ``AWS::NoValue``."""
        if isinstance(node, Array):
            return self._array(node, path)
        if isinstance(node, Struct):
            name = function(node)
            return self._called(name, node, path) if name else self._struct(node, path)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._filled(node, path)
        return node

    def _array(self, node: Array, path: Path) -> Array:
        """A list; an item that a condition leaves out may be there or not."""
        found = Array([], node.span, node.anchor, node.open)
        for index, item in enumerate(node.items):
            value = self.resolve(item, (*path, index))
            if isinstance(value, Unknown) and self._may_be_left_out(item):
                found.open = found.open or value
            elif value is not None:
                found.items.append(value)
        return found

    def _may_be_left_out(self, node: Node) -> bool:
        """Whether one of a choice's branches, however deep, is ``AWS::NoValue``."""
        argument = node.get("Fn::If") if isinstance(node, Struct) else None
        if _is_no_value(node) or not isinstance(argument, Array):
            return _is_no_value(node)
        return any(self._may_be_left_out(branch) for branch in argument.items[1:])

    def _struct(self, node: Struct, path: Path) -> Struct:
        found = node.emptied()
        found.keys.update(node.keys)
        for name, member in node.members.items():
            if INTRINSIC.match(name) or name.startswith(LOOP):
                found.open = found.open or Unknown(f"has members that `{name}` adds", node.keys.get(name, node.anchor))
                continue
            key = unknown_text(name, node.keys.get(name, node.anchor))
            if key is not None:
                found.open = found.open or Unknown(f"the key {key.reason}", key.span)
                continue
            value = self.resolve(member, (*path, name))
            if value is not None:
                found.members[name] = value
        return found

    def _filled(self, node: Scalar, path: Path) -> Node:
        """A string, with the substitutions in it. A metric's regular expression may look like a placeholder."""
        words = str(node.value)
        regex = is_regex(path)
        if self.in_loop and LOOP_NAME.search(words):
            return Unknown("has a name of the loop `Fn::ForEach` in it", node.span)
        if self.substitutions and "${" in words:
            text = Text.of(self.source, node)
            return (text.filled(self._given) if regex else self.substituted(text)).as_node(node.span)
        if regex and "{{resolve:" not in words:
            return node
        return unknown_text(words, node.span) or node

    def substituted(self, text: Text) -> Text:
        """A text with its DefinitionSubstitutions in place; a name that has none is a placeholder."""
        return text.filled(self._substitution)

    def _substitution(self, name: str, place: Span) -> Text:
        return self._given(name, place) or placeholder(self.source, name, place)

    def _given(self, name: str, place: Span) -> Text | None:
        return self.text(self.substitutions[name], place) if name in self.substitutions else None

    def _called(self, name: str, node: Struct, path: Path) -> Node | None:
        """What a function gives."""
        argument, place = node.members[name], node.keys.get(name, node.anchor)
        if name == "Ref" and isinstance(argument, Scalar) and argument.value == NO_VALUE:
            return None
        if name == "Fn::If":
            return self._if(argument, place, path)
        if name in ("Fn::Join", "Fn::Sub"):
            text = self.text(node, place)
            return text.as_node(_text_span(argument) or (None if text.value else place))
        value = self._value(name, argument, place)
        if value is not None:
            return value
        return Unknown(self._reason(name, argument), place, choices=self._choices(name, argument))

    def _choices(self, name: str, argument: Node) -> Choices:
        """All that a function can give, where the template tells that."""
        if name == "Ref" and isinstance(argument, Scalar):
            return allowed_values(self._parameter(str(argument.value)))
        if name == "Fn::FindInMap":
            return all_in_map(self.root.get("Mappings"), self._steps(argument))
        return ()

    def _steps(self, argument: Node) -> list[Node | None]:
        """A list's items, as far as they can be told."""
        return [self.resolve(item) for item in argument.items] if isinstance(argument, Array) else []

    def _value(self, name: str, argument: Node, place: Span) -> Node | None:
        """The value of a function whose argument says it all; None if it does not."""
        if name == "Fn::FindInMap":
            return found_in_map(self.root.get("Mappings"), self._steps(argument)[:3])
        if name == "Fn::Select":
            return self._selected(argument)
        if name == "Fn::Split":
            parts = self._split(argument)
            return None if parts is None else Array([part.as_node() for part in parts], place, place)
        return None

    def _if(self, argument: Node, place: Span, path: Path) -> Node | None:
        """A choice: what both branches give, else unknown."""
        condition, *branches = argument.items if isinstance(argument, Array) else [argument]
        if len(branches) != 2 or not isinstance(condition, Scalar):
            return Unknown(broken("Fn::If"), place)
        one, other = (self.resolve(branch, path) for branch in branches)
        if one is None and other is None:
            return None
        if one is not None and other is not None and _known(one) and _known(other) and _same(plain(one), plain(other)):
            return one
        reason = f"depends on the condition `{brief(str(condition.value))}`"
        return Unknown(reason, place, choices=either(one, other))

    def text(self, node: Node, place: Span | None = None) -> Text:
        """What a node is as a string, in pieces; what cannot be told of it is a hole, shown at ``place``."""
        if isinstance(node, Scalar) and node.value is not None:
            return self._literal(node)
        if isinstance(node, Unknown):
            return Text.gap(self.source, node)
        place = place or node.span
        name = function(node) if isinstance(node, Struct) else None
        if name is None or not isinstance(node, Struct):
            return Text.gap(self.source, Unknown("is no text", place))
        argument, called = node.members[name], node.keys.get(name, place)
        if name in ("Fn::Join", "Fn::Sub"):
            return self._made(name, argument, called)
        value = self._called(name, node, ())
        if isinstance(value, Scalar):
            return self._literal(value)
        if isinstance(value, Unknown):
            return Text.gap(self.source, Unknown(value.reason, called, choices=value.choices))
        return Text.gap(self.source, Unknown("is left out" if value is None else "is no text", called))

    def _made(self, name: str, argument: Node, place: Span) -> Text:
        """What a function puts together, as far as there is an allowance for it."""
        if self.allowance.is_spent:
            return Text.gap(self.source, Unknown("is made of more than is followed here", place))
        text = self._joined(argument, place) if name == "Fn::Join" else self._sub(argument, place)
        text = _without_dynamic(text)
        self.allowance.spend(len(text.value))
        return text

    def _literal(self, node: Scalar) -> Text:
        """A scalar's text; a dynamic reference in it is what the stack resolves."""
        if isinstance(node.value, str):
            return _without_dynamic(Text.of(self.source, node))
        words = _spelled(self.source, node)
        if words is None:
            return Text.gap(self.source, Unknown("is a number that may be spelt in another way", node.span))
        return Text.written(self.source, words, node.span)

    def _joined(self, argument: Node, place: Span) -> Text:
        delimiter = argument.items[0] if isinstance(argument, Array) and len(argument.items) == 2 else None
        if not (isinstance(argument, Array) and isinstance(delimiter, Scalar) and isinstance(delimiter.value, str)):
            return Text.gap(self.source, Unknown(broken("Fn::Join"), place))
        items = self._list(argument.items[1])
        if isinstance(items, Unknown):
            return Text.gap(self.source, items)
        between = Text.written(self.source, delimiter.value, delimiter.span) if delimiter.value else None
        pieces: list[Text] = []
        for item in items:
            if pieces and between is not None:
                pieces.append(between)
            pieces.append(item)
        return Text.joined(self.source, pieces)

    def _list(self, node: Node) -> list[Text] | Unknown:
        """The items of a list as texts."""
        if isinstance(node, Struct) and function(node) == "Fn::Split":
            parts = self._split(node.members["Fn::Split"])
            return parts if parts is not None else Unknown(broken("Fn::Split"), node.anchor)
        if isinstance(node, Array):
            return [self.text(item) for item in node.items if not _is_no_value(item)]
        value = self.resolve(node)
        return value if isinstance(value, Unknown) else Unknown("is no list", node.span)

    def _sub(self, argument: Node, place: Span) -> Text:
        names: dict[str, Node] = {}
        if isinstance(argument, Array) and len(argument.items) == 2 and isinstance(argument.items[1], Struct):
            names, argument = argument.items[1].members, argument.items[0]
        if not isinstance(argument, Scalar) or not isinstance(argument.value, str):
            return Text.gap(self.source, Unknown(broken("Fn::Sub"), place))

        given: dict[str, Text] = {}

        def lookup(name: str, at: Span) -> Text:
            if name.startswith("!"):
                return Text.written(self.source, f"${{{name[1:]}}}", at)
            if name in names:
                given[name] = given.get(name) or self.text(names[name], at)
                return given[name]
            choices = allowed_values(self._parameter(name.strip()))
            return Text.gap(self.source, Unknown(self.referred(name.strip()), at, choices=choices))

        return self._literal(argument).filled(lookup)

    def _selected(self, argument: Node) -> Node | None:
        if not isinstance(argument, Array) or len(argument.items) != 2:
            return None
        index, list_ = self.resolve(argument.items[0]), self.resolve(argument.items[1])
        if not isinstance(index, Scalar) or not isinstance(list_, Array) or list_.open is not None:
            return None
        number = index_of(str(index.value))
        return list_.items[number] if number is not None and number < len(list_.items) else None

    def _split(self, argument: Node) -> list[Text] | None:
        if not isinstance(argument, Array) or len(argument.items) != 2:
            return None
        delimiter = argument.items[0]
        if not isinstance(delimiter, Scalar) or not isinstance(delimiter.value, str) or not delimiter.value:
            return None
        text = self.text(argument.items[1])
        return text.split(delimiter.value) if not text.gaps else None

    def _reason(self, name: str, argument: Node) -> str:
        """Why a function has no value that the template tells."""
        if name == "Ref" and isinstance(argument, Scalar):
            return self.referred(str(argument.value))
        if name == "Fn::GetAtt":
            first = argument.items[0] if isinstance(argument, Array) and argument.items else argument
            if isinstance(first, Scalar):
                return f"is an attribute of the resource `{str(first.value).partition('.')[0]}`"
        if name == "Fn::FindInMap":
            return "is looked up in a mapping by what the template does not tell"
        return DEPLOYED.get(name, broken(name))

    def referred(self, name: str) -> str:
        """What a name that ``Ref`` or ``${…}`` gives stands for."""
        if name.startswith("AWS::"):
            return f"is the pseudo parameter `{name}`"
        parameter = self._parameter(name)
        if parameter is None:
            owner, _, attribute = name.partition(".")
            return f"is an attribute of the resource `{owner}`" if attribute else f"refers to the resource `{name}`"
        kind = parameter.get("Type") if isinstance(parameter, Struct) else None
        if isinstance(kind, Scalar) and str(kind.value).startswith("AWS::SSM::"):
            return f"is what Systems Manager holds under the name that the parameter `{name}` gives"
        default = parameter.get("Default") if isinstance(parameter, Struct) else None
        if isinstance(default, Scalar):
            thing = f"the parameter `{name}`, {_shown(default.value)} unless the stack is given another"
            return is_parameter(thing, "template")
        return is_parameter(f"the parameter `{name}`, which has no default", "template")


def function(node: Struct) -> str | None:
    """The name of the intrinsic function that a structure calls."""
    if len(node.members) != 1 or node.open is not None:
        return None
    name = next(iter(node.members))
    return name if INTRINSIC.match(name) else None


def broken(name: str) -> str:
    """The reason of a function that is not written as CloudFormation reads it, or that we do not follow."""
    return f"is `{name}`, which cannot be followed here"


def _spelled(source: Source, node: Scalar) -> str | None:
    """The one way to spell a number or a truth value as a string; None where readers may differ in it."""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    written = source.read(node.span)
    return written if written == str(node.value) else None


def _without_dynamic(text: Text) -> Text:
    """A text with a hole for each dynamic reference."""
    if "{{resolve:" not in text.value:
        return text
    return text.with_gaps_for(DYNAMIC, "is resolved by the stack when it is deployed")


def _is_no_value(node: Node) -> bool:
    argument = node.get("Ref") if isinstance(node, Struct) else None
    return isinstance(argument, Scalar) and argument.value == NO_VALUE


def _known(node: Node) -> bool:
    return not any(
        isinstance(each, Unknown) or (isinstance(each, Struct | Array) and each.open is not None)
        for _, each in walk(node)
    )


def _same(one: object, other: object) -> bool:
    """Equal, and of the same type: true is not 1."""
    return repr(one) == repr(other)


def _text_span(argument: Node) -> Span | None:
    """Where the string of ``Fn::Sub`` stands; pieces of a join say so themselves."""
    if isinstance(argument, Scalar):
        return argument.span
    first = argument.items[0] if isinstance(argument, Array) and argument.items else None
    return first.span if isinstance(first, Scalar) and isinstance(argument, Array) and _is_sub(argument) else None


def _is_sub(argument: Array) -> bool:
    return len(argument.items) == 2 and isinstance(argument.items[1], Struct) and not function(argument.items[1])


def _shown(value: ScalarValue) -> str:
    text = str(value)
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`" if text else "empty"
