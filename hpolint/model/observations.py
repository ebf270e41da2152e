"""The kinds of observations: what a reader sees that the request no longer shows.

A rule names a kind in ``observes`` and uses its members; their types are checked when the rule is loaded.
"""

from __future__ import annotations

import re
from typing import ClassVar

from hpolint.model.stored import Stored


class Observed(Stored, frozen=True, tag=True, tag_field="observed"):
    """A kind of observation.

    ``is_error``: the SDK or the service raises an error, which a source may expect and handle.
    """

    is_error: ClassVar[bool] = False


class YamlBoolean(Observed, frozen=True):
    """An unquoted word that YAML 1.1 parses as a boolean where the API expects a string."""

    word: str
    """The word as written."""
    read: str
    """``true`` or ``false``: the boolean that YAML parses."""
    member: str
    """The member of the API whose value it is."""
    is_item: bool
    """Whether it is an item of a list."""
    value: str
    """The intended string."""


class ArgumentDropped(Observed, frozen=True):
    """An estimator's argument that a tuner does not send."""

    name: str
    """The argument."""
    estimator: str
    """The estimator's class."""
    near: list[str]
    """The likely arguments: one with a similar name, or those that a framework's class takes instead."""
    known: bool
    """Whether the estimator has the argument, for its own training jobs."""
    instead: str = ""
    """What takes the place of an argument that only version 1 has: ``hyperparameter``, ``checkpoint_s3_uri``,
    ``requirements.txt``, ``nothing``; empty for any other argument."""


class CategoricalNotAList(Observed, frozen=True):
    """Categories that are not a list, which the SDK treats as a single value."""

    is_error: ClassVar[bool] = True

    name: str
    """The parameter."""
    type: str
    """Their type: ``tuple``, ``set``, …"""


class EntryPointMissing(Observed, frozen=True):
    """An entry point that the SDK does not find, so that it raises an error instead of launching the job."""

    argument: str
    """The argument that names it: ``entry_point`` or ``entry_script``."""
    entry: str
    """The entry point."""
    folder: str
    """The source folder; empty if the entry point is an address in S3."""
    near: str
    """The path of a file of the same name within the source folder; empty if there is none."""
    beside: bool
    """Whether the file exists outside of the source folder, where the path would lead without it."""


class EarlierRun(Observed, frozen=True):
    """A table of finished trials of the job in a notebook's output."""

    trials: int
    """The number of trials that the table shows."""
    failed: int
    """The number of those that failed."""
    mean_seconds: int
    """How long the completed ones ran on average, in seconds."""
    seconds: list[int]
    """How long each of these ran, in seconds."""
    cell: int
    """The number of the cell with the output."""


class BestAtBound(Observed, frozen=True):
    """A bound of a range at which the best trial of an earlier run lies, as a notebook's output shows."""

    name: str
    """The parameter."""
    value: str
    """Its value in the best trial, as shown."""
    bound: str
    """The bound."""
    end: str
    """``lowest`` or ``highest``."""
    trials: int
    """The number of trials that the table shows."""
    cell: int
    """The number of the cell with the output."""


class GridWithoutJobCount(Observed, frozen=True):
    """Grid search without ``max_jobs``, for which version 2 of the SDK sends null."""


class MetricDefinitionsOnEstimator(Observed, frozen=True):
    """Metric definitions on the estimator while the tuner has none."""


class MetricDefinitionsNotCopied(Observed, frozen=True):
    """A tuner without metric definitions, derived from one that has them."""

    method: str
    """The method that derives it, with brackets."""


class ParentsNotASet(Observed, frozen=True):
    """A parent's name as a string, which the SDK turns into a set of letters."""

    is_error: ClassVar[bool] = True

    text: str
    """The name."""


class StaticShadowedByRange(Observed, frozen=True):
    """A static hyperparameter that the SDK drops because it is tuned."""

    name: str
    """The hyperparameter."""
    outside: bool
    """Whether the value is known to be outside of the range, and no training job of the estimator uses it."""


