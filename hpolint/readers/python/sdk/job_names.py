"""Names of jobs that the service refuses: those that are the same in each run of a program, and long ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from hpolint.model.launch import Certainty
from hpolint.model.node import Node, Unknown
from hpolint.model.observations import FixedName, NameTooLong
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.text_lengths import length_of
from hpolint.readers.python.interpreter.trail import Turn
from hpolint.readers.python.interpreter.values import Constant, Instance, Value, pieces_text
from hpolint.readers.python.sdk.refused_calls import TEMPLATE, Seen
from hpolint.readers.python.sdk.ways import WayLaunch

MAX_LENGTH = 32
"""The characters that the service accepts in a tuning job's name."""

UNKNOWN_PART = "…"


def fixed_name(name: object, launches: Sequence[WayLaunch], *, is_repeatable: bool) -> FixedName | None:
    """What is wrong with a known name that all launches send; None for a name that something fills later.

    ``is_repeatable``: a handler may catch the service's error for the second launch, or it is of another account.
    """
    if not isinstance(name, str) or not name or TEMPLATE.search(name):
        return None
    return FixedName(name, 1 if is_repeatable else _launches_of_one_loop(launches))


def _launches_of_one_loop(launches: Sequence[WayLaunch]) -> int:
    """The largest number of launches that one call in a loop is certain to send.

    A loop that is not understood counts as one pass. Several calls may be commands, of which a run executes one.
    """
    counts: Counter[Span] = Counter()
    for launch in launches:
        is_pass = any(step.turn is Turn.PASS for step in launch.steps)
        if launch.certainty is Certainty.SENT and (is_pass or launch.repeated_at is not None):
            counts[launch.place] += 1 if launch.count is None else launch.count
    return max(counts.values(), default=1)


def identity_of(value: Value | None) -> Hashable:
    """What two values have in common if they are certainly the same client or session. Unknown ones are others."""
    if value is None:
        return None
    if isinstance(value, Constant):
        return str(value.value)
    if not isinstance(value, Instance) or value.escaped is not None or value.arguments.open is not None:
        return object()
    keywords = [(name, identity_of(argument)) for name, argument in sorted(value.arguments.keywords.items())]
    return value.cls, tuple([identity_of(argument) for argument in value.arguments.positional]), tuple(keywords)


def long_name(name: Node | None) -> Seen | None:
    """A name whose known parts are longer than the service accepts, whatever the other parts are."""
    if not isinstance(name, Unknown) or length_of(name) <= MAX_LENGTH:
        return None
    return name.span, NameTooLong(pieces_text(name, UNKNOWN_PART), length_of(name), False)
