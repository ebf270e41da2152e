"""The call of the SDK in which a member of the request would be an argument, and whether it takes that argument."""

from __future__ import annotations

import msgspec

from hpolint.data import sdk_signatures
from hpolint.model.callee import Callee
from hpolint.model.job import TuningJob
from hpolint.model.message_text import missing_object_step, written_path
from hpolint.model.node import Array, Node, Origin, Path, Scalar, Struct, child, follow

TAKEN_ELSEWHERE = {("ModelTrainer", "Compute"): "pass it to `Compute`, and that to the trainer as `compute`"}
"""What to do about an argument that another class takes, by both classes."""


class RefusedArgument(msgspec.Struct, frozen=True):
    """An argument that a call does not take in all versions of the SDK for which the source is written."""

    call: Callee
    name: str

    @property
    def reason(self) -> str:
        """The clause that says why the argument cannot be written, and what takes it."""
        if self.call.generation == 1 and sdk_signatures.takes(self.call.name, self.name, generation=2):
            return f"`{self.call.shown_name}` takes it from version 2 of the SDK on"
        clause = f"`{self.call.shown_name}` does not take it"
        for (refusing, taking), advice in TAKEN_ELSEWHERE.items():
            is_taken = sdk_signatures.takes(taking, self.name, self.call.generation)
            if refusing == self.call.name and is_taken:
                clause += f"; {advice}"
        return clause


def refused_argument(job: TuningJob, path: Path) -> RefusedArgument | None:
    """The argument that a new member at a path would be, if its call does not take it.

    None if the member is written already, if it would not be an argument, and for a call that is not recorded.
    """
    if not job.callees or _is_written(follow(job.request, path)):
        return None
    path = written_path(job, path)
    holder: Node = job.request
    depth = 0
    while depth < len(path) - 1 and missing_object_step(job, path) != depth:
        below = child(holder, path[depth])
        if not isinstance(below, Struct | Array):
            break
        holder, depth = below, depth + 1
    call = job.callees.get(holder.span)
    name = argument_name(job, path[: depth + 1])
    if call is None or sdk_signatures.takes(call.name, name, call.generation) is not False:
        return None
    return RefusedArgument(call, name)


def argument_name(job: TuningJob, path: Path) -> str:
    """A member's name in the source's spelling."""
    return job.spelling.at(path).name(str(path[-1])).rpartition(".")[2]


def _is_written(node: Node | None) -> bool:
    return node is not None and not (isinstance(node, Scalar) and node.origin is Origin.DEFAULT)
