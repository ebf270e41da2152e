"""The calls of a local module: by which ways of calls it is deployed, and the values of its variables in each.

Source: Terraform's language reference, "Modules", "count" and "for_each".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace
from tree_sitter import Node as Tree

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import TERRAFORM_OVERRIDE
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, text_of
from hpolint.model.reasons import Kind, of_kind
from hpolint.model.source import CALLER_FILE, Beside, Source, Span, UndecodableError
from hpolint.model.terraform_modules import MAX_CALL_DEPTH, UNREAD_CALLERS, called_folder
from hpolint.readers.terraform import json_calls
from hpolint.readers.terraform.hcl_trees import function_call, unwrapped
from hpolint.readers.terraform.hcl_values import Expressions, Neighbours
from hpolint.readers.terraform.json_calls import JsonBlock
from hpolint.readers.terraform.module_inputs import Input, Inputs
from hpolint.readers.terraform.provider import words_of
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.hcl_syntax import Block, Hcl

LOCAL_SOURCE = lazy_regex(r'"(\.\.?/[^"\\$%\r\n]*)"')
"""The source of a local module."""

NOT_INPUTS = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
"""Arguments of a module's block that are not values of its variables."""

EXAMPLES = frozenset({"examples", "example", "samples", "sample", "tests", "test"})
"""Folders whose calls show a module that other repositories call."""

WORD = lazy_regex(rb"[\w-]+")
COLLECTIONS = frozenset({"toset", "tomap"})
"""Functions that convert a collection without changing its values."""

MAX_WAYS = 200
"""Ways to a module that are told apart."""

TOO_MANY_WAYS = of_kind(Kind.TOO_MANY_LAUNCHES, f"differs between more than {MAX_WAYS} calls of the module")

UNREAD = "may be set by a call of the module in a file that hpolint does not read"


class Step(msgspec.Struct, frozen=True):
    """The instances of one call of a module on the way to another one.

    ``place`` is the block's name, or the key of the instance, in ``source``. ``count`` is the number of instances;
    None if it is not known. ``is_doubtful``: there may be none.
    """

    label: str
    folder: str
    source: str
    place: Span
    count: int | None = 1
    is_doubtful: bool = False


class Way(msgspec.Struct, frozen=True):
    """The calls that lead to a module, outermost first, and the values of its variables.

    Without ``inputs`` the module is a root: whoever deploys it sets its variables.
    """

    steps: tuple[Step, ...] = ()
    inputs: Inputs | None = None


class _HclBlock(msgspec.Struct, frozen=True):
    """A module's block in a file in HCL."""

    file: Hcl
    block: Block
    neighbours: Neighbours

    @property
    def source(self) -> Source:
        """The file."""
        return self.file.source

    @property
    def label(self) -> str:
        """The name of the block."""
        return self.block.labels[0]

    @property
    def place(self) -> Span:
        """The place of the block's name."""
        return self.block.place

    @property
    def local_source(self) -> str | None:
        """The path of the local module that it calls; None for a module of another source."""
        source = self.block.body.attributes.get("source")
        match = LOCAL_SOURCE.fullmatch(self.file.text(source[1]).strip()) if source is not None else None
        return match[1] if match is not None else None

    @property
    def names(self) -> list[str]:
        """The names of its arguments."""
        return list(self.block.body.attributes)

    def evaluated(
        self, names: Iterable[str], inputs: Inputs | None, each: tuple[Node, Node] | None = None
    ) -> dict[str, Node]:
        """The values of some of its arguments. ``inputs`` are those of the calling module."""
        expressions = Expressions(self.file, inputs, each, self.neighbours)
        return {name: expressions.value(self._tree(name)) for name in names}

    def collection(self, inputs: Inputs | None) -> Node:
        """The collection whose items ``for_each`` names."""
        return _collection(Expressions(self.file, inputs, None, self.neighbours), self._tree("for_each"))

    @property
    def is_switched(self) -> bool:
        """Whether ``count`` is a choice between no instance and one."""
        return _is_switch(self.file, self._tree("count"))

    def _tree(self, name: str) -> Tree:
        return self.block.body.attributes[name][1]


class _Call(msgspec.Struct, frozen=True):
    """A module's block in a file of a folder. ``is_broken``: it has a syntax error."""

    folder: str
    block: _HclBlock | JsonBlock
    is_broken: bool = False


class _Instance(msgspec.Struct, frozen=True):
    """Instances of a call with the same values: their step, and ``each.key`` and ``each.value`` if they have these."""

    step: Step
    each: tuple[Node, Node] | None = None


