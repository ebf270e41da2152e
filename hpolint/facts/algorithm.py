"""The algorithm that a training job definition runs, by its image."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from hpolint.data import load
from hpolint.facts.algorithm_data import Algorithm, of_image, of_jumpstart, of_name
from hpolint.facts.image_address import UNKNOWN_PART, image_address, other_registry
from hpolint.facts.typed_values import first_unknown, read, struct
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Path, Scalar, Struct, Unknown, member
from hpolint.model.reasons import SET_BY_DEPLOYER, Kind


class AlgorithmFacts(msgspec.Struct, frozen=True):
    """``algorithm``: the facts of one training job definition."""

    name: str | Unknown | None
    """The name of Amazon's own algorithm (``xgboost``, ``linear-learner``, ``lightgbm``, …); null for any other."""
    kind: str | Unknown
    """``built-in``; ``jumpstart``: one of Amazon's own algorithms, run by a framework's image; ``deep-learning`` or
    ``machine-learning``: a framework's image that runs a script; ``resource``: an algorithm resource, also from the
    marketplace; ``custom``: any other image."""
    early_stopping: bool | Unknown
    """Whether the documentation's early-stopping page lists the algorithm."""
    checkpoints: bool | Unknown | None
    """Whether the algorithm saves checkpoints; null if the documentation does not say."""
    own_metrics: bool | Unknown
    """Whether the service knows the image's metrics without metric definitions: true for a built-in algorithm's image,
    even if it runs a script, and for an algorithm resource."""
    image: str | Unknown | None = None
    """The image's name, with its tag if that is known: ``sagemaker-xgboost:1.7-1``; null for an algorithm resource."""
    repository: str | Unknown | None = None
    """The image's name without its tag."""
    tag: str | Unknown | None = None
    """The image's tag: ``1.7-1``. Null if it has none."""
    amazons: bool | Unknown = False
    """Whether the image is in one of Amazon's registries, as every image that the SDK looks up."""
    other_registry: str | Unknown | None = None
    """The host of the image's registry if it is certainly no registry of ECR: ``docker.io``, ``ghcr.io``,
    ``public.ecr.aws``. Null for any other, and for a name without a registry."""
    title: str | Unknown | None = None
    """AWS's title of its own algorithm: ``XGBoost``, ``K-Means``; null for any other."""
    metrics: list[str] | Unknown | None = None
    """The metrics that the service knows without metric definitions; null if there are none, or they are not known."""
    gpu: str | Unknown | None = None
    """The algorithm's use of GPUs: ``required``, ``refused`` (it trains only on CPUs), ``none`` (it uses none), ``one``
    (one of each instance) or ``many``; null if the documentation does not say."""
    reported_once: bool | Unknown = False
    """Whether the algorithm is known to report its objective only once, after training."""
    machines: str | Unknown | None = None
    """``one`` if the algorithm trains on a single instance, ``many`` if it can be distributed; null if the
    documentation does not say."""


def algorithm_facts(request: Struct, definition: Path) -> AlgorithmFacts:
    """The facts of the definition at a path of the request."""
    specification = (*definition, "AlgorithmSpecification")
    image = read(request, (*specification, "TrainingImage"), str)
    own = _jumpstart(request, definition)
    if own is not None:
        return _described(own, "jumpstart", None)
    if image is None:
        name = read(request, (*specification, "AlgorithmName"), str)
        if isinstance(name, Unknown):
            return _unknown(name)
        return AlgorithmFacts(None, "resource", early_stopping=False, checkpoints=None, own_metrics=True)
    registry = other_registry(image)
    repository = image_repository(image)
    if isinstance(repository, Unknown):
        return replace(_unknown(repository), other_registry=registry)
    facts = _of_repository(repository, request, definition, _of_image(image, repository))
    return replace(
        facts,
        image=_tagged(image, repository),
        repository=repository,
        tag=image_tag(image),
        amazons=_is_amazons(image),
        other_registry=registry,
    )


