"""A CloudFormation template's Mappings, and what ``Fn::FindInMap`` finds in them.

Source: the CloudFormation template reference, "Mappings" and "Fn::FindInMap".
"""

from __future__ import annotations

from hpolint.model.node import MAX_CHOICES, Node, Scalar, Struct, Unknown
from hpolint.readers.parameters import Choices
from hpolint.readers.placeholders import resolve_placeholders

Steps = list[Node | None]
"""The map's name and the two keys, as far as they can be told; None for what is absent."""


def found_in_map(mappings: Node | None, steps: Steps) -> Node | None:
    """The value at three known steps; None where there is none, or a step is not known."""
    node = mappings
    for step in steps:
        if not isinstance(step, Scalar) or not isinstance(node, Struct):
            return None
        node = node.get(str(step.value))
    if len(steps) != 3 or isinstance(node, Struct) or node is None:
        return None
    return resolve_placeholders(node)


def all_in_map(mappings: Node | None, steps: Steps) -> Choices:
    """The values that can be found: by a key that is not known, as the region, any of that level's.

    A stack whose key is in no map cannot be deployed; with a fourth step, a default, there are none.
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
    """The keys that a step may be; none where it may be any."""
    keys = [step] if isinstance(step, Scalar) else step.choices if isinstance(step, Unknown) else ()
    return [str(key.value) for key in keys if key is not None]