class _TooManyWaysError(Exception):
    """There are more ways than are told apart."""


class ModuleCalls:
    """The calls in the folders that lead to the module of a source."""

    def __init__(self, source: Source) -> None:
        self._folders: dict[str, dict[str, tuple[str, bytes]]] = {}
        self._module = ""
        self._has_unread_calls = UNREAD_CALLERS in source.beside
        for key, (path, data) in source.beside.items():
            if not key.startswith(CALLER_FILE) or key == UNREAD_CALLERS:
                continue
            folder, name = posixpath.split(key.removeprefix(CALLER_FILE))
            if path == source.name:
                self._module = folder
            else:
                self._folders.setdefault(folder, {})[name] = path, data
        self.sources: dict[str, Source] = {}
        """The files with calls, by their names."""
        self._calls: dict[str, list[_Call]] = {}
        for folder in sorted(self._folders):
            self._add_calls(folder)
        self._found: dict[tuple[str, int], list[Way]] = {}

    def ways(self) -> list[Way]:
        """The ways to the module; none if nothing in the repository calls it. Calls that are not read are one way."""
        ways = self._read_ways()
        return [*ways, Way((), Inputs(reason=UNREAD))] if self._has_unread_calls else ways

    def _read_ways(self) -> list[Way]:
        if not self._calls.get(self._module):
            return []
        try:
            return self._ways(self._module, 0, frozenset())
        except _TooManyWaysError:
            return [Way((), self._inputs_of_too_many())]

    def _inputs_of_too_many(self) -> Inputs:
        """The values of the variables that some call sets, none of which is known."""
        values: dict[str, Input] = {}
        for call in self._calls[self._module]:
            for name in call.block.names:
                values[name] = Input(Unknown(TOO_MANY_WAYS, call.block.place), call.block.source.name)
        return Inputs(values)

    def _add_calls(self, folder: str) -> None:
        for name in sorted(self._folders[folder]):
            if not name.lower().endswith((".tf", ".tf.json")) or TERRAFORM_OVERRIDE.search(name):
                continue
            for call in self._calls_in(folder, name):
                module = called_folder(folder, call.block.local_source or "")
                if module is not None and module != folder:
                    self._calls.setdefault(module, []).append(call)

    def _calls_in(self, folder: str, name: str) -> list[_Call]:
        """The calls of local modules in a file of a folder."""
        files = self._folders[folder]
        path, data = files[name]
        beside: Beside = {other: file for other, file in files.items() if other != name}
        try:
            source = Source.decode(path, data, beside)
            calls = list(_calls_of(folder, source))
        except (UndecodableError, SyntaxProblem):
            self._has_unread_calls = True
            return []
        self.sources[path] = source
        return calls

    def _ways(self, folder: str, depth: int, passed: frozenset[str]) -> list[Way]:
        """The ways to a folder that lead through none of the passed ones. Raises _TooManyWaysError."""
        calls = [call for call in self._calls.get(folder, ()) if call.folder not in passed]
        if not calls:
            return [Way()]
        if depth == MAX_CALL_DEPTH:
            return [Way((), Inputs(reason=f"is set by more than {MAX_CALL_DEPTH} calls of modules in a row"))]
        if (folder, depth) not in self._found:
            self._found[folder, depth] = self._ways_of(folder, calls, depth, passed | {folder})
        return self._found[folder, depth]

    def _ways_of(self, folder: str, calls: list[_Call], depth: int, passed: frozenset[str]) -> list[Way]:
        ways: list[Way] = []
        for call in calls:
            for outer in self._ways(call.folder, depth + 1, passed):
                ways += self._called(call, outer)
                if len(ways) > MAX_WAYS:
                    raise _TooManyWaysError
        if not ways or all(_is_example(call.folder, folder) for call in calls):
            ways.append(Way())
        return ways

    def _called(self, call: _Call, outer: Way) -> Iterator[Way]:
        """The ways that continue a way to the calling folder by one of its calls."""
        overriding = self._overriding_file(call)
        for instance in _instances(call, outer.inputs):
            if overriding is not None:
                inputs = Inputs(reason=f"may be set in `{overriding}`, which overrides the call")
            elif call.is_broken:
                inputs = Inputs(reason="is set by a call with a syntax error")
            else:
                inputs = _inputs(call, outer.inputs, instance.each)
            yield Way((*outer.steps, instance.step), inputs)

    def _overriding_file(self, call: _Call) -> str | None:
        """A file that may override a call, by its name; None without one."""
        named = {b"module", call.block.label.encode()}
        for name, (_, data) in self._folders[call.folder].items():
            if TERRAFORM_OVERRIDE.search(name) and named <= set(WORD.findall(data)):
                return name
        return None


