"""Addresses that the SDK looks up. Account and region are unknown; an image's repository may be known."""

from __future__ import annotations

from hpolint.data import load
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.reasons import SDK_IMAGE, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value, unknown
from hpolint.readers.python.sdk.nodes import BoundArguments
from hpolint.readers.python.sdk.signatures import IMAGE_FRAMEWORKS, PYTHON_3_REPOSITORIES, REPOSITORIES

SCRIPT = ("region", "model_id", "model_version", "script_scope")
RETRIEVE = ("framework", "region", "version", "py_version", "instance_type", "accelerator_type", "image_scope")
GET_IMAGE_URI = ("region_name", "repo_name", "repo_version")
OLD_XGBOOST_TAGS = ("1", "latest")
CLASSES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "mxnet": "MXNet", "chainer": "Chainer"}
"""The estimator class of each framework name of ``image_uris.retrieve``."""


def looked_up_address(name: str, arguments: Arguments, span: Span) -> Unknown | None:
    """The address that an SDK function looks up, with its known parts; None for other functions."""
    if name.endswith("image_uris.retrieve"):
        return _retrieved(arguments, span)
    if name.endswith("script_uris.retrieve"):
        return _jumpstart_script(arguments, span)
    return _old_image_uri(arguments, span) if name.endswith(".get_image_uri") else None


def _retrieved(arguments: Arguments, span: Span) -> Unknown:
    """``sagemaker.image_uris.retrieve(framework, region, version, …)``."""
    bound = BoundArguments(arguments, RETRIEVE, 3)
    scope = bound.value("image_scope")
    if isinstance(scope, Constant) and scope.value not in (None, "training"):
        return _address(None, None, span)
    return _address(bound.value("framework"), bound.value("version"), span, bound.value("py_version"))


def _jumpstart_script(arguments: Arguments, span: Span) -> Unknown:
    """``sagemaker.script_uris.retrieve(region, model_id, …)``: the address of a JumpStart model's training script."""
    model = BoundArguments(arguments, SCRIPT, 2).value("model_id")
    reason = is_a("an address that the SDK looks up")
    name = model.value if isinstance(model, Constant) and isinstance(model.value, str) else ""
    index = load("algorithms")["jumpstart"]
    found = next((path for begin, path in index["models"].items() if name.startswith(begin)), None)
    return unknown(reason, span, (f"s3://{index['buckets'][0]}", None, found, None) if found is not None else ())


def _old_image_uri(arguments: Arguments, span: Span) -> Unknown:
    """``get_image_uri(region, repository, version)`` of version 1: the region comes first."""
    bound = BoundArguments(arguments, GET_IMAGE_URI)
    return _address(bound.value("repo_name"), bound.value("repo_version") or Constant("1", span), span)


def _address(framework: Value | None, version: Value | None, span: Span, python: Value | None = None) -> Unknown:
    if not isinstance(framework, Constant) or not isinstance(framework.value, str):
        return unknown(SDK_IMAGE, span)
    name = framework.value.lower()
    tag = str(version.value) if isinstance(version, Constant) else None
    if name == "xgboost" and tag is None:
        return unknown(SDK_IMAGE, span)  # the repository depends on the version
    repository: str | None
    if name == "xgboost" and tag in OLD_XGBOOST_TAGS:
        repository = "xgboost"
    elif name in load("algorithms")["images"]:
        repository = "sagemaker-xgboost" if name == "xgboost" else name
    elif name in CLASSES:
        repository = _repository(CLASSES[name], tag, python) if tag is not None else None
    else:
        repository = IMAGE_FRAMEWORKS.get(name)
    if repository is None:
        return unknown(SDK_IMAGE, span)
    exact = repository in load("algorithms")["images"] and tag is not None
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:{tag}") if exact else (None, f"/{repository}:", None))


def _repository(framework: str, version: str, python: Value | None = None) -> str | None:
    """The repository of a version's image; None if it is unknown."""
    found = None
    for minimum, repository in REPOSITORIES.get(framework, ()):
        if is_at_least(version, minimum):
            found = repository
    if found == "" and isinstance(python, Constant) and str(python.value).startswith("py3"):
        return PYTHON_3_REPOSITORIES.get(framework)
    return found or None


def is_at_least(version: str, minimum: tuple[int, int]) -> bool:
    """Whether a version such as ``2.1.0`` is the minimum or later; False if it does not parse."""
    parts = version.replace("-", ".").split(".")
    try:
        return (int(parts[0]), int(parts[1]) if len(parts) > 1 else 0) >= minimum
    except ValueError:
        return False


XGBOOST_VERSION = lazy_regex(r"\d+\.\d+-\d+\Z")
"""A version of XGBoost's image, which is its tag; before 1.2 the tag says the platform, too."""


def framework_image(cls: str, version: Value | None, python: Value | None, span: Span) -> Unknown:
    """The image of a framework's estimator class."""
    given = version.value if isinstance(version, Constant) and isinstance(version.value, str) else None
    repository = _repository(cls, given, python) if given is not None else None
    if cls == "XGBoost" and given is not None and XGBOOST_VERSION.match(given):
        platform = "" if is_at_least(given, (1, 2)) else "-cpu-py3"
        return unknown(SDK_IMAGE, span, (None, f"/{repository}:{given}{platform}"))
    if repository is None:
        return unknown(SDK_IMAGE, span)
    tag = given if repository == "tensorflow-training" else ""
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:{tag}", None))


def hugging_face_image(torch: Value | None, tensorflow: Value | None, span: Span) -> Unknown:
    """The image of Hugging Face's estimator. The repository depends on which framework's version is set."""
    frameworks = [n for n, version in (("pytorch", torch), ("tensorflow", tensorflow)) if isinstance(version, Constant)]
    if len(frameworks) != 1 or isinstance(torch, Unknown) or isinstance(tensorflow, Unknown):
        return unknown(SDK_IMAGE, span)
    return unknown(SDK_IMAGE, span, (None, f"/huggingface-{frameworks[0]}-training:", None))


def algorithm_image(repository: str, span: Span) -> Unknown:
    """The image of a SageMaker built-in algorithm."""
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:1"))
