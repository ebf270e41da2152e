"""The Mappings of a CloudFormation template, and lookups of ``Fn::FindInMap`` in them.

Source: the CloudFormation template reference, "Mappings" and "Fn::FindInMap".
"""

from __future__ import annotations

from hpolint.model.node import MAX_CHOICES, Node, Scalar, Struct, Unknown
from hpolint.readers.parameters import Choices
from hpolint.readers.placeholders import resolve_placeholders

Steps = list[Node | None]
"""The map's name and the two keys, which may be unknown; None where one is absent."""


def map_value(mappings: Node | None, steps: Steps) -> Node | None:
    """The value at three known steps; None if there is no such value, or a step is unknown."""
    node = mappings
    for step in steps:
        if not isinstance(step, Scalar) or not isinstance(node, Struct):
            return None
        node = node.get(str(step.value))
    if len(steps) != 3 or isinstance(node, Struct) or node is None:
        return None
    return resolve_placeholders(node)


def possible_map_values(mappings: Node | None, steps: Steps) -> Choices:
    """All values that a lookup can return; an unknown key, such as the region, may be any key of its level.

    A stack with a key that the map lacks cannot be deployed. A fourth step (a default) gives no choices.
    """
    if len(steps) != 3:
        return ()
    found: list[Node | None] = [mappings]
    for step in steps:
        levels = [node for node in found if isinstance(node, Struct) and node.open is None]
        if len(levels) < len(found) or len(found) > MAX_CHOICES:
            return ()
        names = _names(step)
        found = [level.get(name) for level in levels for name in names or level.members]
    values = [resolve_placeholders(node) if node is not None else None for node in found]
    known = [value for value in values if isinstance(value, Scalar)]
    different = {(type(each.value), each.value): each for each in known}
    return tuple(different.values()) if 0 < len(known) == len(values) and len(different) <= MAX_CHOICES else ()


def _names(step: Node | None) -> list[str]:
    """The keys that a step may be; empty if it may be any key."""
    keys = [step] if isinstance(step, Scalar) else step.choices if isinstance(step, Unknown) else ()
    return [str(key.value) for key in keys if key is not None]
