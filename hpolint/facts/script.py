"""What the training script beside a definition makes of the hyperparameters and channels that the job sends."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from hpolint import commandline
from hpolint.code import Code
from hpolint.facts.algorithm import algorithm_facts
from hpolint.facts.reading import bound
from hpolint.facts.space import RangeSet, TunedParameter
from hpolint.node import Array, Node, Path, Scalar, Struct, Unknown, follow, is_text, place
from hpolint.reasons import CODE_CHANNEL, SDK_ADDS
from hpolint.script import ChannelUse, Doubt, Option, Parser, Script, Site
from hpolint.source import Span

BY_TOOLKIT = frozenset({"deep-learning", "machine-learning"})
"""Kinds of images whose scripts SageMaker's training toolkit starts."""

ADDED_BY_SDK = frozenset({"model_dir", "mp_parameters"})
MOST_INTEGERS = 200
"""Of an integer range: so many values are tried against an option's choices, of a longer one its ends."""

CLOSE = 0.75
"""From which likeness on another option is named."""


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """``script``: of one training job definition. All is null where it names none that a framework's image runs."""

    file: str | Unknown | None
    """The script's path."""
    strict: bool | Unknown | None
    """Whether an argument that it does not know ends it, as ``parse_args`` does."""
    missing: list[str] | Unknown | None
    """What its parser requires and the job does not send."""
    missing_channels: list[str] | Unknown | None
    """The channels whose folders it cannot do without and the job does not have."""


@dataclass(frozen=True, slots=True)
class ArgumentFacts:
    """``argument``: what the script makes of a hyperparameter. All is null where there is no such script."""

    accepted: bool | Unknown | None
    """Whether it takes it."""
    strict: bool | Unknown | None
    """Whether not to take it ends the script; else it is dropped without a word."""
    near: str | None
    """The hyperparameter's name that would set the option that is likest."""
    alike: bool
    """Whether that one differs by dashes, underscores or upper case only, and is the only such one."""
    refused: str | Unknown | None
    """A value of the range that the option does not read; null where it reads them all."""
    why: str | None
    """What keeps the values from being read: ``int``, ``float``, ``choices``; or ``flag`` and ``bool``, of which every
    value is the same."""
    option: str | None
    """The option as the script writes it."""
    script: str | None
    """The script's path."""


NO_SCRIPT = ScriptFacts(None, None, None, None)
NO_ARGUMENT = ArgumentFacts(None, None, None, False, None, None, None, None)


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
        return ScriptFacts(script, script, script, script)
    at = place(request, definition)[0]
    return ScriptFacts(
        script.source.name,
        _strict(script, at),
        _missing(request, definition, script, sets, at),
        _missing_channels(request, definition, script),
    )


def script_sites(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], what: str
) -> list[tuple[Site, str]]:
    """The places of a script that a finding about its definition shows, and what stands there."""
    if what == "channels":
        return [(use.site, f"`SM_CHANNEL_{use.name}`") for use in _lacking(request, definition, script)]
    names = _sent(request, definition, sets)
    if what != "required" or isinstance(names, Unknown):
        return []
    wanted = [option for parser in script.parsers for option in commandline.required(parser)]
    return [(option.site, f"`{option.flags[-1]}`") for option in wanted if _unset(option, names)]


def argument_sites(name: str, script: Script, what: str) -> list[tuple[Site, str]]:
    """Where the script has the option that a hyperparameter sets, or one like it, or else its parser."""
    if what != "argument":
        return []
    near, _ = _near(script, name)
    for each in (name, near):
        taken = _taken_by(script, each) if each is not None else None
        if taken is not None:
            _, option = taken
            return [(option.site, f"`{option.flags[-1]}`")]
    return [(parser.site, "the parser") for parser in script.parsers]


def _strict(script: Script, at: Span) -> bool | Unknown:
    if script.unread is not None:
        return _open(script.unread, at)
    return all(parser.is_strict for parser in script.parsers)


def _open(doubt: Doubt, at: Span) -> Unknown:
    """A doubt about the script as what keeps a definition from being judged."""
    where = f"{doubt.site.source}, line {doubt.site.span.line}"
    return Unknown(f"depends on the training script ({where}), which {doubt.reason}", at)


def argument_facts(
    name: str | Unknown, range_: TunedParameter | None, script: Script | Unknown | None, at: Span
) -> ArgumentFacts:
    """What a script makes of one hyperparameter; of a tuned one with its range."""
    if script is None:
        return NO_ARGUMENT
    unknown = script if isinstance(script, Unknown) else name if isinstance(name, Unknown) else None
    if unknown is not None or isinstance(script, Unknown) or isinstance(name, Unknown):
        return ArgumentFacts(unknown, unknown, None, False, unknown, None, None, None)
    if not commandline.is_sent(name):
        return NO_ARGUMENT
    accepted = _accepted(script, name, at)
    near, alike = (_near(script, name)) if accepted is False else (None, False)
    why, refused, option = None, None, None
    taken = _taken_by(script, name)
    if taken is not None:
        parser, own = taken
        option = next((flag for flag in own.flags if flag.startswith(commandline.flag(name))), own.flags[0])
        if range_ is not None and accepted is True:
            why, refused = _refused(parser, own, name, range_)
    return ArgumentFacts(accepted, _strict(script, at), near, alike, refused, why, option, script.source.name)


