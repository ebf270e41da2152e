"""What is known of Amazon's own algorithms: one dated data file each, found by an image or by JumpStart's marker.

Nothing here makes a judgement. What an entry does not say is None, and an algorithm without an entry is no algorithm of
these: neither is ever an error.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from hpolint.data import load

VERSION = re.compile(r"(\d+\.\d+-\d+)(?:-cpu-py3)?\Z")
"""A tag's version, also where it says its platform: ``1.7-1`` of ``1.7-1-cpu-py3``."""


class Tunable(msgspec.Struct, frozen=True):
    """A hyperparameter that can be tuned, and the range that AWS recommends; None where it gives none."""

    kind: str
    """``continuous``, ``integer`` or ``categorical``."""
    low: float | None
    high: float | None


class Algorithm(msgspec.Struct, frozen=True):
    """One algorithm, as its file in ``data/algorithms`` describes it."""

    name: str
    """The file's name: ``xgboost``."""
    entry: dict[str, Any]

    @property
    def title(self) -> str:
        """What AWS calls it: ``XGBoost``."""
        return str(self.entry["title"])

    @property
    def early_stopping(self) -> bool:
        """Whether the early-stopping page lists it."""
        return bool(self.entry["early_stopping"])

    @property
    def is_jumpstart(self) -> bool:
        """Whether a framework's image runs it, with a script that JumpStart keeps."""
        return self.name in load("algorithms")["jumpstart"]["markers"].values()

    @property
    def gpu(self) -> str | None:
        """What it makes of GPUs: ``required``, ``none`` (it uses none), ``one`` (of an instance), ``many``."""
        found: str | None = self.entry.get("gpu")
        return found

    @property
    def machines(self) -> str | None:
        """``one`` where it trains on a single machine, ``many`` where it is distributed."""
        found: str | None = self.entry.get("machines")
        return found

    @property
    def required(self) -> tuple[str, ...]:
        """The hyperparameters without which it does not start."""
        return tuple(self.entry.get("required", ()))

    @property
    def metrics(self) -> dict[str, str]:
        """The direction in which each of its objective metrics is better."""
        listed = self.entry.get("metrics", {})
        return {metric: direction for direction in ("Maximize", "Minimize") for metric in listed.get(direction, ())}

    @property
    def undirected(self) -> frozenset[str]:
        """Metrics that it reports, of which no direction is claimed."""
        return frozenset(self.entry.get("metrics", {}).get("undirected", ()))

    @property
    def tunable(self) -> dict[str, Tunable]:
        """What AWS lists as tunable, by name."""
        return {name: _tunable(value) for name, value in self.entry.get("tunable", {}).items()}

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Every name that its documentation lists: for suggestions alone, since a version may take others."""
        return tuple(dict.fromkeys((*self.required, *self.entry.get("tunable", {}), *self.entry.get("others", ()))))

    def checkpoints(self, repository: str | None) -> bool | None:
        """Whether its image saves checkpoints; None where the documentation does not say."""
        if repository in self.entry.get("checkpoints_not_said", ()):
            return None
        found: bool | None = self.entry["checkpoints"]
        return found

    def has_versions(self, repository: str) -> bool:
        """Whether the names that versions of an image take are known at all."""
        return repository in self.entry.get("versions", {})

    def taken(self, repository: str | None, tag: str | None) -> frozenset[str] | None:
        """The names that a version takes, all others being refused; None where that is not known of it."""
        version = VERSION.match(tag or "")
        versions = self.entry.get("versions", {}).get(repository, {})
        names = versions.get(version[1]) if version is not None else None
        return frozenset((*versions["each"], *names)) if names is not None else None


def _tunable(value: Any) -> Tunable:
    """``[integer, 1, 4000]``, or ``[categorical]``."""
    low, high = (float(value[1]), float(value[2])) if len(value) == 3 else (None, None)
    return Tunable(str(value[0]), low, high)


@cache
def of_image(repository: str) -> Algorithm | None:
    """The algorithm of an image's repository."""
    name = load("algorithms")["images"].get(repository)
    return _read(name) if name is not None else None


def of_name(name: str) -> Algorithm | None:
    """The algorithm of a name that ``Algorithm.name`` gave; None for any other."""
    return _read(name) if name in load("algorithms")["names"] else None


@cache
def of_jumpstart(address: str) -> Algorithm | None:
    """The algorithm of JumpStart's whose scripts or models lie at an address; None for any other address."""
    index = load("algorithms")["jumpstart"]
    if not any(bucket in address for bucket in index["buckets"]):
        return None
    return next((_read(name) for marker, name in index["markers"].items() if marker in address), None)


@cache
def _read(name: str) -> Algorithm:
    return Algorithm(name, load(f"algorithms/{name}"))
