"""Terraform's own files, in HCL."""

from __future__ import annotations

import re

from hpolint.job import Reading, ReadingProblem
from hpolint.node import Array, Struct, Unknown
from hpolint.readers.terraform.definitions import MARK, SCHEDULE, add_definition, add_schedule
from hpolint.readers.terraform.expressions import Expressions
from hpolint.readers.terraform.provider import JOB, is_none, provided_job
from hpolint.source import Source, Span
from hpolint.syntax.hcl import Block, Body, Hcl

NAMES = re.compile(rf'resource\s+"?{JOB}|hyper_?parameter_?tuning_?job_?config', re.IGNORECASE)
"""What only a definition has, in the provider's spelling or the API's."""

MAX_CHARACTERS = 2_000_000
"""The parser takes some 170 bytes of memory for each character of a heredoc."""

HOLDERS = ("resource", "module", "locals")
"""Blocks that may hold a definition, those first that use a local value."""


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
    expressions = Expressions(file)
    sound = [block for block in file.body.blocks if block.kind in HOLDERS and not block.body.is_broken]
    for block in sorted(sound, key=lambda block: HOLDERS.index(block.kind)):
        _read_block(expressions, block, reading)
    reading.jobs.sort(key=lambda job: job.request.anchor)
    return reading


def _read_block(expressions: Expressions, block: Block, reading: Reading) -> None:
    if _makes_none(expressions, block.body):
        return
    called = f"{block.kind} `{'.'.join(block.labels)}`" if block.labels else "local value"
    if block.labels[:1] == (JOB,):
        values = _body(expressions, block.body, block.place)
        reading.jobs.append(provided_job(expressions.file.source, values, block.place, called))
    elif block.labels[:1] == (SCHEDULE,):
        _read_schedule(expressions, block, reading, called)
    else:
        _read_definitions(expressions, block, reading, called)


def _makes_none(expressions: Expressions, body: Body) -> bool:
    """Whether ``count`` or ``for_each`` says that there is no such resource."""
    repetitions = [body.attributes[name][1] for name in ("count", "for_each") if name in body.attributes]
    return any(is_none(expressions.value(repetition)) for repetition in repetitions)


def _read_definitions(expressions: Expressions, block: Block, reading: Reading, called: str) -> None:
    """The definitions that a block's attributes hold, under whatever name: modules and files have their own."""
    for name, (_, expression) in block.body.attributes.items():
        if expressions.may_hold(expression, MARK):
            which = f"{called} `{name}`" if block.kind == "locals" else called
            add_definition(reading, expressions.file.source, expressions.document(expression), which)


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
