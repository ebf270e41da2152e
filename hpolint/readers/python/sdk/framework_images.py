"""Estimators of frameworks for which the SDK has no image, so that it raises an error when it looks the image up.

``hpolint/data/image_uris.json`` has the versions, Pythons and processors for which the classes find an image, as
``scripts/generate_image_uris.py`` asks the SDKs. What only a later SDK may know is not refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table

from hpolint.data import generated
from hpolint.lazy_regex import lazy_regex
from hpolint.model.observations import FrameworkImageRefused
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Instance, Mapping, Value, span_of, text_of
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.image_lookups import OTHER_CHIPS, likely_versions, version_numbers
from hpolint.readers.python.sdk.nodes import is_none
from hpolint.readers.python.sdk.refused_calls import Seen, is_of_version_2
from hpolint.readers.python.sdk.signatures import FRAMEWORKS

BASES = ("pytorch", "tensorflow")
"""The base frameworks of HuggingFace, as the SDK spells them before their version."""

IN_CONSTRUCTOR = ("SKLearn", "XGBoost")
"""Classes that look the image up in the constructor, and refuse every ``py_version`` but ``py3``, which is its default.

Source: sagemaker 2.257.7, ``sklearn/estimator.py`` and ``xgboost/utils.py``.
"""

REPLACING = ("image_uri", "image_name", "compiler_config", "training_recipe")
"""Arguments that bring an image, or make the SDK look for another one."""

DECIDING = frozenset({"framework_version", "py_version", "instance_type", "image_uri"})
"""The arguments that decide about the image of these classes."""

DISTRIBUTION = "smdistributed"
"""The library for which the SDK may look for another framework's image."""

FAMILY = lazy_regex(r"ml\.([a-z]+\d[a-z\d-]*)\..+")
GRAVITON = lazy_regex(r"[a-z]+\d+g[a-z]*")
"""Families of instances for which the SDK looks for images for inference."""

PYTHON_NUMBERS = lazy_regex(r"py(\d)(\d*)")
PYTHON = lazy_regex(r"[a-z]*\d+(\.\d+)?")
"""What may stand for a Python: other texts are placeholders."""

EARLIER_VERSIONS = {"TensorFlow": ("2.9.1", "2.10.0")}
"""Versions that some earlier SDKs take. Source: the images of sagemaker 2.100.0 to 2.120.0."""

WITH_PYTHON_2 = {"TensorFlow": ("1.15", "2.0", "2.1")}
"""Versions that some earlier SDKs take with ``py2``. Source: the images of sagemaker 2.0.0 and 2.20.0."""

Pythons = Table[str, list[str]]
"""The Pythons of the images for each processor."""


def refused_image(instance: Instance) -> Iterator[Seen]:
    """Why the SDK finds no image for an estimator of a framework; nothing if it finds one or may find one."""
    if instance.class_name not in FRAMEWORKS or not is_of_version_2(instance):
        return
    lookup = _lookup(Estimator(instance))
    if lookup is None:
        return
    for check in (_refused_version, _refused_base, _refused_processor, _refused_python):
        refused = check(lookup)
        if refused is not None:
            yield refused
            return


def _classes() -> dict[str, dict[str, dict[str, Pythons]]]:
    """The images of each class, by version, base framework (empty but for HuggingFace) and processor."""
    classes: dict[str, dict[str, dict[str, Pythons]]] = generated("image_uris")["estimators"]
    return classes


class FrameworkLookup:
    """The lookup of an estimator's image with known versions."""

    def __init__(self, estimator: Estimator, version: str, processor: str) -> None:
        self._estimator = estimator
        self.framework = estimator.name
        self.version = version
        self.processor = processor
        self.images = _classes()[estimator.name]

    def text(self, argument: str) -> str | None:
        """An argument that is known to be a text."""
        return text_of(self._estimator.bound.get(argument))

    def base(self) -> tuple[str, str]:
        """The only base framework and its version; empty if there is none, or it is unknown."""
        given = {name: self._estimator.bound.get(f"{name}_version") for name in BASES}
        names = [name for name in BASES if not is_none(given[name])]
        version = text_of(given[names[0]]) if len(names) == 1 else None
        return ("", "") if version is None else (names[0], version)

    def pythons(self) -> Pythons:
        """The Pythons of the images of the version, by processor."""
        return self.images.get(self.version, {}).get("".join(self.base()), {})

    def is_settled(self) -> bool:
        """Whether there are images of a later version.

        An SDK adds no base framework to an earlier one, and no Python but another name of one that its images have:
        ``py36`` for ``py3``. Source: the images of 15 versions from sagemaker 2.0.0 to 2.257.7.
        """
        newest = max(version_numbers(version)[:2] for version in self.images)
        return version_numbers(self.version)[:2] < newest

    def refused(self, cause: str, argument: str, near: list[str]) -> Seen:
        """The observation of an argument for which there is no image."""
        value = self.text(argument) or ""
        observed = FrameworkImageRefused(cause, self.framework, self.version, argument, value, near)
        return self._place(argument), observed

    def _place(self, argument: str) -> Span:
        instance = self._estimator.instance
        place = instance.arguments.places.get(argument) or span_of(self._estimator.bound.get(argument))
        return place or instance.span


