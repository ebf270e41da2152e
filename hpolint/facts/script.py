"""How the training script of a definition uses the hyperparameters and channels that the job sends."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.facts import command_line
from hpolint.facts.algorithm import algorithm_facts, is_tensorflow_2
from hpolint.facts.hyperparameters import SDK_PREFIX, sent_names
from hpolint.facts.likely_prints import likely_prints
from hpolint.facts.metric_match import captured_options, captured_value, objective_prints, printing_facts
from hpolint.facts.objective import objective_expression
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import unknown_from_doubt
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, follow, place
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.model.training_code import PROGRAM, Code
from hpolint.model.training_script import ChannelUse, Doubt, Missing, Option, Script, Site

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

MAX_OWNERS = 3
ADDED_BY_SDK = frozenset({"model_dir", "mp_parameters"})
FILLED_BY_SDK = (Kind.SDK_ADDS, Kind.CONFIG_FILE)


class ScriptFacts(msgspec.Struct, frozen=True):
    """``script``: the training script of one definition. All facts are null if it names no script that a framework's
    image runs, except ``named``, ``undefined`` and ``captured`` (empty), ``saves_in_loop`` and the two ``seen_…`` facts
    (false)."""

    file: str | Unknown | None
    """The script's path."""
    strict: bool | Unknown | None
    """Whether an unknown argument ends the script, as with ``parse_args``."""
    missing: list[str] | Unknown | None
    """The options that its parser requires and the job does not send."""
    missing_channels: list[str] | Unknown | None
    """The channels that the script requires and the job does not have."""
    prints_objective: bool | Unknown | None
    """Whether the script prints a line that the objective's expression matches; null if the objective has none."""
    prints_in_loop: bool | Unknown | None
    """Whether such a line is printed within a loop; null if the objective has no expression."""
    options: list[str] | Unknown | None
    """The options of its parser, each without its hyphens; unknown if it may have further ones."""
    expression: str | Unknown | None
    """The objective's regular expression; null if it has none."""
    checkpoints: bool | Unknown | None = None
    """Whether the script or a hyperparameter names the folder from which the service copies checkpoints."""
    not_uploaded: list[str] | Unknown | None = None
    """The modules of the script's folder that it imports, and that are not uploaded with it."""
    runs_nothing: bool | Unknown | None = None
    """Whether the script only defines functions and classes, so that nothing is trained."""
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
    seen_in_loop: bool = False
    """Whether the script is known to print the objective within a loop; false if that is unknown."""
    rounded_down: bool | Unknown | None = None
    """Whether the script is known to round the objective down to a whole number, by `//`."""
    printed_whole: bool | Unknown | None = None
    """Whether the script is known to print the objective without decimals, by a format such as `.0f`."""
    batch_effect: str | Unknown | None = None
    """How the objective is known to change with the size of the batches, which the job tunes. ``grows``: it is a sum
    over samples, divided by the number of batches. ``shrinks``: it is a sum over batches, divided by the number of
    samples. Null for any other objective."""
    seen_once: bool = False
    """Whether the script itself is known to print the objective, and only outside of loops; a library may also print
    it."""
    captured: list[str] | Unknown = []
    """The options that the script only prints, in a line from which the objective's expression may take their value,
    each as written in the script."""


AVERAGES = {
    "rounding": {"rounded": "the objective is rounded down here"},
    "decimals": {"whole": "the objective is printed without decimals here"},
    "batches": {
        "grows": "the sum over samples is divided by the number of batches here",
        "shrinks": "the sum over batches is divided by the number of samples here",
    },
}
"""The faults of an ``Average`` and the descriptions of their places, by what a rule names in ``beside``."""

NO_SCRIPT = ScriptFacts(None, None, None, None, None, None, None, None)
MAY_BE_UNKNOWN = tuple(name for name, type_ in ScriptFacts.__annotations__.items() if "Unknown" in type_)
"""The facts that are unknown if the script is."""