def _calls_of(folder: str, source: Source) -> Iterator[_Call]:
    """The modules' blocks of a file that call a local module. Raises SyntaxProblem for JSON that does not parse."""
    if source.is_json:
        for block in json_calls.blocks_of(source):
            if block.local_source is not None:
                yield _Call(folder, block)
        return
    file = Hcl(source)
    neighbours = Neighbours(source)
    for written in file.body.blocks:
        if written.kind == "module" and written.labels:
            hcl_block = _HclBlock(file, written, neighbours)
            if hcl_block.local_source is not None:
                yield _Call(folder, hcl_block, written.body.is_broken)


def _is_example(calling: str, module: str) -> bool:
    """Whether a folder is an example or a test of a module, and the module is not a part of it."""
    own_steps = calling.split("/") if calling else []
    module_steps = module.split("/") if module else []
    shared = len(posixpath.commonprefix([own_steps, module_steps]))
    return not EXAMPLES.isdisjoint(own_steps[shared:])


def _inputs(call: _Call, outer: Inputs | None, each: tuple[Node, Node] | None) -> Inputs:
    """The values that a call gives. ``outer`` are the inputs of the calling module."""
    names = [name for name in call.block.names if name not in NOT_INPUTS]
    file = call.block.source.name
    return Inputs({name: Input(value, file) for name, value in call.block.evaluated(names, outer, each).items()})


def _instances(call: _Call, outer: Inputs | None) -> Iterator[_Instance]:
    """The instances of a call, those with the same values together; none if there are known to be none."""
    block = call.block
    names = block.names
    step = Step(f"module `{block.label}`", call.folder, block.source.name, block.place)
    if "for_each" in names:
        yield from _keyed_instances(step, block.collection(outer))
    elif "count" in names:
        count = _number(block.evaluated(["count"], outer)["count"])
        if count is None:
            yield _Instance(replace(step, count=1 if block.is_switched else None, is_doubtful=True))
        elif count > 0:
            yield _Instance(replace(step, count=count))
    else:
        yield _Instance(step)


def _keyed_instances(step: Step, collection: Node) -> Iterator[_Instance]:
    """The instance of each item of a collection, and one for those that are not known."""
    pairs: dict[str, tuple[Span, Node]] = {}
    open_: Unknown | None = None
    if isinstance(collection, Struct):
        open_ = collection.open
        for name, value in collection.members.items():
            pairs[name] = collection.keys.get(name, collection.anchor), value
    elif isinstance(collection, Array):
        open_ = collection.open
        for item in collection.items:
            if isinstance(item, Scalar) and item.value is not None:
                pairs[words_of(item.value)] = item.span, item
            else:
                open_ = Unknown("is an item of a set", item.span)
    else:
        open_ = Unknown("is a key of a collection that is not known", collection.span)
    for name, (place, value) in pairs.items():
        key = Scalar(name, place)
        keyed = replace(step, label=f"{step.label} with key `{name}`", place=place)
        yield _Instance(keyed, (key, value))
    if open_ is not None:
        yield _Instance(replace(step, count=None, is_doubtful=True), (open_, open_))


def _collection(expressions: Expressions, tree: Tree) -> Node:
    """The collection whose items ``for_each`` names."""
    call = function_call(expressions.file, unwrapped(tree))
    if call is not None and call.name in COLLECTIONS and len(call.arguments) == 1 and not call.spread:
        return expressions.value(call.arguments[0])
    value = expressions.value(tree)
    if isinstance(value, Array):  # Terraform refuses a list
        return Unknown("is a list", value.span)
    return value


def _number(node: Node) -> int | None:
    """The number of instances that a value of ``count`` creates; None if it is not known."""
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    text = text_of(node)
    return int(text) if text is not None and re.fullmatch("[0-9]{1,9}", text) else None


def _is_switch(file: Hcl, tree: Tree) -> bool:
    """Whether an expression is a choice between no instance and one: ``var.enabled ? 1 : 0``."""
    inner = unwrapped(tree)
    if inner.type != "conditional":
        return False
    branches = inner.named_children[1:]
    return [file.text(branch).strip() for branch in branches] in (["1", "0"], ["0", "1"])
