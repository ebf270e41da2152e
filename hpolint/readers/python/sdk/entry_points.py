"""The training scripts that estimators and trainers name."""

from __future__ import annotations

import math

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.paths import is_from_here, path_text
from hpolint.readers.python.interpreter.values import Constant, Instance, Sequence, Value, unknown
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none

DISTRIBUTION_ARGUMENTS = ("distribution", "distributions", "instance_groups")

ARCHIVES = (".tar.gz", ".tgz", ".zip", ".whl")


def estimators_code(value: Value | None) -> Code | None:
    """The script of an estimator of version 2; None if it runs no script."""
    if not isinstance(value, Instance):
        return None
    made = Estimator(value)
    entry = made.bound.value("entry_point")
    if not made.is_known or entry is None:
        return None
    remote = None
    if not is_none(made.bound.get("git_config")):
        remote = unknown("is in the repository that `git_config` names", made.span)
    return _code(
        entry,
        made.bound.value("source_dir"),
        made.bound.value("dependencies"),
        made.is_framework,
        remote,
        made.span,
        is_distributed=not all(is_none(made.bound.get(name)) for name in DISTRIBUTION_ARGUMENTS),
        model_dir=_model_dir(made),
    )


def _model_dir(made: Estimator) -> str | None:
    """What TensorFlow's estimator sends as ``model_dir``; None if that is a local folder, or unknown.

    Source: sagemaker 2.257.7, ``TensorFlow.hyperparameters``.
    """
    given = made.bound.get("model_dir")
    if made.name != "TensorFlow" or not all(is_none(made.bound.get(name)) for name in DISTRIBUTION_ARGUMENTS):
        return None
    if is_none(given):
        return "default"
    if not isinstance(given, Constant):
        return None
    if given.value is False:
        return "nothing"
    return "address" if isinstance(given.value, str) and given.value.startswith("s3://") else None


def trainers_code(value: Value | None) -> Code | None:
    """The script of a ``ModelTrainer`` of version 3, whose tuner sends the script's name and no command.

    Source: sagemaker-train 1.27.0, ``sagemaker.train.tuner``.
    """
    if not isinstance(value, Instance) or not value.cls.endswith(".ModelTrainer"):
        return None
    source = BoundArguments(value.arguments, (), None, value).value("source_code")
    if isinstance(source, Unknown):
        return Code(unknown=source)
    if not isinstance(source, Instance):
        return None
    bound = BoundArguments(source.arguments, (), None, source)
    entry = bound.value("entry_script")
    if entry is None:
        return None
    return _code(entry, bound.value("source_dir"), None, False, None, source.span, argument="entry_script")


def _code(
    entry: Value,
    folder: Value | None,
    further: Value | None,
    by_toolkit: bool,
    remote: Unknown | None,
    span: Span,
    *,
    is_distributed: bool = True,
    argument: str = "entry_point",
    model_dir: str | None = None,
) -> Code:
    """The code that an estimator's or trainer's arguments describe."""
    texts = [path_text(each) for each in (entry, *([folder] if folder is not None else []))]
    unknowns = [each for each in (entry, folder) if isinstance(each, Unknown)]
    if remote is not None or None in texts:
        reason = next(iter(unknowns), None) or unknown("has an unknown path", span)
        return Code(by_toolkit=by_toolkit, unknown=remote or reason)
    script, *rest = [text for text in texts if text is not None]
    source_folder = rest[0] if rest else None
    for text in (script, source_folder or ""):
        if "://" in text:
            reason = unknown("is at a remote address that hpolint does not read", span)
            return Code(script, source_folder, by_toolkit=by_toolkit, unknown=reason, argument=argument)
        if text.endswith(ARCHIVES):
            return Code(by_toolkit=by_toolkit, unknown=unknown("is in an archive", span))
    uploads = _further(further)
    return Code(
        script,
        source_folder,
        uploads,
        by_toolkit,
        is_distributed=is_distributed,
        has_unknown_uploads=len(uploads) < _count(further),
        argument=argument,
        model_dir=model_dir,
        is_from_here=is_from_here(folder if folder is not None else entry),
    )


def _count(value: Value | None) -> float:
    """The number of uploads that an argument names, infinite if it is unknown."""
    if value is None:
        return 0
    if isinstance(value, Sequence):
        return len(value.items) if value.open is None else math.inf
    return 1 if isinstance(value, Constant) else math.inf


def _further(value: Value | None) -> tuple[str, ...]:
    """The known folders and files that are uploaded beside the script."""
    items = value.items if isinstance(value, Sequence) else [value] if isinstance(value, Constant) else []
    return tuple(text for item in items if (text := path_text(item)) is not None)
