"""What a program wants of a tuner that such a tuner does not have.

Source: sagemaker 1.72.1, 2.161.0 and 2.257.7, sagemaker-train 1.0 and 1.27.0, run: no tuner of a version has one of the
attributes that are listed for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.model.observations import BestEstimatorByName, MethodNotCalled, MissingMethod, Observed
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Value,
    is_text,
)
from hpolint.readers.python.sdk.launches import is_tuner
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none
from hpolint.readers.python.sdk.trainer import is_version_3

MISSING = {
    "set_hyperparameters": "estimator.set_hyperparameters()",
    "transformer": "best_estimator().transformer()",
    "predict": "deploy().predict()",
    "stop": "stop_tuning_job()",
    "job_name": "latest_tuning_job.name",
    "latest_training_job": "latest_tuning_job",
    "model_data": "best_estimator().model_data",
    "create_model": "best_estimator().create_model()",
    "register": "best_estimator().register()",
    "logs": "",
}
"""What estimators have and tuners do not, with what a tuner has instead; empty if it has nothing like it."""

MISSING_IN_VERSION_3 = {
    "fit": "tune()",
    "estimator": "model_trainer",
    "estimator_dict": "model_trainer_dict",
    "set_hyperparameters": "model_trainer.hyperparameters",
    "best_estimator": "best_training_job()",
    "model_data": "best_training_job()",
    "deploy": "ModelBuilder",
    "transformer": "ModelBuilder",
    "predict": "ModelBuilder",
    "create_model": "ModelBuilder",
    "register": "ModelBuilder",
    "stop": "stop_tuning_job()",
    "job_name": "latest_tuning_job.hyper_parameter_tuning_job_name",
    "latest_training_job": "latest_tuning_job",
    "logs": "",
}
"""The same for version 3, also with what tuners of version 2 have."""

ATTACH = "attach"
INSTEAD_OF_ATTACH = "HyperParameterTuningJob.get()"

ASKING = frozenset({"best_training_job", "best_estimator", "analytics", "deploy", "describe", "wait"})
"""Methods of a tuner, whose result is mostly meant where they are not called."""

USES_OF_MODEL = frozenset({"deploy", "register", "create_model", "transformer", "model_data"})
"""Members of an estimator, and ``deploy`` of a tuner, that need the model of the best training job."""

INSTANT_METHODS = frozenset({"fit", "override_resource_config", "set_hyperparameters"})
"""Methods of tuners and estimators that take no time, ``fit`` if it does not wait."""

WAITING_FUNCTIONS = frozenset({"builtins.open", "builtins.exec", "builtins.eval"})


def missing(receiver: Value, name: str) -> tuple[Instance, Observed] | None:
    """The tuner of which an attribute is read that it does not have, or one of its methods, and what is wrong."""
    if is_tuner(receiver):
        is_own = name in receiver.attributes or name in receiver.arguments.keywords
        missing_members = _missing_members(receiver)
        if name in missing_members and not is_own and receiver.escaped is None:
            return receiver, MissingMethod(name, missing_members[name])
    elif isinstance(receiver, Method) and not name.startswith("__"):
        tuner = tuner_of_method(receiver)
        if tuner is not None:
            return tuner, MethodNotCalled(receiver.name, f"{receiver.name}().{name}")
    return None


def tuner_of_method(value: Value) -> Instance | None:
    """The tuner of one of its methods that is not called; None for any other value."""
    if not isinstance(value, Method) or value.name not in ASKING or not is_tuner(value.receiver):
        return None
    tuner = value.receiver
    return None if tuner.escaped is not None or value.name in _missing_members(tuner) else tuner


def _missing_members(tuner: Instance) -> dict[str, str]:
    return MISSING_IN_VERSION_3 if is_version_3(tuner) else MISSING


def launching_method(tuner: Instance) -> str:
    """The public method of a tuner that launches its job."""
    return "tune" if is_version_3(tuner) else "fit"


def missing_in_class(cls: str, name: str) -> Observed | None:
    """What is wrong with a call of a tuner's class method, by the class's full name."""
    if name != ATTACH or not cls.startswith("sagemaker.train."):
        return None
    return MissingMethod(name, INSTEAD_OF_ATTACH)


def by_name(tuner: Instance, method: str, arguments: Arguments) -> Observed | None:
    """A training job's name where ``best_estimator`` takes its description; None for any other call."""
    if method != "best_estimator" or is_version_3(tuner):
        return None
    job = BoundArguments(arguments, ("best_training_job",)).get("best_training_job")
    return BestEstimatorByName() if job is not None and is_text(job) else None


def names_job(method: str, arguments: Arguments) -> bool:
    """Whether a call may say which training job is meant, so that the tuner needs no job of its own."""
    given = BoundArguments(arguments, ("best_training_job",)).get("best_training_job")
    return method == "best_estimator" and not is_none(given)


def methods_in(function: Symbol, arguments: Arguments) -> Iterable[tuple[Instance, Method]]:
    """The methods of tuners that a class of the SDK, or a method of it, gets, with their tuners.

    ``function`` is the SDK's. Its functions outside of classes are left out: some of them take functions.
    """
    if not any(part[:1].isupper() for part in function.name.split(".")):
        return
    for value in arguments.values():
        tuner = tuner_of_method(value)
        if isinstance(value, Method) and tuner is not None:
            yield tuner, value


def _is_sdks_class(name: str) -> bool:
    return name.startswith("sagemaker.") and name.rpartition(".")[2][:1].isupper()


def takes_no_time(function: Value) -> bool:
    """Whether a call certainly takes no more than some seconds."""
    if isinstance(function, Symbol):
        is_class = _is_sdks_class(function.name)
        is_builtin = function.name.startswith("builtins.") and function.name not in WAITING_FUNCTIONS
        return is_class or is_builtin or function.name == "sagemaker.image_uris.retrieve"
    if not isinstance(function, Method):
        return False
    if isinstance(function.receiver, Mapping | Sequence | Constant):
        return True
    return isinstance(function.receiver, Instance) and function.name in INSTANT_METHODS
