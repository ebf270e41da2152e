"""Several launches of one tuner or call, told apart by the ways that lead to them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from math import prod

import msgspec

from hpolint.model.launch import Certainty, common_length, joined, value_at
from hpolint.model.node import Node, Path, Struct
from hpolint.model.reasons import Kind, of_kind
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.units import STRIDE

MAX_LAUNCHES = 4_000
"""Launches of one definition that are told apart."""

Steps = tuple[Step, ...]


class Sending(msgspec.Struct, frozen=True):
    """A request that a call at ``place`` sends, and the way to the call.

    ``is_uncalled``: the call is in a function that the source never calls.
    """

    request: Struct
    steps: Steps
    place: Span
    is_uncalled: bool = False

    def is_from(self, units: Collection[int]) -> bool:
        """Whether code of some units sends it, itself or by a call."""
        places = [self.place, *(step.place for step in self.steps if step.turn is Turn.CALL)]
        return any(place.line // STRIDE in units for place in places)

    def is_called_by(self, functions: Collection[str]) -> bool:
        """Whether one of some functions leads to it."""
        return any(step.text in functions for step in self.steps if step.turn in (Turn.CALL, Turn.PERHAPS))


class WayLaunch(msgspec.Struct, frozen=True):
    """One of several launches: the steps by which its way differs from the others', and its values at the paths."""

    steps: Steps
    place: Span
    values: tuple[Node | None, ...]
    certainty: Certainty
    side: Step | None
    """The side of a branch that excludes some of the other launches."""
    count: int | None = 1
    repeated_at: Step | None = None
    """The outermost loop around it that is not interpreted pass by pass."""


class Folded(msgspec.Struct, frozen=True):
    """The common request of several launches, the paths at which they differ, and the launches.

    There are no launches if there is only one, that happens once.
    """

    request: Struct
    paths: tuple[Path, ...] = ()
    launches: tuple[WayLaunch, ...] = ()


def folded(sendings: Sequence[Sending], reason: str) -> Folded:
    """The launches of some requests that one definition sends. ``reason`` says why values that differ are unknown."""
    sent = [sending for sending in sendings if not sending.is_uncalled] or sendings
    distinct = _without_repetitions(sent, reason)
    if len(distinct) > MAX_LAUNCHES:
        too_many = of_kind(Kind.TOO_MANY_LAUNCHES, f"differs between more than {MAX_LAUNCHES:,} launches")
        return Folded(joined([sending.request for sending in distinct], too_many)[0])
    request, paths = joined([sending.request for sending in distinct], reason)
    launches = _launches(distinct, paths)
    if len(launches) == 1 and launches[0].repeated_at is None:
        return Folded(request)
    return Folded(request, paths, tuple(launches))


def _without_repetitions(sendings: Sequence[Sending], reason: str) -> list[Sending]:
    """The requests of different calls and ways, with those of attempts at the same values as one, which succeeds.

    The same way is interpreted twice if the state may differ the second time.
    """
    by_attempts: dict[Hashable, list[Sending]] = {}
    for sending in sendings:
        turns = tuple((step.turn, step.place, step.index) for step in _without_attempts(sending.steps))
        by_attempts.setdefault((sending.place, turns), []).append(sending)
    distinct: list[Sending] = []
    for attempts in by_attempts.values():
        request, differing = joined([sending.request for sending in attempts], reason)
        if differing:
            distinct += _by_way(attempts, reason)
        else:
            distinct.append(Sending(request, _without_attempts(attempts[0].steps), attempts[0].place))
    return distinct


def _without_attempts(steps: Steps) -> Steps:
    return tuple(step for step in steps if not step.is_attempt)


def _by_way(sendings: Sequence[Sending], reason: str) -> list[Sending]:
    """Requests of one call by the way to it: those of one way are one."""
    requests: dict[Steps, list[Struct]] = {}
    for sending in sendings:
        requests.setdefault(sending.steps, []).append(sending.request)
    place = sendings[0].place
    return [Sending(joined(alike, reason)[0], way, place) for way, alike in requests.items()]


def _launches(sendings: Sequence[Sending], paths: Sequence[Path]) -> list[WayLaunch]:
    common = common_length([sending.steps for sending in sendings])
    exclusive = _branches_with_several_sides([sending.steps[common:] for sending in sendings])
    launches = []
    for sending in sendings:
        steps = sending.steps[common:]
        side = next((step for step in steps if step.turn is Turn.SIDE and step.number in exclusive), None)
        launch = WayLaunch(
            steps=steps,
            place=sending.place,
            values=tuple(value_at(sending.request, path) for path in paths),
            certainty=_certainty(steps, side),
            side=side,
            count=_count(sending.steps),
            repeated_at=next((step for step in sending.steps if step.turn is Turn.PASSES), None),
        )
        launches.append(launch)
    return launches


def _certainty(steps: Steps, side: Step | None) -> Certainty:
    """How certain a launch is whose way differs from the others' by these steps; ``side`` excludes some of them."""
    if side is not None:
        return Certainty.ONE_OF
    return Certainty.PERHAPS if any(step.is_doubtful for step in steps) else Certainty.SENT


def _count(steps: Steps) -> int | None:
    """How often a way is taken; None if it is not known."""
    counts = [step.count for step in steps if step.turn is Turn.PASSES]
    known = [count for count in counts if count is not None]
    return prod(known) if len(known) == len(counts) else None


def _branches_with_several_sides(ways: Sequence[Steps]) -> set[int]:
    """The numbers of the branches, more than one side of which leads to a launch."""
    sides: dict[int, set[int]] = {}
    for steps in ways:
        for step in steps:
            if step.turn is Turn.SIDE:
                sides.setdefault(step.number, set()).add(step.index)
    return {number for number, indexes in sides.items() if len(indexes) > 1}
