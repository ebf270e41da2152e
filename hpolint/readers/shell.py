"""Shell scripts and Makefiles: they can start a job by the AWS CLI.

A definition in one file is checked in that file. One that a command takes from several files is the job of the command.
"""

from __future__ import annotations

from collections.abc import Iterator

from hpolint import schema
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.launch_texts import Command, Option, commands_of_files
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, walk
from hpolint.model.other_texts import unread_launches_of_script
from hpolint.model.source import Source, Span, UndecodableError, data_file_key
from hpolint.model.training_script import Site
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.syntax import SyntaxProblem

LAUNCH_REASON = "starts a tuning job with a definition that hpolint does not read"
WHOLE = ("cli-input-json", "cli-input-yaml")
"""The options that take a whole request, of which the other options replace members."""

Part = tuple[Source, Node]


def read_shell(source: Source) -> Reading:
    """The jobs of the commands that take several files, and a problem for each command whose definition is not read."""
    reading = Reading()
    unread = list(unread_launches_of_script(source.name, source.text))
    for command in commands_of_files(source.text):
        place = (command.start, command.end)
        if place not in unread and not _add(source, command, reading):
            unread.append(place)
    for place in sorted(unread):
        reading.problems.append(ReadingProblem(LAUNCH_REASON, source.span(*place), is_launch=True))
    return reading


def _add(source: Source, command: Command, reading: Reading) -> bool:
    """Add the job of a command. Returns False if one of its files is not there or cannot be read."""
    parts: dict[str, Part] = {}
    for name, option in command.options.items():
        if option.file is not None:
            part = _part(source, option.file)
            if part is None:
                return False
            parts[name] = part
    job = _Assembly(source, command, parts).job()
    reading.jobs.append(job)
    for file, node in parts.values():
        reading.modules.append(file)
        reading.taken += [(file.name, place) for place in _places(node)]
    return True


def _places(node: Node) -> Iterator[Span]:
    """The places by which a file's own job is known: the file, and the parts of a request in it."""
    yield node.span
    if isinstance(node, Struct):
        yield from (member.span for member in node.members.values())


def _part(source: Source, file: str) -> Part | None:
    """The document of a file; None if it was not found or does not parse."""
    from hpolint.readers.json_and_yaml import documents

    path, data = source.beside.get(data_file_key(file), ("", b""))
    if not path:
        return None
    try:
        own = Source.decode(path, data)
        nodes = list(documents(own))
    except (UndecodableError, SyntaxProblem):
        return None
    if len(nodes) != 1 or not isinstance(nodes[0], Struct | Array):
        return None
    return own, nodes[0]


class _Assembly:
    """Puts the request of a command together: its values have the places of the options that bring them."""

    def __init__(self, source: Source, command: Command, parts: dict[str, Part]) -> None:
        self._source = source
        self._command = command
        self._parts = parts
        self._imported: dict[Path, Site] = {}
        self._span = source.span(command.start, command.end)

    def job(self) -> TuningJob:
        """The job of the command."""
        request = Struct({}, self._span, self._span)
        if self._command.has_more:
            request.open = Unknown("may be set by a variable of the command", self._span)
        for name in WHOLE:
            whole = self._parts.get(name)
            if whole is not None and isinstance(whole[1], Struct):
                for member, node in whole[1].members.items():
                    self._set(request, member, node, whole[0], self._command.options[name])
        for member in schema.members(schema.REQUEST):
            option = self._command.options.get(_option_name(member))
            if option is not None:
                self._set_option(request, member, option)
        return TuningJob("request", self._source, request, imported=self._imported, calls=[self._span])

    def _set_option(self, request: Struct, member: str, option: Option) -> None:
        part = self._parts.get(_option_name(member))
        if part is not None:
            self._set(request, member, part[1], part[0], option)
            return
        span = self._source.span(option.start, option.end)
        value: Node = Scalar(option.value, span)
        if option.is_computed or schema.shape(schema.members(schema.REQUEST)[member]).get("type") != "string":
            value = Unknown("is written in the command", span)
        request.members[member], request.keys[member] = value, span

    def _set(self, request: Struct, member: str, node: Node, file: Source, option: Option) -> None:
        """Set a member to a node of a file."""
        span = self._source.span(option.start, option.end)
        for path, part in walk(node):
            self._imported[member, *path] = Site(file.name, part.span)
        request.members[member] = _at(resolve_placeholders(node, (member,)), span)
        request.keys[member] = span


def _option_name(member: str) -> str:
    """The option of the AWS CLI for a member of the request."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in member).lstrip("-")


def _at(node: Node, span: Span) -> Node:
    """A copy of a tree in which everything has one place."""
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.origin)
    if isinstance(node, Unknown):
        return Unknown(node.reason, span, node.pieces, node.choices, node.default)
    open_ = Unknown(node.open.reason, span) if node.open is not None else None
    if isinstance(node, Array):
        return Array([_at(item, span) for item in node.items], span, span, open_)
    members = {name: _at(member, span) for name, member in node.members.items()}
    return Struct(members, span, span, dict.fromkeys(members, span), open_)