def _accepted(script: Script, name: str, at: Span) -> bool | Unknown:
    if script.unread is not None:
        return _open(script.unread, at)
    verdicts = [commandline.accepts(parser, name) for parser in script.parsers]
    if True in verdicts:
        return True
    for parser in script.parsers:
        if parser.open is not None:
            return _open(parser.open, at)
    if all(parser.is_strict for parser in script.parsers):
        return False
    for parser in script.parsers:
        if not parser.drops_rest:
            return _open(Doubt("may use what its parser does not know", parser.site), at)
    return False if script.elsewhere is None else _open(script.elsewhere, at)


def _taken_by(script: Script, name: str) -> tuple[Parser, Option] | None:
    """The parser and option that a hyperparameter sets."""
    for parser in script.parsers:
        option = commandline.option_of(parser, name)
        if option is not None:
            return parser, option
    return None


def _near(script: Script, name: str) -> tuple[str | None, bool]:
    """The name that would set the option that is likest, and whether it is the same but for dashes and case."""
    names = [
        flag.removeprefix("--")
        for parser in script.parsers
        for option in parser.options
        for flag in option.flags
        if flag.startswith("--")
    ]
    names = list(dict.fromkeys(names))
    same = [each for each in names if _bare(each) == _bare(name)]
    if same:
        return same[0], len(same) == 1
    found = get_close_matches(_bare(name), [_bare(each) for each in names], n=1, cutoff=CLOSE)
    return (next(each for each in names if _bare(each) == found[0]), False) if found else (None, False)


def _bare(name: str) -> str:
    return name.replace("-", "_").lower()


def _refused(
    parser: Parser, option: Option, name: str, range_: TunedParameter
) -> tuple[str | None, str | Unknown | None]:
    """What keeps an option from reading a range's values, and one of these."""
    if option.is_open:
        return None, None
    if option.action in commandline.NO_VALUE:
        return "flag", None
    values = _values(range_)
    if isinstance(values, Unknown):
        return None, values
    if option.type == "bool" and len(values) > 1 and all(values):
        return "bool", values[-1]
    for value in values:
        refusal = commandline.refuses(parser, name, value)
        if refusal is not None:
            return ("choices" if "choose from" in refusal else option.type), commandline.value_text(value)
    return None, None


def _values(range_: TunedParameter) -> list[str] | Unknown:
    """Values that the service may send: of a continuous range one that is no whole number."""
    node = range_.node
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else []
    if range_.kind == "categorical":
        values = node.members.get("Values", node.open)
        if not isinstance(values, Array):
            return values if isinstance(values, Unknown) else []
        items = [item for item in values.items if isinstance(item, Scalar)]
        unknown = values.open or next((item for item in values.items if isinstance(item, Unknown)), None)
        return unknown or [str(item.value) for item in items]
    low, high = (bound(node.members.get(each, node.open)) for each in ("MinValue", "MaxValue"))
    for each in (low, high):
        if isinstance(each, Unknown):
            return each
    if not isinstance(low, float) or not isinstance(high, float) or high <= low:
        return []
    if range_.kind == "integer":
        if high - low < MOST_INTEGERS:
            return [str(number) for number in range(int(low), int(high) + 1)]
        return [str(int(low)), str(int(high))]
    between = low + (high - low) * 0.37
    short = round(between, 4)
    return [repr(short if low < short < high and not short.is_integer() else between)]


def _sent(request: Struct, definition: Path, sets: list[RangeSet]) -> set[str] | Unknown:
    """The names of the hyperparameters that a definition sends, but for the SDK's own; Unknown if there may be more."""
    names: set[str] = set()
    static = follow(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if isinstance(static, Struct):
        if static.open is not None and static.open.reason != SDK_ADDS:
            return static.open
        names |= static.members.keys()
    for each in sets:
        if each.open is not None:
            return each.open
        for range_ in each.ranges:
            if range_.definition not in (definition, None):
                continue
            name = _name(range_.node)
            if isinstance(name, Unknown):
                return name
            names.add(name)
    return names | ADDED_BY_SDK


def _name(node: Node) -> str | Unknown:
    name = node.members.get("Name", node.open) if isinstance(node, Struct) else node
    if isinstance(name, Scalar) and isinstance(name.value, str) and is_text(name.value):
        return name.value
    return name if isinstance(name, Unknown) else Unknown("has no name", node.span)


def _missing(request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span) -> list[str] | Unknown:
    if script.unread is not None:
        return _open(script.unread, at)
    wanted = [option for parser in script.parsers for option in commandline.required(parser)]
    for parser in script.parsers:
        if parser.open is not None:
            return _open(parser.open, at)
    if not wanted:
        return []
    names = _sent(request, definition, sets)
    if isinstance(names, Unknown):
        return names
    return [option.flags[-1] for option in wanted if _unset(option, names)]


def _unset(option: Option, names: set[str]) -> bool:
    """Whether none of the hyperparameters sets an option."""
    return not any(own.startswith(commandline.flag(name)) for name in names for own in option.flags)


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
    return [use for use in script.channels if use.is_required and use.name not in channels]


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
