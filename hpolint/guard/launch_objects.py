"""What the objects of an SDK that launches a job tell beside its request: the training script, and the SDK's names.

The request names an archive in S3; the estimator or trainer still knows the file that was packed into it.
Sources: sagemaker 2.257.7, ``tuner.HyperparameterTuner`` and ``estimator.EstimatorBase``; sagemaker-train 1.27.0,
``tuner.HyperparameterTuner`` and ``configs.SourceCode``.
"""

from __future__ import annotations

import os
from typing import Any

from hpolint.guard.callers import attributes
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, member
from hpolint.model.source import Span
from hpolint.model.spelling import Spelling
from hpolint.model.training_code import Code

START = Span(1, 1, 1, 2)
FRAMEWORK = "Framework"
"""The base class of the estimators whose images start the script through SageMaker's training toolkit."""


def codes_of_tuner(tuner: Any, request: Struct) -> dict[Path, Code]:
    """The scripts of a tuner's estimators or trainers, by the path of their definition in its request."""
    own = attributes(tuner)
    found: dict[Path, Code | None] = {}
    for one, several, read in (
        ("estimator", "estimator_dict", _estimators_code),
        ("model_trainer", "model_trainer_dict", _trainers_code),
    ):
        if own.get(one) is not None:
            found["TrainingJobDefinition",] = read(own[one])
        for name, value in (own.get(several) or {}).items():
            at = _definition(request, name)
            if at is not None:
                found["TrainingJobDefinitions", at] = read(value)
    return {path: code for path, code in found.items() if code is not None}


def spelling_of_tuner(tuner: Any) -> Spelling:
    """The names of the SDK's arguments for the members of a request, so that advice says what to write."""
    from hpolint.readers.python.sdk.argument_names import VERSION_2, VERSION_3

    return VERSION_3 if type(tuner).__module__.startswith("sagemaker.train") else VERSION_2


def _definition(request: Struct, name: str) -> int | None:
    """The index of the definition with a name."""
    several = request.get("TrainingJobDefinitions")
    for at, item in enumerate(several.items if isinstance(several, Array) else ()):
        given = member(item, "DefinitionName")
        if isinstance(given, Scalar) and given.value == name:
            return at
    return None


def _estimators_code(estimator: Any) -> Code | None:
    own = attributes(estimator)
    is_framework = any(base.__name__ == FRAMEWORK for base in type(estimator).__mro__)
    if own.get("git_config") is not None:
        return Code(by_toolkit=is_framework, unknown=Unknown("is in the repository that `git_config` names", START))
    further = own.get("dependencies") or []
    is_known = isinstance(further, list | tuple) and all(isinstance(each, str) for each in further)
    return _code(
        own.get("entry_point"),
        own.get("source_dir"),
        tuple(further) if is_known else (),
        by_toolkit=is_framework,
        is_distributed=bool(own.get("distribution") or own.get("instance_groups")),
        has_unknown_uploads=not is_known,
    )


def _trainers_code(trainer: Any) -> Code | None:
    source = attributes(attributes(trainer).get("source_code"))
    return _code(source.get("entry_script"), source.get("source_dir"), (), has_unknown_uploads=False)


def _code(
    entry: Any,
    folder: Any,
    further: tuple[str, ...],
    *,
    has_unknown_uploads: bool,
    by_toolkit: bool = False,
    is_distributed: bool = True,
) -> Code | None:
    """The code of an entry point and its folder; None without an entry point."""
    if entry is None:
        return None
    texts = [os.fspath(each) for each in (entry, folder) if isinstance(each, str | os.PathLike)]
    if len(texts) < 1 + (folder is not None) or any(not isinstance(text, str) or "://" in text for text in texts):
        return Code(by_toolkit=by_toolkit, unknown=Unknown("is not a local file", START))
    return Code(
        texts[0],
        texts[1] if len(texts) > 1 else None,
        further,
        by_toolkit=by_toolkit,
        is_distributed=is_distributed,
        has_unknown_uploads=has_unknown_uploads,
    )
