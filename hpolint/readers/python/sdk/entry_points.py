"""The training scripts that estimators and trainers name."""

from __future__ import annotations

from typing import TypeGuard

from msgspec.structs import replace

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.paths import is_from_here, path_text
from hpolint.readers.python.interpreter.values import Constant, Instance, Sequence, Value, present, unknown
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.nodes import arguments_of

DISTRIBUTION_ARGUMENTS = ("distribution", "distributions", "instance_groups")

ARCHIVES = (".tar.gz", ".tgz", ".zip", ".whl")


def estimators_code(value: Value | None) -> Code | None:
    """The script of an estimator of version 2; None if it runs no script."""
    if not isinstance(value, Instance):
        return None
    made = Estimator(value)
    given = made.bound.value
    entry = given("entry_point")
    if not made.is_known or entry is None:
        return None
    code = _code(entry, given("source_dir"), made.span, "entry_point")
    if given("git_config") is not None:
        code = Code(unknown=unknown("is in the repository that `git_config` names", made.span))
    if code.unknown is not None:
        return replace(code, by_toolkit=made.is_framework)
    further, has_others = _uploads(given("dependencies"))
    return replace(
        code,
        further=further,
        by_toolkit=made.is_framework,
        is_distributed=_is_distributed(made),
        has_unknown_uploads=has_others,
        model_dir=_model_dir(made),
    )


def _is_distributed(made: Estimator) -> bool:
    return any(made.bound.value(name) is not None for name in DISTRIBUTION_ARGUMENTS)


def _model_dir(made: Estimator) -> str | None:
    """What TensorFlow's estimator sends as ``model_dir``; None if that is a local folder, or unknown.

    Source: sagemaker 2.257.7, ``TensorFlow.hyperparameters``.
    """
    given = made.bound.value("model_dir")
    if made.name != "TensorFlow" or _is_distributed(made):
        return None
    if given is None:
        return "default"
    if not isinstance(given, Constant):
        return None
    if given.value is False:
        return "nothing"
    return "address" if str(given.value).startswith("s3://") else None


def is_trainer(value: Value | None) -> TypeGuard[Instance]:
    """Whether a value is a ``ModelTrainer`` of version 3."""
    return isinstance(value, Instance) and value.cls.endswith(".ModelTrainer")


def trainers_code(value: Value | None) -> Code | None:
    """The script of a ``ModelTrainer`` of version 3, whose tuner sends the script's name and no command.

    Source: sagemaker-train 1.27.0, ``sagemaker.train.tuner``.
    """
    source = arguments_of(value).value("source_code") if is_trainer(value) else None
    if isinstance(source, Unknown):
        return Code(unknown=source)
    if not isinstance(source, Instance):
        return None
    given = arguments_of(source).value
    entry = given("entry_script")
    if entry is None:
        return None
    code = _code(entry, given("source_dir"), source.span, "entry_script")
    return replace(code, has_unknown_uploads=code.unknown is not None)


def _code(entry: Value, folder: Value | None, span: Span, argument: str) -> Code:
    """The script and the folder that some arguments name, or why they are not known."""
    places: list[Value] = present([entry, folder])
    texts = present(path_text(place) for place in places)
    if len(texts) < len(places):
        unknowns = [place for place in places if isinstance(place, Unknown)]
        return Code(unknown=unknowns[0] if unknowns else unknown("has an unknown path", span))
    source_folder = texts[1] if len(texts) > 1 else None
    for text in texts:
        if "://" in text:
            reason = unknown("is at a remote address that hpolint does not read", span)
            return Code(texts[0], source_folder, unknown=reason, argument=argument)
        if text.endswith(ARCHIVES):
            return Code(unknown=unknown("is in an archive", span))
    return Code(texts[0], source_folder, argument=argument, is_from_here=is_from_here(places[-1]))


def _uploads(value: Value | None) -> tuple[tuple[str, ...], bool]:
    """The known folders and files that are uploaded beside the script, and whether there may be others."""
    if isinstance(value, Sequence):
        items, has_others = value.items, value.open is not None
    elif isinstance(value, Constant):
        items, has_others = [value], False
    else:
        return (), value is not None
    texts = present(path_text(item) for item in items)
    return tuple(texts), has_others or len(texts) < len(items)
