"""Names of jobs that the service refuses: those that are the same in each run of a program, and long ones."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.model.launch import Certainty
from hpolint.model.node import Node, Unknown
from hpolint.model.observations import FixedName, NameTooLong
from hpolint.readers.python.interpreter.text_lengths import length_of
from hpolint.readers.python.interpreter.values import pieces_text
from hpolint.readers.python.sdk.refused_calls import TEMPLATE, Seen
from hpolint.readers.python.sdk.ways import WayLaunch

MAX_LENGTH = 32
"""The characters that the service accepts in a tuning job's name."""

UNKNOWN_PART = "…"


def fixed_name(name: object, launches: Sequence[WayLaunch], *, is_guarded: bool) -> FixedName | None:
    """What is wrong with a known name that all launches send; None for a name that something fills later.

    ``is_guarded``: a handler may catch the service's error for the second launch.
    """
    if not isinstance(name, str) or not name or TEMPLATE.search(name):
        return None
    return FixedName(name, 1 if is_guarded else _launches_of_one_run(launches))


def _launches_of_one_run(launches: Sequence[WayLaunch]) -> int:
    """How many launches are certain to be sent by one run. A loop that is not understood counts as one pass."""
    certain = [launch for launch in launches if launch.certainty is Certainty.SENT]
    counts = [1 if launch.count is None else launch.count for launch in certain]
    return max(sum(counts), 1)


def long_name(name: Node | None) -> Seen | None:
    """A name whose known parts are longer than the service accepts, whatever the other parts are."""
    if not isinstance(name, Unknown) or length_of(name) <= MAX_LENGTH:
        return None
    return name.span, NameTooLong(pieces_text(name, UNKNOWN_PART), length_of(name), False)
