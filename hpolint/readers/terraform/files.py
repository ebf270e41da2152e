"""Terraform's own files, in HCL."""

from __future__ import annotations

import re

from hpolint.job import Reading
from hpolint.node import Array, Struct, Unknown
from hpolint.readers.carried import carried
from hpolint.readers.terraform.definitions import MARK, add_definition, add_once
from hpolint.readers.terraform.provider import JOB, provided_job
from hpolint.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.hcl import Block, Body, Hcl
from hpolint.syntax.text import Text

SCHEDULE = "aws_scheduler_schedule"
UNIVERSAL_TARGET = re.compile(r":aws-sdk:sagemaker:createHyperParameterTuningJob\Z", re.IGNORECASE)
HOLDERS = ("resource", "module", "locals")
"""Blocks that may hold a definition, those first that use a local value."""


def read_terraform(source: Source) -> Reading:
    """The tuning jobs of a ``.tf`` file."""
    file, reading = Hcl(source), Reading()
    if file.is_broken:
        reading.skipped = "a part that is not written in HCL as it is known here"
    sound = [block for block in file.body.blocks if block.kind in HOLDERS and not block.body.is_broken]
    for block in sorted(sound, key=lambda block: HOLDERS.index(block.kind)):
        _read_block(file, block, reading)
    reading.jobs.sort(key=lambda job: job.request.anchor)
    return reading


def _read_block(file: Hcl, block: Block, reading: Reading) -> None:
    called = f"{block.kind} `{'.'.join(block.labels)}`" if block.labels else "local value"
    if block.labels[:1] == (JOB,):
        values = _body(file, block.body, block.place)
        reading.jobs.append(provided_job(file.source, values, block.place, called))
    elif block.labels[:1] == (SCHEDULE,):
        _read_schedule(file, block, reading, called)
    else:
        _read_definitions(file, block, reading, called)


def _read_definitions(file: Hcl, block: Block, reading: Reading, called: str) -> None:
    """The definitions that a block's attributes hold, under whatever name: modules and files have their own."""
    for name, (_, expression) in block.body.attributes.items():
        if file.may_hold(expression, MARK):
            which = f"{called} `{name}`" if block.kind == "locals" else called
            add_definition(reading, file.source, file.document(expression), which)


def _read_schedule(file: Hcl, block: Block, reading: Reading, called: str) -> None:
    """EventBridge Scheduler's universal target, whose input is the request."""
    for target in [inner for inner in block.body.blocks if inner.kind == "target"]:
        arn, input_ = (target.body.attributes.get(name) for name in ("arn", "input"))
        if arn is None or input_ is None or not UNIVERSAL_TARGET.search(file.text(arn[1]).strip('"')):
            continue
        document = file.document(input_[1])
        try:
            request = document.parsed() if isinstance(document, Text) else document
        except SyntaxProblem:
            continue
        add_once(reading, [carried("terraform", file.source, request, input_[0], f"target of {called}")])


def _body(file: Hcl, body: Body, place: Span) -> Struct:
    """A block's attributes and blocks as one structure; blocks of a name are a list."""
    found = Struct({}, place, place)
    for name, (at, expression) in body.attributes.items():
        found.members[name], found.keys[name] = file.value(expression), at
    for block in body.blocks:
        name = block.labels[0] if block.kind == "dynamic" and block.labels else block.kind
        blocks = found.members.setdefault(name, Array([], block.place, block.place))
        found.keys.setdefault(name, block.place)
        if not isinstance(blocks, Array):
            continue
        if block.kind == "dynamic":
            blocks.open = Unknown(f'is made by `dynamic "{name}"`, for each of what Terraform finds', block.place)
        else:
            blocks.items.append(_body(file, block.body, block.place))
    return found
