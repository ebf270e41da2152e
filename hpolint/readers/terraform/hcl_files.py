"""Terraform files in HCL."""

from __future__ import annotations

import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import TERRAFORM_OVERRIDE
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Struct, Unknown
from hpolint.model.source import CALLER_FILE, Source, Span
from hpolint.readers.placeholders import resolve_arns
from hpolint.readers.terraform.hcl_values import Expressions, Neighbours
from hpolint.readers.terraform.held_definitions import MARK, SCHEDULE, Definitions, add_schedule
from hpolint.readers.terraform.module_calls import ModuleCalls
from hpolint.readers.terraform.module_launches import joined_readings
from hpolint.readers.terraform.provider import JOB, is_none, provided_job
from hpolint.readers.terraform.search import Search
from hpolint.syntax.hcl_syntax import Block, Body, Hcl

NAMES = lazy_regex(rf'resource\s+"?{JOB}|hyper_?parameter_?tuning_?job_?config', re.IGNORECASE)
"""Text that only a definition contains, in the provider's spelling or the API's."""

MAX_CHARACTERS = 2_000_000
"""Limit of a file's size: the parser takes about 170 bytes of memory for each character of a heredoc."""

WORD = lazy_regex(rb"[\w-]+")

REPEATED = frozenset({"resource", "module", "data"})
"""Blocks that ``count`` and ``for_each`` create several times, or not at all."""

HOLDERS = ("resource", "module")
"""Blocks that may contain a definition, in reading order; local values are read where they are used."""


def read_terraform(source: Source) -> Reading:
    """The tuning jobs of a ``.tf`` file."""
    reading = Reading()
    if len(source.text) > MAX_CHARACTERS:
        if NAMES.search(source.text):
            reason = f"longer than {MAX_CHARACTERS:,} characters, so it was not parsed"
            reading.problems.append(ReadingProblem(reason, source.span(0, 1)))
        return reading
    file = Hcl(source)
    for part in file.broken:
        if NAMES.search(file.text(part)):
            problem = file.error(part)
            reading.problems.append(ReadingProblem(problem.reason, problem.span))
    lone = file.lone_carriage_return() if NAMES.search(source.text) else None
    if lone is not None:
        reading.problems.insert(0, ReadingProblem(lone.reason, lone.span))
    module = _read_module(source, file)
    reading.take(module)
    reading.modules = module.modules
    reading.jobs.sort(key=lambda job: job.request.anchor)
    return reading


def _read_module(source: Source, file: Hcl) -> Reading:
    """The jobs of a file, whose module may be called in the repository."""
    calls = ModuleCalls(source)
    ways = calls.ways()
    if not ways:
        return _read_file(Expressions(file))
    neighbours = Neighbours(source)
    readings = [_read_file(Expressions(file, way.inputs, neighbours=neighbours)) for way in ways]
    reading = joined_readings(ways, readings)
    reading.modules = list(calls.sources.values())
    return reading


def _read_file(expressions: Expressions) -> Reading:
    reading = Reading()
    _Reader(expressions, reading).read()
    return reading


