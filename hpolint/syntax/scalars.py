"""What a plain scalar of YAML means, by the version of YAML that its consumer reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ruamel.yaml import nodes, resolver
from ruamel.yaml.constructor import SafeConstructor

from hpolint.model.node import ScalarValue

TAG = "tag:yaml.org,2002:"
FLOAT_1_1 = re.compile(
    r"""[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?\Z
    |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?\Z
    |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*\Z
    |[-+]?\.(?:inf|Inf|INF)\Z
    |\.(?:nan|NaN|NAN)\Z""",
    re.VERBOSE,
)
"""What YAML 1.1's readers take for a number with a point: `1e-5` is a string there, and so is `1.0e3`."""

YAML_1_1, YAML_1_2 = (1, 1), (1, 2)
Version = tuple[int, int]


class _Scalars(SafeConstructor):
    """ruamel.yaml's own reading of scalars, without a stream behind it."""

    def __init__(self, version: Version) -> None:
        super().__init__()
        self.versioned = resolver.VersionedResolver(version)

    @property
    def resolver(self) -> Any:
        return self.versioned


@lru_cache
def _scalars(version: Version) -> _Scalars:
    return _Scalars(version)


@lru_cache(maxsize=10_000)
def resolve_scalar(text: str, tag: str | None, version: Version) -> ScalarValue:
    """What a plain scalar means: a tag wins over the implicit resolution of that YAML version.

    A timestamp or binary stays the text that it is. Raises ValueError where text and tag do not fit.
    """
    scalars = _scalars(version)
    tag = tag or str(scalars.versioned.resolve(nodes.ScalarNode, text, (True, False)))
    node = nodes.ScalarNode(TAG + tag.removeprefix(TAG), text)
    kind = tag.removeprefix(TAG)
    if kind in ("int", "float") and text.lstrip("-+")[:1] == "_":
        return text  # which the resolver lets pass
    if kind == "null":
        return None
    if kind == "bool":
        return bool(scalars.construct_yaml_bool(node))
    if kind == "int":
        return int(scalars.construct_yaml_int(node))
    if kind == "float":
        return _float(text) if version == YAML_1_2 or FLOAT_1_1.match(text) else text
    return text


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    if digits.lstrip("+-") in (".inf", ".nan"):
        digits = digits.replace(".", "")
    whole, *parts = digits.split(":")
    value = float(whole)
    for part in parts:  # in base 60, as a time
        value = value * 60 + (-float(part) if whole.startswith("-") else float(part))
    return value
