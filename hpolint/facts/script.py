"""What the training script beside a definition makes of the hyperparameters and channels that the job sends."""

from __future__ import annotations

import msgspec

from hpolint.facts import command_line
from hpolint.facts.algorithm import algorithm_facts
from hpolint.facts.hyperparameters import SDK_OWN, sent_names
from hpolint.facts.likely_prints import likely_prints
from hpolint.facts.metric_match import printing_facts
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import doubted
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, follow, place
from hpolint.model.reasons import CODE_CHANNEL, CONFIG_FILE, SDK_ADDS
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.model.training_script import ChannelUse, Doubt, Missing, Option, Script, Site

BY_TOOLKIT = frozenset({"deep-learning", "machine-learning"})
"""Kinds of images whose scripts SageMaker's training toolkit starts."""

MOST_OWNERS = 3
ADDED_BY_SDK = frozenset({"model_dir", "mp_parameters"})


class ScriptFacts(msgspec.Struct, frozen=True):
    """``script``: of one training job definition. All is null where it names none that a framework's image runs."""

    file: str | Unknown | None
    """The script's path."""
    strict: bool | Unknown | None
    """Whether an argument that it does not know ends it, as ``parse_args`` does."""
    missing: list[str] | Unknown | None
    """What its parser requires and the job does not send."""
    missing_channels: list[str] | Unknown | None
    """The channels whose folders it cannot do without and the job does not have."""
    prints_objective: bool | Unknown | None
    """Whether it prints what the objective's expression finds; null where the objective has none."""
    prints_in_loop: bool | Unknown | None
    """Whether such a line is printed within a loop; null where the objective has no expression."""
    expression: str | Unknown | None
    """The objective's expression."""
    checkpoints: bool | Unknown | None = None
    """Whether it names the folder that the service keeps for checkpoints."""
    undefined: list[str] | Unknown = []
    """The names that it is seen to read though nothing gives them a value, the first one first."""
    seen_in_loop: bool = False
    """Whether it is seen to print the objective within a loop: not so where that cannot be told."""
    seen_once: bool = False
    """Whether it is seen to print the objective itself, outside of every loop alone; a library may print it, too."""


NO_SCRIPT = ScriptFacts(None, None, None, None, None, None, None)


def script_of(
    request: Struct, definition: Path, codes: dict[Path, Code], scripts: dict[Path, Script | Unknown]
) -> Script | Unknown | None:
    """The script that a definition runs; None where it runs none that is read, Unknown where that cannot be told."""
    code, found = codes.get(definition), scripts.get(definition)
    if code is None or found is None:
        return None
    if not code.by_toolkit:
        kind = algorithm_facts(request, definition).kind
        if isinstance(kind, Unknown):
            return kind
        if kind not in BY_TOOLKIT:
            return None
    return found


def script_facts(
    request: Struct, definition: Path, script: Script | Unknown | None, sets: list[RangeSet]
) -> ScriptFacts:
    """The facts of the definition at a path of the request."""
    if script is None:
        return NO_SCRIPT
    if isinstance(script, Unknown):
        return ScriptFacts(script, script, script, script, script, script, script, script, script)
    at = place(request, definition)[0]
    prints, in_loop, expression, once = printing_facts(request, definition, script, sets, at)
    return ScriptFacts(
        script.name,
        strictness(script, at),
        _missing(request, definition, script, sets, at),
        _missing_channels(request, definition, script),
        prints,
        in_loop,
        expression,
        _checkpoints(request, definition, script, at),
        _undefined(script, at),
        seen_in_loop=prints is True and in_loop is True,
        seen_once=once,
    )


def script_sites(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str
) -> list[tuple[Site, str]]:
    """The places of a script that a finding about its definition shows, and what stands there."""
    if what == "prints":
        return [(each.site, said) for each, said in likely_prints(request, definition, script, sets)]
    if what == "undefined":
        missing = () if isinstance(script.undefined, Doubt) else script.undefined
        return [(each.site, f"`{each.name}`{_owned(each)}") for each in missing]
    if what == "channels":
        return [(use.site, f"`SM_CHANNEL_{use.name}`") for use in _lacking(request, definition, script)]
    names = _sent(request, definition, sets)
    if what != "required" or isinstance(names, Unknown):
        return []
    wanted = [option for parser in script.parsers for option in command_line.required(parser)]
    return [(option.site, f"`{option.flag}`") for option in wanted if _unset(option, names)]