def script_of(
    request: Struct, definition: Path, codes: dict[Path, Code], scripts: dict[Path, Script | Unknown]
) -> Script | Unknown | None:
    """The script that a definition runs; None if it runs none that is read, Unknown if that is unknown."""
    code, found = codes.get(definition), scripts.get(definition)
    if code is None or found is None:
        return None
    if not code.by_toolkit:
        kind = algorithm_facts(request, definition).kind
        if isinstance(kind, Unknown):
            return kind
        if kind not in TOOLKIT_KINDS:
            return None
    return found


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
    prints, in_loop, expression, once = printing_facts(request, definition, script, sets, at)
    return ScriptFacts(
        script.name,
        strictness(script, at),
        _missing(request, definition, script, sets, at),
        _missing_channels(request, definition, script),
        prints,
        in_loop,
        _options(script, at),
        expression,
        _checkpoints(request, definition, script, at),
        [each.name for each in script.not_uploaded],
        _runs_nothing(request, definition, script),
        _distributes(request, definition, script, code),
        script.module,
        code.model_dir if code is not None and script.model_save is not None else None,
        _refuses_model_dir(script, code, at),
        script.broken.why if script.broken is not None else None,
        script.broken.file if script.broken is not None else None,
        _undefined(script, at),
        saves_in_loop=script.saves_in_loop,
        named=named,
        stays_on_cpu=script.stays_on_cpu and not (code is not None and code.is_distributed),
        seen_in_loop=prints is True and in_loop is True,
        seen_once=once,
        rounded_down=bool(_objective_sites(request, definition, script, sets, "rounded")),
        captured=captured_options(request, definition, script, sets, at),
        printed_whole=bool(_objective_sites(request, definition, script, sets, "whole")),
        batch_effect=next(
            (each for each in AVERAGES["batches"] if _objective_sites(request, definition, script, sets, each)), None
        ),
    )


def _names_script(request: Struct, definition: Path, code: Code | None) -> bool | Unknown:
    """Whether a definition names a script. What the SDK adds, or takes from its configuration file, names none."""
    if code is not None:
        return True
    for member, name in (("StaticHyperParameters", PROGRAM), ("Environment", PROGRAM.upper())):
        found = follow(request, (*definition, member))
        if isinstance(found, Unknown) and found.kind not in FILLED_BY_SDK:
            return found
        if isinstance(found, Struct) and name in found.members:
            return True
        if isinstance(found, Struct) and found.open is not None and found.open.kind not in FILLED_BY_SDK:
            return found.open
    return False


def _objective_sites(request: Struct, definition: Path, script: Script, sets: list[RangeSet], fault: str) -> list[Site]:
    """Where the objective has a fault of an ``Average``, in every line that may show it; empty if one has none."""
    if not any(each.fault == fault for shown in script.prints for each in shown.averages):
        return []
    expression = objective_expression(request, definition)
    tuned = sent_names(request, definition, sets).tuned
    options = None
    if not isinstance(tuned, Unknown):
        at = place(request, definition)[0]
        options = {name.replace("-", "_") for name in tuned if _may_arrive(script, name, at)}
    sites = []
    for shown in objective_prints(request, definition, script, sets):
        captured = captured_value(expression, shown) if isinstance(expression, str) else None
        own = [each for each in shown.averages if (each.place, each.fault) == (captured, fault)]
        sites.append(
            next((each.site for each in own if not each.option or options is None or each.option in options), None)
        )
    return list(dict.fromkeys(each for each in sites if each is not None)) if all(sites) else []