class StrategyConfigDropped(Observed, frozen=True):
    """A ``StrategyConfig`` that the helper for Airflow and Step Functions drops."""


class UnknownArgument(Observed, frozen=True):
    """A keyword that no version of the SDK's class or method takes: the call raises a TypeError."""

    is_error: ClassVar[bool] = True

    owner: str
    """The class, or the method with brackets."""
    name: str
    """The keyword."""
    near: list[str]
    """The likely keyword, if there is one."""


class ArgumentMissing(Observed, frozen=True):
    """An estimator of SDK version 2 without an argument that it requires: its constructor raises an error."""

    is_error: ClassVar[bool] = True

    estimator: str
    """The estimator's class."""
    missing: list[str]
    """The missing arguments."""
    image: bool
    """Whether an `image_uri` makes them unnecessary."""


class SklearnInstances(Observed, frozen=True):
    """An `SKLearn` estimator with several instances, which its constructor refuses."""

    is_error: ClassVar[bool] = True

    count: int
    """The number of instances."""


class SeveralTrainers(Observed, frozen=True):
    """A tuner of SDK version 3 with named trainers, for which `tune()` raises an AttributeError."""


class ClsMetadataNotADict(Observed, frozen=True):
    """An `include_cls_metadata` that is not a dict, for which `fit()` with several estimators raises an error."""

    is_error: ClassVar[bool] = True


class ClassMetadata(Observed, frozen=True):
    """`include_cls_metadata=True`, which sends the estimator's class and module as two hyperparameters."""


class LocalMode(Observed, frozen=True):
    """A tuner in local mode, whose client cannot create tuning jobs."""

    by: str
    """The argument or session that makes it local."""


class CategoryFromPipeline(Observed, frozen=True):
    """A pipeline's parameter among the categories of a framework's estimator, which the SDK cannot encode."""

    name: str
    """The hyperparameter."""


class PipelineVariableRead(Observed, frozen=True):
    """A pipeline's variable in an expression of Python that raises a TypeError: it has no value yet."""

    is_error: ClassVar[bool] = True

    name: str
    """The name of the variable: of the parameter, the property of a step, or the function."""
    use: str
    """What reads it: ``f-string``, an operator, or a function with brackets; ``name`` for a hyperparameter's name."""
    is_text: bool
    """Whether a text is made of it."""


class PipelineVariableCompared(Observed, frozen=True):
    """A pipeline's variable that Python compares with a constant: they are never equal."""

    name: str
    """The name of the variable: of the parameter, the property of a step, or the function."""
    is_negated: bool
    """Whether the comparison is ``!=``."""


class PipelineVariableSent(Observed, frozen=True):
    """A pipeline's variable in a request that is sent at once, which raises a TypeError."""

    is_error: ClassVar[bool] = True

    name: str
    """The name of the variable: of the parameter, the property of a step, or the function."""


class InstanceGroups(Observed, frozen=True):
    """Instance groups of an estimator: the tuner sends a request without an instance type."""


class LowerCaseTags(Observed, frozen=True):
    """Tags with the members `key` and `value`, which the client refuses."""

    is_error: ClassVar[bool] = True

    owner: str
    """The class that has the tags."""


class CommandDropped(Observed, frozen=True):
    """The command of a container, which a tuner does not send."""

    name: str
    """The argument."""
    owner: str
    """The class that has the argument."""
    command: list[str] | None = None
    """The words of the command, if they are known."""


class ImageRunsCommand(Observed, frozen=True):
    """A Dockerfile beside the program, or in a folder above it, whose `ENTRYPOINT` is all of the dropped command."""


class ImageAccessDropped(Observed, frozen=True):
    """The access to a registry in a VPC of one's own, which a tuner does not send."""

    estimator: str
    """The estimator's class."""


class StepCacheMissed(Observed, frozen=True):
    """A cache of a pipeline's step that no other build of the pipeline hits, since the SDK writes the time into it."""

    estimator: str
    """The estimator's class."""


