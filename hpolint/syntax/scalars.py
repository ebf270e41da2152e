"""Resolution of YAML's plain scalars, by the version of YAML that the consumer reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ruamel.yaml import nodes, resolver
from ruamel.yaml.constructor import SafeConstructor

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import ScalarValue

TAG = "tag:yaml.org,2002:"
FLOAT_1_1 = lazy_regex(
    r"""[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?\Z
    |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?\Z
    |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*\Z
    |[-+]?\.(?:inf|Inf|INF)\Z
    |\.(?:nan|NaN|NAN)\Z""",
    re.VERBOSE,
)
"""A float of YAML 1.1, in which `1e-5` and `1.0e3` are strings."""

YAML_1_1, YAML_1_2 = (1, 1), (1, 2)
Version = tuple[int, int]


class _Scalars(SafeConstructor):
    """ruamel.yaml's construction of scalars, without a stream."""

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
    """The value of a plain scalar, by its tag if it has one, else by that YAML version's implicit resolution.

    A timestamp or binary stays text. Raises ValueError if the text does not fit its tag.
    """
    scalars = _scalars(version)
    tag = tag or str(scalars.versioned.resolve(nodes.ScalarNode, text, (True, False)))
    node = nodes.ScalarNode(TAG + tag.removeprefix(TAG), text)
    kind = tag.removeprefix(TAG)
    if kind in ("int", "float") and text.lstrip("-+")[:1] == "_":
        return text  # the resolver accepts a leading underscore by mistake
    if kind == "null":
        return None
    if kind == "bool":
        return bool(scalars.construct_yaml_bool(node))
    if kind == "int":
        return int(scalars.construct_yaml_int(node))
    if kind == "float" and (version == YAML_1_2 or FLOAT_1_1.match(text)):
        return _float(text)
    return text


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    if digits.lstrip("+-") in (".inf", ".nan"):
        digits = digits.replace(".", "")
    whole, *parts = digits.split(":")
    value = float(whole)
    sign = -1 if whole.startswith("-") else 1
    for part in parts:  # sexagesimal, such as a time
        value = value * 60 + sign * float(part)
    return value
