"""Pairs of what both states have, such as jobs: by keys that they share, then by the smallest distance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, Self, TypeVar

MAX_COMPARED_PAIRS = 2500
"""Pairs with the same key whose distances are compared; if there are more, they are matched in order."""


class Comparable(Protocol):
    """Something that both states may have. It is hashed by its identity."""

    def distance(self, other: Self, /) -> tuple[int, ...]:
        """How far two of them differ."""


T = TypeVar("T", bound=Comparable)


def paired(before: list[T], after: list[T], keys: Iterable[Callable[[T], Hashable]]) -> dict[T, T]:
    """Pairs from two states with an equal key: by the first key as many as possible, then by the next one.

    A key that is None for something does not match it.
    """
    pairs: dict[T, T] = {}
    for key in keys:
        taken = set(pairs.values())
        old = _by(key, [item for item in before if item not in pairs])
        new = _by(key, [item for item in after if item not in taken])
        for shared in old.keys() & new.keys():
            pairs |= _closest_pairs(old[shared], new[shared])
    return pairs


def _closest_pairs(before: list[T], after: list[T]) -> dict[T, T]:
    """Pairs with the same key, closest first."""
    if len(before) == len(after) == 1 or len(before) * len(after) > MAX_COMPARED_PAIRS:
        return dict(zip(before, after, strict=False))
    ranked = []
    for at, old in enumerate(before):
        for place, new in enumerate(after):
            ranked.append((old.distance(new), abs(place - at), at, place))
    pairs: dict[T, T] = {}
    taken: set[int] = set()
    for *_, at, place in sorted(ranked):
        if before[at] not in pairs and place not in taken:
            pairs[before[at]] = after[place]
            taken.add(place)
    return pairs


def _by(key: Callable[[T], Hashable], items: list[T]) -> dict[Hashable, list[T]]:
    by_key: dict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        key_of_item = key(item)
        if key_of_item is not None:
            by_key[key_of_item].append(item)
    return by_key
