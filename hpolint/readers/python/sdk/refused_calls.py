"""Calls that the SDK refuses before it sends a request, or whose request the client or the service refuses.

Source: sagemaker 2.257.7 and sagemaker-train 1.27.0, run and read. The recorded answers of the SDKs have a program for
each kind. A constructor refuses the arguments that it is given, whatever happens to the object later.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from hpolint.data.sdk_signatures import OLD_NAMES
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import LOCAL_INSTANCE_TYPES
from hpolint.model.observations import (
    ArgumentMissing,
    CommandDropped,
    ImageAccessDropped,
    LocalMode,
    LowerCaseTags,
    NameRefused,
    Observed,
    SklearnInstances,
    UnknownArgument,
)
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Maybe,
    Sequence,
    Value,
    is_foreign,
    present,
    text_of,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import PARAMETERS, BoundArguments, arguments_of, is_none

Seen = tuple[Span, Observed]

SIMILAR = 0.75
"""How similar a keyword must be to the one that it stands for."""

_WITH_PYTHON = ("framework_version", "py_version")
VERSIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("PyTorch", "TensorFlow", "MXNet", "Chainer"), _WITH_PYTHON),
    "SKLearn": ("framework_version",),
    "HuggingFace": ("transformers_version",),
}
"""The versions that a framework's class needs unless it has an `image_uri`."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "HuggingFace": ("py_version",),
    "XGBoost": ("framework_version",),
    "Estimator": ("image_uri",),
}
"""Parameters without a default, which are not the first of their class or are always given by name."""

LOCAL_SESSIONS = (".LocalSession", ".LocalPipelineSession")
COMMANDS = ("container_entry_point", "container_arguments")
ACCESS_MODE = "training_repository_access_mode"
BASE_LENGTH = 20
"""How many characters of the base the SDK keeps: of 32, less a hyphen and the time."""

SHAPES = ("sagemaker.core.shapes", "sagemaker_core.")
"""The modules of version 3's classes that have names of version 2's."""

REGISTRY = ".dkr.ecr."
"""A part of every complete image address: another text may stand for one."""

REPOSITORY = lazy_regex(r"(.+/)?([^:/]+)(:[^:]+)?")
TEMPLATE = lazy_regex(r"[<>{}$]")
"""What a placeholder contains, and neither a base nor an image's address."""

BASE = lazy_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*-*")
"""Bases that make a valid name with the hyphen and the time after them."""


def is_given(value: Value | None) -> bool:
    """Whether an argument is known to be set, and not to None."""
    return isinstance(value, Sequence | Mapping | Instance) or (isinstance(value, Constant) and value.value is not None)


def unknown_arguments(values: Collection[Value | None]) -> Iterator[Seen]:
    """The keywords that the constructors of some objects do not take."""
    for value in values:
        if is_foreign(value) and not value.cls.startswith(SHAPES):
            name = recorded_name(value)
            yield from not_taken(name, value.arguments, signatures.STRICT_KEYWORDS.get(name))


def recorded_name(instance: Instance) -> str:
    """The name of an object's class, or of the class's method that makes it, among the recorded signatures."""
    if instance.class_name != "create":
        return instance.class_name
    return ".".join(instance.cls.split(".")[-2:])


def not_taken(owner: str, arguments: Arguments, known: frozenset[str] | None) -> Iterator[Seen]:
    """The keywords of a call that are not among the known ones, which are None if any is taken."""
    if known is None:
        return
    for name, place in arguments.places.items():
        if name not in known and not isinstance(arguments.keywords.get(name), Maybe | None):
            yield place, UnknownArgument(owner, name, _near(name, known - arguments.keywords.keys()))


def _near(name: str, candidates: frozenset[str]) -> list[str]:
    """The only keyword that contains the name, or else a similar one."""
    containing = [keyword for keyword in candidates if name in keyword.split("_") or keyword.startswith(f"{name}_")]
    if len(containing) == 1:
        return containing
    return get_close_matches(name, sorted(candidates), n=1, cutoff=SIMILAR)


def is_of_version_2(estimator: Instance) -> bool:
    """Whether an estimator has arguments for which version 1 of the SDK raises an error, and none that it requires."""
    given = estimator.arguments.keywords.keys()
    uses_version_1 = not given.isdisjoint(OLD_NAMES.values())
    return not given.isdisjoint(("instance_count", "instance_type")) and not uses_version_1


def refused_estimator(estimator: Instance) -> Iterator[Seen]:
    """What the constructor of an estimator of version 2 refuses, and the commands that a tuner does not send."""
    cls = estimator.class_name
    arguments = estimator.arguments
    if cls == "SKLearn":
        yield from _several_instances(estimator)
    missing = _missing_arguments(estimator)
    if missing:
        is_waived = cls in VERSIONS and set(missing).isdisjoint(REQUIRED.get(cls, ()))
        yield estimator.span, ArgumentMissing(cls, missing, is_waived)
    for name in COMMANDS:
        if name in arguments.places and is_given(arguments.keywords.get(name)):
            yield arguments.places[name], CommandDropped(name, cls, _words(arguments.keywords.get(name)))
    yield from _dropped_image_access(estimator)


def _words(value: Value | None) -> list[str] | None:
    """The strings of a list, if all of them are known."""
    if not isinstance(value, Sequence) or value.open is not None:
        return None
    texts = present(text_of(item) for item in value.items)
    return texts if len(texts) == len(value.items) else None