SCRIPT_ONLY_IMAGES = lazy_regex(
    r"/(?:tensorflow-training:[2-9]\.|(?:sagemaker-pytorch|pytorch-training|huggingface-pytorch-training):)"
)
"""Images that only run the script as a program, and call no function of it.

Source: aws/sagemaker-pytorch-training-toolkit, ``training.py``, at v1.0.0 and at HEAD.
"""


def runs_only_as_program(request: Struct, definition: Path) -> bool:
    """Whether a definition's image certainly calls no function of a script."""
    image = read(request, (*definition, "AlgorithmSpecification", "TrainingImage"), str)
    return image is not None and SCRIPT_ONLY_IMAGES.search(image_address(image)) is not None


def image_repository(image: str | Unknown) -> str | Unknown:
    """The last path segment of an image's address, without tag and digest; Unknown if it is not fully known."""
    segment = _repository(image_address(image))
    return image if UNKNOWN_PART in segment else segment


def _tagged(image: str | Unknown, repository: str) -> str:
    name = image_address(image).rpartition("/")[2].partition("@")[0]
    return repository if UNKNOWN_PART in name else name


def _repository(address: str) -> str:
    return re.split(r"[:@]", address.rpartition("/")[2])[0]


def _of_repository(repository: str, request: Struct, definition: Path, algorithm: Algorithm | None) -> AlgorithmFacts:
    """The facts of an image's repository, and of the algorithm that it has."""
    data = load("algorithms")
    other = AlgorithmFacts(None, "custom", early_stopping=False, checkpoints=None, own_metrics=False)
    if repository in data["deep_learning"]:
        return replace(other, kind="deep-learning")
    if repository in data["machine_learning"]:
        return replace(other, kind="machine-learning")
    if algorithm is None:
        return other
    metrics = [*algorithm.metrics, *algorithm.undirected] or None
    if repository == "sagemaker-xgboost":
        script = _runs_script(request, definition)
        if isinstance(script, Unknown):
            return replace(_unknown(script), own_metrics=True, metrics=metrics)
        if script:
            return replace(other, kind="machine-learning", own_metrics=True, metrics=metrics)
    facts = replace(_described(algorithm, "built-in", repository), metrics=metrics)
    return _with_value(facts, algorithm, request, definition)


def _described(algorithm: Algorithm, kind: str, repository: str | None) -> AlgorithmFacts:
    return AlgorithmFacts(
        algorithm.name,
        kind,
        algorithm.early_stopping,
        algorithm.checkpoints(repository),
        own_metrics=kind == "built-in",
        title=algorithm.title,
        gpu=algorithm.gpu,
        reported_once=algorithm.reported_once,
        machines=algorithm.machines,
    )


def _with_value(facts: AlgorithmFacts, algorithm: Algorithm, request: Struct, definition: Path) -> AlgorithmFacts:
    """The facts with those that a static hyperparameter decides, as the mode of BlazingText does."""
    by_value = algorithm.by_value
    if not by_value:
        return facts
    value = read(request, (*definition, "StaticHyperParameters", by_value["name"]), str)
    if isinstance(value, Unknown):
        return replace(facts, gpu=value, machines=value)
    return replace(facts, **by_value["values"].get(value, {}))


def known_algorithm(request: Struct, definition: Path) -> Algorithm | Unknown | None:
    """Amazon's own algorithm that a definition runs; None for any other, Unknown if the image is unknown."""
    name = algorithm_facts(request, definition).name
    return of_name(name) if isinstance(name, str) else name


def algorithm_in_algorithm_mode(request: Struct, definition: Path) -> Algorithm | Unknown | None:
    """Amazon's own algorithm in an image of Amazon's that certainly runs no script.

    None for any other image and for one that runs a script; Unknown if it may run one, or may be somebody's own.
    """
    facts = algorithm_facts(request, definition)
    if facts.kind != "built-in" or facts.amazons is False:
        return facts.kind if isinstance(facts.kind, Unknown) else None
    script = _runs_script(request, definition)
    unknown = first_unknown(facts.amazons, script)
    if unknown is not None:
        return unknown
    return known_algorithm(request, definition) if not script else None