class NameRefused(Observed, frozen=True):
    """A base name or image address from which the SDK makes a job name that the service refuses."""

    is_error: ClassVar[bool] = True

    base: str
    """The base, as far as the name contains it."""
    characters: list[str]
    """Its characters that a name must not contain; none if only its beginning is wrong."""
    image: bool
    """Whether it comes from the image's address, since the tuner has no base name."""


class ImageLookupRefused(Observed, frozen=True):
    """A call of `image_uris.retrieve` that raises an error, so that the job has no image."""

    is_error: ClassVar[bool] = True

    cause: str
    """``swapped``, ``missing``, ``framework``, ``version`` or ``region``: which argument is wrong, and how."""
    value: str
    """The wrong value, or for ``missing`` the name of the missing argument."""
    framework: str
    """The framework that the call names."""
    near: list[str]
    """The likely values, if there are any."""


class FrameworkImageRefused(Observed, frozen=True):
    """An estimator of a framework for which the SDK has no image, so that it raises an error."""

    is_error: ClassVar[bool] = True

    cause: str
    """``version``, ``base``, ``processor`` or ``python``: what there is no image for."""
    estimator: str
    """The estimator's class."""
    version: str
    """The version of the framework."""
    argument: str
    """The argument that there is no image for."""
    value: str
    """Its value."""
    near: list[str]
    """What there are images for, if anything is known."""


class NotARange(Observed, frozen=True):
    """A value among the ranges of a tuner that is no range, for which the SDK raises an AttributeError."""

    is_error: ClassVar[bool] = True

    name: str
    """The parameter."""
    type: str
    """The value's type: ``tuple``, ``list``, …"""


class RangesNotADict(Observed, frozen=True):
    """The ranges of a tuner that are no dict, for which the SDK raises an AttributeError."""

    is_error: ClassVar[bool] = True

    type: str
    """Their type: ``list``, ``str``, …"""
    is_swapped: bool
    """Whether the dict of ranges stands at the place of the objective metric's name."""


class PartNotAnObject(Observed, frozen=True):
    """An argument of a tuner that has another type than the object whose methods the SDK calls."""

    is_error: ClassVar[bool] = True

    argument: str
    """The argument: ``strategy_config``, ``warm_start_config``, …"""
    type: str
    """The type of its value."""
    needed: str
    """The class of the object that it takes."""
    call: str = "fit()"
    """The call that raises the error."""


class WarmStartTypeRefused(Observed, frozen=True):
    """A type of a warm start that is no member of `WarmStartTypes`."""

    is_error: ClassVar[bool] = True

    value: str
    """The value as written."""
    is_text: bool
    """Whether it is a text: the SDK takes a member only."""
    near: list[str]
    """The member that is likely meant, if there is one."""


class InputRefused(Observed, frozen=True):
    """An input of `fit()` for which the SDK raises a ValueError."""

    is_error: ClassVar[bool] = True

    channel: str
    """The channel; empty if there is only one, without a name."""
    value: str
    """The address; empty if it is no text."""
    type: str
    """The type of the value."""


class InputsNotRecords(Observed, frozen=True):
    """Inputs of `fit()` that an estimator of Amazon's algorithms does not take: it needs a `RecordSet`."""

    is_error: ClassVar[bool] = True

    estimator: str
    """The estimator's class."""
    type: str
    """The type of the inputs."""


class EstimatorNotAnObject(Observed, frozen=True):
    """A tuner that is given an estimator's class, or a dict, and no estimator."""

    is_error: ClassVar[bool] = True

    value: str
    """What it is given: the name of the class, or a type."""


class TunerInTrainingStep(Observed, frozen=True):
    """A pipeline's `TrainingStep` that is given a tuner, or what its `fit()` returns, and raises an error for it."""

    is_error: ClassVar[bool] = True

    argument: str
    """The argument that has it: ``estimator`` or ``step_args``."""


class TopModelElsewhere(Observed, frozen=True):
    """A call of a tuning step's `get_top_model_s3_uri()` for an address at which no trial stores its model."""

    named: str
    """The folder that the call names, without the trial's."""
    stored: str
    """The folder in which the trials store their models."""
    bucket: str
    """The bucket of ``stored``."""
    prefix: str
    """The prefix of ``stored``; empty if it has none."""


