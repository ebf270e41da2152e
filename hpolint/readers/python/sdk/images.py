"""Addresses that the SDK looks up. Account and region are unknown; an image's repository may be known."""

from __future__ import annotations

from hpolint.data import load
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.reasons import SDK_IMAGE, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value, text_of, unknown
from hpolint.readers.python.sdk.nodes import BoundArguments
from hpolint.readers.python.sdk.signatures import IMAGE_FRAMEWORKS, PYTHON_3_REPOSITORIES, REPOSITORIES

SCRIPT = ("region", "model_id", "model_version", "script_scope")
RETRIEVE = ("framework", "region", "version", "py_version", "instance_type", "accelerator_type", "image_scope")
GET_IMAGE_URI = ("region_name", "repo_name", "repo_version")
PYTORCH = ("pytorch-training", "sagemaker-pytorch")
"""The repositories of PyTorch's images, in whose tags the kind of processor follows the version."""

OLD_XGBOOST_TAGS = ("1", "latest")
CLASSES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "mxnet": "MXNet", "chainer": "Chainer"}
"""The estimator class of each framework name of ``image_uris.retrieve``."""


def looked_up_address(name: str, arguments: Arguments, span: Span) -> Unknown | None:
    """The address that an SDK function looks up, with its known parts; None for other functions."""
    if name.endswith("image_uris.retrieve"):
        return _retrieved(arguments, span)
    if name.endswith("script_uris.retrieve"):
        return _jumpstart_script(arguments, span)
    if name.endswith(".get_image_uri"):
        return _old_image_uri(arguments, span)
    return None


def _retrieved(arguments: Arguments, span: Span) -> Unknown:
    """``sagemaker.image_uris.retrieve(framework, region, version, …)``."""
    given = BoundArguments(arguments, RETRIEVE, 3).value
    scope = given("image_scope")
    if isinstance(scope, Constant) and scope.value != "training":
        return unknown(SDK_IMAGE, span)
    return _address(given("framework"), given("version"), span, given("py_version"))


def _jumpstart_script(arguments: Arguments, span: Span) -> Unknown:
    """``sagemaker.script_uris.retrieve(region, model_id, …)``: the address of a JumpStart model's training script."""
    reason = is_a("an address that the SDK looks up")
    model = text_of(BoundArguments(arguments, SCRIPT, 2).value("model_id"))
    index = load("algorithms")["jumpstart"]
    for beginning, path in index["models"].items():
        if model is not None and model.startswith(beginning):
            return unknown(reason, span, (f"s3://{index['buckets'][0]}", None, path, None))
    return unknown(reason, span)


def _old_image_uri(arguments: Arguments, span: Span) -> Unknown:
    """``get_image_uri(region, repository, version)`` of version 1: the region comes first."""
    given = BoundArguments(arguments, GET_IMAGE_URI).value
    return _address(given("repo_name"), given("repo_version") or Constant("1", span), span)


def _address(framework: Value | None, version: Value | None, span: Span, python: Value | None = None) -> Unknown:
    name = text_of(framework)
    tag = str(version.value) if isinstance(version, Constant) else None
    repository = None if name is None else _named_repository(name.lower(), tag, python)
    if repository is None:
        return unknown(SDK_IMAGE, span)
    if tag is not None and repository in load("algorithms")["images"]:
        return unknown(SDK_IMAGE, span, (None, f"/{repository}:{tag}"))
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:{_beginning_of_tag(repository, tag)}", None))


def _beginning_of_tag(repository: str, version: str | None) -> str:
    """The known beginning of the tag of a framework's image."""
    if version is None:
        return ""
    if repository in PYTORCH:
        return f"{version}-"
    return version if repository == "tensorflow-training" else ""


def _named_repository(name: str, tag: str | None, python: Value | None) -> str | None:
    """The repository for a framework's or an algorithm's name; None if it is unknown."""
    if name == "xgboost":
        if tag is None:  # the repository depends on the version
            return None
        return "xgboost" if tag in OLD_XGBOOST_TAGS else "sagemaker-xgboost"
    if name in load("algorithms")["images"]:
        return name
    if name in CLASSES:
        return _repository(CLASSES[name], tag, python)
    return IMAGE_FRAMEWORKS.get(name)


def _repository(framework: str, version: str | None, python: Value | None = None) -> str | None:
    """The repository of a version's image; None if it is unknown."""
    if version is None:
        return None
    newest = None
    for minimum, repository in REPOSITORIES.get(framework, ()):
        if is_at_least(version, minimum):
            newest = repository
    if newest == "" and isinstance(python, Constant) and str(python.value).startswith("py3"):
        return PYTHON_3_REPOSITORIES.get(framework)
    return newest or None


def is_at_least(version: str, minimum: tuple[int, int]) -> bool:
    """Whether a version such as ``2.1.0`` is the minimum or later; False if it does not parse."""
    major, minor, *_ = [*version.replace("-", ".").split("."), "0"]
    try:
        return (int(major), int(minor)) >= minimum
    except ValueError:
        return False


XGBOOST_VERSION = lazy_regex(r"\d+\.\d+-\d+\Z")
"""A version of XGBoost's image, which is its tag; before 1.2 the tag says the platform, too."""

ONLY_PLATFORM = "-cpu-py3"
"""The end of the tags of images that there are for one platform, as all of scikit-learn's.

Source: ``image_uri_config/sklearn.json`` and ``xgboost.json`` of sagemaker 2.257.7.
"""


def framework_image(cls: str, version: Value | None, python: Value | None, span: Span) -> Unknown:
    """The image of a framework's estimator class."""
    given = text_of(version)
    repository = _repository(cls, given, python)
    if cls == "XGBoost" and given is not None and XGBOOST_VERSION.match(given):
        platform = "" if is_at_least(given, (1, 2)) else ONLY_PLATFORM
        return unknown(SDK_IMAGE, span, (None, f"/{repository}:{given}{platform}"))
    if repository is None:
        return unknown(SDK_IMAGE, span)
    if cls == "SKLearn" and given is not None:
        return unknown(SDK_IMAGE, span, (None, f"/{repository}:{given}{ONLY_PLATFORM}"))
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:{_beginning_of_tag(repository, given)}", None))


def hugging_face_image(torch: Value | None, tensorflow: Value | None, span: Span) -> Unknown:
    """The image of Hugging Face's estimator. The repository depends on which framework's version is set."""
    versions = {"pytorch": torch, "tensorflow": tensorflow}
    frameworks = [name for name, version in versions.items() if isinstance(version, Constant)]
    if len(frameworks) != 1 or isinstance(torch, Unknown) or isinstance(tensorflow, Unknown):
        return unknown(SDK_IMAGE, span)
    return unknown(SDK_IMAGE, span, (None, f"/huggingface-{frameworks[0]}-training:", None))


def algorithm_image(repository: str, span: Span) -> Unknown:
    """The image of a SageMaker built-in algorithm."""
    return unknown(SDK_IMAGE, span, (None, f"/{repository}:1"))