def script_sites(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str
) -> list[tuple[Site, str]]:
    """The sites in a script that a finding about its definition shows, each with a description.

    ``what`` is "prints", "undefined", "uploads", "channels", "saves", "required", "rounding", "decimals", "batches"
    or "broken".
    """
    if what in AVERAGES:
        return [
            (site, description)
            for fault, description in AVERAGES[what].items()
            for site in _objective_sites(request, definition, script, sets, fault)
        ]
    if what == "prints":
        return [(each.site, description) for each, description in likely_prints(request, definition, script, sets)]
    if what == "undefined":
        missing = () if isinstance(script.undefined, Doubt) else script.undefined
        return [(each.site, f"`{each.name}`{_owner_text(each)}") for each in missing]
    if what == "broken":
        return [(script.broken.site, "does not parse")] if script.broken is not None else []
    if what == "uploads":
        return [(each.site, f"`{each.name}` is not uploaded") for each in script.not_uploaded]
    if what == "channels":
        return [
            (use.site, f"the channel `{use.name.lower() if use.name.isupper() else use.name}`")
            for use in _missing_channel_uses(request, definition, script)
        ]
    names = _sent(request, definition, sets)
    if what == "saves":
        return [(script.model_save, "the model is saved here")] if script.model_save is not None else []
    if what != "required" or isinstance(names, Unknown):
        return []
    options = [option for parser in script.parsers for option in command_line.required(parser)]
    return [(option.site, f"`{option.flag}`") for option in options if _is_unset(option, names)]


def _options(script: Script, at: Span) -> list[str] | Unknown:
    doubt = script.unread or next((parser.open for parser in script.parsers if parser.open is not None), None)
    if doubt is not None:
        return unknown_from_doubt(doubt, at)
    return list(dict.fromkeys(each.flag.lstrip("-") for parser in script.parsers for each in parser.options))


def _undefined(script: Script, at: Span) -> list[str] | Unknown:
    if isinstance(script.undefined, Doubt):
        return unknown_from_doubt(script.undefined, at)
    return [each.name for each in script.undefined]


def _owner_text(missing: Missing) -> str:
    """The reason why a name has no value, as the end of a sentence."""
    owners = ", ".join(f"`{name}()`" for name in missing.owners[:MAX_OWNERS])
    return f", which is a variable of another function: {owners}" if owners else ", which is not defined"


def _refuses_model_dir(script: Script, code: Code | None, at: Span) -> bool | Unknown:
    if code is None or code.model_dir not in ("default", "address"):
        return False
    if script.unread is not None:
        return unknown_from_doubt(script.unread, at)
    for parser in script.parsers:
        if command_line.accepts(parser, "model_dir") is not False or not parser.is_strict:
            return False
        if parser.open is not None:
            return unknown_from_doubt(parser.open, at)
    return unknown_from_doubt(script.elsewhere, at) if script.elsewhere is not None else True


def _runs_nothing(request: Struct, definition: Path, script: Script) -> bool:
    """Whether nothing of the script runs. TensorFlow's images since version 2 call no function of a script."""
    if not script.runs_nothing or not script.legacy_functions:
        return script.runs_nothing
    return is_tensorflow_2(request, definition)


def _distributes(request: Struct, definition: Path, script: Script, code: Code | None) -> bool:
    """Whether the estimator, the script or its container may share the work between hosts."""
    if script.may_distribute or (code is not None and code.is_distributed):
        return True
    may_be_legacy = LEGACY_INPUT in script.legacy_functions and not LEGACY_MODELS.isdisjoint(script.legacy_functions)
    repository = algorithm_facts(request, definition).repository
    return repository == LEGACY_REPOSITORY or (may_be_legacy and repository == SCRIPT_MODE_REPOSITORY)