def _undefined(script: Script, at: Span) -> list[str] | Unknown:
    if isinstance(script.undefined, Doubt):
        return doubted(script.undefined, at)
    return [each.name for each in script.undefined]


def _owned(missing: Missing) -> str:
    """Why a name has no value."""
    owners = ", ".join(f"`{name}()`" for name in missing.owners[:MOST_OWNERS])
    return f", which is a variable of another function: {owners}" if owners else ", which nothing defines"


def _checkpoints(request: Struct, definition: Path, script: Script, at: Span) -> bool | Unknown:
    """Whether the script names the folder, or is given it by a hyperparameter."""
    if isinstance(script.checkpoints, Doubt):
        return doubted(script.checkpoints, at)
    if script.checkpoints:
        return True
    static = follow(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if not isinstance(static, Struct):
        return False
    values = [each for name, each in static.members.items() if not name.startswith(SDK_OWN)]
    if any(isinstance(each, Scalar) and "/opt/ml/checkpoints" in str(each.value) for each in values):
        return True
    if static.open is not None and static.open.reason != SDK_ADDS:
        return static.open
    return next((each for each in values if isinstance(each, Unknown)), False)


def strictness(script: Script, at: Span) -> bool | Unknown:
    """Whether an argument that it does not know ends a script."""
    if script.unread is not None:
        return doubted(script.unread, at)
    return all(parser.is_strict for parser in script.parsers)


def _sent(request: Struct, definition: Path, sets: list[RangeSet]) -> set[str] | Unknown:
    """The names of the hyperparameters that a definition sends; Unknown if there may be more than the SDK's own."""
    names = sent_names(request, definition, sets).all
    return names if isinstance(names, Unknown) else names | ADDED_BY_SDK


def _missing(request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span) -> list[str] | Unknown:
    if script.unread is not None:
        return doubted(script.unread, at)
    wanted = [option for parser in script.parsers for option in command_line.required(parser)]
    for parser in script.parsers:
        if parser.open is not None:
            return doubted(parser.open, at)
    if not wanted:
        return []
    if script.elsewhere is not None:
        return doubted(script.elsewhere, at)
    names = _sent(request, definition, sets)
    if isinstance(names, Unknown):
        return names
    return [option.flag for option in wanted if _unset(option, names)]


def _unset(option: Option, names: set[str]) -> bool:
    """Whether none of the hyperparameters sets an option."""
    return not any(own.startswith(command_line.flag(name)) for name in names for own in option.flags)


def _missing_channels(request: Struct, definition: Path, script: Script) -> list[str] | Unknown:
    if not any(use.is_required for use in script.channels):
        return []
    channels = _channels(request, definition)
    if isinstance(channels, Unknown):
        return channels
    return list(dict.fromkeys(use.name for use in _lacking(request, definition, script)))


def _lacking(request: Struct, definition: Path, script: Script) -> list[ChannelUse]:
    channels = _channels(request, definition)
    if isinstance(channels, Unknown):
        return []
    environment = follow(request, (*definition, "Environment"))
    unsure = environment.open if isinstance(environment, Struct) else environment
    if isinstance(unsure, Unknown) and unsure.reason != CONFIG_FILE:
        return []
    given = environment.members.keys() if isinstance(environment, Struct) else set[str]()
    return [
        use
        for use in script.channels
        if use.is_required and use.name.upper() not in channels and f"SM_CHANNEL_{use.name}" not in given
    ]


def _channels(request: Struct, definition: Path) -> set[str] | Unknown:
    """The channels that a definition has, in upper case as their variables are."""
    inputs = follow(request, (*definition, "InputDataConfig"))
    if isinstance(inputs, Unknown):
        return inputs
    if not isinstance(inputs, Array):
        return set()
    if inputs.open is not None and inputs.open.reason != CODE_CHANNEL:
        return inputs.open
    names: set[str] = {"CODE", "MODEL"}
    for item in inputs.items:
        name = item.members.get("ChannelName", item.open) if isinstance(item, Struct) else item
        if not isinstance(name, Scalar):
            return name if isinstance(name, Unknown) else Unknown("has a channel without a name", inputs.anchor)
        names.add(str(name.value).upper())
    return names