class _Reader:
    """Reads the blocks of one file."""

    def __init__(self, expressions: Expressions, reading: Reading) -> None:
        self._expressions = expressions
        self._file = expressions.file
        self._reading = reading
        self._definitions = Definitions(expressions.file.source, reading)
        self._search = Search(expressions)

    def read(self) -> None:
        """Add the jobs of all blocks to the reading."""
        blocks = [block for block in self._file.body.blocks if not block.body.is_broken]
        created = [block for block in blocks if block.kind not in REPEATED or not self._creates_none(block)]
        self._reading.idle += [_extent(self._file, block) for block in blocks if block not in created]
        for kind in HOLDERS:
            for block in created:
                if block.kind == kind:
                    before = len(self._reading.jobs)
                    self._read_block(block)
                    self._override(block, self._reading.jobs[before:])
        self._read_locals(blocks, created)

    def _read_block(self, block: Block) -> None:
        carrier = f"{block.kind} `{'.'.join(block.labels)}`"
        if block.labels[:1] == (JOB,):
            values = _body(self._expressions, block.body, block.place)
            self._reading.jobs.append(provided_job(self._file.source, resolve_arns(values), block.place, carrier))
        elif block.labels[:1] == (SCHEDULE,):
            self._read_schedule(block, carrier)
        else:
            self._read_definitions(block.body, carrier, block.labels[0] if block.labels else "")

    def _override(self, block: Block, jobs: list[TuningJob]) -> None:
        """Make the requests of a block's jobs unknown if another file overrides the block, or local values."""
        if not jobs:
            return
        named = {word.encode() for word in (block.kind, *block.labels)}
        for name, (_, data) in self._file.source.beside.items():
            if name.startswith(CALLER_FILE) or not TERRAFORM_OVERRIDE.search(name):
                continue
            words = set(WORD.findall(data))
            if b"locals" in words or named <= words:
                reason = Unknown(f"may be set in `{name}`, which overrides this block", block.place)
                for job in jobs:
                    job.request = Struct({}, job.request.span, job.request.anchor, {}, reason)

    def _read_definitions(self, body: Body, carrier: str, kind: str) -> None:
        """Read the definitions in a block's attributes, which have any name in modules and files."""
        for _, expression in body.attributes.values():
            if self._expressions.may_hold(expression, MARK):
                for document in self._search.documents(expression):
                    self._definitions.add(document, carrier, kind=kind)
        for block in body.blocks:
            if block.kind != "dynamic" or not self._creates_none(block):
                self._read_definitions(block.body, carrier, kind)

    def _read_locals(self, blocks: list[Block], created: list[Block]) -> None:
        """Read the definitions in local values that this file does not use: another file may use them.

        A local value that only blocks with ``count = 0`` use is passed over.
        """
        passed_over = self._search.visited | (self._named_by(blocks) - self._named_by(created))
        for block in blocks:
            if block.kind != "locals":
                continue
            for name, (_, expression) in block.body.attributes.items():
                if name not in passed_over and self._expressions.may_hold(expression, MARK):
                    for document in self._search.documents(expression):
                        self._definitions.add(document, f"local value `{name}`", unused=True)

    def _named_by(self, blocks: list[Block]) -> set[str]:
        """The local values that blocks use."""
        trees = [block.body.tree for block in blocks if block.kind != "locals" and block.body.tree is not None]
        return self._expressions.locals_of(trees)

    def _creates_none(self, block: Block) -> bool:
        """Whether ``count`` or ``for_each`` is known to create no instance."""
        attributes = block.body.attributes
        repetitions = [attributes[name][1] for name in ("count", "for_each") if name in attributes]
        return any(is_none(self._expressions.value(repetition)) for repetition in repetitions)

    def _read_schedule(self, block: Block, carrier: str) -> None:
        """Read EventBridge Scheduler's universal targets, whose input is the request."""
        for target in block.body.blocks:
            attributes = target.body.attributes
            if target.kind == "target" and "arn" in attributes and "input" in attributes:
                arn = self._file.text(attributes["arn"][1]).strip('"')
                place, expression = attributes["input"]
                input_ = (place, self._expressions.document(expression))
                add_schedule(self._reading, self._file.source, arn, input_, carrier, _extent(self._file, target))


def _extent(file: Hcl, block: Block) -> Span:
    """The span of a block's content."""
    return file.place(block.body.tree) if block.body.tree is not None else block.place


def _body(expressions: Expressions, body: Body, place: Span) -> Struct:
    """A block's attributes and nested blocks as one structure; blocks of the same name form a list."""
    values = Struct({}, place, place, shadowed=list(body.shadowed))
    for name, (at, expression) in body.attributes.items():
        values.members[name], values.keys[name] = expressions.value(expression), at
    for block in body.blocks:
        name = block.labels[0] if block.kind == "dynamic" and block.labels else block.kind
        blocks = values.members.setdefault(name, Array([], block.place, block.place))
        values.keys.setdefault(name, block.place)
        if not isinstance(blocks, Array):
            continue
        if block.kind == "dynamic":
            blocks.open = Unknown(f'is generated by `dynamic "{name}"`', block.place)
        else:
            blocks.items.append(_body(expressions, block.body, block.place))
    return values