class AskedBeforeLaunch(Observed, frozen=True):
    """A method of a tuner that needs its job, called before the job is launched or has ended."""

    is_error: ClassVar[bool] = True

    method: str
    """The method, with brackets."""
    is_launched: bool
    """Whether the job is launched: by a call that does not wait for it."""


class FixedName(Observed, frozen=True):
    """A name of a job that is the same each time the code runs, while the service takes each name once."""

    name: str
    """The name."""
    launches: int
    """How many launches of one run are certain to send it, at least one."""


class SdkReplaced(Observed, frozen=True):
    """A command of a notebook that replaces the SDK by version 3, for a job of version 2."""

    requirement: str
    """The requirement as written, without an upper bound."""
    file: str = ""
    """The file of requirements that has it; empty if the command does."""


class ImportUnknown(Observed, frozen=True):
    """An import of a module or name of the SDK that no version has: it raises an error."""

    module: str
    """The module."""
    name: str
    """The name; empty if there is no such module."""
    near: str
    """What is likely meant, with its module."""


class SdkHidden(Observed, frozen=True):
    """A program that imports from the SDK, and a file of its folder that Python takes for the SDK."""

    file: str
    """The file's name."""
    is_itself: bool
    """Whether the file is the program itself."""


class ImportRemoved(Observed, frozen=True):
    """An import of a module or of names of the SDK that an old version has and the newest version 2 has not."""

    module: str
    """The module."""
    names: list[str]
    """The names that one statement imports from it; none for the module itself."""
    last: str
    """The last known version that has them."""
    first: str
    """The first known version after it that has not."""
    instead: list[str]
    """What version 2 has in place of the names, as far as that is known."""


class NameUndefined(Observed, frozen=True):
    """A name that a program certainly reads before its launch and that no statement of it binds."""

    name: str
    """The name."""


class MissingMethod(Observed, frozen=True):
    """An attribute that estimators or tuners of another version have and the tuner does not have: reading it raises an
    AttributeError."""

    is_error: ClassVar[bool] = True

    name: str
    """The attribute."""
    instead: str
    """What a tuner has instead; empty if there is nothing."""


class MethodNotCalled(Observed, frozen=True):
    """A method of a tuner that is used as if it were its result."""

    is_error: ClassVar[bool] = True

    method: str
    """The method."""
    instead: str
    """The call that is probably meant."""


class BestEstimatorByName(Observed, frozen=True):
    """The name of a training job as the argument of `best_estimator()`, which takes a description."""

    is_error: ClassVar[bool] = True


class SameNameInAMinute(Observed, frozen=True):
    """A launch whose generated name is that of another launch in the same minute."""

    base: str
    """The beginning of the name, which the time follows."""


class NameTooLong(Observed, frozen=True):
    """A job's name that is not known, and that is longer than the service accepts."""

    known: str
    """The name with ``…`` for each unknown part."""
    length: int
    """The least number of its characters."""
    is_by_execution: bool
    """Whether it is so long only in an execution of a state machine that nobody names."""


class TrainsAgain(Observed, frozen=True):
    """A program or notebook that may train a model of its own after the search, where the search's script keeps
    none."""


class BestModelUsed(Observed, frozen=True):
    """A use of the best training job's model, such as `deploy()` of the tuner or of its best estimator."""


class ModelMentioned(Observed, frozen=True):
    """A line after the launch that names a use of some model, where the search's script keeps none."""


class SpotTurnedDown(Observed, frozen=True):
    """A comment within the training job definition that mentions spot capacity: the author knows of it."""


class SameInput(Observed, frozen=True):
    """Two channels to which a launch passes one value, known or not: both have the same data."""

    first: str
    """The channel that is written first."""
    second: str
    """The other channel."""


def kind_of(seen: type[Observed]) -> str:
    """The name of a kind in rules: ``argument-dropped``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", seen.__name__).lower()


KINDS: dict[str, type[Observed]] = {kind_of(kind): kind for kind in Observed.__subclasses__()}
"""Every kind by its name."""
