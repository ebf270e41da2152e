"""How a training script's parser handles one hyperparameter, as argparse itself answers for a copy of the parser."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from hpolint.facts import command_line
from hpolint.facts.parameter_role import role
from hpolint.facts.phases import PHASES
from hpolint.facts.script import accepts_name, strictness
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import first_unknown, lifted
from hpolint.lazy_regex import lazy_regex
from hpolint.model.fix import Correction
from hpolint.model.node import Array, Node, Scalar, Unknown, child
from hpolint.model.source import Span
from hpolint.model.training_script import Option, Parser, Script, ScriptArguments, Site

MAX_TRIED_INTEGERS = 200
"""Values of an integer range that are tried against an option; of a longer range, the two bounds are tried."""

MIN_WORD_LETTERS = 5
"""Letters of a word that two similar names share."""

MIN_MISSPELT_LETTERS = 4
"""Letters of the shortest word that may be a misspelt word."""

MIN_SIMILARITY = 0.8
"""Similarity (0 to 1) from which a word may be another word, misspelt."""

FILLERS = frozenset(
    {"type", "name", "rate", "value", "num", "n", "number", "of", "lr", "factor", "prob", "probability"}
)
"""Words that add little to the meaning of a name."""

PLAIN_VALUE = lazy_regex(r"-?(?:\d+|\d*\.\d+)|[A-Za-z0-9_.,:/+=@%][A-Za-z0-9_.,:/+=@%-]*")
"""Static values that every version of the training toolkit passes in the same way.

Older versions join a shell command while they capture errors: an empty text vanishes, spaces split a value, and ``*``
expands. A number such as ``-1e-5`` is a value or an option, depending on the version of Python. Source:
aws/sagemaker-training-toolkit, ``process.py`` and ``mapping.py`` of versions 3.4 to 5.1.
"""

PLAIN_LIST = lazy_regex(r"\[[\w.+-]+(?:, [\w.+-]+)*\]")
"""Lists that no version of the training toolkit passes as separate values."""

FALSE_WORDS = frozenset({"false", "0", "no", "off", "n", "f"})
"""Values, in lower case, by which somebody means to turn an option off."""


class ArgumentFacts(msgspec.Struct, frozen=True):
    """``argument``: how the script's parser handles a hyperparameter. All facts but ``alike``, ``near_unused``,
    ``dashed``, ``by_name`` and ``overrides`` are null if no script is read, or the hyperparameter is not sent to it."""

    accepted: bool | Unknown | None = None
    """Whether the script accepts the hyperparameter as an argument."""
    strict: bool | Unknown | None = None
    """Whether an argument that is not accepted ends the script; otherwise it is discarded without an error."""
    near: str | None = None
    """If it is not accepted: the name of an option that may be meant; null if none is similar."""
    alike: bool = False
    """Whether ``near`` differs only by dashes, underscores or case, and is the only such name."""
    near_unused: bool = False
    """Whether the script never uses the value of the option that ``near`` names, except to print it."""
    refused: str | Unknown | None = None
    """A value of the range, or the static value, that the option cannot parse or parses wrongly; null if there is
    none."""
    why: str | Unknown | None = None
    """Why the option cannot use the values: ``int``, ``float`` or ``choices`` if it cannot parse one; ``flag`` or
    ``bool`` if every value has the same effect. A static value whose effect is the intended one has no reason."""
    dashed: bool = False
    """Whether the script has the option with two dashes, while the training toolkit passes a name of one letter with
    one dash."""
    option: str | None = None
    """The option as written in the script."""
    script: str | None = None
    """The script's path."""
    unused: bool | Unknown | None = None
    """Whether the script accepts the hyperparameter and never reads its value, except to print it. The option may
    still be the objective: see ``script.captured``."""
    by_name: bool = False
    """Whether the script has no parser, and reads hyperparameters by their names from variables of the toolkit."""
    overrides: bool = False
    """Whether the script does not accept it because it takes values as ``key=value``, as Hydra does."""


NO_ARGUMENT = ArgumentFacts()


def argument_facts(
    name: str | Unknown, values_of: TunedParameter | Node, script: Script | Unknown | None, at: Span
) -> ArgumentFacts:
    """The facts of one hyperparameter with a range or a static value."""
    if script is None:
        return NO_ARGUMENT
    if isinstance(script, Unknown):
        return _unknown(script)
    if isinstance(name, Unknown):
        return _unknown(name)
    if not command_line.is_sent(name):
        return NO_ARGUMENT
    accepted = accepts_name(script.arguments, name, at)
    facts = ArgumentFacts(accepted=accepted, strict=strictness(script.arguments, at), script=script.name, unused=False)
    facts = replace(facts, by_name=bool(script.arguments.keys) and not script.arguments.parsers)
    match = matching_option(script.arguments, name)
    if match is not None:
        parser, option = match
        facts = replace(facts, option=_written_flag(option, name))
        if accepted is True:
            if isinstance(values_of, TunedParameter):
                why, refused = _refused(parser, option, name, values_of)
            else:
                why, refused = _refused_static(parser, option, name, values_of)
            is_unused = _is_unused(script.arguments, name)
            facts = replace(facts, why=why, refused=refused, unused=is_unused)
    if accepted is not False:
        return facts
    if any(parser.takes_overrides for parser in script.arguments.parsers):
        facts = replace(facts, overrides=True)
    else:
        near, alike = _most_similar(script.arguments, name)
        facts = replace(facts, near=near, alike=alike, near_unused=_is_unused(script.arguments, near))
    return replace(facts, dashed=len(name) == 1 and f"--{name}" in _long_flags(script.arguments))