def _dropped_image_access(estimator: Instance) -> Iterator[Seen]:
    mode = estimator.arguments.keywords.get(ACCESS_MODE)
    if text_of(mode) == "Vpc":
        yield estimator.arguments.places.get(ACCESS_MODE, estimator.span), ImageAccessDropped(estimator.class_name)


def _several_instances(estimator: Instance) -> Iterator[Seen]:
    for name in ("instance_count", "train_instance_count"):
        value = estimator.arguments.keywords.get(name)
        if isinstance(value, Constant) and isinstance(value.value, int) and value.value > 1:
            yield estimator.arguments.places.get(name, estimator.span), SklearnInstances(value.value)


def _missing_arguments(estimator: Instance) -> list[str]:
    """The arguments that an estimator's constructor misses, in the order of its parameters."""
    arguments, cls = estimator.arguments, estimator.class_name
    max_positional = 0 if cls in ("TensorFlow", "HuggingFace", "Estimator", "RLEstimator") else 1
    if arguments.open is not None or len(arguments.positional) > max_positional or not is_of_version_2(estimator):
        return []
    missing = [name for name in REQUIRED.get(cls, ()) if name not in arguments.keywords]
    if not _unset(arguments, ("image_uri",)):
        return missing
    if cls == "RLEstimator" and len(_unset(arguments, ("toolkit", "framework"))) == 2:
        return ["image_uri"]
    return [*_unset(arguments, VERSIONS.get(cls, ())), *missing]


def _unset(arguments: Arguments, names: Iterable[str]) -> list[str]:
    """The names of keywords that a call does not have, or that are None."""
    return [name for name in names if is_none(arguments.keywords.get(name))]


def local_mode(estimator: Instance) -> Iterator[Seen]:
    """What makes an estimator of version 2 run on this machine."""
    arguments = estimator.arguments
    names = signatures.ESTIMATOR[: signatures.ESTIMATOR_TRUSTED] if estimator.cls.endswith(".Estimator") else ()
    type_ = BoundArguments(arguments, names).get("instance_type")
    session = arguments.keywords.get("sagemaker_session")
    if isinstance(session, Instance) and session.cls.endswith(LOCAL_SESSIONS):
        place = arguments.places.get("sagemaker_session", estimator.span)
        yield place, LocalMode(session.class_name)
        return
    is_known = session is None or is_none(session) or isinstance(session, Instance)  # else it may be a pipeline's
    if is_known and isinstance(type_, Constant) and type_.value in LOCAL_INSTANCE_TYPES:
        place = arguments.places.get("instance_type", type_.span)
        yield place, LocalMode(f'instance_type="{type_.value}"')


def have_plain_sessions(estimators: Iterable[Value | None]) -> bool:
    """Whether estimators are known to send their requests, neither to a pipeline nor to this machine."""
    return all(_has_plain_session(estimator) for estimator in estimators)


def _has_plain_session(estimator: Value | None) -> bool:
    if not isinstance(estimator, Instance) or estimator.escaped is not None:
        return False
    session = arguments_of(estimator).get("sagemaker_session")
    return is_none(session) or (isinstance(session, Instance) and session.cls.endswith(".Session"))


def lower_case_tags(owner: Instance, tags: Value | None) -> Iterator[Seen]:
    """Tags of version 2 in a list whose members are not those of the API."""
    if not isinstance(tags, Sequence) or tags.kind not in ("list", "tuple"):
        return
    for item in tags.items:
        if isinstance(item, Mapping) and item.open is None and {"key", "value"} <= item.entries.keys():
            yield item.span, LowerCaseTags(owner.cls.removesuffix(".create").rpartition(".")[2])
            return


def dropped_command(trainer: Value | None) -> Iterator[Seen]:
    """The command of a trainer of version 3 without an entry script: neither it nor its folder reaches a trial."""
    source = arguments_of(trainer).value("source_code") if isinstance(trainer, Instance) else None
    if isinstance(source, Instance) and source.cls.endswith(".SourceCode"):
        given = arguments_of(source).value
        if given("entry_script") is None and is_given(given("command")):
            yield source.arguments.places.get("command", source.span), CommandDropped("command", "SourceCode")


def refused_name(base: Value | None, image: Value | None, tuner: Instance) -> Iterator[Seen]:
    """A base, or the image's repository without one, that makes a name for the job that the service refuses."""
    from_image = is_none(base)
    given = image if from_image else base
    if not isinstance(given, Constant) or not isinstance(given.value, str):
        return
    text, place = given.value, given.span
    if not text or TEMPLATE.search(text) or (from_image and REGISTRY not in text):
        return
    if from_image:
        match = REPOSITORY.fullmatch(text)
        text = text if match is None else match[2]
    else:
        place = tuner.arguments.places.get("base_tuning_job_name", place)
    kept = text[:BASE_LENGTH]
    if not BASE.fullmatch(kept):
        characters = sorted(set(re.findall(r"[^a-zA-Z0-9-]", kept)))
        yield place, NameRefused(kept, characters, from_image)


def beginning_of_name(base: object) -> str | None:
    """How a name that is made of a base begins; None if the base is not known."""
    if not isinstance(base, str) or not base or TEMPLATE.search(base):
        return None
    return f"{base[:BASE_LENGTH]}-"


def has_pipeline_variable(values: Value | None) -> bool:
    """Whether categories are or contain a parameter of a pipeline of version 2."""
    items = values.items if isinstance(values, Sequence) else [values]
    classes = [item.cls for item in items if isinstance(item, Instance)]
    return any(cls.startswith("sagemaker.workflow.") and cls.endswith(PARAMETERS) for cls in classes)
