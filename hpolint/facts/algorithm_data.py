"""Data of Amazon's own algorithms: one dated file for each, found by an image or by JumpStart's marker.

A property that an entry does not have is None, and an algorithm without an entry is not one of Amazon's: neither is an
error.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from hpolint.data import load
from hpolint.lazy_regex import lazy_regex

VERSION = lazy_regex(r"(\d+\.\d+-\d+)(?:-cpu-py3)?\Z")
"""The version in a tag, with or without a platform: ``1.7-1`` of ``1.7-1-cpu-py3``."""


class Tunable(msgspec.Struct, frozen=True):
    """A hyperparameter that can be tuned, with the bounds that AWS recommends; None if it recommends none."""

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
        """AWS's title: ``XGBoost``."""
        return str(self.entry["title"])

    @property
    def early_stopping(self) -> bool:
        """Whether the documentation's early-stopping page lists it."""
        return bool(self.entry["early_stopping"])

    @property
    def reported_once(self) -> bool:
        """Whether it is known to report its objective only once, after training."""
        return bool(self.entry.get("reported_once", False))

    @property
    def is_jumpstart(self) -> bool:
        """Whether a framework's image runs it, with a script that JumpStart provides."""
        return self.name in load("algorithms")["jumpstart"]["markers"].values()

    @property
    def gpu(self) -> str | None:
        """Its use of GPUs: ``required``, ``refused``, ``none`` (it uses none), ``one`` (of each instance), ``many``."""
        use: str | None = self.entry.get("gpu")
        return use

    @property
    def machines(self) -> str | None:
        """``one`` if it trains on a single instance, ``many`` if it can be distributed."""
        number: str | None = self.entry.get("machines")
        return number

    @property
    def required(self) -> tuple[str, ...]:
        """The hyperparameters without which it does not start."""
        return tuple(self.entry.get("required", ()))

    @property
    def by_value(self) -> dict[str, Any]:
        """A hyperparameter that decides ``gpu`` and ``machines``: ``name`` and ``values``; empty if none is known."""
        by_value: dict[str, Any] = self.entry.get("by_value", {})
        return by_value

    @property
    def channels(self) -> dict[str, Any]:
        """Its input channels: ``required``, ``optional``, ``companions``, ``closed``; empty if they are not known."""
        channels: dict[str, Any] = self.entry.get("channels", {})
        return channels

    @property
    def channel_names(self) -> frozenset[str]:
        """The names of all channels that its documentation has."""
        companions = self.channels.get("companions", {}).values()
        return frozenset((*self.channels.get("required", ()), *self.channels.get("optional", ()), *companions))

    @property
    def content_types(self) -> dict[str, Any]:
        """What is known of the content types that it accepts or refuses; empty if nothing is."""
        types: dict[str, Any] = self.entry.get("content_types", {})
        return types

    @property
    def modes(self) -> tuple[str, ...]:
        """The input modes in which it reads its data; empty if it may read any."""
        return tuple(self.entry.get("modes", ()))

    @property
    def unlabelled_channels(self) -> tuple[str, ...]:
        """The channels whose CSV has no label, which ``label_size=0`` has to say."""
        return tuple(self.entry.get("unlabelled_channels", ()))

    @property
    def metrics(self) -> dict[str, str]:
        """The better direction of each of its objective metrics: ``Maximize`` or ``Minimize``."""
        metrics = self.entry.get("metrics", {})
        maximized = dict.fromkeys(metrics.get("Maximize", ()), "Maximize")
        return maximized | dict.fromkeys(metrics.get("Minimize", ()), "Minimize")

    def has_metric(self, name: str) -> bool:
        """Whether it reports a metric, with or without a known direction."""
        return name in self.metrics or name in self.undirected

    @property
    def undirected(self) -> frozenset[str]:
        """Metrics that it reports, for which the data has no direction."""
        return frozenset(self.entry.get("metrics", {}).get("undirected", ()))

    @property
    def tunable(self) -> dict[str, Tunable]:
        """The hyperparameters that AWS lists as tunable, by name."""
        return {name: _tunable(value) for name, value in self.entry.get("tunable", {}).items()}

    @property
    def takes(self) -> dict[str, Any]:
        """Which values it takes, by the name of the hyperparameter; an alias takes what its name does."""
        values: dict[str, Any] = self.entry.get("takes", {})
        return values | {alias: values[name] for alias, name in self.aliases.items() if name in values}

    @property
    def aliases(self) -> dict[str, str]:
        """Other names of hyperparameters, with the name that each stands for."""
        aliases: dict[str, str] = self.entry.get("aliases", {})
        return aliases

    @property
    def needs(self) -> tuple[dict[str, Any], ...]:
        """What values of one hyperparameter need of another."""
        return tuple(self.entry.get("needs", ()))

    @property
    def used_with(self) -> tuple[dict[str, Any], ...]:
        """Which hyperparameters are used only with some values of another one."""
        return tuple(self.entry.get("used_with", ()))

    @property
    def refused_tuned(self) -> frozenset[str]:
        """Names of which a source shows that the service does not let them be tuned."""
        return frozenset(self.entry.get("refused_tuned", ()))

    def is_tunable(self, name: str) -> bool | None:
        """Whether AWS lists a name as tunable; None for a name that the documentation does not have or disputes."""
        if name in self.tunable:
            return True
        known = {*self.hyperparameters, *self.refused_tuned} - {*self.aliases, *self.entry.get("tunable_disputed", ())}
        return False if name in known and self.tunable else None

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Every hyperparameter in its documentation. Use it only for suggestions: a version may accept others."""
        return tuple(dict.fromkeys((*self.required, *self.entry.get("tunable", {}), *self.entry.get("others", ()))))

    def checkpoints(self, repository: str | None) -> bool | None:
        """Whether its image saves checkpoints; None if the documentation does not say."""
        if repository in self.entry.get("checkpoints_not_said", ()):
            return None
        checkpoints: bool | None = self.entry["checkpoints"]
        return checkpoints

    def has_versions(self, repository: str) -> bool:
        """Whether the accepted names are known for some version of an image."""
        return repository in self.entry.get("versions", {})

    def version(self, repository: str | None, tag: str | None) -> str | None:
        """The version that a tag names; None if its accepted names are not known."""
        version = VERSION.match(tag or "")
        if version is None or self.accepted_names(repository, tag) is None:
            return None
        return version[1]

    def accepted_names(self, repository: str | None, tag: str | None) -> frozenset[str] | None:
        """All names that a version accepts; None if they are not known."""
        version = VERSION.match(tag or "")
        versions = self.entry.get("versions", {}).get(repository, {})
        if version is None or version[1] not in versions:
            return None
        return frozenset((*versions["each"], *versions[version[1]]))


def version_order(version: str) -> tuple[int, ...]:
    """By which versions are sorted: ``1.2-1`` before ``1.10-1``."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _tunable(value: Any) -> Tunable:
    """``[integer, 1, 4000]``, or ``[categorical]``."""
    if len(value) == 1:
        return Tunable(value[0], None, None)
    return Tunable(value[0], float(value[1]), float(value[2]))


@cache
def of_image(repository: str) -> Algorithm | None:
    """The algorithm of an image's repository; None for any other repository."""
    name = load("algorithms")["images"].get(repository)
    return _read(name) if name is not None else None


def of_name(name: str) -> Algorithm | None:
    """The algorithm with an ``Algorithm.name``; None for any other name."""
    return _read(name) if name in load("algorithms")["names"] else None


@cache
def of_jumpstart(address: str) -> Algorithm | None:
    """The JumpStart algorithm with its scripts or models at an address; None for any other address."""
    index = load("algorithms")["jumpstart"]
    if not any(bucket in address for bucket in index["buckets"]):
        return None
    return next((_read(name) for marker, name in index["markers"].items() if marker in address), None)


@cache
def _read(name: str) -> Algorithm:
    return Algorithm(name, load(f"algorithms/{name}"))
