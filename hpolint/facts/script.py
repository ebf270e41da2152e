"""How the training script of a definition uses the hyperparameters and channels that the job sends."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.facts import command_line
from hpolint.facts.algorithm import algorithm_facts, is_for_entry_point, runs_only_as_program
from hpolint.facts.evaluation_lines import evaluation_label
from hpolint.facts.hyperparameters import SDK_PREFIX, sent_names
from hpolint.facts.likely_prints import likely_prints
from hpolint.facts.metric_match import (
    captured_options,
    captured_value,
    expression_with_blank,
    objective_prints,
    printing_facts,
)
from hpolint.facts.objective import objective_expression, plain_direction
from hpolint.facts.phases import phase_of, words_of
from hpolint.facts.shared_objects import address_of, objects_of_trials
from hpolint.facts.space import RangeSet, TunedParameter
from hpolint.facts.training_first import training_first
from hpolint.facts.typed_values import first_unknown, lifted, present, unknown_from_doubt, unseen
from hpolint.lazy_regex import lazy_regex
from hpolint.model.fix import Correction
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, child, follow, items_of, place, small_span, text_of
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.model.training_code import PROGRAM, Code
from hpolint.model.training_script import (
    Average,
    ChannelUse,
    Doubt,
    Missing,
    Monitor,
    Option,
    Print,
    Script,
    ScriptArguments,
    ScriptChange,
    ScriptErrors,
    ScriptExecution,
    ScriptFolders,
    Site,
)

TOOLKIT_KINDS = frozenset({"deep-learning", "machine-learning"})
"""The kinds of algorithms whose scripts are started by SageMaker's training toolkit."""

OWN_CHANNELS = frozenset({"CODE", "MODEL"})
"""Channels that the SDK may add itself."""

LEGACY_REPOSITORY = "sagemaker-tensorflow"
SCRIPT_MODE_REPOSITORY = "sagemaker-tensorflow-scriptmode"
LEGACY_INPUT, LEGACY_MODELS = "train_input_fn", frozenset({"model_fn", "keras_model_fn", "estimator_fn"})
"""TensorFlow's legacy mode: the container starts parameter servers on the hosts, and calls functions of the script.

The first repository has no other mode. Version 1 of the SDK can also choose it for 1.11 and 1.12, the versions of the
second repository: then the script has an input function and one for the model. Source: aws/sagemaker-python-sdk at
010163c6, ``tensorflow/README.rst``, and at v1.72.0, ``tensorflow/estimator.py``.
"""