def _lookup(estimator: Estimator) -> FrameworkLookup | None:
    """The lookup of an estimator's image; None if something that decides it is unknown, or there is an image."""
    if estimator.name not in _classes() or not estimator.is_known or not _has_known_arguments(estimator):
        return None
    given = estimator.bound.get
    if any(not is_none(given(name)) for name in REPLACING) or _may_change_framework(given("distribution")):
        return None
    version = text_of(given(_version_argument(estimator.name)))
    processor = _processor(text_of(given("instance_type")) or "")
    if version is None or processor is None:
        return None
    return FrameworkLookup(estimator, version, processor)


def _has_known_arguments(estimator: Estimator) -> bool:
    """Whether the names of all arguments are known, and their values are those of the time of the lookup."""
    instance = estimator.instance
    is_changed = not DECIDING.isdisjoint(instance.attributes)
    if instance.arguments.open is not None or (is_changed and estimator.name in IN_CONSTRUCTOR):
        return False
    return len(instance.arguments.positional) <= len(FRAMEWORKS[estimator.name])


def _may_change_framework(distribution: Value | None) -> bool:
    """Whether the SDK may look for the image of another framework because of an estimator's ``distribution``."""
    if not isinstance(distribution, Mapping):
        return not is_none(distribution)
    return distribution.open is not None or DISTRIBUTION in distribution.entries


def _version_argument(framework: str) -> str:
    return "transformers_version" if framework == "HuggingFace" else "framework_version"


def _processor(instance_type: str) -> str | None:
    """The processor for which the SDK looks for an image; None for others than CPUs and GPUs of usual instances."""
    match = FAMILY.fullmatch(instance_type)
    if match is None or instance_type.startswith(OTHER_CHIPS) or GRAVITON.fullmatch(match[1]):
        return None
    return "gpu" if match[1].startswith(("g", "p")) else "cpu"


def _refused_version(lookup: FrameworkLookup) -> Seen | None:
    is_known = lookup.version in lookup.images
    if is_known or lookup.version in EARLIER_VERSIONS.get(lookup.framework, ()):
        return None
    likely = likely_versions(lookup.images, lookup.version)
    return None if likely is None else lookup.refused("version", _version_argument(lookup.framework), likely)


def _refused_base(lookup: FrameworkLookup) -> Seen | None:
    bases = lookup.images.get(lookup.version, {})
    name, version = lookup.base()
    if not name or not bases or f"{name}{version}" in bases or not version_numbers(version):
        return None
    versions = [base.removeprefix(name) for base in bases if base.startswith(name)]
    may_be_added = not lookup.is_settled() and likely_versions(versions, version) is None
    return None if may_be_added else lookup.refused("base", f"{name}_version", versions)


def _refused_processor(lookup: FrameworkLookup) -> Seen | None:
    pythons = lookup.pythons()
    if not pythons or lookup.processor in pythons:
        return None
    return lookup.refused("processor", "instance_type", [processor.upper() for processor in pythons])


def _refused_python(lookup: FrameworkLookup) -> Seen | None:
    known = lookup.pythons().get(lookup.processor, [])
    python = lookup.text("py_version")
    if not known or python is None or python in known or not PYTHON.fullmatch(python):
        return None
    return None if _may_have_image(lookup, python, known) else lookup.refused("python", "py_version", known)


def _may_have_image(lookup: FrameworkLookup, python: str, known: list[str]) -> bool:
    """Whether an earlier SDK has an image of the version with another Python, or a later one may have it."""
    if lookup.framework in IN_CONSTRUCTOR:
        return False
    if python == "py2" and lookup.version in WITH_PYTHON_2.get(lookup.framework, ()):
        return True
    newest = max(_python_numbers(name) for name in known)
    return not lookup.is_settled() and _python_numbers(python) > newest


def _python_numbers(python: str) -> tuple[int, int]:
    """The numbers of a Python such as ``py310``; zeros for other texts, which no image has."""
    match = PYTHON_NUMBERS.fullmatch(python)
    return (0, 0) if match is None else (int(match[1]), int(match[2] or 0))