def _is_unused(arguments: ScriptArguments, name: str | None) -> bool:
    """Whether a name sets an option whose value the script never uses, except to print it."""
    match = matching_option(arguments, name) if name is not None else None
    return match is not None and match[1].is_unused and arguments.elsewhere is None


def _unknown(why: Unknown) -> ArgumentFacts:
    return ArgumentFacts(accepted=why, strict=why, refused=why, why=why, unused=why)


def _written_flag(option: Option, name: str) -> str:
    """The flag that a hyperparameter's name stands for, as written in the script."""
    start = command_line.flag(name)
    return next((flag for flag in option.flags if flag.startswith(start)), option.flag)


def argument_sites(name: str, arguments: ScriptArguments, what: str) -> list[tuple[Site, str]]:
    """The sites of the option that a hyperparameter sets, or of the most similar one, or else of the parsers."""
    if what != "argument":
        return []
    match = matching_option(arguments, name)
    near, _ = _most_similar(arguments, name)
    if match is None and near is not None:
        match = matching_option(arguments, near)
    if match is None:
        reads = [(read.site, f"`{read.name}` is read here") for read in arguments.keys if near in (None, read.name)]
        return [(parser.site, "the parser") for parser in arguments.parsers] or reads[:1]
    _, option = match
    return [(option.site, f"`{option.flag}`")]


def argument_correction(name: str, arguments: ScriptArguments, what: str) -> Correction:
    """What passes the value of a hyperparameter's option on to what it is meant for, if that is known."""
    match = matching_option(arguments, name) if what == "argument" else None
    return Correction(script=match[1].changes) if match is not None else Correction()


def matching_option(arguments: ScriptArguments, name: str) -> tuple[Parser, Option] | None:
    """The option that a hyperparameter sets, with its parser; None if there is none."""
    for parser in arguments.parsers:
        option = command_line.option_of(parser, name)
        if option is not None:
            return parser, option
    return None


def _most_similar(arguments: ScriptArguments, name: str) -> tuple[str | None, bool]:
    """The name that would set the most similar option, and whether only dashes, underscores and case differ."""
    names = [flag.removeprefix("--") for flag in _long_flags(arguments)]
    names += [read.name for read in arguments.keys]
    names = [other for other in dict.fromkeys(names) if other != name]
    same = [other for other in names if _normalized(other) == _normalized(name)]
    if same:
        return same[0], len(same) == 1
    scores = {other: _spelling_similarity(_normalized(name), _normalized(other)) for other in names}
    near = max(scores, key=scores.__getitem__, default=None)
    if near is not None and scores[near] > 0:
        return near, False
    names = [other for other in names if _may_mean_the_same(name, other)]
    return _of_the_same_role(name, names) or _of_the_same_words(name, names), False


def _long_flags(arguments: ScriptArguments) -> list[str]:
    flags: list[str] = []
    for option in arguments.options:
        flags += [flag for flag in option.flags if flag.startswith("--")]
    return flags


def _spelling_similarity(name: str, other: str) -> float:
    """The similarity of two names that one misspelt word may explain, from 0 to 1; 0 if they differ in meaning."""
    if name.replace("_", "") == other.replace("_", ""):
        return 1
    words, others = name.split("_"), other.split("_")
    if len(words) != len(others):
        return 0
    if not all(own == word or _is_misspelt(own, word) for own, word in zip(words, others, strict=True)):
        return 0
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, other).ratio()


def _is_misspelt(word: str, other: str) -> bool:
    """Whether one word may be the other, misspelt: ``beta1`` is not ``beta2``, and ``input`` is not ``output``."""
    if min(len(word), len(other)) < MIN_MISSPELT_LETTERS or word[0] != other[0]:
        return False
    if re.sub(r"\D", "", word) != re.sub(r"\D", "", other):
        return False
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, other).ratio() >= MIN_SIMILARITY


def _may_mean_the_same(name: str, other: str) -> bool:
    """Whether two names differ neither in a phase, as ``train_batch_size`` and ``eval_batch_size``, nor in a number."""
    numbers = [re.sub(r"\D", "", name), re.sub(r"\D", "", other)]
    if all(numbers) and numbers[0] != numbers[1]:
        return False
    phases, other_phases = _phases(name), _phases(other)
    return not phases or not other_phases or phases == other_phases


def _phases(name: str) -> set[str]:
    return {PHASES[word] for word in _normalized(name).split("_") if word in PHASES}


def _of_the_same_role(name: str, names: list[str]) -> str | None:
    """The only one of some names with the same conventional role: ``learning_rate`` for ``lr``; None otherwise."""
    own = role(name, None)
    if own is None:
        return None
    same = [other for other in names if role(_normalized(other), None) == own]
    return same[0] if len(same) == 1 else None