def image_algorithm(request: Struct, definition: Path) -> Algorithm | Unknown | None:
    """The algorithm of the image itself, whether it runs a script or not; None for any other image."""
    image = read(request, (*definition, "AlgorithmSpecification", "TrainingImage"), str)
    if image is None:
        return None
    repository = image_repository(image)
    return repository if isinstance(repository, Unknown) else _of_image(image, repository)


def _of_image(image: str | Unknown, repository: str) -> Algorithm | None:
    """The algorithm of an image with a repository, unless it is certainly in somebody's own registry."""
    has_path = image_address(image).count("/") > 1  # Amazon's own images have no path before the repository
    account = REGISTRY.match(image_address(image))
    is_own = account is not None and account[1] not in load("algorithms")["accounts"]
    return None if has_path or is_own else of_image(repository)


REGISTRY = lazy_regex(r"(\d{12})\.dkr\.ecr\.")


def _is_amazons(image: str | Unknown) -> bool | Unknown:
    """Whether the image is in an account of Amazon's, as every image that the SDK looks up."""
    account = REGISTRY.match(image_address(image))
    if account is not None:
        return account[1] in load("algorithms")["accounts"]
    if isinstance(image, str):
        return False
    return True if image.kind is Kind.SDK_IMAGE else image


def is_for_entry_point(request: Struct, definition: Path) -> bool:
    """Whether an image of an unknown kind runs the entry point that an estimator has for it.

    An image that is certainly not Amazon's may ignore it, and so may one that unknown code returns: it can be of an
    algorithm that has no script mode, as ``xgboost:latest``.
    """
    image = read(request, (*definition, "AlgorithmSpecification", "TrainingImage"), str)
    if image is None or _is_amazons(image) is False or isinstance(other_registry(image), str):
        return False
    if isinstance(image, str) or image.pieces:
        return True
    return image.kind is Kind.SDK_IMAGE or image.kind in SET_BY_DEPLOYER


def image_tag(image: str | Unknown) -> str | Unknown | None:
    """An image's tag; None if it has none, the image's Unknown if the tag is unknown."""
    name = image_address(image).rpartition("/")[2].partition("@")[0]
    if UNKNOWN_PART in name:
        return image
    return name.partition(":")[2] or None


JUMPSTART_SOURCE = ("StaticHyperParameters", "sagemaker_submit_directory")
"""The path of the address of JumpStart's training script."""


def _jumpstart(request: Struct, definition: Path) -> Algorithm | None:
    """The algorithm whose script JumpStart provides, by the known parts of its address; None if there is none."""
    static = struct(request, (*definition, JUMPSTART_SOURCE[0]))
    source = member(static, JUMPSTART_SOURCE[1])
    if isinstance(source, Scalar) and isinstance(source.value, str):
        return of_jumpstart(source.value)
    return of_jumpstart(image_address(source)) if isinstance(source, Unknown) else None


PROGRAM_VARIABLE = "SAGEMAKER_PROGRAM"
"""The environment variable that names a script, as the hyperparameter ``sagemaker_program`` does."""


def _runs_script(request: Struct, definition: Path) -> bool | Unknown:
    """Whether an image is in script mode, in which the built-in algorithm's facts do not apply."""
    variables = struct(request, (*definition, "Environment"))
    if isinstance(variables, Struct) and PROGRAM_VARIABLE in variables.members:
        return True
    static = struct(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if static is None:
        return False
    return "sagemaker_program" in static.members or static.open or False


def _unknown(why: Unknown) -> AlgorithmFacts:
    return AlgorithmFacts(*[why] * len(AlgorithmFacts.__struct_fields__))
