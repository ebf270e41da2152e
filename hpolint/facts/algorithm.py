"""Which algorithm a training job definition runs, as far as its image tells."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hpolint.data import load
from hpolint.facts.reading import read, struct
from hpolint.node import Path, Struct, Unknown

HOLE = "\0"
"""Stands for the unknown part of a partly known image address."""


@dataclass(frozen=True, slots=True)
class AlgorithmFacts:
    """``algorithm``: of one training job definition."""

    name: str | Unknown | None
    """A built-in algorithm's name (``xgboost``, ``linear-learner``, …), null for any other."""
    kind: str | Unknown
    """``built-in``; ``deep-learning`` or ``machine-learning``: a framework's image that runs a script;
    ``resource``: an algorithm resource or a marketplace one; ``custom``: any other image."""
    early_stopping: bool | Unknown
    """Whether the early-stopping page lists the built-in algorithm."""
    checkpoints: bool | Unknown | None
    """Whether the built-in algorithm saves checkpoints; null where the documentation does not say."""
    own_metrics: bool | Unknown
    """Whether the service knows the image's metrics by itself: a built-in algorithm's, also where it runs a script,
    and an algorithm resource's."""
    image: str | Unknown | None = None
    """The image's name, with its tag where that is known: ``sagemaker-xgboost:1.7-1``; null for an algorithm
    resource."""


def algorithm_facts(request: Struct, definition: Path) -> AlgorithmFacts:
    """The facts of the definition at a path of the request."""
    specification = (*definition, "AlgorithmSpecification")
    image = read(request, (*specification, "TrainingImage"), str)
    if image is None:
        name = read(request, (*specification, "AlgorithmName"), str)
        return _unknown(name) if isinstance(name, Unknown) else AlgorithmFacts(None, "resource", False, None, True)
    repository = image_repository(image)
    if isinstance(repository, Unknown):
        return _unknown(repository)
    known = image if isinstance(image, str) else "".join(piece or "" for piece in image.pieces)
    facts = _of_repository(repository, request, definition, namespaced=known.count("/") > 1)
    return replace(facts, image=_tagged(image, repository))


def image_repository(image: str | Unknown) -> str | Unknown:
    """The last path segment of an image's address, without tag and digest."""
    if not isinstance(image, Unknown):
        return _repository(image)
    address = "".join(HOLE if piece is None else piece for piece in image.pieces) or HOLE
    segment = _repository(address)
    return image if HOLE in segment else segment


def _tagged(image: str | Unknown, repository: str) -> str:
    address = image if isinstance(image, str) else "".join(HOLE if piece is None else piece for piece in image.pieces)
    name = address.rpartition("/")[2].partition("@")[0]
    return repository if HOLE in name else name


def _repository(address: str) -> str:
    return re.split(r"[:@]", address.rpartition("/")[2])[0]


def _of_repository(repository: str, request: Struct, definition: Path, *, namespaced: bool) -> AlgorithmFacts:
    """``namespaced``: there is a folder before the repository, as Amazon's own never have."""
    data = load("algorithms")
    for kind, list_ in (("deep-learning", "deep_learning"), ("machine-learning", "machine_learning")):
        if repository in data[list_]:
            return AlgorithmFacts(None, kind, False, None, False)
    entry = data["built_in"].get(repository) if not namespaced else None
    if entry is None:
        return AlgorithmFacts(None, "custom", False, None, False)
    if repository == "sagemaker-xgboost":
        script = _runs_script(request, definition)
        if isinstance(script, Unknown):
            return replace(_unknown(script), own_metrics=True)
        if script:
            return AlgorithmFacts(None, "machine-learning", False, None, True)
    return AlgorithmFacts(entry["name"], "built-in", entry["early_stopping"], entry["checkpoints"], True)


def _runs_script(request: Struct, definition: Path) -> bool | Unknown:
    """Whether the XGBoost image is in script mode, where none of the built-in's facts hold."""
    static = struct(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if static is None:
        return False
    return "sagemaker_program" in static.members or static.open or False


def _unknown(why: Unknown) -> AlgorithmFacts:
    return AlgorithmFacts(why, why, why, why, why, why)