TYPE_FORMS = (("int", lazy_regex(r"-?\d+")), ("float", lazy_regex(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?")))
"""The types of numbers, by the form of the values of a list."""

MAX_OWNERS = 3
ADDED_BY_SDK = frozenset({"model_dir", "mp_parameters"})


class ScriptFacts(msgspec.Struct, frozen=True):
    """``script``: the training script of one definition. All facts are null if it names no script that a framework's
    image runs, or that an estimator gives to an unknown image, except ``named``, ``undefined``, ``overwritten``,
    ``rewritten`` and ``captured`` (empty), ``saves_in_loop`` and the two ``seen_…`` facts (false). Those about what it
    prints are null, too, if ``starts_search`` is true: then no trial trains."""

    file: str | Unknown | None = None
    """The script's path."""
    strict: bool | Unknown | None = None
    """Whether an unknown argument ends the script, as with ``parse_args``."""
    missing: list[str] | Unknown | None = None
    """The options that its parser requires and the job does not send."""
    without_value: list[str] | Unknown | None = None
    """The options without a default that the job does not send, and whose use then is known to end the script."""
    missing_channels: list[str] | Unknown | None = None
    """The channels that the script requires and the job does not have."""
    reads_alike: list[str] | Unknown | None = None
    """The channels whose folders the script is known to read as it reads that of the training channel: it only passes
    them to the same functions of libraries, with the same other arguments. As the job names them."""
    prints_objective: bool | Unknown | None = None
    """Whether the script prints a line that the objective's expression matches; null if the objective has none."""
    prints_in_loop: bool | Unknown | None = None
    """Whether such a line is printed within a loop; null if the objective has no expression."""
    expression: str | Unknown | None = None
    """The objective's regular expression; null if it has none."""
    checkpoints: bool | Unknown | None = None
    """Whether the script or a hyperparameter names the folder from which the service copies checkpoints."""
    not_uploaded: list[str] | Unknown | None = None
    """The modules of the script's folder that it imports, and that are not uploaded with it."""
    runs_nothing: bool | Unknown | None = None
    """Whether the script only defines functions and classes, so that nothing is trained."""
    empty: bool | Unknown | None = None
    """Whether the script has no statement at all, but for imports of packages that train nothing by themselves."""
    distributes: bool | Unknown | None = None
    """Whether the estimator configures a distribution, or the script or TensorFlow's legacy container may share the
    work between hosts."""
    module: str | Unknown | None = None
    """The name of the module as which the training toolkit runs the script, if that name has a slash: the source
    folder has a ``setup.py``. Null for any other script."""
    model_dir: str | Unknown | None = None
    """The value of ``model_dir`` that a trial's script receives, if the script saves its model only there, and it is
    not the folder that the service uploads: ``default``, an address in S3 that the SDK makes; ``address``, an address
    that is set; ``nothing``, a folder that the container names after nothing."""
    refuses_model_dir: bool | Unknown | None = None
    """Whether TensorFlow's estimator sends ``model_dir``, and the script ends for it because it has no such option."""
    broken: str | Unknown | None = None
    """The line at which no version of Python 3 parses the script, or a module that it certainly imports, and why, such
    as ``line 12: '(' was never closed``; null if all parse, or if another version of Python may parse them."""
    broken_file: str | Unknown | None = None
    """The path of the file that ``broken`` is about."""
    is_blank: bool | Unknown | None = None
    """Whether the line of ``broken`` lacks a value that the author has left for others to write, as an exercise does;
    null if ``broken`` is."""
    opens_address: bool | Unknown | None = None
    """Whether the script is known to open an address in S3 as if it were a local file or folder, with which it ends."""
    undefined: list[str] | Unknown = []
    """The names that the script certainly reads without a definition, in order of occurrence."""
    saves_in_loop: bool = False
    """Whether the script is known to save a model within a loop."""
    named: bool | Unknown | None = None
    """Whether the job names a script: as an estimator's entry point, by the hyperparameter `sagemaker_program`, or by
    the environment variable `SAGEMAKER_PROGRAM`."""
    stays_on_cpu: bool | Unknown | None = None
    """Whether the script is known to train with PyTorch on the CPU: nothing in it may move the model to a GPU, and the
    estimator configures no distribution."""
    starts_search: bool | Unknown | None = None
    """Whether the script is known to start a tuning job each time that it runs."""
    ignored_stopping: bool | Unknown | None = None
    """Whether the script is known to give `early_stopping_rounds` to `xgboost.train` among the parameters of the
    booster, where XGBoost ignores it."""
    undeclared: str | Unknown | None = None
    """The first attribute of the parsed arguments that the script is known to read although no option declares it: the
    script ends there. Null if there is none."""
    undeclared_near: str | Unknown | None = None
    """The option that ``undeclared`` resembles; null if there is none."""
    arguments_fixed: bool | Unknown | None = None
    """Whether the script is known to parse a list that is written in it instead of the command line, and to read its
    hyperparameters nowhere else."""
    reads_none: bool | Unknown | None = None
    """Whether the script is known to read none of its hyperparameters, in whatever way."""
    from_environment: list[str] | Unknown | None = None
    """The tuned hyperparameters that the script is known to read as environment variables of these names, which no
    trial has, and in no other way."""
    first_epoch_only: bool | Unknown | None = None
    """Whether a loop over epochs that trains, in the script, is known to end in its first pass."""
    misjudged: str | Unknown | None = None
    """The metric of which the script is known to take the worse values for the better ones while it trains: a loss of
    which it looks for the largest, or an accuracy of which it looks for the smallest. Null if there is none."""
    misjudged_for: str | Unknown | None = None
    """What the script decides by ``misjudged``. ``stopping``: when the training ends. ``checkpoint``: which model it
    keeps. ``rate``: when it lowers the learning rate."""
    misjudged_as: str | Unknown | None = None
    """The direction in which the script looks: ``min`` or ``max``."""
    unkept: str | Unknown | None = None
    """The relative path to which the script is known to save its model, in the folder in which it runs, while nothing
    in it may keep the model elsewhere. Null for any other script."""
    seen_in_loop: bool = False
    """Whether the script is known to print the objective within a loop; false if that is unknown."""
    rounded_down: bool | Unknown | None = None
    """Whether the script is known to round the objective down to a whole number, by `//`."""
    printed_whole: bool | Unknown | None = None
    """Whether the script is known to print the objective without decimals, by a format such as `.0f`."""
    of_last_batch: bool | Unknown | None = None
    """Whether the objective is known to be the loss of the last batch only, or a sum over that batch, divided by the
    number of all batches or samples."""
    batch_effect: str | Unknown | None = None
    """How the objective is known to change with the size of the batches, which the job tunes. ``grows``: it is a sum
    over samples, divided by the number of batches. ``shrinks``: it is a sum over batches, divided by the number of
    samples. Null for any other objective."""
    seen_once: bool = False
    """Whether the script itself is known to print the objective, and only outside of loops; a library may also print
    it."""
    evaluation: str | Unknown | None = None
    """What the script prints before a value that measures on validation or test data what the objective measures, a
    loss or an accuracy. Null unless the objective's expression certainly takes a value that the script itself, or
    LightGBM or XGBoost for it, prints as one of the training data."""
    training_first: str | Unknown | None = None
    """What LightGBM or XGBoost prints before a value of the training data, such as ``training's auc``, if the script is
    known to let it print ``other_set`` behind that in one line, and the objective's expression matches both. Null if it
    does not, and if the expression may match what the script itself prints."""
    other_set: str | Unknown | None = None
    """If ``training_first`` is not null: what it prints before the value of the other set."""
    library: str | Unknown | None = None
    """If ``training_first`` is not null: ``LightGBM`` or ``XGBoost``."""
    overwritten: list[str] | Unknown = []
    """The addresses of the objects in S3 that the script writes in each trial, with a content which the tuned
    hyperparameters decide, and does not read."""
    rewritten: list[str] | Unknown = []
    """The same for the objects that the script also reads."""
    captured: list[str] | Unknown = []
    """The options that the script only prints, in a line from which the objective's expression may take their value,
    each as written in the script."""


AVERAGES = {
    "rounding": {"rounded": "the objective is rounded down here"},
    "last": {"last": "the value of the last batch alone is divided here"},
    "decimals": {"whole": "the objective is printed without decimals here"},
    "batches": {
        "grows": "the sum over samples is divided by the number of batches here",
        "shrinks": "the sum over batches is divided by the number of samples here",
    },
}
"""The faults of an ``Average`` and the descriptions of their places, by what a rule names in ``beside``."""

FAULTS = ("rounded", "whole", "grows", "shrinks", "last")
NO_SCRIPT = ScriptFacts()
NOTHING_TRAINED: dict[str, bool | None] = {
    **dict.fromkeys(("prints_objective", "prints_in_loop", "rounded_down", "printed_whole", "batch_effect"), None),
    **dict.fromkeys(("seen_in_loop", "seen_once"), False),
    **dict.fromkeys(("evaluation", "training_first", "other_set", "library"), None),
}
"""The facts about what a script prints, where it starts a search instead of training: that is told for itself."""

MAY_BE_UNKNOWN = tuple(name for name, type_ in ScriptFacts.__annotations__.items() if "Unknown" in type_)
"""The facts that are unknown if the script is."""


def script_of(
    request: Struct, definition: Path, codes: dict[Path, Code], scripts: dict[Path, Script | Unknown]
) -> Script | Unknown | None:
    """The script that a definition runs; None if it runs none that is read, Unknown if that is unknown.

    An estimator's entry point is also what most unknown images run.
    """
    code, script = codes.get(definition), scripts.get(definition)
    if code is None or script is None:
        return None
    kind = algorithm_facts(request, definition).kind
    if code.by_toolkit or kind in TOOLKIT_KINDS:
        return script
    if not isinstance(kind, Unknown):
        return None
    if code.argument and is_for_entry_point(request, definition):
        return script
    return kind


def script_facts(
    request: Struct, definition: Path, script: Script | Unknown | None, sets: list[RangeSet], code: Code | None = None
) -> ScriptFacts:
    """The facts of the definition at a path of the request."""
    named = _names_script(request, definition, code)
    if script is None:
        return replace(NO_SCRIPT, named=named)
    if isinstance(script, Unknown):
        return replace(NO_SCRIPT, **dict.fromkeys(MAY_BE_UNKNOWN, script) | {"named": named})
    at = place(request, definition)[0]
    prints, in_loop, expression, once = printing_facts(request, definition, script.output, sets, at)
    faults = [fault for fault in FAULTS if _objective_sites(request, definition, script, sets, fault)]
    is_distributed = code is not None and code.is_distributed
    broken = script.errors.broken
    undeclared = script.errors.undeclared
    unkept = script.folders.unkept
    misjudging = _misjudging(script.execution)
    evaluation = evaluation_label(request, definition, script.output, sets)
    first = training_first(request, definition, script.output, sets)
    both = first if first is not None and not first.is_only else None
    other = evaluation.text if evaluation is not None else None
    if first is not None and first.is_only:
        other = first.other
    facts = ScriptFacts(
        file=script.name,
        strict=strictness(script.arguments, at),
        missing=_missing(request, definition, script.arguments, sets, at),
        without_value=_without_value(request, definition, script.arguments, sets, at),
        missing_channels=_missing_channels(request, definition, script.folders),
        reads_alike=_reads_alike(request, definition, script.folders),
        prints_objective=prints,
        prints_in_loop=in_loop,
        expression=expression,
        checkpoints=_checkpoints(request, definition, script.folders, at),
        not_uploaded=[module.name for module in script.errors.not_uploaded],
        runs_nothing=_runs_nothing(request, definition, script.execution),
        empty=script.execution.is_empty,
        distributes=is_distributed or _may_distribute(request, definition, script.execution),
        module=script.module,
        model_dir=code.model_dir if code is not None and script.folders.model_save is not None else None,
        refuses_model_dir=_refuses_model_dir(script.arguments, code, at),
        broken=broken.why if broken is not None else None,
        broken_file=broken.file if broken is not None else None,
        is_blank=broken.is_blank if broken is not None else None,
        opens_address=script.errors.address is not None,
        undefined=_undefined(script.errors, at),
        saves_in_loop=script.folders.saves_in_loop,
        named=named,
        stays_on_cpu=script.execution.stays_on_cpu and not is_distributed,
        starts_search=script.execution.search is not None,
        ignored_stopping=script.execution.ignored_stopping is not None,
        undeclared=undeclared.name if undeclared is not None else None,
        undeclared_near=undeclared.near if undeclared is not None else None,
        arguments_fixed=script.arguments.fixed is not None,
        reads_none=script.arguments.reads_none and _calls_no_function(request, definition, script.execution),
        from_environment=_from_environment(request, definition, script.arguments, sets, at),
        first_epoch_only=script.execution.first_epoch_end is not None and not _sends_one_epoch(request, definition),
        misjudged=misjudging.metric if misjudging is not None else None,
        misjudged_for=misjudging.kind if misjudging is not None else None,
        misjudged_as=misjudging.mode if misjudging is not None else None,
        unkept=unkept.path if unkept is not None else None,
        seen_in_loop=prints is True and in_loop is True,
        seen_once=once,
        rounded_down="rounded" in faults,
        evaluation=other,
        training_first=both.training if both is not None else None,
        other_set=both.other if both is not None else None,
        library=both.library if both is not None else None,
        overwritten=_written_addresses(request, definition, script, sets, is_read=False),
        rewritten=_written_addresses(request, definition, script, sets, is_read=True),
        captured=captured_options(request, definition, script, sets, at),
        printed_whole="whole" in faults,
        of_last_batch="last" in faults,
        batch_effect=next((fault for fault in faults if fault in AVERAGES["batches"]), None),
    )
    return facts if script.execution.search is None else replace(facts, **NOTHING_TRAINED)


def _written_addresses(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], *, is_read: bool
) -> list[str] | Unknown:
    """The addresses of the objects that all trials write, and that the script reads or does not read."""
    objects = objects_of_trials(request, definition, script, sets)
    if isinstance(objects, Unknown):
        return objects
    written = [shared for shared in objects if shared.is_updated == is_read]
    return list(dict.fromkeys(address_of(shared, request, definition) for shared in written))


def _misjudging(execution: ScriptExecution) -> Monitor | None:
    """The first of what a script watches in the wrong direction; None if there is none."""
    modes = {"Minimize": "min", "Maximize": "max"}
    for monitor in execution.monitors:
        direction = plain_direction(monitor.metric)
        if direction is not None and modes[direction] != monitor.mode:
            return monitor
    return None


def _sends_one_epoch(request: Struct, definition: Path) -> bool:
    """Whether a definition asks for one epoch, by a hyperparameter that is named after epochs."""
    static = follow(request, (*definition, "StaticHyperParameters"))
    members = static.members if isinstance(static, Struct) else {}
    values = [node for name, node in members.items() if "epoch" in name]
    return any(str(value.value).strip("'\"") in ("0", "1") for value in values if isinstance(value, Scalar))


def _names_script(request: Struct, definition: Path, code: Code | None) -> bool | Unknown:
    """Whether a definition names a script. What the SDK adds, or takes from its configuration file, names none."""
    if code is not None:
        return True
    for member, name in (("StaticHyperParameters", PROGRAM), ("Environment", PROGRAM.upper())):
        variables = follow(request, (*definition, member))
        if isinstance(variables, Struct) and name in variables.members:
            return True
        unknown = unseen(variables, Kind.SDK_ADDS, Kind.CONFIG_FILE)
        if unknown is not None:
            return unknown
    return False


def _objective_sites(request: Struct, definition: Path, script: Script, sets: list[RangeSet], fault: str) -> list[Site]:
    """Where the objective has a fault of an ``Average``, in every line that may show it; empty if one has none."""
    averages = _objective_averages(request, definition, script, sets, fault)
    return list(dict.fromkeys(average.site for average in averages))


def _objective_averages(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], fault: str
) -> list[Average]:
    """The objective's faults of a kind, in every line that may show it; empty if a line has none."""
    if not any(_averages(shown, fault) for shown in script.output.prints):
        return []
    expression = objective_expression(request, definition)
    if not isinstance(expression, str):
        return []
    faults: list[Average] = []
    for shown in objective_prints(request, definition, script.output, sets):
        captured = captured_value(expression, shown)
        averages = [average for average in _averages(shown, fault) if average.place == captured]
        averages = _of_tuned_options(averages, request, definition, script.arguments, sets)
        if not averages:
            return []
        faults.append(averages[0])
    return faults


def _of_tuned_options(
    averages: list[Average], request: Struct, definition: Path, arguments: ScriptArguments, sets: list[RangeSet]
) -> list[Average]:
    """The averages without those of an option that the definition is known not to tune."""
    tuned = sent_names(request, definition, sets).tuned
    if isinstance(tuned, Unknown):
        return averages
    at = place(request, definition)[0]
    return [average for average in averages if _may_be_tuned(average.option, tuned, arguments, at)]


def _averages(shown: Print, fault: str) -> list[Average]:
    return [average for average in shown.averages if average.fault == fault]


def _may_be_tuned(option: str, tuned: list[str], arguments: ScriptArguments, at: Span) -> bool:
    """Whether the value of the option with a name, if it has one, may be tuned."""
    names = [name for name in tuned if name.replace("-", "_") == option]
    return not option or any(_may_arrive(arguments, name, at) for name in names)


def script_sites(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str
) -> list[tuple[Site, str]]:
    """The sites in a script that a finding about its definition shows, each with a description.

    ``what`` is "prints", "evaluation", "undefined", "uploads", "channels", "saves", "required", "values", "rounding",
    "decimals", "last", "batches", "search", "stopping", "undeclared", "fixed", "variables", "epochs", "objects",
    "monitor", "address" or "broken".
    """
    sites: list[tuple[Site, str]] = []
    for fault, description in AVERAGES.get(what, {}).items():
        sites += [(site, description) for site in _objective_sites(request, definition, script, sets, fault)]
    find = _FINDERS.get(what)
    if find is not None:
        return find(request, definition, script, sets)
    if what == "prints":
        return [(shown.site, words) for shown, words in likely_prints(request, definition, script.output, sets)]
    if what == "undefined" and not isinstance(script.errors.undefined, Doubt):
        return [(missing.site, f"`{missing.name}`{_owner_text(missing)}") for missing in script.errors.undefined]
    if what == "uploads":
        return [(module.site, f"`{module.name}` is not uploaded") for module in script.errors.not_uploaded]
    if what == "channels":
        uses = _missing_channel_uses(request, definition, script.folders)
        return [] if isinstance(uses, Unknown) else [(use.site, f"the channel {_channel_text(use)}") for use in uses]
    if what == "required":
        options = _unset_options(_required_options(script.arguments), _sent(request, definition, sets))
        return [] if isinstance(options, Unknown) else [(option.site, f"`{option.flag}`") for option in options]
    return sites or _sole_site(script, what)


def _evaluation_sites(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet]
) -> list[tuple[Site, str]]:
    """Where a script, or a library for it, prints the objective for other data than the training data."""
    label = evaluation_label(request, definition, script.output, sets)
    if label is not None:
        return [(label.site, f"`{label.text}` is printed here")]
    first = training_first(request, definition, script.output, sets)
    return [] if first is None else [(first.site, f"{first.library} prints both here")]


