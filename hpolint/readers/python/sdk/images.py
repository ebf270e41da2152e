"""The addresses that the SDK looks up: account and region are not in the text, an image's repository is."""

from __future__ import annotations

from hpolint.data import load
from hpolint.model.node import Unknown
from hpolint.model.reasons import SDK_LOOKS_UP, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value, unknown
from hpolint.readers.python.sdk.nodes import BoundArguments
from hpolint.readers.python.sdk.signatures import IMAGE_FRAMEWORKS, PYTHON_3_REPOSITORIES, REPOSITORIES

SCRIPT = ("region", "model_id", "model_version", "script_scope")
RETRIEVE = ("framework", "region", "version", "py_version", "instance_type", "accelerator_type", "image_scope")
GET_IMAGE_URI = ("region_name", "repo_name", "repo_version")
OLD_XGBOOST = ("1", "latest")
CLASSES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "mxnet": "MXNet", "chainer": "Chainer"}
"""The estimator class of what ``image_uris.retrieve`` calls a framework."""


def looked_up(name: str, arguments: Arguments, span: Span) -> Unknown | None:
    """The address that one of the SDK's functions looks up; None for any other function."""
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
    """``sagemaker.script_uris.retrieve(region, model_id, …)``: where JumpStart keeps a model's training script."""
    model = BoundArguments(arguments, SCRIPT, 2).value("model_id")
    reason = is_a(f"an address {SDK_LOOKS_UP}")
    name = model.value if isinstance(model, Constant) and isinstance(model.value, str) else ""
    index = load("algorithms")["jumpstart"]
    found = next((path for begin, path in index["models"].items() if name.startswith(begin)), None)
    return unknown(reason, span, (f"s3://{index['buckets'][0]}", None, found, None) if found is not None else ())


def _old_image_uri(arguments: Arguments, span: Span) -> Unknown:
    """``get_image_uri(region, repository, version)`` of version 1: the region comes first."""
    bound = BoundArguments(arguments, GET_IMAGE_URI)
    return _address(bound.value("repo_name"), bound.value("repo_version") or Constant("1", span), span)


def _address(framework: Value | None, version: Value | None, span: Span, python: Value | None = None) -> Unknown:
    reason = is_a(f"an image address {SDK_LOOKS_UP}")
    if not isinstance(framework, Constant) or not isinstance(framework.value, str):
        return unknown(reason, span)
    name = framework.value.lower()
    tag = str(version.value) if isinstance(version, Constant) else None
    if name == "xgboost" and tag is None:
        return unknown(reason, span)  # the version decides between two repositories
    repository: str | None
    if name == "xgboost" and tag in OLD_XGBOOST:
        repository = "xgboost"
    elif name in load("algorithms")["images"]:
        repository = "sagemaker-xgboost" if name == "xgboost" else name
    elif name in CLASSES:
        repository = _repository(CLASSES[name], tag, python) if tag is not None else None
    else:
        repository = IMAGE_FRAMEWORKS.get(name)
    if repository is None:
        return unknown(reason, span)
    exact = repository in load("algorithms")["images"] and tag is not None
    return unknown(reason, span, (None, f"/{repository}:{tag}") if exact else (None, f"/{repository}:", None))


def _repository(framework: str, version: str, python: Value | None = None) -> str | None:
    """The repository of a version's image; None if that cannot be told."""
    found = None
    for least, repository in REPOSITORIES.get(framework, ()):
        if at_least(version, least):
            found = repository
    if found == "" and isinstance(python, Constant) and str(python.value).startswith("py3"):
        return PYTHON_3_REPOSITORIES.get(framework)
    return found or None


def at_least(version: str, least: tuple[int, int]) -> bool:
    """Whether a version such as ``2.1.0`` is that or later; False if it cannot be told."""
    parts = version.replace("-", ".").split(".")
    try:
        return (int(parts[0]), int(parts[1]) if len(parts) > 1 else 0) >= least
    except ValueError:
        return False


def framework_image(cls: str, version: Value | None, python: Value | None, span: Span) -> Unknown:
    """The image of a framework's estimator class."""
    reason = is_a(f"the image {SDK_LOOKS_UP} for {cls}")
    known = isinstance(version, Constant) and isinstance(version.value, str)
    repository = _repository(cls, str(version.value), python) if known else None  # type: ignore[union-attr]
    return unknown(reason, span, (None, f"/{repository}:", None) if repository is not None else ())


def hugging_face_image(torch: Value | None, tensorflow: Value | None, span: Span) -> Unknown:
    """The image of Hugging Face's estimator: the framework's version that is given tells the repository."""
    reason = is_a(f"the image {SDK_LOOKS_UP} for HuggingFace")
    given = [name for name, value in (("pytorch", torch), ("tensorflow", tensorflow)) if isinstance(value, Constant)]
    if len(given) != 1 or isinstance(torch, Unknown) or isinstance(tensorflow, Unknown):
        return unknown(reason, span)
    return unknown(reason, span, (None, f"/huggingface-{given[0]}-training:", None))


def algorithm_image(repository: str, span: Span) -> Unknown:
    """The image of one of Amazon's own algorithms."""
    return unknown(is_a(f"the image {SDK_LOOKS_UP}"), span, (None, f"/{repository}:1"))
