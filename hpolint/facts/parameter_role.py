"""The conventional role of a hyperparameter, by its name."""

from __future__ import annotations

import re
from functools import cache

from hpolint.data import load
from hpolint.model.node import Unknown


def role(name: str, algorithm: str | Unknown | None) -> str | Unknown | None:
    """``learning_rate``, ``regularization``, ``near_one``, ``batch_size``, … as ``data/roles.yaml`` has them, or None.

    An ambiguous name has the role that it has under the algorithm; Unknown if the algorithm is.
    """
    normalised = re.sub(r"[-. ]", "_", name.strip().strip('"').lstrip("-").lower())
    ambiguous = load("roles")["ambiguous"].get(normalised)
    if ambiguous is not None:
        if isinstance(algorithm, Unknown):
            return algorithm if ambiguous else None
        own: str | None = ambiguous.get(algorithm)
        return own
    return _by_name(name.strip(), normalised)


@cache
def _by_name(exact: str, normalised: str) -> str | None:
    data = load("roles")
    if normalised in data["exclude"]:
        return None
    for name, entry in data["roles"].items():
        if normalised in entry["names"] or exact in entry.get("exact", ()):
            return str(name)
    for name, entry in data["roles"].items():
        if normalised.endswith(tuple(f"_{suffix}" for suffix in entry["suffixes"])):
            return str(name)
    whole, _, part = normalised.rpartition("_")
    return _by_name(whole, whole) if part in data["parts"] else None