def _failing_sites(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[tuple[Site, str]]:
    """Where the script fails without the options that a definition does not send."""
    unset = _options_without_value(request, definition, script.arguments, sets)
    needed = [] if isinstance(unset, Unknown) else unset
    return [(option.fails_at, f"`{option.flag}` is None here") for option in needed if option.fails_at is not None]


def _object_sites(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[tuple[Site, str]]:
    """The calls that write to the same objects in each trial."""
    objects = objects_of_trials(request, definition, script, sets)
    sites: list[tuple[Site, str]] = []
    for shared in objects if not isinstance(objects, Unknown) else ():
        verb = "reads and writes" if shared.is_updated else "writes"
        sites.append((shared.site, f"each trial {verb} `{address_of(shared, request, definition)}`"))
    return sites


def _variable_sites(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[tuple[Site, str]]:
    """The reads of environment variables that have to bring tuned hyperparameters, and do not."""
    dead = _from_environment(request, definition, script.arguments, sets, place(request, definition)[0])
    names = set() if isinstance(dead, Unknown) else {_compared(name) for name in dead}
    reads = [read for read in script.arguments.variables if _compared(read.name) in names]
    return [(read.site, f"no trial has the variable `{read.name}`") for read in reads]


_FINDERS = {
    "evaluation": _evaluation_sites,
    "values": _failing_sites,
    "objects": _object_sites,
    "variables": _variable_sites,
}
"""What finds the sites of some of the kinds."""


def correction_of(request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str) -> Correction:
    """What corrects what a finding about a definition shows of its script.

    ``what`` is "rounding", "decimals", "batches", "saves", "undeclared" or "prints".
    """
    if what == "prints":
        return Correction(set=expression_with_blank(request, definition, script.output, sets))
    if what == "undeclared":
        return Correction(script=_declaration(definition, script.errors, sets))
    unkept = script.folders.unkept
    if what == "saves" and unkept is not None:
        return Correction(script=unkept.changes)
    return Correction(script=_changes_of_averages(request, definition, script, sets, what))


def _changes_of_averages(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str
) -> tuple[ScriptChange, ...]:
    """The changes that correct the faults of the objective; none if one of its places is not known to be corrected."""
    changes: dict[ScriptChange, None] = {}
    for fault in AVERAGES.get(what, {}):
        for average in _objective_averages(request, definition, script, sets, fault):
            if not average.changes:
                return ()
            changes |= dict.fromkeys(average.changes)
    return tuple(changes)


def _declaration(definition: Path, errors: ScriptErrors, sets: list[RangeSet]) -> tuple[ScriptChange, ...]:
    """The change that declares the option which the script reads, if the job tunes a hyperparameter of that name."""
    undeclared = errors.undeclared
    if undeclared is None or undeclared.last is None:
        return ()
    changes: list[ScriptChange] = []
    for range_set in sets:
        for parameter in range_set.of(definition):
            name = text_of(child(parameter.node, "Name"))
            type_ = _option_type(parameter)
            if name is not None and type_ and name.replace("-", "_") == undeclared.name:
                changes.append(ScriptChange("option", undeclared.last, name=name, type=type_))
    return tuple(changes) if len(changes) == 1 else ()


def _option_type(parameter: TunedParameter) -> str:
    """The type of an option that takes the values of a range; empty if they are not known."""
    if parameter.kind != "categorical":
        return {"continuous": "float", "integer": "int"}[parameter.kind]
    values = child(parameter.node, "Values")
    if not isinstance(values, Array) or first_unknown(values.open, *values.items) is not None:
        return ""
    texts = [command_line.value_text(text_of(item) or "") for item in values.items]
    return next((type_ for type_, form in TYPE_FORMS if all(map(form.fullmatch, texts))), "str")


def _sole_site(script: Script, what: str) -> list[tuple[Site, str]]:
    """The site of what a script does in one place, with its description."""
    broken = script.errors.broken
    undeclared = script.errors.undeclared
    unkept = script.folders.unkept
    saved = unkept.site if unkept is not None else script.folders.model_save
    misjudging = _misjudging(script.execution)
    sites = {
        "broken": (broken.site if broken is not None else None, "does not parse"),
        "saves": (saved, "the model is saved here"),
        "search": (script.execution.search, "each trial starts a tuning job here"),
        "stopping": (script.execution.ignored_stopping, "XGBoost ignores it here"),
        "undeclared": (undeclared.site if undeclared is not None else None, "no option declares it"),
        "fixed": (script.arguments.fixed, "this list is parsed, not the command line"),
        "monitor": (misjudging.site if misjudging is not None else None, "it looks in the wrong direction here"),
        "address": (script.errors.address, "an address in S3 is opened as a local path here"),
        "epochs": (script.execution.first_epoch_end, "the loop over epochs ends here in its first pass"),
    }
    site, description = sites.get(what, (None, ""))
    return [(site, description)] if site is not None else []


def _channel_text(use: ChannelUse) -> str:
    """The name of a channel; one that is in upper case comes from the name of an environment variable."""
    return f"`{use.name.lower() if use.name.isupper() else use.name}`"


def _undefined(errors: ScriptErrors, at: Span) -> list[str] | Unknown:
    if isinstance(errors.undefined, Doubt):
        return unknown_from_doubt(errors.undefined, at)
    return [missing.name for missing in errors.undefined]


def _owner_text(missing: Missing) -> str:
    """The reason why a name has no value, as the end of a sentence."""
    owners = ", ".join(f"`{name}()`" for name in missing.owners[:MAX_OWNERS])
    return f", which is a variable of another function: {owners}" if owners else ", which is not defined"


def _refuses_model_dir(arguments: ScriptArguments, code: Code | None, at: Span) -> bool | Unknown:
    if code is None or code.model_dir not in ("default", "address"):
        return False
    if arguments.unread is not None:
        return unknown_from_doubt(arguments.unread, at)
    for parser in arguments.parsers:
        if command_line.accepts(parser, "model_dir") is not False or not parser.is_strict:
            return False
        if parser.open is not None:
            return unknown_from_doubt(parser.open, at)
    return True if arguments.elsewhere is None else unknown_from_doubt(arguments.elsewhere, at)


def _runs_nothing(request: Struct, definition: Path, execution: ScriptExecution) -> bool:
    """Whether nothing of the script runs: no statement of it, and no function that the image may call."""
    return execution.runs_nothing and _calls_no_function(request, definition, execution)


def _calls_no_function(request: Struct, definition: Path, execution: ScriptExecution) -> bool:
    """Whether the image certainly calls no function of the script itself."""
    return not execution.legacy_functions or runs_only_as_program(request, definition)


def _may_distribute(request: Struct, definition: Path, execution: ScriptExecution) -> bool:
    """Whether the script or its container may share the work between hosts."""
    if execution.may_distribute:
        return True
    functions = execution.legacy_functions
    may_be_legacy = LEGACY_INPUT in functions and not LEGACY_MODELS.isdisjoint(functions)
    repository = algorithm_facts(request, definition).repository
    if isinstance(repository, Unknown):
        return may_be_legacy
    return repository == LEGACY_REPOSITORY or (may_be_legacy and repository == SCRIPT_MODE_REPOSITORY)


def _checkpoints(request: Struct, definition: Path, folders: ScriptFolders, at: Span) -> bool | Unknown:
    """Whether the script names the checkpoint folder, or receives it in a hyperparameter."""
    if isinstance(folders.checkpoints, Doubt):
        return unknown_from_doubt(folders.checkpoints, at)
    if folders.checkpoints:
        return True
    static = follow(request, (*definition, "StaticHyperParameters"))
    if not isinstance(static, Struct):
        return first_unknown(static) or False
    values = [value for name, value in static.members.items() if not name.startswith(SDK_PREFIX)]
    if any(isinstance(value, Scalar) and "/opt/ml/checkpoints" in str(value.value) for value in values):
        return True
    return first_unknown(unseen(static, Kind.SDK_ADDS), *values) or False


def strictness(arguments: ScriptArguments, at: Span) -> bool | Unknown:
    """Whether an unknown argument ends a script."""
    if arguments.unread is not None:
        return unknown_from_doubt(arguments.unread, at)
    return bool(arguments.parsers) and all(parser.is_strict for parser in arguments.parsers)


def accepts_name(arguments: ScriptArguments, name: str, at: Span) -> bool | Unknown:
    """Whether a script accepts a hyperparameter of that name as an argument."""
    if arguments.unread is not None:
        return unknown_from_doubt(arguments.unread, at)
    if _is_read(arguments, name):
        return True
    doubt = _open_parser(arguments) or arguments.elsewhere
    reading = next((parser for parser in arguments.parsers if not parser.drops_rest), None)
    if doubt is None and reading is not None:
        doubt = Doubt("may use arguments that its parser does not know", reading.site)
    return False if doubt is None else unknown_from_doubt(doubt, at)


def _is_read(arguments: ScriptArguments, name: str) -> bool:
    """Whether a parser of a script has an option for a hyperparameter, or the script reads it by its name."""
    if any(command_line.accepts(parser, name) for parser in arguments.parsers):
        return True
    return any(read.name == name for read in arguments.keys)


def _open_parser(arguments: ScriptArguments) -> Doubt | None:
    """Why one of the parsers may have further options."""
    return next(iter(present(parser.open for parser in arguments.parsers)), None)


def _may_arrive(arguments: ScriptArguments, name: str, at: Span) -> bool:
    """Whether the value of a hyperparameter may be what the script calls by that name, with underscores.

    A name that may be read elsewhere does not arrive at an option that differs from it by dashes or underscores.
    """
    accepted = accepts_name(arguments, name, at)
    if isinstance(accepted, bool):
        return accepted
    flags: list[str] = []
    for option in arguments.options:
        flags += option.flags
    return name.replace("-", "_") not in [flag.lstrip("-").replace("-", "_") for flag in flags]


def _sent(request: Struct, definition: Path, sets: list[RangeSet]) -> set[str] | Unknown:
    """The names of the hyperparameters that a definition sends, with those that the SDK may add."""
    names = sent_names(request, definition, sets).all
    return names if isinstance(names, Unknown) else names | ADDED_BY_SDK


def _missing(
    request: Struct, definition: Path, arguments: ScriptArguments, sets: list[RangeSet], at: Span
) -> list[str] | Unknown:
    doubt = arguments.unread or _open_parser(arguments)
    required = _required_options(arguments)
    if doubt is None and required:
        doubt = arguments.elsewhere
    if doubt is not None:
        return unknown_from_doubt(doubt, at)
    unset = _unset_options(required, _sent(request, definition, sets)) if required else []
    return unset if isinstance(unset, Unknown) else [option.flag for option in unset]


def _without_value(
    request: Struct, definition: Path, arguments: ScriptArguments, sets: list[RangeSet], at: Span
) -> list[str] | Unknown:
    options = _options_without_value(request, definition, arguments, sets)
    doubt = arguments.unread or _open_parser(arguments)
    if options and doubt is not None:
        return unknown_from_doubt(doubt, at)
    return options if isinstance(options, Unknown) else [option.flag for option in options]


def _from_environment(
    request: Struct, definition: Path, arguments: ScriptArguments, sets: list[RangeSet], at: Span
) -> list[str] | Unknown:
    """The tuned hyperparameters that only environment variables without a value have to bring."""
    if not arguments.variables:
        return []
    tuned = sent_names(request, definition, sets).tuned
    without_option = tuned
    if arguments.parsers and not isinstance(tuned, Unknown):
        without_option = [name for name in tuned if accepts_name(arguments, name, at) is False]
    return _looked_up(without_option, _variables(request, definition), arguments)


@lifted
def _looked_up(names: list[str], variables: set[str], arguments: ScriptArguments) -> list[str]:
    """Those hyperparameters that a script looks for among the variables that are not set."""
    looked_up = {_compared(read.name) for read in arguments.variables if read.name not in variables}
    return [name for name in names if _compared(name) in looked_up]


def _compared(name: str) -> str:
    """The name of a hyperparameter or variable, as people write the one for the other."""
    return name.replace("-", "_").lower()


def _options_without_value(
    request: Struct, definition: Path, arguments: ScriptArguments, sets: list[RangeSet]
) -> list[Option] | Unknown:
    """The options that a definition does not send and without which the script fails."""
    needed = [option for option in arguments.options if option.fails_at is not None]
    return _unset_options(needed, _sent(request, definition, sets)) if needed else []


def _required_options(arguments: ScriptArguments) -> list[Option]:
    options: list[Option] = []
    for parser in arguments.parsers:
        options += command_line.required(parser)
    return options


@lifted
def _unset_options(options: list[Option], names: set[str]) -> list[Option]:
    """The options that no hyperparameter sets."""
    flags = tuple(command_line.flag(name) for name in names)
    return [option for option in options if not any(own.startswith(flags) for own in option.flags)]


def _missing_channels(request: Struct, definition: Path, folders: ScriptFolders) -> list[str] | Unknown:
    uses = _missing_channel_uses(request, definition, folders)
    return uses if isinstance(uses, Unknown) else list(dict.fromkeys(use.name for use in uses))


def _missing_channel_uses(request: Struct, definition: Path, folders: ScriptFolders) -> list[ChannelUse] | Unknown:
    uses = [use for use in folders.channels if use.is_required]
    if not uses:
        return []
    channels = _channels(request, definition)
    if isinstance(channels, Unknown):
        return channels
    variables = _variables(request, definition)
    if isinstance(variables, Unknown):
        return []
    return [use for use in uses if use.name.upper() not in channels and f"SM_CHANNEL_{use.name}" not in variables]


def _reads_alike(request: Struct, definition: Path, folders: ScriptFolders) -> list[str]:
    """The fact ``reads_alike``."""
    alike: list[str] = []
    for group in folders.alike:
        if any(phase_of(words_of(name.lower())) == "training" for name in group):
            alike += group
    inputs = follow(request, (*definition, "InputDataConfig"))
    names = [text_of(child(item, "ChannelName")) for item in items_of(inputs)]
    return [name for name in names if name is not None and name.upper() in alike]


def _variables(request: Struct, definition: Path) -> set[str] | Unknown:
    """The names of a definition's environment variables, without those of the SDK's configuration file."""
    environment = follow(request, (*definition, "Environment"))
    names = environment.members if isinstance(environment, Struct) else ()
    return unseen(environment, Kind.CONFIG_FILE) or set(names)


def _channels(request: Struct, definition: Path) -> set[str] | Unknown:
    """The names of a definition's channels, in upper case as in their environment variables."""
    inputs = follow(request, (*definition, "InputDataConfig"))
    unknown = unseen(inputs, Kind.CODE_CHANNEL)
    if inputs is None or unknown is not None:
        return unknown or set()
    names = set(OWN_CHANNELS)
    for item in inputs.items if isinstance(inputs, Array) else ():
        name = child(item, "ChannelName")
        if not isinstance(name, Scalar):
            return first_unknown(name) or Unknown("has a channel without a name", small_span(inputs))
        names.add(str(name.value).upper())
    return names