def _of_the_same_words(name: str, names: list[str]) -> str | None:
    """The only one of some names that has the same words, except those that add nothing; None otherwise.

    ``scheduler`` for ``lr_scheduler_type``.
    """
    words = set(_normalized(name).split("_"))
    same = [other for other in names if _have_the_same_words(words, set(_normalized(other).split("_")))]
    return same[0] if len(same) == 1 else None


def _have_the_same_words(words: set[str], others: set[str]) -> bool:
    if not (words <= others or others <= words) or not (words ^ others) <= FILLERS:
        return False
    return any(len(word) >= MIN_WORD_LETTERS for word in (words & others) - FILLERS)


def _normalized(name: str) -> str:
    return name.replace("-", "_").lower()


def _refused(
    parser: Parser, option: Option, name: str, range_: TunedParameter
) -> tuple[str | Unknown | None, str | Unknown | None]:
    """The facts ``why`` and ``refused`` of an option and a range."""
    if option.is_open:
        return None, None
    if option.action in ("store_true", "store_false"):
        return "flag", None
    if option.action in command_line.ACTIONS_WITHOUT_VALUE:
        return None, None
    values = _values(range_)
    if isinstance(values, Unknown):
        return values, values
    if option.type == "bool" and len(values) > 1 and all(values):
        return "bool", values[-1]
    return _refusal(parser, option, name, values)


def _refusal(parser: Parser, option: Option, name: str, values: list[str]) -> tuple[str | None, str | None]:
    """The first of some values that the parser refuses, after the reason."""
    for value in values:
        refusal = command_line.refuses(parser, name, value)
        if refusal is not None and "choose from" in refusal:
            return "choices", command_line.value_text(value)
        if refusal is not None and f"invalid {option.type} value" in refusal and option.nargs is None:
            return option.type, command_line.value_text(value)
    return None, None


def _refused_static(
    parser: Parser, option: Option, name: str, value: Node
) -> tuple[str | Unknown | None, str | Unknown | None]:
    """The facts ``why`` and ``refused`` of an option and a static value."""
    if option.is_open:
        return None, None
    if isinstance(value, Unknown):
        return value, value
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        return None, None
    text = command_line.value_text(value.value)
    is_off = text.lower() in FALSE_WORDS
    if PLAIN_LIST.fullmatch(text) and option.nargs in ("+", "*") and option.type in ("int", "float"):
        return option.type, text  # with the first bracket, whether it is passed whole or in parts
    if not PLAIN_VALUE.fullmatch(text):
        return None, None
    if option.action in ("store_true", "store_false"):
        is_opposite = option.action == "store_true" and is_off
        return ("flag", text) if parser.is_strict or is_opposite else (None, None)
    if option.action in command_line.ACTIONS_WITHOUT_VALUE:
        return None, None
    if option.type == "bool":
        return ("bool", text) if is_off else (None, None)
    return _refusal(parser, option, name, [value.value])


def values_sent(values_of: TunedParameter | Node, edge: float) -> list[str] | Unknown:
    """Values that the service may send for a range, or the static value.

    Of a continuous range, one near each end: ``edge`` is the part of the range beyond it. Of an integer range with many
    values, the two bounds.
    """
    if isinstance(values_of, TunedParameter):
        if values_of.kind != "continuous":
            values = _values(values_of)
            return values if isinstance(values, Unknown) else [command_line.value_text(value) for value in values]
        low, high = values_of.bounds
        return _near_the_ends(low, high, edge)
    if isinstance(values_of, Unknown):
        return values_of
    if isinstance(values_of, Scalar) and isinstance(values_of.value, str):
        return [command_line.value_text(values_of.value)]
    return []


@lifted
def _near_the_ends(low: float | None, high: float | None, edge: float) -> list[str]:
    if low is None or high is None or high <= low:
        return []
    return [repr(low + (high - low) * edge), repr(high - (high - low) * edge)]


def _values(range_: TunedParameter) -> list[str] | Unknown:
    """Values of a range that the service may send; for a continuous range, one that is not an integer."""
    if range_.kind == "categorical":
        values = child(range_.node, "Values")
        if not isinstance(values, Array):
            return first_unknown(values) or []
        texts = [str(item.value) for item in values.items if isinstance(item, Scalar)]
        return first_unknown(values.open, *values.items) or texts
    low, high = range_.bounds
    return _numbers(range_.kind, low, high)


@lifted
def _numbers(kind: str, low: float | None, high: float | None) -> list[str]:
    """Numbers between two bounds; none if a bound is missing, or if there is only one number."""
    if low is None or high is None or high <= low:
        return []
    if kind == "integer":
        if high - low < MAX_TRIED_INTEGERS:
            return [str(number) for number in range(int(low), int(high) + 1)]
        return [str(int(low)), str(int(high))]
    number = low + (high - low) * 0.37
    rounded = round(number, 4)
    if low < rounded < high and not rounded.is_integer():
        number = rounded
    return [repr(number)]