def _checkpoints(request: Struct, definition: Path, script: Script, at: Span) -> bool | Unknown:
    """Whether the script names the checkpoint folder, or receives it in a hyperparameter."""
    if isinstance(script.checkpoints, Doubt):
        return unknown_from_doubt(script.checkpoints, at)
    if script.checkpoints:
        return True
    static = follow(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if not isinstance(static, Struct):
        return False
    values = [each for name, each in static.members.items() if not name.startswith(SDK_PREFIX)]
    if any(isinstance(each, Scalar) and "/opt/ml/checkpoints" in str(each.value) for each in values):
        return True
    if static.open is not None and static.open.kind is not Kind.SDK_ADDS:
        return static.open
    return next((each for each in values if isinstance(each, Unknown)), False)


def strictness(script: Script, at: Span) -> bool | Unknown:
    """Whether an unknown argument ends a script."""
    if script.unread is not None:
        return unknown_from_doubt(script.unread, at)
    return all(parser.is_strict for parser in script.parsers)


def accepts_name(script: Script, name: str, at: Span) -> bool | Unknown:
    """Whether a script accepts a hyperparameter of that name as an argument."""
    if script.unread is not None:
        return unknown_from_doubt(script.unread, at)
    verdicts = [command_line.accepts(parser, name) for parser in script.parsers]
    if True in verdicts:
        return True
    for parser in script.parsers:
        if parser.open is not None:
            return unknown_from_doubt(parser.open, at)
    if script.elsewhere is not None:
        return unknown_from_doubt(script.elsewhere, at)
    for parser in script.parsers:
        if not parser.drops_rest:
            return unknown_from_doubt(Doubt("may use arguments that its parser does not know", parser.site), at)
    return False


def _may_arrive(script: Script, name: str, at: Span) -> bool:
    """Whether the value of a hyperparameter may be what the script calls by that name, with underscores.

    A name that may be read elsewhere does not arrive at an option that differs from it by dashes or underscores.
    """
    accepted = accepts_name(script, name, at)
    if isinstance(accepted, bool):
        return accepted
    options = (option for parser in script.parsers for option in parser.options)
    flags = {flag.lstrip("-").replace("-", "_") for option in options for flag in option.flags}
    return name.replace("-", "_") not in flags


def _sent(request: Struct, definition: Path, sets: list[RangeSet]) -> set[str] | Unknown:
    """The names of the hyperparameters that a definition sends, with those that the SDK may add."""
    names = sent_names(request, definition, sets).all
    return names if isinstance(names, Unknown) else names | ADDED_BY_SDK


def _missing(request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span) -> list[str] | Unknown:
    if script.unread is not None:
        return unknown_from_doubt(script.unread, at)
    options = [option for parser in script.parsers for option in command_line.required(parser)]
    for parser in script.parsers:
        if parser.open is not None:
            return unknown_from_doubt(parser.open, at)
    if not options:
        return []
    if script.elsewhere is not None:
        return unknown_from_doubt(script.elsewhere, at)
    names = _sent(request, definition, sets)
    if isinstance(names, Unknown):
        return names
    return [option.flag for option in options if _is_unset(option, names)]


def _is_unset(option: Option, names: set[str]) -> bool:
    """Whether no hyperparameter sets an option."""
    return not any(own.startswith(command_line.flag(name)) for name in names for own in option.flags)


def _missing_channels(request: Struct, definition: Path, script: Script) -> list[str] | Unknown:
    if not any(use.is_required for use in script.channels):
        return []
    channels = _channels(request, definition)
    if isinstance(channels, Unknown):
        return channels
    return list(dict.fromkeys(use.name for use in _missing_channel_uses(request, definition, script)))


def _missing_channel_uses(request: Struct, definition: Path, script: Script) -> list[ChannelUse]:
    channels = _channels(request, definition)
    if isinstance(channels, Unknown):
        return []
    environment = follow(request, (*definition, "Environment"))
    open_ = environment.open if isinstance(environment, Struct) else environment
    if isinstance(open_, Unknown) and open_.kind is not Kind.CONFIG_FILE:
        return []
    names = environment.members.keys() if isinstance(environment, Struct) else set[str]()
    return [
        use
        for use in script.channels
        if use.is_required and use.name.upper() not in channels and f"SM_CHANNEL_{use.name}" not in names
    ]


def _channels(request: Struct, definition: Path) -> set[str] | Unknown:
    """The names of a definition's channels, in upper case as in their environment variables."""
    inputs = follow(request, (*definition, "InputDataConfig"))
    if isinstance(inputs, Unknown):
        return set(OWN_CHANNELS) if inputs.kind is Kind.CODE_CHANNEL else inputs
    if not isinstance(inputs, Array):
        return set()
    if inputs.open is not None and inputs.open.kind is not Kind.CODE_CHANNEL:
        return inputs.open
    names = set(OWN_CHANNELS)
    for item in inputs.items:
        name = item.members.get("ChannelName", item.open) if isinstance(item, Struct) else item
        if not isinstance(name, Scalar):
            return name if isinstance(name, Unknown) else Unknown("has a channel without a name", inputs.anchor)
        names.add(str(name.value).upper())
    return names
