"""Terraform's own files, in HCL."""

from __future__ import annotations

import re

from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.node import Array, Struct, Unknown
from hpolint.model.source import Source, Span
from hpolint.readers.terraform.hcl_values import Expressions
from hpolint.readers.terraform.held_definitions import MARK, SCHEDULE, Definitions, add_schedule
from hpolint.readers.terraform.provider import JOB, is_none, provided_job
from hpolint.readers.terraform.search import Search
from hpolint.syntax.hcl_syntax import Block, Body, Hcl

NAMES = re.compile(rf'resource\s+"?{JOB}|hyper_?parameter_?tuning_?job_?config', re.IGNORECASE)
"""What only a definition has, in the provider's spelling or the API's."""

MAX_CHARACTERS = 2_000_000
"""The parser takes some 170 bytes of memory for each character of a heredoc."""

REPEATED = frozenset({"resource", "module", "data"})
"""Blocks that ``count`` and ``for_each`` make several of, or none."""

HOLDERS = ("resource", "module")
"""Blocks that may hold a definition, those first that use it themselves; local values are read where they are used."""


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
    _Reader(Expressions(file), reading).read()
    reading.jobs.sort(key=lambda job: job.request.anchor)
    return reading


class _Reader:
    """The reading of one file's blocks."""

    def __init__(self, expressions: Expressions, reading: Reading) -> None:
        self._expressions = expressions
        self._file = expressions.file
        self._reading = reading
        self._definitions = Definitions(expressions.file.source, reading)
        self._search = Search(expressions)

    def read(self) -> None:
        """The jobs of all blocks."""
        blocks = [block for block in self._file.body.blocks if not block.body.is_broken]
        made = [block for block in blocks if block.kind not in REPEATED or not _makes_none(self._expressions, block)]
        for kind in HOLDERS:
            for block in made:
                if block.kind == kind:
                    self._read_block(block)
        self._read_locals(blocks, made)

    def _read_block(self, block: Block) -> None:
        called = f"{block.kind} `{'.'.join(block.labels)}`"
        if block.labels[:1] == (JOB,):
            values = _body(self._expressions, block.body, block.place)
            self._reading.jobs.append(provided_job(self._file.source, values, block.place, called))
        elif block.labels[:1] == (SCHEDULE,):
            _read_schedule(self._expressions, block, self._reading, called)
        else:
            self._read_definitions(block.body, called, block.labels[0] if block.labels else "")

    def _read_definitions(self, body: Body, called: str, kind: str) -> None:
        """The definitions that a block's attributes hold, under whatever name: modules and files have their own."""
        for _, expression in body.attributes.values():
            if self._expressions.may_hold(expression, MARK):
                for document in self._search.documents(expression):
                    self._definitions.add(document, called, kind=kind)
        for block in body.blocks:
            if block.kind != "dynamic" or not _makes_none(self._expressions, block):
                self._read_definitions(block.body, called, kind)

    def _read_locals(self, blocks: list[Block], made: list[Block]) -> None:
        """The definitions of local values that nothing here uses: another file may. What is not made uses none."""
        used = self._named_by([block for block in made if block.kind != "locals"])
        named = self._named_by([block for block in blocks if block.kind != "locals"])
        passed_over = self._search.met | (named - used)
        for block in blocks:
            for name, (_, expression) in block.body.attributes.items() if block.kind == "locals" else ():
                if name not in passed_over and self._expressions.may_hold(expression, MARK):
                    for document in self._search.documents(expression):
                        self._definitions.add(document, f"local value `{name}`", unused=True)

    def _named_by(self, blocks: list[Block]) -> set[str]:
        return self._expressions.locals_of([block.body.tree for block in blocks if block.body.tree is not None])


def _makes_none(expressions: Expressions, block: Block) -> bool:
    """Whether ``count`` or ``for_each`` says that there is no such resource."""
    attributes = block.body.attributes
    repetitions = [attributes[name][1] for name in ("count", "for_each") if name in attributes]
    return any(is_none(expressions.value(repetition)) for repetition in repetitions)


def _read_schedule(expressions: Expressions, block: Block, reading: Reading, called: str) -> None:
    """EventBridge Scheduler's universal target, whose input is the request."""
    for target in [inner for inner in block.body.blocks if inner.kind == "target"]:
        arn, given = (target.body.attributes.get(name) for name in ("arn", "input"))
        if arn is not None and given is not None:
            place, expression = given
            words = expressions.file.text(arn[1]).strip('"')
            add_schedule(reading, expressions.file.source, words, (place, expressions.document(expression)), called)


def _body(expressions: Expressions, body: Body, place: Span) -> Struct:
    """A block's attributes and blocks as one structure; blocks of a name are a list."""
    found = Struct({}, place, place, shadowed=list(body.shadowed))
    for name, (at, expression) in body.attributes.items():
        found.members[name], found.keys[name] = expressions.value(expression), at
    for block in body.blocks:
        name = block.labels[0] if block.kind == "dynamic" and block.labels else block.kind
        blocks = found.members.setdefault(name, Array([], block.place, block.place))
        found.keys.setdefault(name, block.place)
        if not isinstance(blocks, Array):
            continue
        if block.kind == "dynamic":
            blocks.open = Unknown(f'is made by `dynamic "{name}"`, for each of what Terraform finds', block.place)
        else:
            blocks.items.append(_body(expressions, block.body, block.place))
    return found
